import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import limits
from mailgate.mail.rtf import text, unpacked

# The example of [MS-OXRTFCP] section 4.1.
PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)


def test_what_outlook_packed_is_unpacked() -> None:
    assert unpacked(PACKED) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert text(unpacked(PACKED)).strip() == "hello world"


@pytest.mark.parametrize("length", [0, 10, 16, 20, len(PACKED) - 1])
def test_what_breaks_off_is_unpacked_as_far_as_it_goes(length: int) -> None:
    assert unpacked(PACKED)[:2].startswith(unpacked(PACKED[:length])[:2])


def test_a_pack_that_says_it_is_huge_is_unpacked_no_further_than_is_read() -> None:
    claimed = (0xFFFFFFFF).to_bytes(4, "little")
    eight = b"\0" + b"x" * 8  # as they are
    packed = claimed * 2 + b"LZFu" + bytes(4) + eight * (limits.MARKUP_CHARS // 8 + 1)
    assert len(unpacked(packed)) == limits.MARKUP_CHARS


@pytest.mark.parametrize(
    ("rich", "words"),
    [
        (rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Hello\par{\b Bob}\line x}", "Hello\nBob\nx"),
        (rb"{\rtf1\ansicpg1251 \'cf\'f0\'e8}", "\u041f\u0440\u0438"),
        (rb"{\rtf1\ansicpg932 \'93\'fa}", "\u65e5"),
        (rb"{\rtf1 \u8364?\u8364\'80 \{\\\}}", "\u20ac\u20ac {\\}"),
        (rb"{\rtf1 {\*\htmltag <p>}a{\*\generator x;}b\emdash c}", "ab\u2014c"),
        (rb"{\rtf1 \u-10179?\u-8704?}", "\U0001f600"),
        (b"no rich text", "no rich text"),
        (b"}}{{", ""),
    ],
)
def test_rich_text_has_words(rich: bytes, words: str) -> None:
    assert text(rich) == words


@given(st.binary(max_size=200))
def test_any_bytes_end(octets: bytes) -> None:
    assert isinstance(text(octets), str)
    assert isinstance(unpacked(PACKED[:16] + octets), bytes)
