"""Knows the addresses in a header field (RFC 5322 section 3.4), read strictly where they identify somebody.

An address is taken as it stands: an encoded word, a control character or a second pair of angle brackets in
it makes it no address at all, so no decoding can turn it into somebody else's (RFC 2047 section 5 (3)).
Names are read leniently. One pass over the marks that structure a field: linear, never recursive.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from mailgate.core.message import Mailbox
from mailgate.mail import encodedword, fields, limits

# An encoded word may hold commas and the like, though it should not; what could be an address ends it.
_MARKS = re.compile(rb'(=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s"<>@]{0,400}\?=|["\\()<>,;:])')
_ATOM = r"[^\x00-\x20\x7f-\x9f()<>\[\],;:@\\\"]+"
_ADDRESS = re.compile(rf'(?:{_ATOM}|"[^\x00-\x1f\x7f"@\\]+")@(?:{_ATOM}|\[[0-9A-Za-z:.]+\])')
_LOOSE = re.compile(rb"(?:^|(?<=[\s\"']))([^\s\"'<>@]+@[^\s\"'<>@]+)$")
_HIDDEN = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffd]")


def mailboxes(values: tuple[bytes, ...], label: str = "") -> tuple[Mailbox, ...]:
    """The mailboxes of fields of one name; `label` is the charset to try for bare 8-bit names."""
    found: list[Mailbox] = []
    for value in values:
        for entry in islice(_entries(value), 2 * limits.MAILBOXES):
            found.extend(_mailboxes(entry, label))
    return tuple(found[: limits.MAILBOXES])


def bare(text: bytes) -> str:
    """The address that the text is; empty if it is none."""
    text = text.strip()
    if b"=?" in text:
        return ""
    try:
        address = text.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    if address[:1] == address[-1:] == "'":  # no domain ends so
        address = address[1:-1]
    if address[:7].lower() == "mailto:":
        address = address[7:]
    if address[:1] == "@" and ":" in address:  # a source route; RFC 5322 section 4.4
        address = address.rpartition(":")[2]
    sound = _ADDRESS.fullmatch(address) and not _HIDDEN.search(address)
    return address if sound and fields.is_writable(address) else ""  # nobody is known whom nobody can answer


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of an address list.

    Args:
        words: what stands outside of brackets, as a name: without quotation marks.
        literal: the same as it stands, quotation marks and all: as an address.
        angles: what stands in each pair of angle brackets.
        comment: what stands in the last parentheses.
    """

    words: bytes
    literal: bytes
    angles: tuple[bytes, ...] = ()
    comment: bytes = b""


def _mailboxes(entry: _Entry, label: str) -> Iterator[Mailbox]:
    comment = encodedword.decoded(entry.comment, label) if entry.comment else ""
    if entry.angles:
        name = _name(entry.words, label) or comment
        found = tuple(filter(None, map(bare, entry.angles)))
        if len(entry.angles) == 1 or len(found) > 1:  # one good address beside a bad one: which one is meant?
            yield from (Mailbox(address, name) for address in found)
        return
    address = bare(entry.literal)
    if address:
        yield Mailbox(address, comment)
        return
    loose = _LOOSE.search(entry.literal)  # `Bob bob@acme.example`
    address = bare(loose[1]) if loose else ""
    if loose and address:
        yield Mailbox(address, _name(entry.literal[: loose.start()].replace(b'"', b""), label))


def _name(words: bytes, label: str) -> str:
    return " ".join(encodedword.decoded(words.strip(), label).strip("'").split())


def _entries(value: bytes) -> Iterator[_Entry]:
    """The entries of an address list."""
    if not _MARKS.search(value):
        if value:
            yield _Entry(value, value)
        return
    lexer = _Lexer()
    for token in filter(None, _MARKS.split(value, limits.MARKS)):
        entry = lexer.take(token)
        if entry:
            yield entry
    if lexer.quoted:  # a quotation mark without its pair: read again with every one as a letter
        yield from _entries(value.replace(b'"', b""))
        return
    yield lexer.finished()


class _Lexer:
    """Reads an address list token by token."""

    def __init__(self) -> None:
        self.quoted = False
        self._escaped = False
        self._depth = 0
        self._inside = False
        self._clear()

    def _clear(self) -> None:
        self._words: list[bytes] = []
        self._literal: list[bytes] = []
        self._angles: list[list[bytes]] = []
        self._comment: list[bytes] = []

    def take(self, token: bytes) -> _Entry | None:
        """Takes one token; returns the entry that it ended, if any."""
        if self._escaped:
            self._escaped = False
            self._add(token)
        elif token == b"\\" and (self.quoted or self._depth):
            self._escaped = True
        elif token == b'"' and not self._depth:
            self._quote()
        elif self.quoted or token not in _STRUCTURE:
            self._add(token)
        elif token in b"()" or self._depth:
            self._parenthesis(token)
        else:
            return self._structure(token)
        return None

    def _quote(self) -> None:
        self.quoted = not self.quoted
        (self._angles[-1] if self._inside else self._literal).append(b'"')

    def _parenthesis(self, token: bytes) -> None:
        if token == b"(":
            self._depth += 1
            if self._depth == 1:
                self._comment = []
                return
        elif token == b")":
            self._depth = max(0, self._depth - 1)
            if not self._depth:
                return
        self._add(token)

    def _structure(self, token: bytes) -> _Entry | None:
        match token:
            case b"<":
                self._inside = True
                self._angles.append([])
            case b">":
                self._inside = False
            case b":" if not self._inside:
                self._clear()  # the name of a group, or `mailto` without brackets
            case b"," | b";" if not self._inside:
                entry = self.finished()
                self._clear()
                return entry
            case _:
                self._add(token)
        return None

    def _add(self, token: bytes) -> None:
        if self._depth:
            self._comment.append(token)
        elif self._inside:
            self._angles[-1].append(token)
        else:
            self._words.append(token)
            self._literal.append(token)

    def finished(self) -> _Entry:
        """The entry as far as it was read."""
        return _Entry(
            b"".join(self._words).strip(),
            b"".join(self._literal).strip(),
            tuple(b"".join(angle) for angle in self._angles),
            b"".join(self._comment).strip(),
        )


_STRUCTURE = frozenset((b"(", b")", b"<", b">", b",", b";", b":"))
