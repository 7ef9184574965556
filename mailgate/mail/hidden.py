"""Knows which words of a page its style sheet hides from a reader: nobody wrote them to be read.

Newsletters hide a preview there, and anybody could hide a command. Only what an element says of itself
counts; what is in doubt is shown: an element that is never closed, a size of zero that something inside
takes back, what only one program hides.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

Token = tuple[str, str, str]
"""The name of a tag (`/` before it if it closes), the tag, the text after it."""

_SUSPECTED = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|max-height)\s*:\s*0|\shidden[\s=>/]",
    re.IGNORECASE,
)
_STYLE = re.compile(r"""\bstyle\s*=\s*(?:"([^"]*)|'([^']*)|([^\s>]*))""", re.IGNORECASE)
_NONE = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_ZERO = r"0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:!\s*important\s*)?(?:;|$)"
_NO_SIZE = re.compile(r"(?:^|[;\s])font-size\s*:\s*" + _ZERO, re.IGNORECASE)
_NO_HEIGHT = re.compile(r"(?:^|[;\s])max-height\s*:\s*" + _ZERO, re.IGNORECASE)
_CUT = re.compile(r"overflow(?:-y)?\s*:\s*hidden", re.IGNORECASE)
_SIZE = re.compile(r"font(?:-size)?\s*[:=]|\ssize\s*=", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"?|\'[^\']*\'?')
_HIDDEN = re.compile(r"\shidden(?=[\s=/]|$)", re.IGNORECASE)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr"]
)
_HOLDING = frozenset({"/blockquote"})  # whose closing tag would close another one


def suspected(markup: str) -> bool:
    """Whether there may be hidden words in the page at all; a quick look."""
    return _SUSPECTED.search(markup) is not None


def spans(tokens: Iterable[Token]) -> dict[int, int]:
    """The hidden elements of a page: the number of the token that opens each, and of the one that ends it."""
    found: dict[int, int] = {}
    opened: dict[str, list[tuple[int, int]]] = defaultdict(list)  # number, and sizes so far if zero was said
    sizes = 0
    for number, (name, tag, _) in enumerate(tokens):
        if not name:
            continue
        sizes += bool(_SIZE.search(tag) and not _NO_SIZE.search(_style(tag)))
        plain = name.removeprefix("/")
        ended = opened[plain].pop() if (name[0] == "/" or name == "p") and opened[plain] else None
        if ended and (ended[1] == _SURELY or ended[1] == sizes):
            found[ended[0]] = number
        if name[0] != "/" and name not in _VOID and not tag.endswith("/"):
            opened[name].append((number, _sizes_to_hide(tag, sizes)))
    return found


def without(tokens: Iterable[Token], hidden: dict[int, int]) -> Iterator[Token]:
    """The tokens of a page but for those of hidden elements."""
    until = -1
    for number, token in enumerate(tokens):
        if number < until:
            continue
        if number in hidden:
            until = hidden[number]
        elif number == until and token[0] in _HOLDING:
            yield "", "", token[2]
        else:
            yield token


_SURELY = -1
_NEVER = -2


def _sizes_to_hide(tag: str, sizes: int) -> int:
    """Whether the element is hidden: surely, never, or as long as no more than so many sizes were told."""
    if "hidden" in tag.lower() and _HIDDEN.search(_QUOTED.sub("", tag)):
        return _SURELY
    style = _style(tag)
    if _NONE.search(style) or (_NO_HEIGHT.search(style) and _CUT.search(style)):
        return _SURELY
    return sizes if _NO_SIZE.search(style) else _NEVER


def _style(tag: str) -> str:
    found = _STYLE.search(tag)
    return (found[1] or found[2] or found[3] or "") if found else ""
