"""flows/lease: a mail is decided once, whoever is stopped with it in his hands, and for how long."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from mailgate.core.change import Outcome
from mailgate.core.message import Reading
from mailgate.flows.lease import LEASE
from mailgate.store.claims import LONGEST, claim_mails
from mailgate.store.tables import outbox, spool, tickets
from mailgate.store.unit import Database
from tests.core.desks import NOON
from tests.flows.test_intake import Desktop, Slow, letter


class Stopped(Desktop):
    """A desk that stands still while it reads, its lease included, until it is let go on."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.reading, self.going_on = asyncio.Event(), asyncio.Event()

    async def read(self, raw: bytes) -> Reading:
        self.reading.set()
        await self.going_on.wait()
        return await super().read(raw)


async def test_who_works_on_a_mail_keeps_it_and_who_dies_loses_it_soon(database: Database) -> None:
    """A deadline may wait for a mail that was accepted in time: nobody may hold it up by being dead."""
    slow, other = Slow(database), Desktop(database)
    await slow.takes(letter())
    working = asyncio.create_task(slow.decides())
    await slow.reading.wait()
    renewed = slow.now = NOON + LEASE / 2
    async with asyncio.timeout(10):
        while (await slow.rows(select(spool.c.leased_until))) != [(renewed + LEASE,)]:  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.05)
    other.now = renewed + LEASE / 2
    assert await other.decides() == []

    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    other.now = slow.now + LEASE
    assert await other.decides() == [Outcome.NEW_TICKET]


async def test_who_was_stopped_past_its_lease_decides_nothing_that_another_decided(
    database: Database,
) -> None:
    stopped, other = Stopped(database), Desktop(database)
    await stopped.takes(letter())
    working = asyncio.create_task(stopped.decides())
    await stopped.reading.wait()
    other.now = NOON + LEASE
    assert await other.decides() == [Outcome.NEW_TICKET]
    written = await other.rows(select(func.count(), func.max(outbox.c.id)).select_from(outbox))

    stopped.going_on.set()
    assert await working == []
    assert await other.rows(select(func.count()).select_from(tickets)) == [(1,)]
    assert await other.rows(select(func.count(), func.max(outbox.c.id)).select_from(outbox)) == written


async def test_who_was_stopped_past_its_lease_leaves_a_mail_to_who_has_it_now(database: Database) -> None:
    stopped, other = Stopped(database), Stopped(database)
    await stopped.takes(letter())
    working = asyncio.create_task(stopped.decides())
    await stopped.reading.wait()
    other.now = NOON + LEASE
    taking_over = asyncio.create_task(other.decides())
    await other.reading.wait()

    stopped.going_on.set()
    assert await working == []
    assert await other.rows(select(func.count()).select_from(tickets)) == [(0,)]
    other.going_on.set()
    assert await taking_over == [Outcome.NEW_TICKET]
    assert await other.rows(select(func.count()).select_from(tickets)) == [(1,)]


async def test_a_mail_that_was_taken_over_is_told_of_and_not_worked_on(database: Database) -> None:
    stopped = Stopped(database)
    await stopped.takes(letter())
    with capture_logs() as lines:
        working = asyncio.create_task(stopped.decides())
        await stopped.reading.wait()
        async with database.write() as unit:
            await unit.execute(update(spool).values(attempts=2, leased_until=NOON + 10 * LEASE))
        await asyncio.sleep(LEASE.total_seconds())  # a renewal has failed by now
        stopped.going_on.set()
        assert await working == []
    assert [line["what"] for line in lines] == ["claim_lost"]


ANSWER = letter(2, "Re: [P2] Printer on fire", "In-Reply-To: <m1@acme.example>\r\n")


async def test_an_answer_waits_for_the_mail_that_it_answers_whoever_has_it(database: Database) -> None:
    """behaviour.md 3.3; two nodes share what waits, and one may be quicker, or dead."""
    dead, desk = Desktop(database), Desktop(database)
    await dead.takes(letter(1))
    async with database.write() as unit:
        await claim_mails(unit, NOON, LEASE, 1)
    await desk.takes(ANSWER)
    assert await desk.decides() == []
    desk.now = NOON + LEASE
    assert await desk.decides() == [Outcome.NEW_TICKET, Outcome.REPLY]


async def test_an_answer_waits_only_so_long_for_a_mail_that_others_cannot_decide(database: Database) -> None:
    """A mail that breaks us delays the others for moments."""
    desk = Desktop(database)
    await desk.takes(letter(1))
    async with database.write() as unit:
        await claim_mails(unit, NOON, LONGEST, 1)
    await desk.takes(ANSWER)
    for seconds in (0, 1, 3, 6):
        desk.now = NOON + timedelta(seconds=seconds)
        assert await desk.decides() == []
    desk.now = NOON + timedelta(seconds=7)
    assert await desk.decides() == [Outcome.NEW_TICKET]
