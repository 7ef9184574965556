"""What the door says when the database breaks off in the middle; a mail that comes again is the same."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from mailgate import wallclock
from mailgate.core.change import Outcome
from mailgate.core.message import MailObject
from mailgate.core.reply import TEMPORARY_FAULT
from mailgate.flows.sharedclock import SharedClock
from mailgate.flows.spool import Spool
from mailgate.flows.wakes import set_by
from mailgate.store.faults import StoreUnavailableError
from mailgate.store.tables import outbox, spool, tickets
from mailgate.store.unit import Database
from mailgate.store.wakes import listening
from tests.core.desks import NOON
from tests.flows.test_intake import Desktop, letter
from tests.line import line_to
from tests.store.test_wakes import LETTER

pytestmark = pytest.mark.postgresql


async def test_a_commit_whose_answer_was_lost_is_451_and_the_mail_that_comes_again_a_duplicate(
    postgresql_url: str,
) -> None:
    """behaviour.md 1.3, 2.1: nobody knows whether it was written, so it must be safe to do it twice."""
    with line_to(postgresql_url, lost=b"COMMIT") as (_, url):
        broken, whole = Desktop(Database(url)), Desktop(Database(postgresql_url))
        mail = MailObject(LETTER.envelope, letter())
        assert await broken.spool.accept(mail) == TEMPORARY_FAULT
        assert await whole.rows(select(func.count()).select_from(spool)) == [(1,)]  # it was
        assert (await broken.spool.accept(mail)).accepted
        assert await whole.decides() == [Outcome.NEW_TICKET, Outcome.DUPLICATE]
        assert await whole.rows(select(func.count()).select_from(tickets)) == [(1,)]
        acknowledged = select(func.count()).where(outbox.c.kind == "acknowledgement")
        assert await whole.rows(acknowledged) == [(1,)]
        await broken.database.close()
        await whole.database.close()


async def test_a_connection_that_the_server_ends_in_a_transaction_is_451_and_the_next_mail_goes(
    postgresql_url: str,
) -> None:
    database, other = Database(postgresql_url), Database(postgresql_url)
    letters = Spool(database, lambda: NOON, lambda: None)
    assert (await letters.accept(LETTER)).accepted
    async with other.write() as unit:
        await unit.execute(text("LOCK TABLE spool"))
        waiting = asyncio.create_task(letters.accept(LETTER))
        ended = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        async with asyncio.timeout(30):
            while await unit.scalar(ended) == 0:  # noqa: ASYNC110 - a lock tells nobody that it is waited for
                await asyncio.sleep(0.05)
    assert await waiting == TEMPORARY_FAULT
    assert (await letters.accept(LETTER)).accepted
    await database.close()
    await other.close()


@pytest.mark.slow
async def test_a_pool_that_is_exhausted_is_451_and_no_hang(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    letters = Spool(database, lambda: NOON, lambda: None, patience=60)
    async with AsyncExitStack() as taken, asyncio.timeout(55):
        with suppress(StoreUnavailableError):
            while True:
                await taken.enter_async_context(database.write())
        assert await letters.accept(LETTER) == TEMPORARY_FAULT
    assert (await letters.accept(LETTER)).accepted
    await database.close()


async def test_a_machine_whose_clock_is_minutes_wrong_goes_by_the_servers(postgresql_url: str) -> None:
    """Or it would take every lease away from the others, and call targets missed that are not."""
    database = Database(postgresql_url)
    right = SharedClock(wallclock.now, wallclock.steady)
    wrong = SharedClock(lambda: wallclock.now() + timedelta(minutes=7), wallclock.steady)
    async with listening(database) as ear:
        for clock in (right, wrong):
            await set_by(ear, clock)
    assert abs(wrong() - right()) < timedelta(seconds=5)
    await database.close()
