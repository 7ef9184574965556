import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.transfer import decoded, name_of, uuencoded


@pytest.mark.parametrize(
    ("content", "encoding", "octets", "defect"),
    [
        (b"a b", "", b"a b", ""),
        (b"aGVs\r\nbG8=\r\n", "base64", b"hello", ""),
        (b"aGVsbG8", "base64", b"hello", ""),
        (b"aGVs-bG8=", "base64", b"hello", ""),
        (b"aGVsbG8=aGVsbG8=", "base64", b"hellohello", "base64 with padding in its midst"),
        (b"aGVsb", "base64", b"hel", "base64 that breaks off"),
        (b"!!!=", "base64", b"!!!=", "no base64, whatever its label says"),
        (
            b"Dear Sam,\nplease help me.",
            "base64",
            b"Dear Sam,\nplease help me.",
            "no base64, whatever its label says",
        ),
        (
            b"aGVsbG8=\n\n____________\nlist mailing list\nhttp://a.example/list",
            "base64",
            b"hello",
            "base64 with other text in it",
        ),
        (b"aGVs\n! scanned !\nbG8=", "base64", b"hello", "base64 with other text in it"),
        (b"a=3Db", "Quoted_Printable", b"a=b", ""),
        (b"aGVsbG8=", "BASE-64 (see below)", b"hello", ""),
        (b"a b", "8-bit; x", b"a b", ""),
        (b"a=3Db=\r\nc= \r\nd=ZZ", "quoted-printable", b"a=bcd=ZZ", ""),
        (b"x", "x-own", b"x", "unknown transfer encoding 'x-own'"),
        (b"begin 644 a.txt\n" + binascii.b2a_uu(b"hello") + b"`\nend\n", "x-uuencode", b"hello", ""),
    ],
)
def test_transfer_encodings_are_read_as_far_as_they_go(
    content: bytes, encoding: str, octets: bytes, defect: str
) -> None:
    """RFC 2045 section 6"""
    assert decoded(content, name_of(encoding.encode())) == (octets, defect)


def test_files_are_taken_out_of_text() -> None:
    text = b"before\nbegin 644 a.txt\n" + binascii.b2a_uu(b"hello") + b"`\nend\nafter\n"
    assert uuencoded(text) == (b"before\nafter\n", ((b"a.txt", b"hello"),))
    assert uuencoded(b"we begin 644 times\nbegin 644 x\nnever ends") == (
        b"we begin 644 times\nbegin 644 x\nnever ends",
        (),
    )


def test_a_file_in_a_text_may_be_base64_or_cut_off() -> None:
    assert uuencoded(b"begin-base64 644 a.txt\naGVsbG8=\n====\nafter") == (b"after", ((b"a.txt", b"hello"),))
    packed = binascii.b2a_uu(b"x" * 45)
    assert uuencoded(b"see\nbegin 644 a.txt\n" + packed + packed) == (b"see\n", ((b"a.txt", b"x" * 90),))


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from([b"aGVs", b"=", b"\n", b" ", b"some words of text", b"!"])).map(b"".join),
    ),
    st.sampled_from(["base64", "quoted-printable", "uuencode"]),
)
def test_any_bytes_decode(content: bytes, encoding: str) -> None:
    assert isinstance(decoded(content, encoding)[0], bytes)


@given(st.binary(max_size=300))
def test_what_is_encoded_comes_back(octets: bytes) -> None:
    assert decoded(binascii.b2a_base64(octets), "base64") == (octets, "")
    assert decoded(binascii.b2a_qp(octets, istext=False), "quoted-printable")[0] == octets
