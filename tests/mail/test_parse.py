from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailgate.core.fingerprint import fingerprint
from mailgate.core.message import Attachment, Mailbox, Message, Origin, Reading, Unreadable, Verdict
from mailgate.mail.parse import parse
from tests.mail.hostile import MAILS, Hostile, Outcome

PLAIN = (
    b"Received: from a.example by b.example; Fri, 20 Nov 2026 10:00:00 +0000\r\n"
    b"From: =?utf-8?q?B=C3=B6b?= <bob@acme.example>\r\n"
    b"To: Acme Support <acme@support.example.com>\r\n"
    b"Cc: carol@acme.example\r\n"
    b"Subject: [P2] The printer\r\n is on fire\r\n"
    b"Date: Fri, 20 Nov 2026 11:30:00 +0100\r\n"
    b"Message-ID: <m1@acme.example>\r\n"
    b"In-Reply-To: <m0@support.example.com>\r\n"
    b"References: <mA@support.example.com>\r\n <m0@support.example.com>\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIt burns.\r\n\r\n"
    b"On Fri, 20 Nov 2026 at 09:00, Sam <sam@example.com> wrote:\r\n> What is wrong?\r\n"
    b'--x\r\nContent-Type: image/png; name="fire.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    b"aGVsbG8=\r\n--x--\r\n"
)


def outcome(reading: Reading) -> Outcome:
    if isinstance(reading, Unreadable) or (
        reading.sender is None and reading.verdict.origin is Origin.PERSON
    ):
        return Outcome.NOBODY
    if reading.verdict.origin is not Origin.PERSON or reading.loop_marks:
        return Outcome.MACHINE
    return Outcome.READ


def test_a_mail_is_read_as_a_whole() -> None:
    """behaviour.md 2"""
    read = parse(PLAIN)
    assert isinstance(read, Message)
    assert read == Message(
        subject="[P2] The printer is on fire",
        senders=(Mailbox("bob@acme.example", "Böb"),),
        identity=read.identity,
        to=(Mailbox("acme@support.example.com", "Acme Support"),),
        cc=(Mailbox("carol@acme.example"),),
        message_id="m1@acme.example",
        in_reply_to=("m0@support.example.com",),
        references=("mA@support.example.com", "m0@support.example.com"),
        date=datetime(2026, 11, 20, 10, 30, tzinfo=UTC),
        text="It burns.\n\nOn Fri, 20 Nov 2026 at 09:00, Sam <sam@example.com> wrote:\n> What is wrong?",
        reply_text="It burns.",
        fingerprint=fingerprint("It burns."),
        attachments=(
            Attachment(
                "fire.png",
                "image/png",
                5,
                "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            ),
        ),
        verdict=Verdict(Origin.PERSON),
        hops=1,
        stamps=(datetime(2026, 11, 20, 10, 0, tzinfo=UTC),),
    )


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_a_hostile_mail_has_its_outcome(mail: Hostile) -> None:
    """behaviour.md 2: parsing never fails, and nobody is taken for somebody else"""
    expected = Outcome.NOBODY if mail.outcome is Outcome.REFUSED else mail.outcome
    assert outcome(parse(mail.raw)) is expected


def storable(text: str) -> bool:
    return "\0" not in text and not any(0xD800 <= ord(character) <= 0xDFFF for character in text)


TOKENS = st.sampled_from(
    [
        b"From: a@b.example", b"From:", b"Subject: ", b"To: ", b"Content-Type: ",
        b"multipart/mixed; boundary=b", b"\r\n", b"\n", b" ", b"--b", b"--b--", b"=?utf-8?q?=41?=",
        b"=?iso-2022-jp?b?GyRC?=", b'"', b"<", b">", b"(", b"a@b.example", b",", b";", b":", b"\x00",
        b"\xff", b"\xed\xa0\x80", b"\x1b$B", b"base64", b"+2AA-", b"Content-Transfer-Encoding: ",
        b"charset=utf-7", b"name*0*=x''%41", b"text/html", b"</blockquote>", b"<blockquote type=cite>",
        b"<!--", b"<style>", b"wrote:", b"> ", b"-- ", b"begin 644 x\n", b"message/rfc822",
        b"message/delivery-status", b"Final-Recipient: rfc822; a@b.example", b"application/ms-tnef",
        b"\x78\x9f\x3e\x22\x01\x00", b"text/calendar", b"BEGIN:VEVENT", b"SUMMARY;X=", b"<div hidden>",
        b"</div>", b"<img src=cid:a>", b"Content-ID: <a>", b"image/png; name=a.png", b"format=flowed",
        b"-----BEGIN PGP SIGNED MESSAGE-----", b"-----BEGIN PGP SIGNATURE-----", b"; delsp=yes", b"end\n",
        b"-----END PGP SIGNATURE-----", b"application/pkcs7-mime", b"text/enriched", b"~{", b"\x0e",
        b"0\x80\x06\x09*\x86H\x86\xf7\r\x01\x07\x02", b"charset=iso-2022-cn", b"x-uuencode",
        b"multipart/alternative; boundary=b",
    ]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=400), st.lists(TOKENS, max_size=40).map(b"".join)))
@example(b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+2AA-")
@example(b"From: a@b.example\n\nx\r\ry")
def test_any_bytes_give_a_reading_that_can_be_stored(raw: bytes) -> None:
    read = parse(raw)
    if isinstance(read, Message):
        texts = [
            read.subject,
            read.text,
            read.reply_text,
            *read.references,
            *read.in_reply_to,
            *read.loop_marks,
        ]
        texts += [part for mailbox in (*read.senders, *read.to) for part in (mailbox.name, mailbox.address)]
        texts += [
            part for file in read.attachments for part in (file.filename, file.content_type, file.content_id)
        ]
        assert all(storable(text) for text in texts)
        assert all("\n" not in text for text in texts if text not in {read.text, read.reply_text})


def test_copies_that_took_different_ways_have_one_identity() -> None:
    """behaviour.md 2.1"""
    another_way = (
        b"Return-Path: <bob@acme.example>\r\nDKIM-Signature: v=1\r\n" + PLAIN.replace(b"\r\n", b"\n") + b"\n"
    )
    other_words = PLAIN.replace(b"burns", b"smokes")
    first, copy, other = parse(PLAIN), parse(another_way), parse(other_words)
    assert isinstance(first, Message)
    assert isinstance(copy, Message)
    assert isinstance(other, Message)
    assert first.identity == copy.identity
    assert first.identity != other.identity


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<a@x.example>\r\n\t<b@x.example>", ("a@x.example", "b@x.example")),
        ("<a@x.example><b@x.example>", ("a@x.example", "b@x.example")),
        ("<a@x.example>,\r\n <b@x.exam", ("a@x.example",)),
        ("d@x.example> <b@x.example>", ("b@x.example",)),
        (f"\r\n <{'a' * 200}\r\n {'b' * 200}@x.example>", ("a" * 200 + "b" * 200 + "@x.example",)),
        ("< a@x.\r\n example >", ("a@x.example",)),
        ("a@x.example b@x.example", ("a@x.example", "b@x.example")),
        (f"<{'a' * 501}@x.example> <b@x.example>", ("b@x.example",)),
        ("<> <  > <b@x.example>", ("b@x.example",)),
        ('Your message of "Fri, 20 Nov 2026" <b@x.example> (Bob)', ("b@x.example",)),
    ],
)
def test_ids_are_read_however_they_were_folded_or_cut_off(written: str, read: tuple[str, ...]) -> None:
    """behaviour.md 3.3"""
    raw = f"From: bob@acme.example\r\nReferences: {written}\r\nIn-Reply-To: {written}\r\n\r\nx\r\n".encode()
    message = parse(raw)
    assert isinstance(message, Message)
    assert (message.references, message.in_reply_to) == (read, read)
