"""Knows what of a mail is its text and what is a file that came with it (RFC 2046, RFC 2183, RFC 3676)."""

from dataclasses import dataclass

from mailgate.mail import charset, encodedword, header, html, limits, line, transfer, wording
from mailgate.mail.line import Line
from mailgate.mail.structure import Part, Structure

_MARKED_UP = 8  # how many times as long as its text a page is at least where it says more than the text
_STUB = 200  # characters
_TEXT = frozenset({"text/plain", "text/html"})
_ENDINGS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "text/html": ".html",
    "text/csv": ".csv",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with the mail, decoded."""

    filename: str
    content_type: str
    content: bytes
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The text of a mail, line by line, and its files."""

    lines: tuple[Line, ...]
    files: tuple[File, ...]
    defects: tuple[str, ...]


def read(raw: bytes, structure: Structure) -> Body:
    """The body of the mail."""
    return _Reading(raw, structure.parts).body()


def content(raw: bytes, part: Part) -> tuple[bytes, str]:
    """The decoded bytes of a part, and what was wrong with their encoding."""
    return transfer.decoded(raw[part.start : part.end], part.encoding)


class _Reading:
    """One reading of the parts."""

    def __init__(self, raw: bytes, parts: tuple[Part, ...]) -> None:
        self._raw = raw
        self._parts = parts
        self._lines: list[Line] = []
        self._files: list[File] = []
        self._defects: list[str] = []
        self._pages: dict[int, list[Line]] = {}
        self._room = limits.TEXT_CHARS

    def body(self) -> Body:
        """Reads all parts."""
        skipped = self._told_otherwise()
        for part in self._parts:
            if not _is_text(part):
                self._file(part)
            elif part.start in skipped:
                continue
            elif part.content_type == "text/plain":
                self._plain(part)
            else:
                self._add(self._page(part))
        if not self._lines:
            self._shown_files()
        return Body(tuple(self._lines), tuple(self._files), tuple(dict.fromkeys(self._defects)))

    def _told_otherwise(self) -> frozenset[int]:
        """Where the texts begin whose alternative is shown instead (RFC 2046 section 5.1.4)."""
        skipped: set[int] = set()
        for alternative in {part.alternative for part in self._parts if part.alternative}:
            texts = [part for part in self._parts if part.alternative == alternative and _is_text(part)]
            pages = [part for part in texts if part.content_type == "text/html"]
            plain = [part for part in texts if part.content_type == "text/plain" and self._size([part])]
            if plain and pages:
                skipped.update(part.start for part in (plain if self._says_more(pages, plain) else pages))
        return frozenset(skipped)

    def _says_more(self, pages: list[Part], plain: list[Part]) -> bool:
        """Whether the plain text is a mere stub, `Your program cannot show this mail`, beside the pages."""
        told = self._size(plain)
        if self._size(pages) < _MARKED_UP * told + _STUB:
            return False
        shown = sum(len(item.text.partition(" <http")[0]) for part in pages for item in self._page(part))
        return shown > 2 * told + _STUB

    def _size(self, parts: list[Part]) -> int:
        return sum(len(self._raw[part.start : part.end].strip()) for part in parts)

    def _shown_files(self) -> None:
        """A mail whose only text has a file's name: it is shown as well, unless it was sent as a file."""
        for part in self._parts:
            if part.content_type == "text/plain" and part.disposition != "attachment":
                self._plain(part)
                return

    def _plain(self, part: Part) -> None:
        octets = self._decoded(part)
        if b"begin " in octets:
            octets, files = transfer.uuencoded(octets)
            self._files.extend(
                File(
                    wording.label(charset.decoded(name, "", guess=False)[0], limits.NAME_BYTES),
                    _type_of(name),
                    data,
                )
                for name, data in files
            )
        text = self._text(octets, part.parameters.get("charset", ""))
        found = line.lines_of(text)
        if part.parameters.get("format", "").lower() == "flowed" and " \n" in text:
            found = _unflowed(found, delsp=part.parameters.get("delsp", "").lower() == "yes")
        self._add(found)

    def _page(self, part: Part) -> list[Line]:
        if part.start not in self._pages:
            octets = self._decoded(part)
            label = part.parameters.get("charset", "") or _declared(octets[:2048])
            self._pages[part.start] = html.lines(self._text(octets, label))
        return self._pages[part.start]

    def _decoded(self, part: Part) -> bytes:
        octets, defect = content(self._raw, part)
        if defect:
            self._defects.append(defect)
        return octets

    def _text(self, octets: bytes, label: str) -> str:
        # A character is at most four bytes: what is cut here would be cut from the text in any case.
        text, defect = charset.decoded(octets[: 4 * limits.MARKUP_CHARS], label)
        if defect:
            self._defects.append(defect)
        return wording.lines(text)

    def _add(self, lines: list[Line]) -> None:
        if self._lines and lines:
            self._lines.append(Line(""))
        self._room -= sum(map(len, map(line.words_of, lines))) + len(lines)
        self._lines.extend(lines)
        if self._room < 0:
            self._defects.append("more text than is shown")
            while self._lines and self._room < 0:
                self._room += len(self._lines.pop().text) + 1

    def _file(self, part: Part) -> None:
        octets = self._decoded(part)
        identifier = part.header.first("content-id").decode("latin-1").strip("<> ")
        self._files.append(
            File(
                part.filename or _name(octets, part),
                part.content_type,
                octets,
                part.disposition == "inline" or (part.disposition != "attachment" and bool(identifier)),
                wording.line(identifier)[: limits.LINE_CHARS],
            )
        )


def _is_text(part: Part) -> bool:
    """Whether the part is text to be read with the mail, not a file."""
    if part.content_type not in _TEXT or part.disposition == "attachment":
        return False
    return part.alone or not part.filename


def _declared(start: bytes) -> str:
    """The charset that a page says it is in."""
    at = start.lower().find(b"charset=")
    if at < 0:
        return ""
    return (
        start[at + 8 : at + 48].strip(b"\"' ").split(b'"')[0].split(b"'")[0].split(b">")[0].decode("latin-1")
    )


def _type_of(name: bytes) -> str:
    return "text/plain" if name.lower().endswith((b".txt", b".log")) else "application/octet-stream"


def _name(octets: bytes, part: Part) -> str:
    """A name for a file that came without one: its subject if it is a mail, else what it is."""
    ending = _ENDINGS.get(part.content_type, "")
    if ending == ".eml":
        subject = _subject(octets)
        if subject:
            return wording.label(subject, limits.NAME_BYTES - len(ending)) + ending
    return part.content_type.partition("/")[0] + ending


def _subject(octets: bytes) -> str:
    head = header.read(octets, 0, len(octets))
    return encodedword.decoded(head.first("subject")) if isinstance(head, header.Header) else ""


def _unflowed(lines: list[Line], *, delsp: bool) -> list[Line]:
    """The paragraphs of flowed text as one line each (RFC 3676 section 4.2)."""
    joined: list[Line] = []
    growing: list[str] = []
    depth = 0
    for item in lines:
        text, quoted, _ = item
        if not growing and not text.endswith(" "):
            joined.append(item if quoted or text[:1] != " " else Line(text[1:]))
            continue
        if growing and quoted != depth:
            joined.append(Line("".join(growing), depth))
            growing = []
        stuffed = text.lstrip("> ") if quoted and growing else text if quoted else text.removeprefix(" ")
        depth = quoted
        flows = text.endswith(" ") and text != "-- "
        growing.append(stuffed[:-1] if flows and delsp else stuffed)
        if not flows:
            joined.append(Line("".join(growing), depth))
            growing = []
    return [*joined, Line("".join(growing), depth)] if growing else joined
