"""Knows the MIME structure of a mail: its leaf parts in order, found without recursion and within limits.

Parts are ranges of the raw mail; nothing is copied until a part is decoded. A message in a message is one
part; what it holds is walked too, but only for the limits.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mailgate.core.message import Unreadable
from mailgate.mail import header, limits, parameter, transfer, wording
from mailgate.mail.header import Header

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+*-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+*-]{0,62}")
_GUESS = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-)", re.MULTILINE | re.IGNORECASE)
_LOST = re.compile(
    rb"\s{0,20}(?:This is a multi-?part message[^\r\n]{0,200}\s{1,20})?"
    rb"--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-)",
    re.IGNORECASE,
)
_PAGE = re.compile(rb"\s{0,100}(?:<!doctype html|<html)\b", re.IGNORECASE)
_TYPES = 4  # fields of one part that are looked at
_PATH = re.compile(r"^(?:[A-Za-z]:|\\)\\(?:.*\\)?")  # of a program that names a file by where it lies
_LONGEST_LINE = 400  # in which a boundary is looked for


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the MIME tree.

    Args:
        start: where its body begins in the raw mail; `end` where it is over.
        alternative: the number of the innermost multipart/alternative that it belongs to; 0 for none.
        alone: whether it is the whole mail.
    """

    header: Header
    content_type: str
    parameters: Mapping[str, str]
    disposition: str
    filename: str
    encoding: str
    start: int
    end: int
    alternative: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """A mail taken apart: its own header, its type with parameters, its leaves."""

    header: Header
    content_type: str
    parameters: Mapping[str, str]
    parts: tuple[Part, ...]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Range:
    """A part that waits to be looked at."""

    start: int
    end: int
    depth: int
    alternative: int
    digest: bool
    shown: bool  # False inside a message that is itself a part
    boundary: bytes = b""  # of the multipart around it


def read(raw: bytes) -> Structure | Unreadable:
    """Takes the mail apart."""
    if b"\n" not in raw:  # of a program that ends its lines with a bare CR
        raw = raw.replace(b"\r", b"\n")
    return _Walk(raw).whole()


class _Walk:
    """One walk over one mail."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._waiting = [_Range(0, len(raw), 0, 0, digest=False, shown=True)]
        self._parts: list[Part] = []
        self._root: Part | None = None
        self._defects: list[str] = []
        self._label = ""  # the charset of the first text, which is that of bare names too
        self._entities = 0
        self._lines = 0
        self._alternatives = 0

    def whole(self) -> Structure | Unreadable:
        """The structure, or why it is beyond the limits."""
        while self._waiting:
            fault = self._look(self._waiting.pop())
            if fault:
                return fault
        root = self._root
        if root is None:
            return Unreadable("an empty mail")
        defects = tuple(dict.fromkeys((*root.header.defects, *self._defects)))
        return Structure(root.header, root.content_type, root.parameters, tuple(self._parts), defects)

    def _look(self, at: _Range) -> Unreadable | None:
        self._entities += 1
        if self._entities > limits.PARTS:
            return Unreadable(f"more than {limits.PARTS} parts")
        if at.depth > limits.DEPTH:
            return Unreadable(f"parts nested deeper than {limits.DEPTH}")
        head = header.read(self._raw, at.start, at.end)
        if isinstance(head, Unreadable):
            return head
        part = self._as_meant(_part(head, at, self._label, alone=self._root is None))
        self._root = self._root or part
        self._label = self._label or part.parameters.get("charset", "")
        if part.content_type.startswith("multipart/"):
            return self._open(part, at)
        if part.content_type in _MESSAGES and part.encoding not in _ENCODED:
            self._waiting.append(_Range(part.start, part.end, at.depth + 1, 0, digest=False, shown=False))
        if at.shown:
            self._parts.append(part)
        return None

    def _open(self, part: Part, at: _Range) -> Unreadable | None:
        """Puts the parts of a multipart in line, the first one next."""
        boundary = part.parameters.get("boundary", "").encode("latin-1", "replace")
        ranges = self._between(boundary, part) if boundary else []
        if not ranges and boundary and boundary == at.boundary:
            self._share(part, at)
            return None
        if not ranges:
            boundary = self._guessed(part)
            ranges = self._between(boundary, part) if boundary else []
            self._defects.append("a multipart without its boundary")
        if self._lines > limits.DELIMITER_LINES or len(ranges) > limits.PARTS:
            return Unreadable(f"more than {limits.PARTS} parts")
        if not ranges:
            if at.shown:
                self._parts.append(_as_text(part))
            return None
        alternative = self._alternative(part, at)
        digest = part.content_type == "multipart/digest"
        self._waiting.extend(
            _Range(start, end, at.depth + 1, alternative, digest=digest, shown=at.shown, boundary=boundary)
            for start, end in reversed(ranges)
        )
        return None

    def _as_meant(self, part: Part) -> Part:
        """The part as what it is by its first words, where its header does not tell, or tells wrongly."""
        if part.content_type != "text/plain":
            return part
        if _PAGE.match(self._raw, part.start, part.end):
            return replace(part, content_type="text/html")
        headless = self._root is None and "content-type" not in part.header.fields
        lost = _LOST.match(self._raw, part.start, part.end) if headless else None
        if not lost:
            return part
        self._defects.append("a multipart that does not say so")
        boundary = lost[1].decode("latin-1")
        return replace(part, content_type="multipart/mixed", parameters={"boundary": boundary})

    def _share(self, part: Part, at: _Range) -> None:
        """A multipart with the boundary of the one around it: what comes next there belongs in it."""
        self._defects.append("a multipart with the boundary of another")
        alternative = self._alternative(part, at)
        for number in range(len(self._waiting) - 1, -1, -1):
            if self._waiting[number].depth != at.depth:
                break
            self._waiting[number] = replace(self._waiting[number], alternative=alternative)
        if at.shown and self._raw[part.start : part.end].strip():
            self._parts.append(_as_text(part))

    def _alternative(self, part: Part, at: _Range) -> int:
        """The number of the alternative that the parts of a multipart belong to."""
        if part.content_type != "multipart/alternative":
            return at.alternative
        self._alternatives += 1
        return self._alternatives

    def _guessed(self, part: Part) -> bytes:
        """A boundary that is not the one it is said to be: before a header, or in the last line."""
        guess = _GUESS.search(self._raw, part.start, part.end)
        if guess:
            return guess[1]
        last = self._raw[max(part.start, part.end - _LONGEST_LINE) : part.end].rstrip().rpartition(b"\n")[2]
        return last[2:-2] if last.startswith(b"--") and last.endswith(b"--") else b""

    def _between(self, boundary: bytes, part: Part) -> list[tuple[int, int]]:
        """The ranges between the delimiter lines (RFC 2046 section 5.1.1)."""
        ranges: list[tuple[int, int]] = []
        begun = -1
        closed = False
        for start, after, closing in self._delimiters(b"--" + boundary, part):
            if begun >= 0:
                ranges.append((begun, max(begun, start)))
            begun, closed = (-1, True) if closing else (after, False)
            if len(ranges) > limits.PARTS:
                return ranges
        if begun >= 0:
            ranges.append((begun, part.end))
        if ranges and not closed:
            self._defects.append("a multipart that is not closed")
        return ranges

    def _delimiters(self, mark: bytes, part: Part) -> Iterator[tuple[int, int, bool]]:
        """Of each delimiter line: where it starts, where the next line does, whether it closes."""
        raw, end = self._raw, part.end
        at = (
            part.start
            if raw.startswith(mark, part.start, end)
            else raw.find(b"\n" + mark, part.start, end) + 1
        )
        while at > 0 and self._lines <= limits.DELIMITER_LINES:
            self._lines += 1
            stop = raw.find(b"\n", at, end)
            after = end if stop < 0 else stop + 1
            rest = raw[at + len(mark) : after]
            if rest[:2] == b"--" and not rest[2:].strip():
                yield _line_end_before(raw, at, part.start), after, True
            elif not rest.strip():
                yield _line_end_before(raw, at, part.start), after, False
            at = raw.find(b"\n" + mark, after - 1, end) + 1


_MESSAGES = frozenset({"message/rfc822", "message/global"})
_ENCODED = frozenset({"base64", "quoted-printable", "uuencode"})


def _line_end_before(raw: bytes, at: int, start: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    if at > start and raw[at - 1 : at] == b"\n":
        at -= 1
        while at > start and raw[at - 1 : at] == b"\r":
            at -= 1
    return at


def _part(head: Header, at: _Range, label: str, *, alone: bool) -> Part:
    content_type, parameters = _content_type(head, label, digest=at.digest)
    disposition, names = "", dict[str, str]()
    if "content-disposition" in head.fields:
        disposition, names = parameter.read(head.first("content-disposition"), label)
    told = [names.get("filename"), parameters.get("name"), parameters.get("filename")]
    if disposition != "form-data":  # where it names a field
        told.append(names.get("name"))
    filename = _PATH.sub("", next(filter(None, told), ""))
    return Part(
        head,
        content_type,
        parameters,
        disposition,
        wording.label(filename.strip("'"), limits.NAME_BYTES) if filename else "",
        _encoding(head),
        head.body,
        max(head.body, at.end),
        at.alternative,
        alone,
    )


def _encoding(head: Header) -> str:
    """The transfer encoding; of several fields the first that names one."""
    names = [transfer.name_of(value) for value in head.every("content-transfer-encoding")]
    return next((name for name in names if name in _ENCODED), names[0] if names else "")


def _content_type(head: Header, label: str, *, digest: bool) -> tuple[str, Mapping[str, str]]:
    """The type of a part; what is not one is plain text, or a file if it has a file's name."""
    default = "message/rfc822" if digest else "text/plain"
    if "content-type" not in head.fields:
        return default, {}
    told = [parameter.read(value, label) for value in head.every("content-type")[:_TYPES]]
    for content_type, parameters in told:
        if _TYPE.fullmatch(content_type):
            return content_type, parameters
    content_type, parameters = told[0]
    if content_type in {"text", "plain", ""} and "name" not in parameters:
        return default, parameters
    main = content_type.partition("/")[0]
    if main in {"text", "multipart"}:
        return ("text/plain" if main == "text" else "multipart/mixed"), parameters
    return ("application/octet-stream" if "name" in parameters else default), parameters


def _as_text(part: Part) -> Part:
    """A multipart whose parts cannot be told apart, as the text that it is."""
    return replace(part, content_type="text/plain", parameters={}, filename="")
