"""Knows the header of the PROXY protocol, versions 1 and 2: who a proxy says its client is.

It is read from the proxies that the operator named and from nobody else, for who may write it may be anybody.
Whatever is not exactly such a header is none: after half of one, nothing can be believed.
"""

import struct
from ipaddress import IPv4Address, IPv6Address

from mailgate.listener.turnstile import Peer, peer_at
from mailgate.listener.wire import EndlessLineError, Wire

_LONGEST_LINE = 107  # with its CR LF, as version 1 has it
_LONGEST_BLOCK = 16_384  # of addresses and TLVs; a client's certificate may be among these
_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_HIGHEST_PORT = 65_535
_VERSIONS = {"TCP4": IPv4Address, "TCP6": IPv6Address}


class MalformedHeaderError(Exception):
    """What came is no header of the PROXY protocol; the text says why."""


async def announced(wire: Wire) -> Peer | None:
    """The client that the proxy speaks for; None where it speaks for itself, or does not know.

    Raises:
        HungUpError: the connection ended before the header did.
        MalformedHeaderError: something else came.
    """
    match await wire.exactly(1):
        case b"P":
            try:
                return _of_words(b"P" + await wire.short_line(_LONGEST_LINE - 1))
            except EndlessLineError:
                raise MalformedHeaderError("a line without end") from None
        case b"\r":
            return await _of_block(wire)
        case _:
            raise MalformedHeaderError("no header")


def _of_words(line: bytes) -> Peer | None:
    """Version 1: a line of words."""
    words = line.removesuffix(b"\r\n").decode("ascii", "replace").split(" ")
    if not line.endswith(b"\r\n") or words[0] != "PROXY":
        raise MalformedHeaderError("no header")
    match words[1:]:
        case ["UNKNOWN", *_]:
            return None
        case ["TCP4" | "TCP6" as family, source, destination, *ports]:
            if len(ports) != 2 or not all(map(_is_port, ports)):  # noqa: PLR2004 - from, to
                raise MalformedHeaderError("no ports")
            _address(family, destination)
            return _address(family, source)
        case _:
            raise MalformedHeaderError("an unknown family")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and text == str(int(text)) and int(text) <= _HIGHEST_PORT


def _address(family: str, text: str) -> Peer:
    try:
        if "%" in text:
            raise MalformedHeaderError("an address with a zone")
        return peer_at(str(_VERSIONS[family](text)))
    except ValueError:
        raise MalformedHeaderError("no address") from None


async def _of_block(wire: Wire) -> Peer | None:
    """Version 2: a head of 16 octets, then as many as it says: addresses, and TLVs that are read over."""
    head = b"\r" + await wire.exactly(len(_SIGNATURE) + 3)
    kind, family, length = struct.unpack("!BBH", head[len(_SIGNATURE) :])
    if not head.startswith(_SIGNATURE):
        raise MalformedHeaderError("no header")
    if length > _LONGEST_BLOCK:
        raise MalformedHeaderError("a header that is too long")
    block = await wire.exactly(length)
    match kind, family:
        case 0x20, _:  # the proxy speaks for itself, such as to see whether we are up
            return None
        case 0x21, 0x11 if length >= 12:  # noqa: PLR2004 - two addresses and two ports
            return peer_at(str(IPv4Address(block[:4])))
        case 0x21, 0x21 if length >= 36:  # noqa: PLR2004
            return peer_at(str(IPv6Address(block[:16])))
        case 0x21, 0x00 | 0x31:  # a family that it does not know; a Unix socket of its own machine
            return None
        case _:
            raise MalformedHeaderError("an unknown version, command or family")
