"""The clock is stepped an hour forward and back under a running house: nothing twice, nothing dropped."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from mailgate import wallclock
from mailgate.app import House
from mailgate.config import load
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.store.tables import journal, spool
from tests.acceptance.installation import Installation
from tests.conftest import World

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
PATIENCE = timedelta(seconds=2)


class Stepped:
    """The machine's clock, put forward and back."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        return wallclock.now() + self.by


@asynccontextmanager
async def at_work(
    folder: Path, now: Callable[[], datetime], url: str
) -> AsyncIterator[tuple[House, Installation]]:
    desk = Installation(folder / "desk", database=url)
    desk.folder.mkdir()
    desk.write()
    house = House(load(desk.config), now=now)
    await house.start()
    try:
        yield house, desk
    finally:
        await house.stop()


async def promised(house: House, due: datetime, warn_at: datetime | None = None) -> int:
    """A promise that another program made: no bell has rung for it here."""
    clock = Clock(TargetKind.RESPONSE, "P1", ClockState.RUNNING, due - 2 * HOUR, due, warn_at)
    return (await World(house.database).opened(due - 2 * HOUR, clock)).id


async def events(house: House) -> list[tuple[int, str, timedelta]]:
    """What fell due: the ticket, what happened, and how long it took to be noticed."""
    async with house.database.read() as unit:
        rows = (await unit.execute(select(journal).order_by(journal.c.id))).all()
    return [
        (row.ticket_id, row.kind, row.recorded - row.at) for row in rows if row.kind.startswith("target_")
    ]


async def happened(house: House, ticket: int, kind: str) -> timedelta:
    """How late it was noticed, once it has been."""
    async with asyncio.timeout(20):
        while True:
            for of, what, late in await events(house):
                if (of, what) == (ticket, kind):
                    return late
            await asyncio.sleep(0.02)


async def test_what_falls_due_by_a_step_forward_is_noticed_at_once_and_once(
    tmp_path: Path, database_url: str
) -> None:
    """behaviour.md 6.2, Edge case 38"""
    clock = Stepped()
    async with at_work(tmp_path, clock.now, database_url) as (house, _):
        soon = await promised(house, clock.now() + HOUR / 2)
        later = await promised(house, clock.now() + 2 * HOUR, clock.now() + HOUR / 3)
        await asyncio.sleep(1.2)
        assert await events(house) == []

        clock.by = HOUR
        stepped = clock.now()
        assert await happened(house, soon, "target_missed") - HOUR / 2 < 2 * PATIENCE
        assert await happened(house, later, "target_warned") - 2 * HOUR / 3 < 2 * PATIENCE
        assert clock.now() - stepped < 2 * PATIENCE

        clock.by = timedelta()
        await asyncio.sleep(1.5)
        assert [(of, what) for of, what, _ in await events(house)] == [
            (later, "target_warned"),
            (soon, "target_missed"),
        ]


async def test_after_a_step_back_sweeps_still_wake_in_time(tmp_path: Path, database_url: str) -> None:
    """behaviour.md 6.2"""
    clock = Stepped()
    clock.by = HOUR
    async with at_work(tmp_path, clock.now, database_url) as (house, desk):
        before = await promised(house, clock.now() + SECOND)
        assert await happened(house, before, "target_missed") < PATIENCE
        asleep = await promised(house, clock.now() - HOUR + 3 * SECOND, None)
        assert await happened(house, asleep, "target_missed") > HOUR / 2

        clock.by = timedelta()
        after = await promised(house, clock.now() + 2 * SECOND, clock.now() + SECOND)
        assert await happened(house, after, "target_warned") < PATIENCE
        assert await happened(house, after, "target_missed") < PATIENCE
        assert len(await events(house)) == 4

        await asyncio.to_thread(deliver, desk)
        await decided(house)


async def test_a_mail_that_was_accepted_before_a_step_back_is_decided_at_once(
    tmp_path: Path, database_url: str
) -> None:
    clock = Stepped()
    async with at_work(tmp_path, clock.now, database_url) as (house, _):
        await World(house.database).spooled(clock.now() + HOUR)
        await decided(house)
        async with house.database.read() as unit:
            assert (await unit.execute(select(spool.c.state))).scalars().all() == ["quarantined"]  # no From


def deliver(desk: Installation) -> None:
    with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
        client.sendmail("bob@acme.example", ["acme@support.example.com"], b"Subject: Help\r\n\r\nHelp!\r\n")


async def decided(house: House) -> None:
    """Returns once no mail waits."""
    async with asyncio.timeout(10):
        while True:
            async with house.database.read() as unit:
                states = set((await unit.execute(select(spool.c.state))).scalars())
            if states and "waiting" not in states:
                return
            await asyncio.sleep(0.02)
