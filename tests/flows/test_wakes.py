"""Knows that a node hears what others leave it to do, also after its connection was lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy import text

from mailgate import wallclock
from mailgate.flows.sharedclock import SharedClock
from mailgate.flows.wakes import keep_listening
from mailgate.store.unit import Database
from mailgate.store.wakes import Wake, wake

pytestmark = pytest.mark.postgresql
_HANG_UP = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE application_name = 'mailgate, listening' AND datname = current_database()"
)


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator["asyncio.Queue[Wake]"]:
    heard: asyncio.Queue[Wake] = asyncio.Queue()
    clock = SharedClock(wallclock.now, wallclock.steady)
    keeping = asyncio.create_task(keep_listening(database, heard.put_nowait, clock))
    try:
        async with asyncio.timeout(60):
            yield heard
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def test_whatever_another_node_leaves_to_do_is_heard_at_once(postgresql_url: str) -> None:
    own, other = Database(postgresql_url), Database(postgresql_url)
    async with listening(own) as heard:
        assert [await heard.get() for _ in Wake] == list(Wake)  # nobody knows what was told before
        for one in Wake:
            async with other.write() as unit:
                await wake(unit, one)
            assert await heard.get() is one
    await own.close()
    await other.close()


async def test_a_node_that_was_cut_off_looks_at_everything_once_it_hears_again(postgresql_url: str) -> None:
    own, other = Database(postgresql_url), Database(postgresql_url)
    async with listening(own) as heard:
        for _ in range(2):
            assert [await heard.get() for _ in Wake] == list(Wake)
            async with other.write() as unit:
                assert await unit.scalar(_HANG_UP) == 1
        assert [await heard.get() for _ in Wake] == list(Wake)
        async with other.write() as unit:
            await wake(unit, Wake.RELAY)
        assert await heard.get() is Wake.RELAY
    await own.close()
    await other.close()
