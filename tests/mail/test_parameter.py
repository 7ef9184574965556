import pytest

from mailgate.mail.parameter import read


@pytest.mark.parametrize(
    ("value", "main", "parameters"),
    [
        (b"Text/Plain", "text/plain", {}),
        (
            b'text/plain; Charset="utf-8"; format=flowed',
            "text/plain",
            {"charset": "utf-8", "format": "flowed"},
        ),
        (b'attachment; filename="a;b \\"c\\".txt"', "attachment", {"filename": 'a;b "c".txt'}),
        (b"attachment; filename=This is a test.txt", "attachment", {"filename": "This is a test.txt"}),
        (b"attachment; filename=10.,STREET 76;2;2.pdf", "attachment", {"filename": "10.,STREET 76;2;2.pdf"}),
        (b"attachment; filename*=UTF-8''B%C3%B6b%20x.txt", "attachment", {"filename": "B\u00f6b x.txt"}),
        (
            b"attachment; filename*0*=iso-8859-1'de'B%F6; filename*1=\"b.txt\"",
            "attachment",
            {"filename": "B\u00f6b.txt"},
        ),
        (b"attachment; filename*1=b.txt; filename*0=a-", "attachment", {"filename": "a-b.txt"}),
        (b"attachment; filename=x.txt; filename*=utf-8''y.txt", "attachment", {"filename": "y.txt"}),
        (b'attachment; filename="=?utf-8?q?B=C3=B6b?="', "attachment", {"filename": "B\u00f6b"}),
        (
            b'attachment; filename*0="=?utf-8?b?QsO"; filename*1="2Yg==?="',
            "attachment",
            {"filename": "B\u00f6b"},
        ),
        (
            b'text/plain; charset="utf-8" format=flowed',
            "text/plain",
            {"charset": "utf-8", "format": "flowed"},
        ),
        (b"text/plain charset=us-ascii", "text/plain", {"charset": "us-ascii"}),
        (b'text/plain; name="breaks off', "text/plain", {"name": "breaks off"}),
        (b"text/plain;;; ; charset = utf-8 ;", "text/plain", {"charset": "utf-8"}),
        (b"; =; *=; x", "", {}),
        (b'attachment; filename="B\xc3\xb6b"', "attachment", {"filename": "B\u00f6b"}),
        (b"attachment; filename*0*=utf-8''B%C3; filename*1*=%B6b", "attachment", {"filename": "B\u00f6b"}),
        (
            b"attachment; filename*0=utf-8''B%C3%B6b; filename*1=.txt",
            "attachment",
            {"filename": "B\u00f6b.txt"},
        ),
        (b"attachment; filename=\"utf-8''B%C3%B6b.txt\"", "attachment", {"filename": "B\u00f6b.txt"}),
        (b"attachment; filename*=utf-8'B%C3%B6b.txt", "attachment", {"filename": "B\u00f6b.txt"}),
        (b"attachment; filename*='B%C3%B6b.txt'", "attachment", {"filename": "B\u00f6b.txt"}),
        (b"attachment; filename*=x-own''B%C3%B6b.txt", "attachment", {"filename": "B\u00f6b.txt"}),
        (b"attachment; filename*=B%C3%B6b.txt", "attachment", {"filename": "B\u00f6b.txt"}),
        (b"attachment; filename=B%C3%B6b.txt", "attachment", {"filename": "B\u00f6b.txt"}),
        (b'attachment; filename="100%25 sure.txt"', "attachment", {"filename": "100%25 sure.txt"}),
        (b"attachment; filename=\"it's 5%20 o'clock\"", "attachment", {"filename": "it's 5%20 o'clock"}),
        (b'attachment; filename="C:\\Users\\a.txt"', "attachment", {"filename": "C:\\Users\\a.txt"}),
        (b'attachment; filename="a.txt; size=5', "attachment", {"filename": "a.txt", "size": "5"}),
    ],
)
def test_parameters_are_read_as_they_were_meant(value: bytes, main: str, parameters: dict[str, str]) -> None:
    """RFC 2045 section 5.1, RFC 2231, and their broken mixtures"""
    assert read(value) == (main, parameters)
