from mailgate.core.outgoing import Enclosure
from mailgate.mail.enclosure import enclosures


def test_files_go_on_under_safe_names_and_without_our_fields() -> None:
    """behaviour.md 2: the header fields that mailgate itself uses are removed, on every MIME part"""
    raw = (
        b"From: bob@acme.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\ntext\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nX-Mailgate-Loop: x\r\nContent-Disposition: attachment;"
        b' filename="../../a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n'
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
        b"Subject: inner\r\nX-Mailgate-Loop: support\r\n .example\r\nTo: a\r\n\r\nx\r\n"
        b"--b--\r\n"
    )
    assert enclosures(raw) == (
        Enclosure("a.pdf", "application/pdf", b"hello"),
        Enclosure("inner.eml", "message/rfc822", b"Subject: inner\r\nTo: a\r\n\r\nx"),
    )


def test_an_unreadable_mail_has_none() -> None:
    assert enclosures(b"X: y\r\n" * 20_000) == ()
