import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.encodedword import decoded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?B=C3=B6b?=", "B\u00f6b"),
        (b"=?UTF-8?B?QsO2Yg==?= and =?iso-8859-1?Q?B=F6b?=", "B\u00f6b and B\u00f6b"),
        (b"=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a_b?= c", "a b c"),
        (b"=?utf-8?b?w7w?= padding forgotten", "\u00fc padding forgotten"),
        (b"=?utf-8?b?w?==?utf-8?b?7w=?=", "\u00ef"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=BC?= split", "\u00fc split"),
        (b"=?utf-8*en?q?=C3=BC?=", "\u00fc"),
        (b"=?utf-8?q?what? really??=", "what? really?"),
        (b"=?iso-8859-1?Q?=80?=", "\u20ac"),
        (b"=?gb2312?B?suLK1A==?=", "\u6d4b\u8bd5"),
        (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\u65e5\u672c"),
        (b"=?x-unknown?q?a=FC?=", "a\u00fc"),
        (b"=?utf-8?q?50=_off_=3?=", "50= off =3"),
        (b"=?utf-8?q?=ED=A0=BD=ED=B8=80?=", "\U0001f600"),
        (b"=?utf-16?B?AGEAYg==?=", "ab"),
        (b"=?utf-8?q?unclosed", "=?utf-8?q?unclosed"),
        (b"Gr\xfc\xdfe", "Gr\u00fc\u00dfe"),
        ("Gr\u00fc\u00dfe".encode(), "Gr\u00fc\u00dfe"),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?=", "=?utf-8?q?a?="),
    ],
)
def test_encoded_words_are_decoded_once(value: bytes, text: str) -> None:
    """RFC 2047, and what programs make of it"""
    assert decoded(value) == text


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_what_is_encoded_comes_back(words: list[str]) -> None:
    value = b" ".join(b"=?utf-8?b?" + base64.b64encode(word.encode()) + b"?=" for word in words)
    assert decoded(value) == "".join(words)
