"""Knows how a header field is written (RFC 5322 section 3.6, RFC 2047, RFC 2231).

Each function gives the field's body, folded, without its name. A body never holds an encoded word that
somebody else wrote, nor a line end that is not a fold.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from mailgate.core.calendar import WEEKDAYS
from mailgate.core.dnsrecord import ascii_name
from mailgate.core.localtime import MONTHS
from mailgate.core.message import Mailbox
from mailgate.mail.oneline import one_line

LINE = 78  # RFC 5322 section 2.1.1: a line should not be longer
FOLD = "\r\n "
_LONGEST_TEXT = 250  # characters of a subject
_LONGEST_NAME = 100
_LONGEST_FILENAME = 120
_REFERENCES = 20
_ENCODED_LINE = 76  # RFC 2047 section 2: a line that holds an encoded word
_ENCODED_WORD = 75  # the same: the word
_LONGEST_PIECE = 60  # of an RFC 2231 parameter

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_ADDRESS = re.compile(
    rf'(?:{_ATOM}(?:\.{_ATOM})*|"[A-Za-z0-9!#$%&\'*+/=?^_`{{|}}~. -]{{1,64}}")'
    r"@[A-Za-z0-9\u0080-\U0010ffff_.:\[\]-]+"
)
_DOTTED = re.compile(rf"(?=\.|.*\.\.|.*\.$)(?:{_ATOM}|\.)+")  # dots at an end, or next to each other
_LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,500}")
_NAME_BREAKERS = str.maketrans("", "", '<>@"\\')
_WORD_BREAKERS = str.maketrans(",;:()[]", "       ")
_FILE_BREAKERS = str.maketrans('/\\"<>|:*?', "_________")


class UnwritableError(ValueError):
    """A value cannot stand in a header: a bug, or an address that nobody should have let in."""


def text(value: str, name: str) -> str:
    """Words, such as a subject (RFC 5322 section 2.2.1)."""
    line = _unencoded(one_line(value, _LONGEST_TEXT))
    if line.isascii():
        return _folded(line, len(name) + 2)
    return FOLD.join(_encoded_words(line, len(name) + 2))


def mailbox(box: Mailbox, name: str) -> str:
    """One address with the name before it, where there is one (RFC 5322 section 3.4)."""
    where = address(box.address)
    shown = _unencoded(one_line(box.name.translate(_NAME_BREAKERS), _LONGEST_NAME))
    if not shown:
        return where
    if not shown.isascii():
        # Some readers decode first and take the list apart then: nothing that separates may be in it.
        words = _encoded_words(" ".join(shown.translate(_WORD_BREAKERS).split()), len(name) + 2)
        return FOLD.join((*words, f"<{where}>"))
    phrase = shown if _ATOMS.fullmatch(shown) else f'"{shown}"'
    space = " " if len(name) + 2 + len(phrase) + len(where) + 3 <= LINE else FOLD
    return f"{phrase}{space}<{where}>"


def addresses(boxes: Iterable[Mailbox]) -> str:
    """Bare addresses, one a line; names are left out, for they are other people's words.

    Raises:
        UnwritableError: one is no address, or there is none.
    """
    bare = [address(box.address) for box in boxes]
    if not bare:
        raise UnwritableError("a mail needs somebody to go to")
    return f",{FOLD}".join(bare)


@lru_cache(maxsize=1024)
def address(bare: str) -> str:
    """The address as it goes on the wire, its domain in A-labels where that makes it ASCII (RFC 5890).

    Raises:
        UnwritableError: it is no address that can stand in an envelope and in a header.
    """
    local, _, domain = bare.rpartition("@")
    if _DOTTED.fullmatch(local):
        local = f'"{local}"'  # RFC 5321 section 4.1.2: `a..b` and `a.` are written so by those who have them
    wire = f"{local}@{ascii_name(domain)}" if not bare.isascii() and local.isascii() else f"{local}@{domain}"
    sound = _ADDRESS.fullmatch(wire) and len(wire.encode()) <= _LONGEST_ADDRESS and "=?" not in wire
    if not sound or one_line(wire, _LONGEST_ADDRESS) != wire:
        raise UnwritableError(f"{bare!r} cannot stand in a header as an address")
    return wire


def is_writable(bare: str) -> bool:
    """Whether the address can stand in an envelope and in a header."""
    try:
        address(bare)
    except UnwritableError:
        return False
    return True


def message_id(bare: str) -> str:
    """One Message-ID of our own, in its angle brackets.

    Raises:
        UnwritableError: it is none.
    """
    if not _is_message_id(bare):
        raise UnwritableError(f"{bare!r} is no Message-ID")
    return f"<{bare}>"


def references(ids: Iterable[str]) -> str:
    """Message-IDs one a line, never encoded; what is none is left out, and of a long row the middle is."""
    sound = [bare for bare in dict.fromkeys(ids) if _is_message_id(bare)]
    if len(sound) > _REFERENCES:
        sound = [sound[0], *sound[1 - _REFERENCES :]]
    return FOLD.join(f"<{bare}>" for bare in sound)


def date(instant: datetime) -> str:
    """`Mon, 23 Nov 2026 19:00:00 +0000` (RFC 5322 section 3.3), whatever the locale."""
    utc = instant.astimezone(UTC)
    day = f"{WEEKDAYS[utc.weekday()][:3]}, {utc.day:02} {MONTHS[utc.month - 1][:3]} {utc.year:04}"
    return f"{day} {utc.hour:02}:{utc.minute:02}:{utc.second:02} +0000"


def filename(name: str) -> str:
    """The parameters that name a file (RFC 2231 section 3), beside a plain name for older readers."""
    shown = (
        _unencoded(one_line(name.translate(_FILE_BREAKERS), _LONGEST_FILENAME)).lstrip(".") or "attachment"
    )
    plain = shown.encode("ascii", "replace").decode("ascii").replace("?", "_")
    fallback = f';{FOLD}filename="{plain}"'
    if plain == shown:
        return fallback
    pieces = tuple(_percent_pieces(shown))
    if len(pieces) == 1:
        return f"{fallback};{FOLD}filename*={pieces[0]}"  # also read by who cannot put pieces together
    return fallback + "".join(f";{FOLD}filename*{number}*={piece}" for number, piece in enumerate(pieces))


def _unencoded(line: str) -> str:
    """The line with what looks like the start of an encoded word broken up."""
    return line.replace("=?", "= ?")


def _folded(line: str, used: int) -> str:
    """ASCII words on lines of at most 78 characters where their length allows it."""
    if used + len(line) <= LINE:
        return line
    lines, current = [], ""
    room = LINE - used
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > room:
            lines.append(current)
            current, room = word, LINE - 1
        else:
            current = f"{current} {word}" if current else word
    return FOLD.join((*lines, current))


def _encoded_words(line: str, used: int) -> list[str]:
    """RFC 2047 section 2 in base64, each word of whole characters: what was written cannot show through."""
    words: list[str] = []
    piece = b""
    room = _octets(_ENCODED_LINE - used)
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > room:
            words.append(_encoded_word(piece))
            piece, room = b"", _octets(_ENCODED_WORD)
        piece += octets
    words.append(_encoded_word(piece))
    return words


def _octets(characters: int) -> int:
    return (characters - len("=?utf-8?b??=")) // 4 * 3


def _encoded_word(octets: bytes) -> str:
    return f"=?utf-8?b?{b64encode(octets).decode('ascii')}?="


def _is_message_id(bare: str) -> bool:
    return bool(_MESSAGE_ID.fullmatch(bare)) and "=?" not in bare


def _percent_pieces(name: str) -> Iterable[str]:
    """The name in pieces that each fit on a line, never cut inside a character."""
    piece = "utf-8''"
    for character in name:
        octets = quote(character, safe="")
        if len(piece) + len(octets) > _LONGEST_PIECE:
            yield piece
            piece = ""
        piece += octets
    yield piece
