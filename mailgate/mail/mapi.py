"""Knows the property lists of Outlook (MAPI) as they lie in `winmail.dat` ([MS-OXTNEF] section 2.1.3.4)."""

from collections.abc import Mapping
from enum import IntEnum

from mailgate.mail import charset
from mailgate.mail.octets import Octets


class Property(IntEnum):
    """The properties that are read here."""

    BODY = 0x1000
    RTF = 0x1009
    HTML = 0x1013
    SUBJECT = 0x0037
    CODE_PAGE = 0x3FDE
    ATTACHED = 0x3701
    SHORT_NAME = 0x3704
    METHOD = 0x3705
    LONG_NAME = 0x3707
    MIME_TYPE = 0x370E
    CONTENT_ID = 0x3712
    DISPLAY_NAME = 0x3001


_MULTIPLE = 0x1000
_NAMED = 0x8000
_OBJECT = 0x000D
_STRING, _UNICODE, _BINARY = 0x001E, 0x001F, 0x0102
_VARIABLE = frozenset({_OBJECT, _STRING, _UNICODE, _BINARY})
_WIDTHS = {
    0x0000: 4, 0x0001: 4, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4,
    0x000B: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
_INTERFACE = 16  # bytes before an object: of which kind it is

Value = tuple[int, memoryview]
"""The type of a property, and the bytes of its first value."""


def read(content: bytes | memoryview) -> Mapping[int, Value]:
    """The properties of a list by their number; the first of each.

    Raises:
        EOFError: the list is longer than its bytes.
        ValueError: it holds what nobody knows the length of.
    """
    octets = Octets(content)
    found: dict[int, Value] = {}
    for _ in range(octets.long()):
        kind, number = octets.short(), octets.short()
        if number >= _NAMED:
            _skip_name(octets)
        value = _value(octets, kind)
        found.setdefault(number, (kind & ~_MULTIPLE, value))
    return found


def text(properties: Mapping[int, Value], number: int, page: str) -> str:
    """A property that is text; empty where there is none. `page` is the charset of what is not Unicode."""
    kind, value = properties.get(number, (0, memoryview(b"")))
    if kind == _UNICODE:
        return bytes(value).decode("utf-16-le", "replace").rstrip("\0")
    return charset.decoded(bytes(value).rstrip(b"\0"), page)[0] if kind in {_STRING, _BINARY} else ""


def number_of(properties: Mapping[int, Value], number: int) -> int:
    """A property that is a number; 0 where there is none."""
    return int.from_bytes(properties.get(number, (0, b""))[1][:4], "little")


def binary(properties: Mapping[int, Value], number: int) -> memoryview:
    """A property that is bytes; empty where there is none. Of an object, what comes after its kind."""
    kind, value = properties.get(number, (0, memoryview(b"")))
    return value[_INTERFACE:] if kind == _OBJECT else value


def _skip_name(octets: Octets) -> None:
    octets.take(16)
    if octets.long():
        octets.padded(octets.long())
    else:
        octets.take(4)


def _value(octets: Octets, kind: int) -> memoryview:
    """The first value of a property; what follows it is passed over."""
    plain = kind & ~_MULTIPLE
    if plain in _VARIABLE:
        values = [octets.padded(octets.long()) for _ in range(octets.long())]
        return values[0] if values else memoryview(b"")
    if plain not in _WIDTHS:
        raise ValueError(f"a property of type {kind:#06x}")
    if kind & _MULTIPLE:
        return octets.take(octets.long() * _WIDTHS[plain])
    return octets.take(_WIDTHS[plain])
