"""HTML from one mail program to the other: what a customer wrote, and the answer of staff that quotes it."""

from email import message_from_bytes
from email.message import Message

from sqlalchemy import select

from mailgate.core.address import TokenRole
from mailgate.core.change import Outcome
from mailgate.core.internal import BEGIN
from mailgate.store.records import unpacked
from mailgate.store.tables import outbox
from mailgate.store.unit import Database
from tests.core.desks import BOB, SAM
from tests.flows.test_intake import Desktop, reply_address


def letter(number: int, sender: str, html: str, *pictures: str) -> bytes:
    parts = "".join(
        f"--b\r\nContent-Type: image/png\r\nContent-ID: <{name}@x>\r\n"
        f'Content-Disposition: inline; filename="{name}.png"\r\n\r\n{name}\r\n'
        for name in pictures
    )
    return (
        f"From: <{sender}>\r\nSubject: [P2] Fire\r\nMessage-ID: <m{number}@acme.example>\r\n"
        "Content-Type: multipart/related; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n{parts}--b--\r\n"
    ).encode()


async def written(desk: Desktop, kind: str) -> list[Message]:
    query = select(outbox.c.packed).where(outbox.c.kind == kind).order_by(outbox.c.id)
    return [message_from_bytes(unpacked(packed)) for (packed,) in await desk.rows(query)]  # type: ignore[arg-type]


def page_of(mail: Message) -> str:
    part = next(one for one in mail.walk() if one.get_content_type() == "text/html")
    return part.get_payload(decode=True).decode()  # type: ignore[union-attr]


def files_of(mail: Message) -> list[str]:
    return [name for one in mail.walk() if (name := one.get_filename())]


async def test_a_conversation_keeps_its_dress_and_its_secrets(database: Database) -> None:
    """behaviour.md 4.1, 4.2"""
    desk = Desktop(database)
    await desk.takes(letter(1, BOB.address, "<p>It <b>burns</b>:</p><img src='cid:fire@x'>", "fire"))
    assert await desk.decides() == [Outcome.NEW_TICKET]
    notices = await written(desk, "staff_notice")
    assert [files_of(one) for one in notices] == [["fire.png"], ["fire.png"]]
    assert all('<p>It <b>burns</b>:</p><img src="cid:' in page_of(one) for one in notices)

    quoted = page_of(notices[0]).partition("<body")[2]
    assert BEGIN in quoted
    answer = (
        "<div>/ack</div><div>Use <i>water</i>:</div><div><img src='cid:bucket@x'></div>"
        f"<div>Sam, {SAM.address}</div><blockquote type='cite'><div {quoted}"
        "<img src='cid:fire@x'></blockquote>"
    )
    staff = reply_address(TokenRole.STAFF, SAM)
    raw = letter(2, SAM.address, answer, "bucket", "fire")
    await desk.takes(raw, staff, sender=SAM.address)
    assert await desk.decides() == [Outcome.STAFF_REPLY]
    (reply,) = await written(desk, "relayed_reply")
    page = page_of(reply)
    assert '<div>Use <i>water</i>:</div><div><img src="cid:' in page
    assert files_of(reply) == ["bucket.png"]
    for secret in (SAM.address, "/ack", "staff only", "+", "burns"):
        assert secret not in page.partition("<body")[2]
