"""Knows how any page becomes one that is well nested and nowhere deep, whatever it was.

What a sanitiser with a tree is given comes from here, so that no page costs it more than its length: trees of
browsers grow with the square of what is left open. Tags that stand where they mean nothing are left out; text
never is.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from mailgate.mail.tags import Token

DEEPEST = 100
"""Elements in each other; what is nested deeper is shown flat."""

VOID = frozenset({"br", "col", "hr", "img", "wbr"})
"""Elements that hold nothing and are not closed."""

TEXTUAL = frozenset(
    {"a", "abbr", "b", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp"}
    | {"small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var"}
)
"""Elements inside of a line."""

BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "caption", "center", "dd", "div", "dl", "dt", "figcaption"}
    | {
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
    }
    | {"section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
"""Elements that begin a line."""

KNOWN = VOID | TEXTUAL | BLOCKS
"""All that a page is made of; of others only the text stays."""

_REPEATED = frozenset({"div", "font", "span"})  # textual elements say nothing new inside of themselves
_ROWS = frozenset({"table", "tbody", "tfoot", "thead", "tr"})
_OF_TABLES = frozenset({"caption", "col", "tbody", "td", "tfoot", "th", "thead", "tr"})
_CELLS = frozenset({"caption", "td", "th"})
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "a": (frozenset({"a"}), _CELLS),
    "caption": (_CELLS, frozenset({"table"})),
    "dd": (frozenset({"dd", "dt"}), _CELLS | {"dl"}),
    "dt": (frozenset({"dd", "dt"}), _CELLS | {"dl"}),
    "li": (frozenset({"li"}), _CELLS | {"ol", "ul"}),
    "tbody": (frozenset({"caption", "tbody", "tfoot", "thead"}), frozenset({"table"})),
    "td": (_CELLS, frozenset({"table", "tr"})),
    "tfoot": (frozenset({"caption", "tbody", "tfoot", "thead"}), frozenset({"table"})),
    "th": (_CELLS, frozenset({"table", "tr"})),
    "thead": (frozenset({"caption", "tbody", "tfoot", "thead"}), frozenset({"table"})),
    "tr": (frozenset({"caption", "tr"}), frozenset({"table"})),
}
"""What the start of an element ends, as far up as to what stands beside it."""


def tidied(page: Iterable[Token], written: Callable[[Token], str]) -> str:
    """The page, well nested.

    Args:
        written: the start tag of an element, or nothing to leave it out.
    """
    tidy = _Tidy(written)
    for token in page:
        if not token.name:
            tidy.text(token.text)
        elif token.name[0] == "/":
            tidy.close(token.name[1:])
        elif token.name in KNOWN:
            tidy.open(token)
    return tidy.finished()


class _Tidy:
    """A page as it is put in order."""

    def __init__(self, written: Callable[[Token], str]) -> None:
        self._written = written
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._left_out: Counter[str] = Counter()  # elements whose start was, so that their end is as well

    def text(self, text: str) -> None:
        """A piece of text."""
        self._pieces.append(text.replace("<", "&lt;").replace(">", "&gt;"))

    def open(self, token: Token) -> None:
        """The start of an element that is known."""
        name = token.name
        if name in _ENDS:
            self._end(*_ENDS[name])
        elif name in BLOCKS or name == "hr":
            self._end_paragraph()
        tag = self._written(token) if self._may_stand(name) else ""
        if tag:
            self._pieces.append(tag)
        if name in VOID:
            return
        if tag:
            self._open.append(name)
        else:
            self._left_out[name] += 1

    def close(self, name: str) -> None:
        """The end of an element."""
        if self._left_out[name]:
            self._left_out[name] -= 1
        else:
            self._end(frozenset({name}), _beside(name))

    def finished(self) -> str:
        """The whole page."""
        while self._open:
            self._pop()
        return "".join(self._pieces)

    def _may_stand(self, name: str) -> bool:
        within = self._open[-1] if self._open else ""
        if (name in _OF_TABLES) is not (within in _ROWS):
            return False
        if name in VOID:
            return True
        if name in TEXTUAL and name not in _REPEATED and name in self._open:
            return False
        return len(self._open) < DEEPEST

    def _end(self, names: frozenset[str], beside: frozenset[str]) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at] in names:
                while len(self._open) > at:
                    self._pop()
                return
            if self._open[at] in beside:
                return

    def _end_paragraph(self) -> None:
        """A block is never inside a paragraph."""
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at] == "p":
                while len(self._open) > at:
                    self._pop()
            if self._open[at : at + 1] and self._open[at] in TEXTUAL:
                continue
            return

    def _pop(self) -> None:
        self._pieces.append(f"</{self._open.pop()}>")


def _beside(name: str) -> frozenset[str]:
    """How far the end of an element reaches: out of no cell, unless it is an end of the table's own."""
    if name == "table":
        return frozenset()
    return frozenset({"table"}) if name in _OF_TABLES else _CELLS | {"table"}
