"""flows/office: a letter that cannot be written is queued without content, and fails where it is seen."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from mailgate.core.address import TokenRole
from mailgate.core.change import Outcome
from mailgate.core.outgoing import MailKind
from mailgate.mail.render import Look
from mailgate.store.tables import clocks, held, journal, outbox
from mailgate.store.unit import Database
from tests.core.desks import SAM
from tests.flows.offices import TEMPLATES
from tests.flows.test_intake import Desktop, letter, reply_address
from tests.flows.test_undelivered import relayed


def broken(database: Database, folder: Path, *kinds: MailKind) -> Desktop:
    """A desk whose operator wrote templates that break with what they are to say."""
    for kind in kinds:
        (folder / kind).mkdir()
        (folder / kind / "body.txt").write_text("{{ 1 // 0 }}")
    desk = Desktop(database)
    look = desk.office.look
    desk.office = replace(desk.office, look=Look(look.service, look.domain, TEMPLATES, folder))
    return desk


async def test_a_letter_that_cannot_be_written_holds_up_neither_the_ticket_nor_the_other_letters(
    database: Database, tmp_path: Path
) -> None:
    """behaviour.md 1.3, 5.4"""
    desk = broken(database, tmp_path, MailKind.ACKNOWLEDGEMENT)
    await desk.takes(letter(1))
    assert await desk.decides() == [Outcome.NEW_TICKET]
    await relayed(desk, MailKind.PAGE)
    ended = select(outbox.c.kind, outbox.c.state, outbox.c.reply).order_by(outbox.c.kind)
    assert set(await desk.rows(ended)) == {
        ("acknowledgement", "failed", "it could not be written; the log tells why"),
        ("staff_notice", "sent", "250 ok"),
        ("delivery_problem", "waiting", ""),
    }
    assert await desk.rows(select(held.c.id)) == []


async def test_a_staff_reply_that_cannot_be_written_is_no_answer(database: Database, tmp_path: Path) -> None:
    """behaviour.md 2.3, 4.2"""
    desk = broken(database, tmp_path, MailKind.RELAYED_REPLY)
    await desk.takes(letter(1))
    await desk.decides()
    staff = reply_address(TokenRole.STAFF, SAM)
    await desk.takes(letter(2, "Re: fire", sender=SAM.address), staff, sender=SAM.address)
    assert await desk.decides() == [Outcome.STAFF_REPLY]
    await relayed(desk, MailKind.PAGE)
    assert await desk.rows(select(clocks.c.state, clocks.c.stopped)) == [("running", None)]
    kinds = [kind for (kind,) in await desk.rows(select(journal.c.kind).order_by(journal.c.id))]
    assert kinds == ["ticket_opened", "staff_replied", "delivery_failed", "response_withdrawn"]


async def test_nothing_goes_round_where_no_letter_can_be_written(database: Database, tmp_path: Path) -> None:
    desk = broken(database, tmp_path, *MailKind)
    await desk.takes(letter(1))
    assert await desk.decides() == [Outcome.NEW_TICKET]
    for _ in range(3):
        await relayed(desk, MailKind.PAGE)
    assert set(await desk.rows(select(outbox.c.kind, outbox.c.state))) == {
        ("acknowledgement", "failed"),
        ("staff_notice", "failed"),
        ("delivery_problem", "failed"),
    }
