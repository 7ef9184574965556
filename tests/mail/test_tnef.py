import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.tnef import Pack, Packed, read
from tests.mail import packing
from tests.work import calls

WHOLE = packing.pack(
    packing.attribute(1, 0x00069007, (1252).to_bytes(4, "little") + bytes(4)),
    packing.text("Gr\u00fc\u00dfe"),
    packing.file("LONGNA~1.TXT", b"hello", "Long name \u20ac.txt", (0x1E, 0x370E, b"text/x-own\0")),
    packing.file("empty.bin", b""),
    packing.attribute(
        1, 0x00069003, packing.properties((0x102, 0x1013, b"<p>page</p>"), (0x0B, 0x0E1B, bytes(4)))
    ),
)


def test_a_pack_gives_its_text_and_its_files() -> None:
    assert read(WHOLE) == Pack(
        "Gr\u00fc\u00dfe",
        "<p>page</p>",
        (Packed("Long name \u20ac.txt", b"hello", "text/x-own"), Packed("empty.bin", b"")),
    )


def test_a_pack_whose_words_are_rich_text_alone_is_read() -> None:
    rich = b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}Hello\\par Bob}"
    packed = (
        (len(rich) + 12).to_bytes(4, "little") + len(rich).to_bytes(4, "little") + b"MELA" + bytes(4) + rich
    )
    body = packing.attribute(1, 0x00069003, packing.properties((0x102, 0x1009, packed)))
    assert read(packing.pack(body)) == Pack("Hello\nBob")


def test_a_mail_in_a_pack_gives_its_text_and_its_files_too() -> None:
    inner = packing.pack(packing.text("inner words"), packing.file("b.txt", b"b"))
    outer = packing.pack(
        packing.text("outer words"), packing.file("a.txt", b"a"), packing.mail("Inner", inner)
    )
    assert read(outer) == Pack(
        "outer words",
        "",
        (Packed("a.txt", b"a"), Packed("Inner.txt", b"inner words", "text/plain"), Packed("b.txt", b"b")),
    )


def test_packs_in_packs_are_read_in_bounded_room() -> None:
    nested = packing.pack(packing.text("x"))
    for _ in range(300):
        nested = packing.pack(packing.mail("m", nested))
    assert read(nested) is None


def test_a_pack_of_files_without_number_is_given_up_at_once() -> None:
    crowd = packing.pack(packing.file("a", b"x") * 10_000)
    assert read(crowd) is None
    assert calls(lambda: read(crowd)) < 100_000


@pytest.mark.parametrize("length", [0, 3, 5, 20, len(WHOLE) // 2, len(WHOLE) - 1])
def test_a_broken_pack_is_none(length: int) -> None:
    assert read(WHOLE[:length]) is None


def test_what_is_no_pack_is_none() -> None:
    assert read(b"PK\x03\x04" + bytes(100)) is None


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_any_damage_ends_and_makes_no_file_of_nothing(at: int, damage: bytes) -> None:
    pack = read(WHOLE[:at] + damage + WHOLE[at + len(damage) :])
    assert pack is None or sum(len(file.content) for file in pack.files) <= len(WHOLE)


@given(st.binary(max_size=200))
def test_any_bytes_end_and_make_no_file_of_nothing(octets: bytes) -> None:
    pack = read(WHOLE[:6] + octets)
    assert pack is None or sum(len(file.content) for file in pack.files) <= len(octets)
