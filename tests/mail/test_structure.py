import pytest

from mailgate.core.message import Message, Unreadable
from mailgate.mail.parse import parse
from tests.mail.hostile import HEAD, nested

MESSAGE = b"Content-Type: message/rfc822\r\n\r\n"


def parts(number: int) -> bytes:
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\n\r\nx\r\n" * number
        + b"--b--\r\n"
    )


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (nested(60), "parts nested deeper than 30"),
        (HEAD + MESSAGE * 60 + b"x", "parts nested deeper than 30"),
        (parts(300), "more than 200 parts"),
        (HEAD + b"X: y\r\n" * 1100 + b"\r\nx", "a header of more than 1000 fields"),
        (HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\nx", "a header of more than 64 kB"),
        (HEAD + b"Received: x\r\n" * 101 + b"\r\nx", "more than 100 hosts on its way"),
        (b" \r\n \r\n", "an empty mail"),
    ],
)
def test_what_is_beyond_a_limit_is_unreadable_and_says_why(raw: bytes, reason: str) -> None:
    """behaviour.md 2: reading is bounded in time and memory"""
    assert parse(raw) == Unreadable(reason)


@pytest.mark.parametrize(
    "raw",
    [nested(25), HEAD + MESSAGE * 25 + b"x", parts(190), HEAD + b"Received: x\r\n" * 100 + b"\r\nx"],
    ids=["nested parts", "nested messages", "many parts", "many hosts"],
)
def test_what_is_within_the_limits_is_read(raw: bytes) -> None:
    assert isinstance(parse(raw), Message)
