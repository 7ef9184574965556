import pytest

from mailgate.core.message import Message, Protection
from mailgate.mail.parse import parse
from tests.mail.test_cms import OPEN, TOLD

SIGNED, ENCRYPTED, NONE = Protection.SIGNED, Protection.ENCRYPTED, Protection.NONE
PARTS = "\n\n--b\n\nwords\n--b\nContent-Type: {}\n\nx\n--b--"


def read(rest: str, octets: bytes = b"") -> Message:
    message = parse(b"From: bob@acme.example\nContent-Type: " + rest.encode() + octets)
    assert isinstance(message, Message)
    return message


@pytest.mark.parametrize(
    ("rest", "protection"),
    [
        ("multipart/signed; boundary=b" + PARTS.format("application/pgp-signature"), SIGNED),
        ("multipart/mixed; boundary=b" + PARTS.format("application/pkcs7-signature"), SIGNED),
        ("multipart/encrypted; boundary=b" + PARTS.format("application/octet-stream"), ENCRYPTED),
        ("application/pkcs7-mime; smime-type=enveloped-data\n\nx", ENCRYPTED),
        ("application/pkcs7-mime; name=smime.p7m\n\nx", ENCRYPTED),
        ("text/plain\n\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----", ENCRYPTED),
        ("application/pkcs7-mime; smime-type=certs-only\n\nx", NONE),
        ("text/plain\n\nwords", NONE),
    ],
)
def test_a_mail_is_protected_by_its_container(rest: str, protection: Protection) -> None:
    """RFC 1847, RFC 3156, RFC 8551"""
    assert read(rest).protection is protection


@pytest.mark.parametrize("octets", [TOLD, OPEN])
def test_words_that_are_signed_as_a_whole_are_read_and_the_container_is_kept(octets: bytes) -> None:
    message = read("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\n", octets)
    assert (message.text, message.protection) == ("signed words", SIGNED)
    assert [(file.filename, file.size) for file in message.attachments] == [("smime.p7m", len(octets))]
