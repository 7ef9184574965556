"""What a mail is made of, letters, parts, files: all of it reaches staff, whatever it claims to be."""

import re
import zlib
from email.message import EmailMessage, Message
from urllib.parse import unquote

import pytest

from mailgate.core.staffpeople import MOST_PEOPLE
from tests.acceptance.stage import ALIAS, BOB, Stage, letter, text, to

HEAD = (
    f"From: {BOB}\r\nTo: {ALIAS}\r\nSubject: A question\r\nMessage-ID: <c1@acme.example>\r\n"
    "MIME-Version: 1.0\r\n"
).encode()
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def kept(stage: Stage) -> list[bytes]:
    """The bytes of every mail as they are stored."""
    return [zlib.decompress(packed) for (packed,) in stage.installation.rows("SELECT packed FROM raw_mails")]


def files(mail: EmailMessage) -> dict[str, bytes]:
    """What came along, by name: by RFC 2231 where it is given in both ways, as mail programs do."""
    found = {}
    for part in mail.iter_attachments():
        encoded = re.search(r"filename\*=utf-8''([^;\s]+)", dict(part.raw_items())["Content-Disposition"])
        found[unquote(encoded[1]) if encoded else str(part.get_filename())] = content(part)
    return found


def content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


async def test_a_line_in_the_wrong_charset_costs_no_other_line(stage: Stage) -> None:
    """Scenario 2 of the classic peers; behaviour.md 2: parsing never fails"""
    body = "Zuerst: größer.\r\n".encode() + "Dann: k\xfcrzer.\r\n".encode("latin-1")
    raw = HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body
    mails = await stage.sends(raw)
    notice = text(to(mails, "sam@example.com"))
    assert "Zuerst: größer." in notice
    assert "Dann: k\ufffdrzer." in notice
    assert to(mails, "bob@acme.example")
    assert kept(stage)[0] == raw


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Type: text/plain; charset=not-supported-encoding\r\n\r\nHow does it work?\r\n",
        letter(BOB, "=?not-supported?Q?=C7_question?=", "How does it work?"),
        letter("=?not-supported?Q?B=F6b?= <bob@acme.example>", "A question", "How does it work?"),
    ],
    ids=["body", "subject", "name"],
)
async def test_a_charset_that_nobody_knows_keeps_nobody_from_being_heard(stage: Stage, raw: bytes) -> None:
    """Scenario 3 of the classic peers; behaviour.md 2"""
    mails = await stage.sends(raw)
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mails) == [
        "bob@acme.example",
        "sam@example.com",
    ]
    assert "How does it work?" in text(to(mails, "sam@example.com"))
    assert kept(stage)[0] == raw


async def test_who_leaves_reply_to_empty_is_known_by_from(stage: Stage) -> None:
    """Scenario 4 of the classic peers"""
    mails = await stage.sends(letter(BOB, "A question", "How?", "Reply-To:"))
    assert to(mails, "bob@acme.example")
    assert (await stage.ticket(1)).requester.address == "bob@acme.example"


async def test_who_does_not_say_who_they_are_is_kept_for_the_operators(stage: Stage) -> None:
    """Scenario 4 of the classic peers; behaviour.md 1.3, 2: kept and shown, where they refuse it"""
    (told,) = await stage.sends(b"Subject: A question\r\n\r\nHow?\r\n")
    assert told["To"] == "ops@example.com"
    assert stage.outcomes() == ["quarantined 2"]


FORGED = (
    "X-Mailgate-Loop: elsewhere.example",
    "X-Mailgate-Send-Cc: eve@evil.example",
    "X-Mailgate-Ticket: ACME-9",
)


async def test_fields_of_our_own_that_come_in_do_nothing_and_go_nowhere(stage: Stage) -> None:
    """Scenario 5 of the classic peers; behaviour.md 2: on a new matter, on a reply, on every part"""
    parts = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\nX-Mailgate-Send-Cc: eve@evil.example\r\n\r\nHow?\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=a.eml\r\n\r\n"
        b"X-Mailgate-Loop: support.example.com\r\nFrom: eve@evil.example\r\nSubject: inside\r\n\r\nIn.\r\n"
        b"--b--\r\n"
    )
    forged = "".join(f"{field}\r\n" for field in FORGED).encode()
    first = await stage.sends(forged + HEAD + parts)
    assert sorted(mail["To"] for mail in first) == ["bob@acme.example", "sam@example.com"]
    answered = to(first, "bob@acme.example")["Reply-To"]
    assert "a.eml" in files(to(first, "sam@example.com"))
    second = await stage.sends(letter(BOB, "Re: A question", "And now?", *FORGED), answered)
    assert [mail["To"] for mail in second] == ["sam@example.com"]
    for mail in (*first, *second):
        assert mail.get_all("X-Mailgate-Loop") == ["support.example.com"]
        names = [name for part in mail.walk() for name in part if name.lower().startswith("x-mailgate")]
        assert names == ["X-Mailgate-Loop"]
        assert all(b"X-Mailgate" not in inside for inside in files(mail).values())


@pytest.mark.parametrize(
    "subject",
    [
        "hi=0D=0ABcc:_eve=40evil.example",
        "hi=0A=0Aeverything_below_is_the_body",
        "hi=E2=80=A8Bcc:_eve=40evil.example",
    ],
)
async def test_line_ends_in_a_subject_make_no_field(stage: Stage, subject: str) -> None:
    """Scenario 6 of the classic peers"""
    mails = await stage.sends(letter(BOB, f"=?utf-8?q?{subject}?=", "How?"))
    assert sorted(mail["To"] for mail in mails) == ["bob@acme.example", "sam@example.com"]
    assert [mail["Bcc"] for mail in mails] == [None, None]
    assert all(mail["Subject"].count("hi ") == 1 for mail in mails)


async def test_a_crowd_of_outsiders_in_cc_is_not_written_to_and_staff_are_told(stage: Stage) -> None:
    """Scenario 21 of the classic peers; behaviour.md 3.6: nobody is made a contact, where they make forty"""
    crowd = ", ".join(f"person{number}@elsewhere.example" for number in range(41))
    question = letter(BOB, "A question", "How?", f"Cc: {crowd}", "Delivered-To: eve@evil.example")
    mails = await stage.sends(question)
    assert sorted(mail["To"] for mail in mails) == ["bob@acme.example", "sam@example.com"]
    notice = to(mails, "sam@example.com")
    assert "person0@elsewhere.example" in text(notice)
    assert "eve@evil.example" not in text(notice)
    answers = await stage.answers("2026-11-20T18:00:00Z", notice, "Like this.")
    assert [mail["To"] for mail in answers] == ["bob@acme.example"]


async def test_a_crowd_of_colleagues_in_cc_joins_up_to_a_limit(stage: Stage) -> None:
    """Scenario 21 of the classic peers; behaviour.md 3.6: they read what is answered"""
    crowd = ", ".join(f"person{number}@acme.example" for number in range(41))
    mails = await stage.sends(letter(BOB, "A question", "How?", f"Cc: {crowd}"))
    assert sorted(mail["To"] for mail in mails) == ["bob@acme.example", "sam@example.com"]
    answers = await stage.answers("2026-11-20T18:00:00Z", to(mails, "sam@example.com"), "Like this.")
    assert len(answers) == 1 + MOST_PEOPLE


async def test_what_looks_like_a_program_is_shown_as_text(stage: Stage) -> None:
    """Scenario 21 of the classic peers"""
    html = (
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>How?</p><script>alert(1)</script>"
        + b"<a href='https://acme.example/'>x</a>\r\n" * 5001
    )
    mails = await stage.sends(HEAD + html)
    notice = to(mails, "sam@example.com")
    assert "How?" in text(notice)
    assert all("<script" not in part.get_content() for part in bodies(notice))
    plain = letter(BOB, "{% if x %}", "<script>alert(1)</script> {% if x %}")
    mails = await stage.sends(plain)
    assert "<script>alert(1)</script> {% if x %}" in text(to(mails, "sam@example.com"))
    assert "{% if x %}" in text(to(mails, "bob@acme.example"))


def bodies(mail: EmailMessage) -> list[EmailMessage]:
    found = [mail.get_body((kind,)) for kind in ("plain", "html")]
    return [body for body in found if isinstance(body, EmailMessage)]


async def test_a_mail_of_one_file_alone_is_a_ticket_with_the_file(stage: Stage) -> None:
    """Scenario 22 of the classic peers"""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BOB, ALIAS, "Log"
    mail.set_content(IMAGE, "application", "octet-stream", filename="core.bin", disposition="attachment")
    notice = to(await stage.sends(mail.as_bytes()), "sam@example.com")
    assert files(notice) == {"core.bin": IMAGE}
    assert "core.bin" in text(notice)


async def test_an_empty_file_with_a_foreign_name_keeps_its_name(stage: Stage) -> None:
    """Scenario 22 of the classic peers; RFC 2231, and RFC 2047 where it has no place"""
    parts = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n"
        b"Content-Disposition: attachment; filename*0*=utf-8''%C5%81atwa; filename*1=_sprawa.txt\r\n\r\n\r\n"
        b'--b\r\nContent-Type: text/plain; name="=?utf-8?B?xYF0d2EudHh0?="\r\n'
        b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n"
    )
    notice = to(await stage.sends(HEAD + parts), "sam@example.com")
    assert files(notice) == {"Łatwa_sprawa.txt": b"", "Łtwa.txt": b"\0\1\2"}


async def test_a_mail_inside_a_mail_and_an_image_in_the_text_stay_whole(stage: Stage) -> None:
    """Scenario 22 of the classic peers"""
    inside = EmailMessage()
    inside["From"], inside["Subject"] = "dave@acme.example", "What he said"
    inside.set_content("All of them.")
    inside.add_alternative("<p>All of them.</p>", subtype="html")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BOB, ALIAS, "See below"
    mail.set_content("See the picture.")
    mail.add_alternative('<p>See <img src="cid:p1"> the picture.</p>', subtype="html")
    html = mail.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(IMAGE, "image", "png", cid="<p1>", filename="p.png", disposition="inline")
    mail.add_attachment(inside, filename="said.eml")
    notice = to(await stage.sends(mail.as_bytes()), "sam@example.com")
    assert IMAGE in [content(part) for part in notice.walk() if part.get_content_type() == "image/png"]
    assert files(notice)["said.eml"].replace(b"\r\n", b"\n") == inside.as_bytes()
