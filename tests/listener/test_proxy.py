"""listener/proxy: headers of the PROXY protocol. How the door takes them is in the dialogues proxy-*."""

import asyncio
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailgate.listener.proxy import MalformedHeaderError, announced
from mailgate.listener.turnstile import Peer, peer_at
from mailgate.listener.wire import HungUpError, Wire

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
FOUR = bytes([192, 0, 2, 7, 198, 51, 100, 1, 0xDC, 4, 0, 25])
SIX = peer_at("2001:db8::7").packed + peer_at("2001:db8::25").packed + FOUR[-4:]  # type: ignore[union-attr]


def block(kind: int, family: int, content: bytes, length: int | None = None) -> bytes:
    declared = len(content) if length is None else length
    return SIGNATURE + bytes([kind, family]) + declared.to_bytes(2, "big") + content


async def read(octets: bytes) -> tuple[Peer | str | None, bytes]:
    """Who is announced, or what is wrong; and what is left to read."""
    reader = asyncio.StreamReader()
    reader.feed_data(octets)
    reader.feed_eof()
    wire = Wire(reader)
    try:
        found: Peer | str | None = await announced(wire)
    except MalformedHeaderError as fault:
        return str(fault), b""
    except HungUpError:
        return "hung up", b""
    with suppress(HungUpError):
        return found, await wire.exactly(2)
    return found, b""


@pytest.mark.parametrize(
    ("header", "client"),
    [
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\n", "192.0.2.7"),
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 0 65535\r\n", "192.0.2.7"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::25 56324 25\r\n", "2001:db8::7"),
        (b"PROXY TCP6 ::ffff:192.0.2.7 ::ffff:198.51.100.1 56324 25\r\n", "192.0.2.7"),
        (b"PROXY UNKNOWN\r\n", None),
        (b"PROXY UNKNOWN " + b"x" * 91 + b"\r\n", None),
        (block(0x21, 0x11, FOUR), "192.0.2.7"),
        (block(0x21, 0x11, FOUR + b"\x04\0\x02ab" + b"\x20\x40\0" + bytes(16_364 - 4)), "192.0.2.7"),
        (block(0x21, 0x21, SIX), "2001:db8::7"),
        (block(0x21, 0x31, bytes(216)), None),
        (block(0x21, 0x00, b""), None),
        (block(0x20, 0x11, FOUR), None),
        (block(0x20, 0x00, b"xy"), None),
    ],
)
def test_a_header_says_who_the_client_is_and_nothing_after_it_is_taken(
    header: bytes, client: str | None
) -> None:
    """behaviour.md 1.6"""
    told = peer_at(client) if client else None
    assert asyncio.run(read(header + b"EH")) == (told, b"EH")


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        (b"EHLO client.example\r\n", "no header"),
        (b"PROXI TCP4 192.0.2.7 198.51.100.1 1 2\r\n", "no header"),
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n", "no header"),
        (b"PROXY\r\n", "an unknown family"),
        (b"PROXY TCP5 192.0.2.7 198.51.100.1 1 2\r\n", "an unknown family"),
        (b"PROXY TCP4 192.0.2.7\r\n", "an unknown family"),
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n", "no ports"),
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n", "no ports"),
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n", "no ports"),
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n", "no ports"),
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 2\r\n", "no ports"),
        (b"PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n", "no ports"),
        (b"PROXY TCP4 192.0.2.07 198.51.100.1 1 2\r\n", "no address"),
        (b"PROXY TCP4 2001:db8::7 2001:db8::25 1 2\r\n", "no address"),
        (b"PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n", "no address"),
        (b"PROXY TCP4 192.0.2.7 nowhere 1 2\r\n", "no address"),
        (b"PROXY TCP6 fe80::7%eth0 2001:db8::25 1 2\r\n", "an address with a zone"),
        (b"PROXY TCP4 192.0.2.7\xff 198.51.100.1 1 2\r\n", "no address"),
        (b"PROXY UNKNOWN " + b"x" * 92 + b"\r\n", "a line without end"),
        (b"PROXY TCP4 192.0.2.7", "hung up"),
        (b"", "hung up"),
        (b"\r\n\r\n\0\r\nQUIX\n\x21\x11\0\x0c" + FOUR, "no header"),
        (block(0x11, 0x11, FOUR), "an unknown version, command or family"),
        (block(0x22, 0x11, FOUR), "an unknown version, command or family"),
        (block(0x21, 0x12, FOUR), "an unknown version, command or family"),
        (block(0x21, 0x11, FOUR[:-1]), "an unknown version, command or family"),
        (block(0x21, 0x21, SIX[:-1]), "an unknown version, command or family"),
        (block(0x21, 0x11, FOUR, 16_385), "a header that is too long"),
        (block(0x21, 0x11, FOUR, 13), "hung up"),
        (SIGNATURE, "hung up"),
    ],
)
def test_what_is_no_header_is_none(header: bytes, wrong: str) -> None:
    """behaviour.md 1.6"""
    assert asyncio.run(read(header)) == (wrong, b"")


@given(
    st.binary(max_size=120),
    st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", SIGNATURE, SIGNATURE + b"\x21\x11"]),
)
@example(b"1 \xb2 \r\n", b"PROXY TCP4 192.0.2.7 198.51.100.1 ")
def test_any_bytes_are_a_client_or_a_refusal(octets: bytes, start: bytes) -> None:
    whole = start + octets + b"EH"
    found, left = asyncio.run(read(whole))
    assert isinstance(found, str) or whole.startswith((b"PROXY ", SIGNATURE))
    assert left in whole
