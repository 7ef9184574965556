"""Mail that was quarantined, and is read again: after an upgrade, or when what broke it is gone."""

from datetime import timedelta

from sqlalchemy import select

from mailgate.core.change import Outcome
from mailgate.core.message import Reading, Unreadable
from mailgate.mail.parse import parse
from mailgate.store import held as store
from mailgate.store.tables import held, outbox, spool, tickets
from mailgate.store.unit import Database
from tests.core.desks import NOON
from tests.flows.test_intake import Desktop, letter

LATER = NOON + timedelta(days=2)


class Older(Desktop):
    """A desk whose reader cannot read anything, until it is upgraded."""

    upgraded = False

    async def read(self, raw: bytes) -> Reading:
        return parse(raw) if self.upgraded else Unreadable("its headers go on for ever")


async def quarantined(database: Database) -> Older:
    desk = Older(database)
    await desk.takes(letter())
    assert await desk.decides() == [Outcome.QUARANTINED]
    desk.now = LATER
    return desk


async def again(desk: Desktop) -> bool:
    async with desk.database.write() as unit:
        return await store.retry(unit, 1)


async def test_a_mail_read_again_becomes_a_ticket_of_when_it_came(database: Database) -> None:
    desk = await quarantined(database)
    desk.upgraded = True

    assert await again(desk)
    assert await desk.decides() == [Outcome.NEW_TICKET]

    assert await desk.rows(select(tickets.c.opened)) == [(NOON,)]
    assert await desk.rows(select(held.c.state)) == [("released",)]
    assert await desk.rows(select(spool.c.state, spool.c.attempts)) == [("done", 2)]


async def test_one_that_fails_again_is_quarantined_again_and_told_once(database: Database) -> None:
    desk = await quarantined(database)
    told = await desk.rows(select(outbox.c.kind, outbox.c.cause))

    assert await again(desk)
    assert await desk.decides() == [Outcome.QUARANTINED]

    assert await desk.rows(select(held.c.state, held.c.kind, held.c.at)) == [("held", "quarantined", LATER)]
    assert await desk.rows(select(outbox.c.kind, outbox.c.cause)) == told
    assert await desk.rows(select(spool.c.state, spool.c.attempts)) == [("quarantined", 2)]


async def test_asking_twice_reads_once(database: Database) -> None:
    desk = await quarantined(database)
    desk.upgraded = True

    assert (await again(desk), await again(desk)) == (True, False)
    assert await desk.decides() == [Outcome.NEW_TICKET]
    assert not await again(desk)
    assert await desk.decides() == []
