"""Words of others in a mail of ours: from the bytes that came in to the bytes that go out."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from mailgate.core.message import Mailbox
from mailgate.core.message import Message as Reading
from mailgate.core.notice import InternalNote, RelayedReply, StaffNotice
from mailgate.core.outgoing import Context, Draft, Enclosure
from mailgate.core.ticket import Status
from mailgate.core.tickethead import TicketHead
from mailgate.mail.compose import compose
from mailgate.mail.enclosure import enclosures
from mailgate.mail.parse import parse
from mailgate.mail.render import Look

LOOK = Look("Example Support", "support.example.com", Path(__file__).parents[2] / "templates")
AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
BOB = Mailbox("bob@acme.example", "Bob")
HEAD = TicketHead("ACME-42", "Gateway offline", "Acme Corp", "P2", Status.OPEN, BOB)
HTML = (
    '<html><head><style>p { position: fixed }</style></head><body class="page"><p style="color:#1f497d">'
    'The <b>gateway</b> is down:</p><p><img src="cid:shot@x" alt="screen"></p>'
    '<img src="https://track.example/pixel.gif"><p>Please call.</p>'
    '<div>On Monday Sam wrote:</div><blockquote>How is it?<br><img src="cid:old@x"></blockquote></body>'
)
PLAIN = (
    "The *gateway* is down:\r\n[image: shot.png]\r\n\r\nPlease call.\r\n\r\n"
    "On Monday Sam wrote:\r\n> How is it?"
)


def part(identifier: str, name: str, octets: bytes, kind: str = "image/png") -> bytes:
    return (
        f"--b\r\nContent-Type: {kind}\r\nContent-ID: <{identifier}>\r\n"
        f'Content-Disposition: inline; filename="{name}"\r\n\r\n'
    ).encode() + octets + b"\r\n"  # fmt: skip


RAW = (
    b"From: bob@acme.example\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
    b"--a\r\nContent-Type: text/plain\r\n\r\n" + PLAIN.encode() + b"\r\n"
    b"--a\r\nContent-Type: text/html\r\n\r\n" + HTML.encode() + b"\r\n--a--\r\n"
    + part("shot@x", "shot.png", b"SHOT") + part("old@x", "old.png", b"OLD")
    + part("", "log.txt", b"LOG", "application/octet-stream") + b"--b--\r\n"
)  # fmt: skip


def message() -> Reading:
    read = parse(RAW)
    assert isinstance(read, Reading)
    return read


def sent(says: Context, files: tuple[Enclosure, ...]) -> Message:
    draft = Draft("c", Mailbox("acme@support.example.com"), (BOB,), "1@x", AT, says, enclosures=files)
    return message_from_bytes(compose(draft, LOOK).content)


def shape(mail: Message) -> list[str]:
    return [f"{one.get_content_type()} {one.get_filename() or ''}".strip() for one in mail.walk()]


def html_of(mail: Message) -> str:
    return next(
        one.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for one in mail.walk()
        if one.get_content_type() == "text/html"
    )


def test_staff_see_the_customers_page_with_its_pictures_in_their_places() -> None:
    """behaviour.md 4.1"""
    read = message()
    says = StaffNotice(HEAD, opened=True, writer=BOB, received=AT, text=read.text, markup=read.markup)
    mail = sent(replace(says, attachments=read.attachments), enclosures(RAW))
    assert shape(mail) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png shot.png",
        "image/png old.png",
        "application/octet-stream log.txt",
    ]
    page = html_of(mail)
    assert '<p style="color:#1f497d">The <b>gateway</b> is down:</p>' in page
    assert "<blockquote>How is it?<br><img " in page
    assert "track.example" not in page
    pictures = {one["Content-ID"][1:-1]: one for one in mail.walk() if one["Content-ID"]}
    assert len(pictures) == 2
    for identifier, picture in pictures.items():
        assert identifier.endswith("@support.example.com")
        assert f'src="cid:{identifier}" alt="{picture.get_filename()}"' in page
        assert picture.get_content_disposition() == "inline"
    assert "shot@x" not in page
    assert ">log.txt<" in page
    assert ">shot.png<" not in page


def test_a_reply_takes_along_its_words_and_pictures_and_nothing_of_the_quotation() -> None:
    """behaviour.md 4.2"""
    read = message()
    reply = RelayedReply("ACME-42", "Gateway offline", "Sam Rivera", read.reply_text, read.markup)
    mail = sent(reply, enclosures(RAW))
    assert shape(mail) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png shot.png",
        "application/octet-stream log.txt",
    ]
    page = html_of(mail)
    assert "The <b>gateway</b> is down:" in page
    assert "How is it" not in page
    assert "Sam wrote" not in page
    plain = next(one for one in mail.walk() if one.get_content_type() == "text/plain")
    assert b"[image: shot.png]" in plain.get_payload(decode=True)


def test_where_the_page_would_say_something_else_the_words_are_shown_with_the_pictures_attached() -> None:
    """behaviour.md 4.2"""
    read = message()
    other = replace(
        RelayedReply("ACME-42", "Gateway offline", "Sam Rivera", read.reply_text, read.markup),
        text=read.reply_text + "\n\nAnd more.",
    )
    mail = sent(other, enclosures(RAW))
    assert shape(mail) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png shot.png",
        "application/octet-stream log.txt",
    ]
    assert "<b>gateway</b>" not in html_of(mail)
    assert "The *gateway* is down:<br>" in html_of(mail)


def test_a_note_is_cut_like_a_reply() -> None:
    """behaviour.md 4.2"""
    read = message()
    note = InternalNote(HEAD, BOB, AT, read.reply_text, markup=read.markup)
    page = html_of(sent(note, enclosures(RAW)))
    assert "The <b>gateway</b> is down:" in page
    assert "How is it" not in page


def test_a_mail_of_several_texts_is_one_page() -> None:
    raw = (
        b"From: bob@acme.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\none <1>\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p onclick=x>two</p>\r\n--b--\r\n"
    )
    read = parse(raw)
    assert isinstance(read, Reading)
    assert read.markup == "<div>one &lt;1&gt;</div><p>two</p>"


def test_a_mail_of_plain_text_has_no_page() -> None:
    read = parse(b"From: bob@acme.example\r\n\r\n<b>one</b>\r\n")
    assert isinstance(read, Reading)
    assert read.markup == ""
