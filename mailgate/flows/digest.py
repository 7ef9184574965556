"""Knows how the daily digest goes out: claimed, built and queued in one transaction (`behaviour.md` 7.1).

The row that claims a local date also says up to when was told, so the next window starts there. Before the
first of them stands a mark of where telling begins.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

import structlog

from mailgate.core.account import Desk
from mailgate.core.audit import Audit
from mailgate.core.digest import (
    AHEAD,
    BEGINNING,
    NAME,
    Digest,
    Schedule,
    Window,
    day_due,
    day_window,
    due_at,
    horizons,
    next_due,
    written,
)
from mailgate.failpoint import Failpoint, reach
from mailgate.flows.office import Office
from mailgate.store import audits, claims, posting
from mailgate.store import digest as rows
from mailgate.store.unit import Database, Unit

PATIENCE = timedelta(minutes=10)
"""So long a digest waits for mail that was accepted before it and is not yet decided."""

_LOOK_AGAIN = timedelta(seconds=1)
_log = structlog.get_logger()


class Sending(StrEnum):
    """What came of sending a digest."""

    QUEUED = "queued"
    ALREADY = "already"  # that day's digest was queued before
    COVERED = "covered"  # a later day's digest has told of it


async def sweep(database: Database, office: Office, schedule: Schedule, now: datetime) -> datetime | None:
    """Queues the digest that is due, once a local day; answers when the next one is."""
    day = day_due(now, schedule)
    async with database.read() as unit:
        done = [mark.day for mark in await _marks(unit)]
    if not done:
        await _begin(database, schedule, now)
        return now
    if max(done) >= day:
        return next_due(now, schedule)
    if now < due_at(day, schedule) + PATIENCE and await _mail_is_undecided(database, now):
        return now + _LOOK_AGAIN
    if await send(database, office, schedule, day, now) is Sending.QUEUED:
        _log.info("The digest is queued.", what="digest_queued", day=str(day))
    return next_due(now, schedule)


async def send(
    database: Database,
    office: Office,
    schedule: Schedule,
    day: date,
    now: datetime,
    audit: Audit | None = None,
) -> Sending:
    """Queues the digest of a date up to now, if none of that date or a later one has been.

    `audit` is noted with it, where an operator asked for it.
    """
    async with database.write() as unit:
        last = await rows.last(unit, NAME)
        if last is not None and last.day >= day:
            return Sending.ALREADY if await rows.of_day(unit, NAME, day) else Sending.COVERED
        window = await _next_window(unit, schedule, day, now)
        if not await claims.claim_digest(unit, NAME, day, (window.start, window.end), now):
            return Sending.ALREADY
        reach(Failpoint.IN_DIGEST)
        told = await _built(unit, office.head.desk, Digest(day, schedule.zone, window))
        draft = office.head.to_operators(f"digest:{day}", now, told)
        await posting.post(unit, now, [(None, mail) for mail in office.composed([draft])])
        if audit is not None:
            await audits.note(unit, audit)
    return Sending.QUEUED


async def view(database: Database, desk: Desk, schedule: Schedule, day: date, now: datetime) -> Digest:
    """The digest of a date: as it was sent, or should have been, or would be now."""
    async with database.read() as unit:
        sent = await rows.of_day(unit, NAME, day)
        if sent is not None:
            window = sent.window
        elif day < day_due(now, schedule):
            window = day_window(day, now, schedule)
        else:
            window = await _next_window(unit, schedule, day, now)
        return await _built(unit, desk, Digest(day, schedule.zone, window))


async def _begin(database: Database, schedule: Schedule, now: datetime) -> None:
    """Says where telling begins: at the first ticket, or now. Nobody is sent a digest of the time before."""
    async with database.write() as unit:
        first = await rows.began(unit)
        start = min(first, now) if first else now
        await claims.claim_digest(unit, BEGINNING, day_due(start, schedule), (start, start), now)


async def _marks(unit: Unit) -> list[rows.Told]:
    """The latest digest and the beginning, as far as there are any; the digest first."""
    found = [await rows.last(unit, NAME), await rows.last(unit, BEGINNING)]
    return [mark for mark in found if mark is not None]


async def _next_window(unit: Unit, schedule: Schedule, day: date, now: datetime) -> Window:
    """From where the last digest ended up to now."""
    marks = await _marks(unit)
    if not marks:
        return day_window(day, now, schedule)
    start = marks[0].window.end
    return Window(start, max(start, now))


async def _mail_is_undecided(database: Database, now: datetime) -> bool:
    """Whether an answer may be on its way that would still stop a clock in time."""
    async with database.write() as unit:
        await claims.end_arrivals(unit)
        oldest = await claims.oldest_waiting(unit)
    return oldest is not None and oldest < now


async def _built(unit: Unit, desk: Desk, blank: Digest) -> Digest:
    end = blank.window.end
    ahead = horizons(desk, end)
    until = max((end + AHEAD, *ahead.values()))
    companies = {key: account.name for key, account in desk.accounts.items()}
    return written(blank, await rows.seen(unit, blank.window, until, companies), ahead)
