import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.charset import codec, decoded


@pytest.mark.parametrize(
    ("content", "label", "text"),
    [
        (b"abc", "", "abc"),
        (b"\x93quoted\x94 \x96 \x80", "iso-8859-1", "\u201cquoted\u201d \u2013 \u20ac"),
        (b"\xb2\xe2\xca\xd4", "gb2312", "\u6d4b\u8bd5"),
        ("\u9555".encode("gb18030"), "GB2312", "\u9555"),
        ("\ud7a3".encode("cp949"), "ks_c_5601-1987", "\ud7a3"),
        ("\u2460".encode("cp932"), "shift_jis", "\u2460"),
        ("\u65e5\u672c".encode("iso2022_jp"), "", "\u65e5\u672c"),
        ("\u65e5\u672c".encode("iso2022_jp"), "us-ascii", "\x1b$BF|K\\\x1b(B"),
        ("\u05e9\u05dc\u05d5\u05dd".encode("iso8859_8"), "iso-8859-8-i", "\u05e9\u05dc\u05d5\u05dd"),
        (b"+AGE-", "utf-7", "a"),
        ("Gr\u00fc\u00dfe".encode(), "iso-8859-1", "Gr\u00fc\u00dfe"),
        ("Gr\u00fc\u00dfe".encode(), "x-unknown", "Gr\u00fc\u00dfe"),
        (b"good \xc3\xbc\xc3\xb6 bad \xfc", "utf-8", "good \u00fc\u00f6 bad \ufffd"),
        (
            "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440".encode("cp1251"),
            "utf-8",
            "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440",
        ),
    ],
)
def test_a_wrong_label_is_read_by_what_was_meant(content: bytes, label: str, text: str) -> None:
    assert decoded(content, label)[0] == text


@pytest.mark.parametrize(
    "label", ["base64", "idna", "punycode", "undefined", "rot13", "zlib", "\x00", "unicode_escape", "mbcs"]
)
def test_only_charsets_are_ever_looked_up(label: str) -> None:
    assert codec(label) == ""


@given(
    st.binary(max_size=200),
    st.sampled_from(["", "utf-8", "utf-7", "utf-16", "iso-2022-kr", "hz", "big5", "x", "cp1252"]),
)
def test_any_bytes_decode(content: bytes, label: str) -> None:
    assert isinstance(decoded(content, label)[0], str)
