import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.transfer import decoded, uuencoded


@pytest.mark.parametrize(
    ("content", "encoding", "octets", "defect"),
    [
        (b"a b", "", b"a b", ""),
        (b"aGVs\r\nbG8=\r\n", "base64", b"hello", ""),
        (b"aGVsbG8", "base64", b"hello", ""),
        (b"aGVs-bG8=", "base64", b"hello", ""),
        (b"aGVsbG8=aGVsbG8=", "base64", b"hellohello", "base64 with padding in its midst"),
        (b"aGVsb", "base64", b"hel", "base64 that breaks off"),
        (b"!!!=", "base64", b"", ""),
        (b"a=3Db=\r\nc= \r\nd=ZZ", "quoted-printable", b"a=bcd=ZZ", ""),
        (b"x", "x-own", b"x", "unknown transfer encoding 'x-own'"),
        (b"begin 644 a.txt\n" + binascii.b2a_uu(b"hello") + b"`\nend\n", "x-uuencode", b"hello", ""),
    ],
)
def test_transfer_encodings_are_read_as_far_as_they_go(
    content: bytes, encoding: str, octets: bytes, defect: str
) -> None:
    """RFC 2045 section 6"""
    assert decoded(content, encoding) == (octets, defect)


def test_files_are_taken_out_of_text() -> None:
    text = b"before\nbegin 644 a.txt\n" + binascii.b2a_uu(b"hello") + b"`\nend\nafter\n"
    assert uuencoded(text) == (b"before\nafter\n", ((b"a.txt", b"hello"),))
    assert uuencoded(b"we begin 644 times\nbegin 644 x\nnever ends") == (
        b"we begin 644 times\nbegin 644 x\nnever ends",
        (),
    )


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "uuencode"]))
def test_any_bytes_decode(content: bytes, encoding: str) -> None:
    assert isinstance(decoded(content, encoding)[0], bytes)


@given(st.binary(max_size=300))
def test_what_is_encoded_comes_back(octets: bytes) -> None:
    assert decoded(binascii.b2a_base64(octets), "base64") == (octets, "")
    assert decoded(binascii.b2a_qp(octets, istext=False), "quoted-printable")[0] == octets
