import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.cms import signed

WORDS = b"Content-Type: text/plain\r\n\r\nsigned words"
SIGNED, DATA = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")


def value(tag: int, content: bytes) -> bytes:
    length = len(content)
    told = bytes([length]) if length < 0x80 else b"\x82" + length.to_bytes(2, "big")
    return bytes([tag]) + told + content


def open_ended(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x80]) + content + b"\0\0"


BEFORE = value(2, b"\1") + value(0x31, value(0x30, b""))  # a version, the algorithms
TOLD_WORDS = value(0x30, DATA + value(0xA0, value(4, WORDS)))
TOLD = value(0x30, SIGNED + value(0xA0, value(0x30, BEFORE + TOLD_WORDS)))
PIECES = open_ended(0x24, value(4, WORDS[:9]) + value(4, WORDS[9:]))
OPEN_WORDS = open_ended(0x30, DATA + open_ended(0xA0, PIECES))
OPEN = open_ended(0x30, SIGNED + open_ended(0xA0, open_ended(0x30, BEFORE + OPEN_WORDS)))


@pytest.mark.parametrize("octets", [TOLD, OPEN], ids=["lengths that are told", "lengths that are not"])
def test_the_signed_words_are_found(octets: bytes) -> None:
    """RFC 5652 section 5"""
    assert signed(octets) == WORDS


@pytest.mark.parametrize(
    "octets",
    [b"", b"0", TOLD[:20], TOLD.replace(SIGNED, SIGNED[:-1] + b"\3"), b"\x30\x89" + bytes(20), b"PK\3\4"],
    ids=["nothing", "a byte", "cut off", "enveloped data", "an endless length", "something else"],
)
def test_what_is_not_signed_holds_nothing(octets: bytes) -> None:
    assert signed(octets) == b""


@given(st.sampled_from([TOLD, OPEN]), st.integers(0, 60), st.binary(min_size=1, max_size=4))
def test_any_damage_ends(octets: bytes, at: int, damage: bytes) -> None:
    assert isinstance(signed(octets[:at] + damage + octets[at + len(damage) :]), bytes)
