"""Knows the page that a mail is: all its texts, one below the other, in the dress that they came in."""

from collections.abc import Mapping

from mailgate.mail import body, charset, leaf, limits, line, markup, wording
from mailgate.mail.body import File
from mailgate.mail.structure import Part, Structure

_HTML = "text/html"


def read(raw: bytes, structure: Structure, files: tuple[File, ...]) -> str:
    """The page, sanitised, with the pictures that are among the files; empty for a mail of plain text."""
    texts = [part for part in structure.parts if leaf.is_text(part)]
    pages = [part for part in texts if part.content_type == _HTML]
    if not pages or sum(part.end - part.start for part in texts) > limits.MARKUP_CHARS:
        return ""
    dressed = {part.alternative for part in pages} - {0}  # their plain forms say it a second time
    pictures = _pictures(structure.parts, files)
    return "".join(
        _piece(raw, part, pictures)
        for part in texts
        if part.content_type == _HTML or part.alternative not in dressed
    )


def _piece(raw: bytes, part: Part, pictures: Mapping[str, str]) -> str:
    octets, _ = body.content(raw, part)
    text, _ = charset.decoded(octets, leaf.label_of(part, octets))
    if part.content_type == _HTML:
        return markup.sanitised(text, pictures)
    return markup.of_text(line.text_of(leaf.plain_lines(wording.lines(text), part)))


def _pictures(parts: tuple[Part, ...], files: tuple[File, ...]) -> Mapping[str, str]:
    """The Content-IDs of the pictures, by what a page calls them: that, or where it said that they lie."""
    shown = {file.content_id for file in files if file.content_id and file.content_type in markup.PICTURES}
    named = {identifier.lower(): identifier for identifier in shown}
    for part in parts:
        location = part.header.first("content-location").decode("latin-1").strip()
        identifier = leaf.identifier_of(part)
        if location and identifier in shown:
            named.setdefault(location.lower(), identifier)
    return named
