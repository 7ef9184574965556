import pytest

from mailgate.core.message import DeliveryReport, Message, Origin
from mailgate.mail.parse import parse


def report(raw: bytes) -> DeliveryReport | None:
    read = parse(raw)
    assert isinstance(read, Message)
    assert read.verdict.origin is Origin.DELIVERY_REPORT
    return read.report


def from_daemon(subject: str, text: str, fields: str = "") -> bytes:
    head = f"From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\nSubject: {subject}\n{fields}"
    return f"{head}\n{text}".replace("\n", "\r\n").encode()


def standard(groups: str) -> bytes:
    return (
        (
            "From: mx@mx.example\nSubject: x\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
            f"--b\n\nYour mail.\n--b\nContent-Type: message/delivery-status\n\n"
            f"Reporting-MTA: dns; mx.example\n\n{groups}\n"
            "--b\nContent-Type: text/rfc822-headers\n\nFrom: acme@support.example.com\n"
            "Message-ID: <t1.abc@support.example.com>\n--b--\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )


IDENTIFIERS = ("t1.abc@support.example.com",)


def test_a_standard_report_is_read() -> None:
    """behaviour.md 2.3, RFC 3464"""
    groups = (
        "Final-Recipient: rfc822; bob@acme.example\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such\n user\n"
    )
    assert report(standard(groups)) == DeliveryReport(
        ("bob@acme.example",), "failed", "5.1.1", "550 5.1.1 no such user", IDENTIFIERS
    )


def test_the_worst_of_many_recipients_counts() -> None:
    """behaviour.md 2.3: the ticket shows who did not get it"""
    groups = (
        "Final-Recipient: rfc822; a@acme.example\nAction: delivered\nStatus: 2.0.0\n\n"
        "Original-Recipient: rfc822; <b@acme.example>\nAction: Failed (bounced)\nStatus: 5.2.2 (full)\n\n"
        "Final-Recipient: rfc822; c@acme.example\nAction: failed\nStatus: 5.1.1\n"
    )
    assert report(standard(groups)) == DeliveryReport(
        ("b@acme.example", "c@acme.example"), "failed", "5.2.2", "", IDENTIFIERS
    )


def test_a_delay_is_told_from_a_failure() -> None:
    """behaviour.md 2.3: a delay report is a note"""
    groups = "Final-Recipient: rfc822; bob@acme.example\nAction: delayed\nStatus: 4.4.1\n"
    assert report(standard(groups)) == DeliveryReport(
        ("bob@acme.example",), "delayed", "4.4.1", "", IDENTIFIERS
    )
    plain = from_daemon(
        "Warning: could not send message for past 4 hours",
        "Your message has not yet been delivered to the following recipients:\n\n  bob@acme.example\n\n"
        "No action is required on your part.\n",
    )
    assert report(plain) == DeliveryReport(("bob@acme.example",), "delayed")


QMAIL = """\
Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<bob@acme.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <bob@acme.example>: User unknown
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Return-Path: <acme@support.example.com>
Message-ID: <t1.abc@support.example.com>
To: <bob@acme.example>, <other@acme.example>
"""
EXIM = """\
A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  bob@acme.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

Message-ID: <t1.abc@support.example.com>
"""
EXCHANGE = """\
Your message

  To:      Bob
  Subject: Fire

did not reach the following recipient(s):

bob@acme.example on Fri, 20 Nov 2026 09:13:24 -0600
    The recipient name is not recognized
"""
LOTUS = """\
------- Failure Reasons  --------

User not listed in public Name & Address Book
bob@acme.example

------- Returned Message --------

Message-ID: <t1.abc@support.example.com>
"""
SESSION = """\
   ----- Transcript of session follows -----
>>> RCPT To:<bob@acme.example>
<<< 550 unknown here
"""
SENTENCE = (
    "Unknown user: bob@acme.example\n\nRCPT TO generated following response:\n553 5.3.0 Addressee unknown\n"
)


@pytest.mark.parametrize(
    ("subject", "text", "read"),
    [
        (
            "failure notice",
            QMAIL,
            DeliveryReport(
                ("bob@acme.example",),
                "failed",
                "5.1.1",
                "Remote host said: 550 5.1.1 <bob@acme.example>: User unknown",
                IDENTIFIERS,
            ),
        ),
        ("Mail delivery failed", EXIM, DeliveryReport(("bob@acme.example",), "failed", "", "", IDENTIFIERS)),
        ("Undeliverable: Fire", EXCHANGE, DeliveryReport(("bob@acme.example",), "failed")),
        (
            "Undeliverable message",
            LOTUS,
            DeliveryReport(("bob@acme.example",), "failed", "", "", IDENTIFIERS),
        ),
        (
            "Undeliverable Mail",
            SENTENCE,
            DeliveryReport(("bob@acme.example",), "failed", "5.3.0", "553 5.3.0 Addressee unknown"),
        ),
        (
            "Returned mail",
            SESSION,
            DeliveryReport(("bob@acme.example",), "failed", "", "<<< 550 unknown here"),
        ),
    ],
    ids=["qmail", "Exim", "Exchange", "Lotus", "a sentence", "a session"],
)
def test_the_old_plain_forms_are_read(subject: str, text: str, read: DeliveryReport) -> None:
    """behaviour.md 2.3: one of the old plain-text forms"""
    assert report(from_daemon(subject, text)) == read


def test_a_field_may_name_who_did_not_get_it() -> None:
    field = "X-Failed-Recipients: a@b.example,\n c@d.example\n"
    raw = from_daemon("Delivery Status Notification (Failure)", "Delivery failed.\n", field)
    assert report(raw) == DeliveryReport(("a@b.example", "c@d.example"), "failed")


@pytest.mark.parametrize(
    "subject", ["Undelivered Mail Returned to Sender", "Re: failure notice", "Mail not delivered"]
)
def test_words_alone_make_no_report_of_a_persons_mail(subject: str) -> None:
    """behaviour.md 2.3: a delivery report never opens a ticket, so no person may be taken for one"""
    raw = f"From: bob@acme.example\r\nSubject: {subject}\r\n\r\n".encode() + EXIM.encode()
    read = parse(raw)
    assert isinstance(read, Message)
    assert (read.verdict.origin, read.report) == (Origin.PERSON, None)
