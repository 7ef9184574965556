"""Knows what of a mail is its text and what is a file that came with it (RFC 2046, RFC 2183, RFC 3676)."""

from collections.abc import Iterator
from dataclasses import dataclass

from mailgate.mail import charset, html, limits, line, transfer, wording
from mailgate.mail.line import Line
from mailgate.mail.structure import Part, Structure

_TEXT = frozenset({"text/plain", "text/html"})
_ENDINGS = {"message/rfc822": ".eml", "message/global": ".eml", "text/calendar": ".ics", "text/html": ".html"}


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
        self._room = limits.TEXT_CHARS

    def body(self) -> Body:
        """Reads all parts."""
        plain = self._told_plainly()
        for part in self._parts:
            if not _is_text(part):
                self._file(part)
            elif part.content_type == "text/plain":
                self._plain(part)
            elif not (part.alternative and part.alternative in plain):
                self._page(part)
        return Body(tuple(self._lines), tuple(self._files), tuple(dict.fromkeys(self._defects)))

    def _told_plainly(self) -> frozenset[int]:
        """The alternatives that say in plain text what their HTML says."""
        return frozenset(
            part.alternative
            for part in self._parts
            if part.alternative
            and part.content_type == "text/plain"
            and _is_text(part)
            and self._raw[part.start : part.end].strip()
        )

    def _plain(self, part: Part) -> None:
        octets = self._decoded(part)
        if b"begin " in octets:
            octets, files = transfer.uuencoded(octets)
            self._files.extend(
                File(wording.label(charset.decoded(name, "")[0], limits.NAME_BYTES), _type_of(name), data)
                for name, data in files
            )
        text = self._text(octets, part.parameters.get("charset", ""))
        found = line.lines_of(text)
        if part.parameters.get("format", "").lower() == "flowed":
            found = _unflowed(found, delsp=part.parameters.get("delsp", "").lower() == "yes")
        self._add(found)

    def _page(self, part: Part) -> None:
        octets = self._decoded(part)
        label = part.parameters.get("charset", "") or _declared(octets[:2048])
        self._add(html.lines(self._text(octets, label)))

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
        for item in lines:
            self._room -= len(item.text) + 1
            if self._room < 0:
                self._defects.append("more text than is shown")
                return
            self._lines.append(item)

    def _file(self, part: Part) -> None:
        octets = self._decoded(part)
        identifier = part.header.first("content-id").decode("latin-1").strip("<> ")
        self._files.append(
            File(
                part.filename or _name(octets, part),
                part.content_type,
                octets,
                part.disposition == "inline" or (part.disposition != "attachment" and bool(identifier)),
                wording.one_line(identifier)[: limits.LINE_CHARS],
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
    from mailgate.mail import encodedword, header  # noqa: PLC0415

    head = header.read(octets, 0, len(octets))
    return encodedword.decoded(head.first("subject")) if isinstance(head, header.Header) else ""


def _unflowed(lines: list[Line], *, delsp: bool) -> list[Line]:
    """The paragraphs of flowed text as one line each (RFC 3676 section 4.2)."""
    joined: list[Line] = []
    growing: list[str] = []
    depth = 0
    for item in lines:
        text = item.text
        if growing and item.depth != depth:
            joined.append(Line("".join(growing), depth))
            growing = []
        body = (
            _unstuffed(text, item.depth)
            if growing
            else text[1:]
            if text[:1] == " " and not item.depth
            else text
        )
        flows = body.endswith(" ") and body.rstrip() != "--" and not body.endswith("-- ")
        growing.append(body[:-1] if flows and delsp else body)
        depth = item.depth
        if not flows:
            joined.append(Line("".join(growing), depth))
            growing = []
    if growing:
        joined.append(Line("".join(growing), depth))
    return joined


def _unstuffed(text: str, depth: int) -> str:
    """The words of a line that goes on with the one before it."""
    if not depth:
        return text[1:] if text[:1] == " " else text
    return text.lstrip("> ")


def files_of(raw: bytes, structure: Structure) -> Iterator[File]:
    """The files that came with the mail."""
    yield from read(raw, structure).files
