from dataclasses import replace

import pytest

from mailgate.core.automatic import with_envelope
from mailgate.core.message import DeliveryReport, Fate, Message, Origin, Verdict
from mailgate.mail.parse import parse
from tests.work import grows_with_its_length


def report(raw: bytes) -> DeliveryReport | None:
    """What it reports of those who fared worst."""
    read = parse(raw)
    assert isinstance(read, Message)
    assert read.verdict.origin is Origin.DELIVERY_REPORT
    return replace(read.report, fates=()) if read.report else None


def fates(raw: bytes) -> tuple[Fate, ...]:
    read = parse(raw)
    assert isinstance(read, Message)
    assert read.report is not None
    return read.report.fates


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


BOB = ("bob@acme.example",)
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
        ("b@acme.example", "c@acme.example"), "failed", "5.2.2", "full", IDENTIFIERS
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


def test_each_recipient_has_a_fate_of_its_own() -> None:
    """behaviour.md 2.3: several recipients with different results"""
    groups = (
        "Final-Recipient: rfc822; a@acme.example\nAction: relayed\nStatus: 2.0.0\n\n"
        "Final-Recipient: rfc822; b@acme.example\nAction: failed\nStatus: 5.0.0\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
        "Final-Recipient: rfc822; c@acme.example\nAction: delayed\nStatus: 4.4.1 (timed out)\n"
    )
    assert fates(standard(groups)) == (
        Fate("a@acme.example", "relayed", "2.0.0"),
        Fate("b@acme.example", "failed", "5.1.1", "550 5.1.1 no such user"),
        Fate("c@acme.example", "delayed", "4.4.1", "timed out"),
    )


def test_groups_without_a_line_between_them_are_told_apart() -> None:
    groups = (
        "Final-Recipient: rfc822; a@acme.example\nAction: failed\nStatus: 5.1.1\n"
        "Final-Recipient: rfc822; b@acme.example\nAction: failed\nStatus: 5.2.2\n"
    )
    assert fates(standard(groups)) == (
        Fate("a@acme.example", "failed", "5.1.1"),
        Fate("b@acme.example", "failed", "5.2.2"),
    )


def test_who_was_written_to_counts_and_not_where_it_was_passed_on_to() -> None:
    """RFC 3464 section 2.3.1"""
    groups = (
        "Original-Recipient: rfc822;bob@acme.example\nFinal-Recipient: RFC822; robert@old.example\n"
        "X-Actual-Recipient: rfc822; r@older.example\nAction: failed\nStatus: 5.1.1\n"
    )
    (fate,) = fates(standard(groups))
    assert (fate.recipient, fate.others) == ("bob@acme.example", ("robert@old.example", "r@older.example"))


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("utf-8; jörg@müller.example", "jörg@müller.example"),
        ("utf-8; j\\x{F6}rg@m\\x{FC}ller.example", "jörg@müller.example"),
        ("rfc822; <bob@acme.example>", "bob@acme.example"),
        ("RFC822;bob@acme.example (Bob)", "bob@acme.example"),
        ("rfc822; bob+2Bfire+40acme.example", "bob+fire@acme.example"),
        ("rfc822; bob@acme.example.", "bob@acme.example"),
        ("bob@acme.example", "bob@acme.example"),
        ("X400; c=us;a= ;p=acme;s=bob", ""),
        ("rfc822; bob", ""),
    ],
)
def test_an_address_is_read_in_each_of_its_types(field: str, address: str) -> None:
    """RFC 3464 section 2.3.2, RFC 6533 section 3"""
    (fate,) = fates(standard(f"Final-Recipient: {field}\nAction: failed\nStatus: 5.1.1\n"))
    assert fate.recipient == address


@pytest.mark.parametrize(
    ("fields", "action"),
    [
        ("Action: failed\nStatus: 5.1.1\n", "failed"),
        ("Action: Failure\nStatus: 5.1.1\n", "failed"),
        ("Action: expired\nStatus: 4.4.7\n", "failed"),
        ("Action: delayed\nStatus: 4.4.1\n", "delayed"),
        ("Action: delivered (to mailbox)\nStatus: 2.1.5\n", "delivered"),
        ("Action: relayed\nStatus: 2.6.0\n", "relayed"),
        ("Action: expanded\nStatus: 2.0.0\n", "expanded"),
        ("Status: 2.0.0\n", "delivered"),
        ("Status: 5.4.4\n", "failed"),
    ],
)
def test_success_and_delay_are_no_failures(fields: str, action: str) -> None:
    """behaviour.md 2.3, RFC 3464 section 2.3.3"""
    (fate,) = fates(standard(f"Final-Recipient: rfc822; bob@acme.example\n{fields}"))
    assert fate.action == action


def test_fields_of_a_report_are_read_in_the_text_of_a_mail_too() -> None:
    text = (
        "Technical report:\n\n  Final-Recipient: rfc822;bob@acme.example\n  Action: failed\n"
        "  Diagnostic-Code: smtp; 550 5.4.7 expired\n"
    )
    assert report(from_daemon("Delivery Failed", text)) == DeliveryReport(
        BOB, "failed", "5.4.7", "550 5.4.7 expired"
    )


def test_only_the_envelope_makes_a_report_of_some_mails() -> None:
    """behaviour.md 2.3: null reverse-path from a daemon"""
    raw = (
        b"From: Acme Mail <mail@acme.example>\r\nSubject: Mail could not be delivered\r\n\r\n"
        b"The message to bob@acme.example was refused: 550 5.1.1 no such user\r\n"
    )
    read = parse(raw)
    assert isinstance(read, Message)
    assert (read.verdict.origin, read.report) == (Origin.PERSON, None)
    assert read.presumed == DeliveryReport(
        BOB,
        "failed",
        "5.1.1",
        "The message to bob@acme.example was refused: 550 5.1.1 no such user",
        (),
        (
            Fate(
                BOB[0],
                "failed",
                "5.1.1",
                "The message to bob@acme.example was refused: 550 5.1.1 no such user",
            ),
        ),
    )
    assert with_envelope(read, "").verdict == Verdict(
        Origin.DELIVERY_REPORT, "delivery report: failed 5.1.1 for bob@acme.example"
    )
    assert with_envelope(read, "mail@acme.example") == read
    assert with_envelope(read, "mail@acme.example", returned=True).report == read.presumed


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("From: bob@acme.example\nSubject: Fwd: Undeliverable: Fire\n", "See below. User unknown?\n"),
        ("From: bob@acme.example\nSubject: Undelivered Mail Returned to Sender\n", "Why do I get this?\n"),
        ("From: postmaster@acme.example\nSubject: Re: Undeliverable: Fire\n", "I have looked: fixed.\n"),
        ("From: bob@acme.example\nSubject: Fire\n", "My mail could not be delivered: 550 5.1.1\n"),
        (
            "From: bob@acme.example\nSubject: Fwd: failure\nContent-Type: multipart/mixed; boundary=b\n",
            "--b\n\n?\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\n",
        ),
    ],
    ids=["passed on", "asked about", "a postmaster who is a person", "told", "attached"],
)
def test_a_person_who_speaks_of_a_report_sends_none(head: str, text: str) -> None:
    """behaviour.md 2.3"""
    read = parse(f"{head}\n{text}".replace("\n", "\r\n").encode())
    assert isinstance(read, Message)
    assert (read.verdict.origin, read.report) == (Origin.PERSON, None)


def test_reading_whom_a_report_names_costs_no_more_than_its_length() -> None:
    def read(times: int) -> object:
        text = "could not be delivered\n" + "a" * 500 + "\n" * times * 5 + "to " * times + "<a@" * times
        return parse(from_daemon("failure notice", text))

    assert grows_with_its_length(read, 1_000)
