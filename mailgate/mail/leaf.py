"""Knows what one part of a mail is by itself: text or file, in which charset, under which Content-ID."""

from mailgate.mail import armour, flowed, limits, line, wording
from mailgate.mail.line import Line
from mailgate.mail.structure import Part

_FLOWED_CHARS = 3 * limits.TEXT_CHARS + 1  # lines that are joined lose at most the other two thirds
_TEXT = frozenset({"text/plain", "text/html"})


def is_text(part: Part) -> bool:
    """Whether the part is text to be read with the mail, not a file."""
    if part.content_type not in _TEXT:
        return False
    if part.disposition == "attachment":
        return part.alone and not part.filename
    return part.alone or not part.filename


def identifier_of(part: Part) -> str:
    """The Content-ID of a part, without angle brackets; empty for none."""
    identifier = part.header.first("content-id").decode("latin-1").strip("<> ")
    return wording.line(identifier)[: limits.LINE_CHARS]


def plain_lines(text: str, part: Part) -> list[Line]:
    """The lines of a part that is plain text: no more than are shown, and a little, which tells so."""
    text = armour.read(text)
    if part.parameters.get("format", "").lower() == "flowed":
        text = text[:_FLOWED_CHARS]
        return flowed.lines(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
    return line.lines_of(text[: limits.TEXT_CHARS + 1])


def label_of(part: Part, octets: bytes) -> str:
    """The charset that a text is said to be in, by its header or by itself."""
    return part.parameters.get("charset", "") or _declared(octets[:2048])


def _declared(start: bytes) -> str:
    """The charset that a page says it is in."""
    at = start.lower().find(b"charset=")
    if at < 0:
        return ""
    return (
        start[at + 8 : at + 48].strip(b"\"' ").split(b'"')[0].split(b"'")[0].split(b">")[0].decode("latin-1")
    )
