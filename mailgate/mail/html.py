"""Knows how HTML reads as plain text: its words, lists, tables, links, images and quotations, line by line.

There is no tree: one pass over the pieces between `<`, with counters. So no input costs more than its
length, however deep or broken it is, nothing is fetched and nothing is run.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from types import MappingProxyType
from urllib.parse import unquote

from mailgate.mail import attribution, hidden, limits, line, marks, wording
from mailgate.mail.hidden import Token
from mailgate.mail.line import Line, Mark

_BLANKS = re.compile(r"[ \t\n\r\f]+")
_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:]*")
_TAGGED = re.compile(r"<[a-zA-Z!/]")
_LINK = re.compile(r"""\bhref\s*=\s*["']?\s*(https?://[^\s"'<>]{1,2000})""", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc\s*=\s*["']?\s*([^\s"'<>]{1,1000})""", re.IGNORECASE)
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dir",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4",
        "h5", "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre",
        "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
    }
)  # fmt: skip
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "table", "blockquote"])
_SILENT = frozenset(["style", "script", "title", "noscript", "template"])
_QUOTED = Line("> ...", 1)  # stands for what a blockquote is about to say
_INDENT = "    "  # of a blockquote that indents, as many programs make them
_RULE = "-" * 24
_LOOKS = 100  # blockquotes above which an introduction is looked for
_ABOVE = 8  # lines in which the introduction above a blockquote is looked for
_DEEPEST = 20  # quotations in each other; those inside are taken for the one around them
_ATTRIBUTE_PIECES = 8  # pieces that a `>` inside a quoted attribute may split a tag into


def lines(markup: str, images: Mapping[str, str] = MappingProxyType({})) -> list[Line]:
    """The lines that a reader of the page sees.

    Args:
        images: the names of the images that came with the mail, by Content-ID or Content-Location.
    """
    markup = markup[: limits.MARKUP_CHARS]
    if not _TAGGED.search(markup):  # plain text under a wrong label
        return line.lines_of(_read(markup))
    if hidden.suspected(markup):
        shown = _lines(hidden.without(_tokens(markup), hidden.spans(_tokens(markup))), images)
        if shown:
            return shown
    return _lines(_tokens(markup), images)


def _lines(tokens: Iterable[Token], images: Mapping[str, str]) -> list[Line]:
    page = _Page(images)
    for name, tag, text in tokens:
        if name:
            page.element(name, tag)
        page.words(text)
    return page.finished()


def _tokens(markup: str) -> Iterator[Token]:
    """Each tag with the text after it: name (`/` before it if it closes), tag, text."""
    first, *pieces = markup.split("<")
    yield "", "", first
    last = _last_closings(pieces)
    until = ""  # what ends the part that is not shown
    for number, piece in enumerate(pieces):
        if until:
            text = _past(piece, until)
            if text is not None:
                until = ""
                yield "", "", text
            continue
        if piece[:3] == "!--":
            until = "" if "-->" in piece or number >= last.get("-->", 0) else "-->"
            yield "", "", _past(piece, "-->") or ""
            continue
        tag, text = _tag(piece)
        found = _NAME.match(tag)
        if not found:
            yield "", "", text if tag[:1] in {"!", "?", "/"} else "<" + piece
            continue
        name = found[0].lower()
        # What is never closed is not taken for silent: a missing end must not swallow the mail.
        until = "/" + name if name in _SILENT and number < last.get("/" + name, 0) else ""
        yield name, tag, "" if until else text


def _read(text: str) -> str:
    """Text with its character references read; they can name anything, so what they name is made clean."""
    return wording.lines(unescape(text)).replace("\xa0", " ")


def _last_closings(pieces: list[str]) -> dict[str, int]:
    """Where each thing that is not shown ends for the last time."""
    last: dict[str, int] = {}
    for number, piece in enumerate(pieces):
        if "-->" in piece:
            last["-->"] = number
        if piece[:1] == "/":
            name = piece[:9].partition(">")[0].strip().lower()
            if name[1:] in _SILENT:
                last[name] = number
    return last


def _past(piece: str, until: str) -> str | None:
    """What follows the end of the part that is not shown; None if the piece does not end it."""
    if until == "-->":
        _, closed, text = piece.partition("-->")
        return text if closed else None
    return piece.partition(">")[2] if piece[: len(until)].lower() == until else None


def _tag(piece: str) -> tuple[str, str]:
    """The tag that the piece begins with, and the text after it; a `>` inside quotes does not end a tag."""
    tag, _, text = piece.partition(">")
    for _ in range(_ATTRIBUTE_PIECES):
        if tag.count('"') % 2 == 0 or '"' not in text:
            break
        more, _, text = text.partition(">")
        tag += ">" + more
    return tag, text


class _Page:
    """The page as it is read: the lines that are done and the one that grows."""

    def __init__(self, images: Mapping[str, str]) -> None:
        self._images = images
        self._lines: list[Line] = []
        self._words: list[str] = []
        self._gap = False
        self._tight = False  # whether the paragraph has no space around it
        self._cites: list[bool] = []
        self._looks = _LOOKS
        self._quoting: set[str] = set()  # tags of blockquotes that stood right below an introduction
        self._mark = Mark.NONE
        self._signing = ""  # the element that the signature is
        self._signed_by = 0  # how many of its kind are open in it, itself among them
        self._pre = 0
        self._link = ""
        self._anchor = 0
        self._links: list[str] = []

    def words(self, text: str) -> None:
        """Text between two tags."""
        if not text:
            return
        if "&" in text:
            text = _read(text)
        if self._pre:
            *whole, text = text.split("\n")
            for line in whole:
                self._words.append(line)
                self._end()
        else:
            text = _BLANKS.sub(" ", text)
            if not self._words or self._words[-1][-1:] == " ":
                text = text.lstrip(" ")
        if text:
            self._words.append(text)

    def element(self, name: str, tag: str) -> None:
        """A tag: `name` with `/` before it where it closes."""
        closing = name[0] == "/"
        plain = name[1:] if closing else name
        if plain in _BLOCKS:
            self._block(plain, tag, closing=closing)
        elif plain == "br":
            self._end()
        elif plain in {"td", "th"}:
            if self._words and not closing:
                self._words.append("\t")
        elif plain == "a":
            self._reference(tag, closing=closing)
        elif plain == "img":
            self._image(tag)
        self._said(plain, tag, closing=closing)

    def _block(self, name: str, tag: str, *, closing: bool) -> None:
        self._fresh()
        if name in _SPACED:
            self._tight = self._tight if closing else "MsoNormal" in tag or "margin:0" in tag
            self._gap = bool(self._lines) and not self._tight
        match name:
            case "blockquote" if closing:
                del self._cites[-1:]
            case "blockquote" if len(self._cites) < _DEEPEST:
                self._cites.append(self._quotes(tag))
            case "pre":
                self._pre = max(0, self._pre + (-1 if closing else 1))
            case "li" if not closing:
                self._words.append("- ")
            case "hr" if not closing:
                self._words.append(_RULE)
                self._end()

    def _reference(self, tag: str, *, closing: bool) -> None:
        """A link is shown at the end of its line, unless its words are the link."""
        if not closing:
            found = _LINK.search(tag)
            self._link = wording.line(unescape(found[1])) if found else ""
            self._anchor = len(self._words)
            return
        if self._link:
            shown = "".join(self._words[self._anchor :]).strip()
            if shown and shown.rstrip("/") not in self._link:
                self._links.append(f" <{self._link}>")
            self._link = ""

    def _image(self, tag: str) -> None:
        """An image that came with the mail stands where it is; what is elsewhere is never fetched."""
        found = _SOURCE.search(tag) if self._images else None
        if found:
            source = unquote(unescape(found[1])).removeprefix("cid:").strip()
            name = self._images.get(source.lower())
            if name:
                self._words.append(f"[image: {name}]")

    def _quotes(self, tag: str) -> bool:
        """Whether a blockquote is what a program quotes: by its tag, or by the line above it."""
        if marks.cites(tag) or tag in self._quoting or self._mark is Mark.INTRODUCTION:
            return True
        above = self._lines[-_ABOVE:]
        while above and not above[-1].text:
            above.pop()
        if self._looks and above and attribution.possible(above[-1]):
            self._looks -= 1
            introduction = attribution.at([*above, _QUOTED], len(above) - 1)
            if introduction and introduction.certain:
                self._quoting.add(tag)
                return True
        return False

    def _said(self, name: str, tag: str, *, closing: bool) -> None:
        """What a tag says of its element; the signature ends where the last of its kind in it does."""
        if name == self._signing:
            self._signed_by += -1 if closing else 1
            if not self._signed_by:
                self._fresh()
                self._signing = ""
        mark = Mark.NONE if closing else marks.said(tag)
        if mark is Mark.SIGNATURE and not self._signing:
            self._fresh()
            self._signing, self._signed_by = name, 1
        elif mark is Mark.QUOTATION or (mark is Mark.INTRODUCTION and self._mark is Mark.NONE):
            self._fresh()
            self._mark = mark

    def _fresh(self) -> None:
        """What follows begins a line."""
        if self._words:
            self._end()

    def _end(self) -> None:
        """Ends the line that grows, empty or not."""
        text = "".join(self._words).replace("\xa0", " ").rstrip() + "".join(self._links)
        self._words.clear()
        self._links.clear()
        self._anchor = 0
        depth = sum(self._cites)
        indent = _INDENT * (len(self._cites) - depth)
        if not text.strip() or (self._gap and self._lines):
            self._blank(depth)
        self._gap = False
        if text.strip():
            quoted = depth + line.depth_of(text)  # some programs write `>` in a page as well
            self._lines.append(Line("> " * depth + indent + text, quoted, self._taken(quoted)))

    def _blank(self, depth: int) -> None:
        if self._lines and self._lines[-1].text.strip("> "):
            depth = min(depth, self._lines[-1].depth)
            self._lines.append(Line(("> " * depth).rstrip(), depth))

    def _taken(self, depth: int) -> Mark:
        """The mark of the line that is being ended."""
        mark = self._mark
        self._mark = Mark.NONE
        if mark is Mark.NONE and self._signing:
            return Mark.SIGNATURE
        return Mark.NONE if depth and mark is Mark.INTRODUCTION else mark

    def finished(self) -> list[Line]:
        """All lines."""
        self._fresh()
        while self._lines and not self._lines[-1].text.strip("> "):
            self._lines.pop()
        if self._signing:  # it never ended: a missing end must not swallow the mail
            return [
                one._replace(mark=Mark.NONE) if one.mark is Mark.SIGNATURE else one for one in self._lines
            ]
        return self._lines
