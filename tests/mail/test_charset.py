import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.charset import decoded


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
        ("\u65e5\u672c".encode("iso2022_jp"), "us-ascii", "\u65e5\u672c"),
        ("\u65e5\u672c".encode("iso2022_jp"), "utf-8", "\u65e5\u672c"),
        (b"\x1b$B-!-j\x1b(B", "iso-2022-jp", "\u2460\u3231"),  # row 13, which only vendors have
        (b"\x1b(I1\x1b(B\x1b$(D0!\x1b(B\na", "iso-2022-jp", "\uff71\u4e02\na"),
        ("\u65e5\u672c\u8a9e".encode("cp932"), "iso-2022-jp", "\u65e5\u672c\u8a9e"),
        ("\ud55c\uad6d".encode("iso2022_kr"), "", "\ud55c\uad6d"),
        (b"\x1b$)A\x0e=;;;\x0f x", "iso-2022-cn", "\u4ea4\u6362 x"),
        ("\u6d4b\u8bd5 x".encode("hz"), "", "\u6d4b\u8bd5 x"),
        ("\u6d4b\u8bd5 x".encode("hz"), "hz-gb-2312", "\u6d4b\u8bd5 x"),
        ("\u6d4b\u8bd5\u4e2d".encode(), "gb2312", "\u6d4b\u8bd5\u4e2d"),
        ("\u0416\u0443\u043a".encode(), "koi8-r", "\u0416\u0443\u043a"),
        ("\u0404\u0491".encode("koi8_u"), "KOI8-U", "\u0404\u0491"),
        ("\u015b\u0105".encode("cp1250"), "iso-8859-2", "\u015b\u0105"),
        ("\u015b\u0105".encode("iso8859_2"), "iso-8859-2", "\u015b\u0105"),
        ("\u010d\u0159".encode("mac_latin2"), "x-mac-ce", "\u010d\u0159"),
        ("\u03b1\u03b2".encode("mac_greek"), "x-mac-greek", "\u03b1\u03b2"),
        (b"plain", "utf-16", "plain"),
        ("a\u00fc".encode("utf-16"), "iso-8859-1", "a\u00fc"),
        ("\ufeffa\u00fc".encode(), "iso-8859-1", "a\u00fc"),
        ("a\u00fc".encode("cp850"), "IBM850", "a\u00fc"),
        (b"\xfc", "iso-8859-1?q?", "\u00fc"),
        ("\u20ac".encode("cp1252"), "windows-1252http-equivcontent-type", "\u20ac"),
        (
            "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440".encode("cp1251"),
            "us-ascii",
            "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440",
        ),
        (
            "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440".encode("cp1251"),
            "iso-8859-1",
            "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440",
        ),
        (b"a ~{ is no b~}", "", "a ~{ is no b~}"),
        (b"\x1b[31mred\x1b[0m", "us-ascii", "\x1b[31mred\x1b[0m"),
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


LABELS = ["utf-8", "utf-7", "utf-16", "iso-2022-kr", "iso-2022-cn", "iso-2022-jp", "hz", "big5", "x"]
LABELS += ["cp1252", "gb2312", "iso-8859-2"]


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from([b"\x1b$B", b"\x1b(B", b"\x1b$)A", b"\x0e", b"\x0f", b"~{", b"~}", b"\xff\xfe"])
            | st.binary(max_size=3),
            max_size=20,
        ).map(b"".join),
    ),
    st.sampled_from(["", *LABELS]),
)
def test_any_bytes_decode(content: bytes, label: str) -> None:
    assert isinstance(decoded(content, label)[0], str)


@given(content=st.binary(max_size=60), label=st.text(max_size=60))
def test_what_is_wrong_with_a_label_is_told_on_one_line_without_controls(content: bytes, label: str) -> None:
    for named in (label, f"utf-8\x00]\r\n{label}", f"big5; x={label}\x1b[2J", f"unheard-of{label}"):
        for wrong in (decoded(content, named)[1], decoded(b"\xff\xc3(" + content, named)[1]):
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u202e\ud800-\udfff]", wrong)
