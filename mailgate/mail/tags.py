"""Knows where the tags of HTML begin and end, by the rules of browsers: quotation marks, comments, raw text.

One pass, and nothing is looked for twice, so no input costs more than its length. What is never closed is
not taken for silent: a missing end must not swallow the mail.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_ATTRIBUTE = r"""[\s/]*+(=?[^\s/>=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+|))?+"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(rf"(/?)([a-zA-Z][^\s/>]{{0,30}})((?:{_ATTRIBUTE})*+)[\s/]*+>")
_LOOSE = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,30})")
_MOST_ATTRIBUTES = 40  # of one tag
_LONGEST_VALUE = 4000  # characters
_RAW = frozenset(
    {"iframe", "math", "noembed", "noframes", "noscript", "object", "script", "style", "svg", "template"}
    | {"textarea", "title", "xmp"}
)
"""Elements that are not shown, or that hold no markup: nothing of what they hold is read."""


class Token(NamedTuple):
    """A tag (`name`, with `/` before it where it closes) or a piece of text (without a name).

    `attributes` and `text` are as they were written, with character references.
    """

    name: str
    attributes: str = ""
    text: str = ""


def tokens(markup: str) -> Iterator[Token]:
    """The tags and texts of a page, in their order; comments and what is not shown are left out."""
    return _Scan(markup).tokens()


def attributes(source: str) -> Iterator[tuple[str, str]]:
    """The attributes of a tag, names in lower case, values with their character references, each once."""
    seen: set[str] = set()
    for number, found in enumerate(_ATTRIBUTES.finditer(source)):
        if number == _MOST_ATTRIBUTES:
            return
        name, value = found[1].lower(), found[2] or ""
        if name not in seen and len(value) <= _LONGEST_VALUE:
            seen.add(name)
            yield name, value[1:-1] if value[:1] in {'"', "'"} else value


class _Scan:
    """One pass over a page."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._lowered = markup.lower() if len(markup.lower()) == len(markup) else _ascii_lower(markup)
        self._absent: set[str] = set()  # what does not come any more
        self._loose = False  # a tag was never closed: quotation marks are not trusted any more

    def tokens(self) -> Iterator[Token]:
        markup, at = self._markup, 0
        while at < len(markup):
            opens = markup.find("<", at)
            if opens < 0:
                opens = len(markup)
            if opens > at:
                yield Token("", text=markup[at:opens])
            if opens == len(markup):
                return
            token, at = self._at(opens)
            if token:
                yield token

    def _at(self, opens: int) -> tuple[Token | None, int]:
        """What the `<` begins, and where it ends."""
        following = self._markup[opens + 1 : opens + 2]
        if following.isalpha() and following.isascii():
            return self._tag(opens)
        if following == "/":
            after = self._markup[opens + 2 : opens + 3]
            if after.isalpha() and after.isascii():
                return self._tag(opens)
            return None, self._after(">", opens, opens + 2)
        if self._markup.startswith("!--", opens + 1):
            return None, self._past_comment(opens)
        if following in {"!", "?"}:
            return None, self._after(">", opens, opens + 2)
        return Token("", text="<"), opens + 1

    def _past_comment(self, opens: int) -> int:
        for empty in ("!-->", "!--->"):
            if self._markup.startswith(empty, opens + 1):
                return opens + 1 + len(empty)
        end = self._find("-->", opens + 4)
        return self._after(">", opens, opens + 4) if end < 0 else end + 3

    def _tag(self, opens: int) -> tuple[Token | None, int]:
        found = None if self._loose else _TAG.match(self._markup, opens + 1)
        if found is None:
            self._loose = True
            return self._loose_tag(opens)
        name = found[2].lower()
        if found[1]:
            return Token("/" + name), found.end()
        if name in _RAW:
            return None, self._past_raw(name, found.end())
        return Token(name, found[3]), found.end()

    def _loose_tag(self, opens: int) -> tuple[Token | None, int]:
        """A tag without its attributes, up to the next `>`."""
        end = self._after(">", opens, len(self._markup))
        found = _LOOSE.match(self._markup, opens + 1)
        if found is None:
            return None, end
        name = found[2].lower()
        if name in _RAW and not found[1]:
            return None, self._past_raw(name, end)
        return Token(found[1] + name), end

    def _past_raw(self, name: str, at: int) -> int:
        """Behind the end of an element that is not read."""
        end = self._find(f"</{name}", at)
        return at if end < 0 else self._after(">", end, len(self._markup))

    def _after(self, mark: str, at: int, otherwise: int) -> int:
        found = self._find(mark, at)
        return otherwise if found < 0 else found + len(mark)

    def _find(self, mark: str, at: int) -> int:
        """Where the mark comes next, -1 for nowhere; what is absent once is not looked for again."""
        if mark in self._absent:
            return -1
        found = self._lowered.find(mark, at)
        if found < 0:
            self._absent.add(mark)
        return found


def _ascii_lower(text: str) -> str:
    return "".join(one.lower() if one.isascii() else one for one in text)
