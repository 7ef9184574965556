"""Knows what of a mail is its text and what is a file that came with it (RFC 2046, RFC 2183)."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailgate.mail import (
    charset,
    cms,
    enriched,
    html,
    invitation,
    leaf,
    limits,
    line,
    marks,
    naming,
    signature,
    structure,
    tnef,
    transfer,
    wording,
)
from mailgate.mail.line import Line, Mark
from mailgate.mail.protection import SMIME
from mailgate.mail.structure import Part, Structure

_MARKED_UP = 8  # how many times as long as its text a page is at least where it says more than the text
_STUB = 200  # characters
# Other forms of a text, which nobody sent as a file.
_MARKUP = frozenset({"text/html", "text/x-amp-html", "text/watch-html"})
_ENRICHED = frozenset({"text/enriched", "text/richtext"})
_FORMS = (_MARKUP | _ENRICHED | {"text/markdown", "text/x-markdown"}) - {"text/html"}
_CALENDARS = frozenset(["text/calendar", "text/x-vcalendar", "application/ics"])
_PACKS = frozenset(["application/ms-tnef", "application/vnd.ms-tnef"])
_PACK = "winmail.dat"
_RECORDS = _CALENDARS | {
    "text/rfc822-headers", "text/csv", "text/vcard", "text/x-vcard", "text/directory",
}  # fmt: skip


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


def read(raw: bytes, taken_apart: Structure) -> Body:
    """The body of the mail."""
    return _Reading(raw, taken_apart.parts).body()


def content(raw: bytes, part: Part) -> tuple[bytes, str]:
    """The decoded bytes of a part, and what was wrong with their encoding."""
    return transfer.decoded(raw[part.start : part.end], part.encoding)


class _Reading:
    """One reading of the parts."""

    def __init__(self, raw: bytes, parts: tuple[Part, ...], *, opens: bool = True) -> None:
        self._raw = raw
        self._opens = opens  # what is signed as a whole; once
        self._parts = parts
        self._lines: list[Line] = []
        self._files: list[File] = []
        self._defects: list[str] = []
        self._pages: dict[int, list[Line]] = {}
        self._packs: list[tnef.Pack] = []
        self._images: list[str] = []  # that stand before the next text
        self._room = limits.TEXT_CHARS
        self._names: Mapping[str, str] = _images(parts)

    def body(self) -> Body:
        """Reads all parts."""
        skipped = self._told_otherwise()
        for part in self._parts:
            if part.start in skipped:
                continue
            if leaf.is_text(part):
                self._between()
                self._add(self._words(part))
                continue
            self._file(part)
            if self._stands_between(part):
                self._images.append(f"[image: {self._files[-1].filename}]")
        if not self._has_words():
            self._next_best()
        lines = signature.known(self._lines, self._signature(skipped))
        return Body(tuple(lines), tuple(self._files), tuple(dict.fromkeys(self._defects)))

    def _told_otherwise(self) -> frozenset[int]:
        """Where the texts begin whose alternative is shown instead (RFC 2046 section 5.1.4)."""
        skipped: set[int] = set()
        for alternative in {part.alternative for part in self._parts if part.alternative}:
            texts = [part for part in self._parts if part.alternative == alternative and leaf.is_text(part)]
            pages = [part for part in texts if part.content_type == "text/html"]
            plain = [
                part for part in texts if part.content_type == "text/plain" and self._says_anything(part)
            ]
            if plain and pages:
                skipped.update(part.start for part in (plain if self._says_more(pages, plain) else pages))
            if plain or pages:
                skipped.update(
                    part.start
                    for part in self._parts
                    if part.alternative == alternative and part.content_type in _FORMS and not part.filename
                )
        return frozenset(skipped)

    def _signature(self, skipped: frozenset[int]) -> str:
        """What a page marks as signature whose alternative is shown, which can mark nothing."""
        for part in self._parts:
            is_page = part.start in skipped and part.content_type == "text/html"
            if is_page and marks.SIGNED in self._raw[part.start : part.end]:
                signed = [item.text for item in self._page(part) if item.mark is Mark.SIGNATURE]
                return "\n".join(signed)
        return ""

    def _says_anything(self, part: Part) -> bool:
        size = self._size([part])
        return size > _STUB or bool(size and self._text_of(part).strip())

    def _says_more(self, pages: list[Part], plain: list[Part]) -> bool:
        """Whether the plain text is a mere stub, `Your program cannot show this mail`, beside the pages."""
        told = self._size(plain)
        if self._size(pages) < _MARKED_UP * told + _STUB:
            return False
        shown = sum(len(item.text.partition(" <http")[0]) for part in pages for item in self._page(part))
        return shown > 2 * told + _STUB

    def _size(self, parts: list[Part]) -> int:
        return sum(len(self._raw[part.start : part.end].strip()) for part in parts)

    def _has_words(self) -> bool:
        return any(item.text.strip() for item in self._lines)

    def _next_best(self) -> None:
        """What a mail without a text says in a text with a file's name, Outlook's pack, or an invitation.

        Never what was sent as a file.
        """
        self._lines.clear()
        shown = [part for part in self._parts if part.disposition != "attachment"]
        for part in shown:
            if part.content_type.startswith("text/") and part.content_type not in _RECORDS:
                self._add(self._words(part))
                return
        for pack in self._packs:
            text = wording.lines(pack.text)
            self._add(line.lines_of(text) if text.strip() else html.lines(wording.lines(pack.markup)))
            return
        for part in shown:
            if part.content_type in _CALENDARS:
                self._add(line.lines_of(wording.lines(invitation.text(self._text_of(part)))))
                return

    def _stands_between(self, part: Part) -> bool:
        """Whether the part is an image between two texts, and no page says where it belongs."""
        return (
            part.content_type.startswith("image/")
            and part.disposition == "inline"
            and not part.alternative
            and self._has_words()
            and not (leaf.identifier_of(part) and self._pages)
        )

    def _between(self) -> None:
        if self._images:
            self._add([Line(image) for image in self._images])
            self._images.clear()

    def _words(self, part: Part) -> list[Line]:
        if part.content_type in _MARKUP:
            return self._page(part)
        if part.content_type in _ENRICHED:
            return html.lines(enriched.markup(self._text_of(part)))
        return self._plain(part)

    def _plain(self, part: Part) -> list[Line]:
        octets = self._decoded(part)
        if b"begin" in octets:
            octets, files = transfer.uuencoded(octets)
            for name, data in files:
                label = wording.label(charset.decoded(name, "", guess=False)[0], limits.NAME_BYTES)
                self._files.append(File(label, _type_of(label), data))
        return leaf.plain_lines(self._text(octets, part.parameters.get("charset", "")), part)

    def _page(self, part: Part) -> list[Line]:
        if part.start not in self._pages:
            octets = self._decoded(part)
            text = self._text(octets, leaf.label_of(part, octets))
            self._pages[part.start] = html.lines(text, self._names)
        return self._pages[part.start]

    def _decoded(self, part: Part) -> bytes:
        octets, defect = content(self._raw, part)
        if defect:
            self._defects.append(defect)
        return octets

    def _text_of(self, part: Part) -> str:
        return self._text(self._decoded(part), part.parameters.get("charset", ""))

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
        if part.content_type in _PACKS or part.filename.lower() == _PACK:
            pack = tnef.read(octets)
            if pack is None:
                self._defects.append("a winmail.dat that is not whole")
            elif self._unpacked(pack):
                return
        identifier = leaf.identifier_of(part)
        self._files.append(
            File(
                naming.name_of(part, octets),
                part.content_type,
                octets,
                part.disposition == "inline" or (part.disposition != "attachment" and bool(identifier)),
                identifier,
            )
        )
        if part.content_type in SMIME and self._opens:
            self._signed(cms.signed(octets))

    def _signed(self, entity: bytes) -> None:
        """What is signed as a whole is read as well, beside the container that holds it."""
        taken_apart = structure.read(entity) if entity else None
        if isinstance(taken_apart, Structure):
            inner = _Reading(entity, taken_apart.parts, opens=False).body()
            self._add(list(inner.lines))
            self._files.extend(inner.files)
            self._defects.extend(inner.defects)

    def _unpacked(self, pack: tnef.Pack) -> bool:
        """Takes the files out of a pack; False if there are none, so that it goes on as it is."""
        if pack.text.strip() or pack.markup:
            self._packs.append(pack)
        self._files.extend(
            File(
                wording.label(file.name, limits.NAME_BYTES) or "attachment",
                wording.line(file.content_type).lower() or _type_of(file.name),
                file.content,
                bool(file.content_id),
                wording.line(file.content_id)[: limits.LINE_CHARS],
            )
            for file in pack.files
        )
        return bool(pack.files)


def _images(parts: tuple[Part, ...]) -> Mapping[str, str]:
    """The names of the images, by what a page calls them."""
    named: dict[str, str] = {}
    for part in parts:
        if part.content_type.startswith("image/") or part.header.first("content-id"):
            location = part.header.first("content-location").decode("latin-1").strip()
            for address in filter(None, (leaf.identifier_of(part), location)):
                named.setdefault(address.lower(), naming.name_of(part))
    return named


def _type_of(name: str) -> str:
    return "text/plain" if name.lower().endswith((".txt", ".log")) else "application/octet-stream"
