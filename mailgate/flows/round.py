"""Knows one round of what falls due, deadlines and steps of ladders alike: all of it in one transaction.

Two programs may sweep at once: what is claimed is one's or the other's. A mail that was accepted in time
counts even if it is still in the spool: a round waits for mail that is arriving, and leaves alone what falls
due after the oldest mail that waits to be decided.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailgate.core.deadline import settled_until
from mailgate.store.claims import end_arrivals, oldest_waiting
from mailgate.store.unit import Database, Unit

TOGETHER = 100
"""So much is claimed in one transaction; mail that arrives waits as long."""

_PAUSE = timedelta(milliseconds=100)  # between two looks, while something due cannot be decided yet
_AFTER = timedelta(milliseconds=1)  # an instant is still in time itself


@dataclass(frozen=True, slots=True)
class Taken:
    """What a round did.

    Args:
        count: of at most `TOGETHER`.
        queued: mails that are new in the outbox.
        tell: writes the log lines, once all of it is committed.
    """

    count: int
    queued: int
    tell: Callable[[], None]


Next = Callable[[Unit], Awaitable[datetime | None]]
"""When the next one falls due; None for none at all."""

Take = Callable[[Unit, datetime, datetime], Awaitable[Taken]]
"""Claims and does what is due before the first instant, as noticed at the second."""


async def sweep_due(
    database: Database, now: Callable[[], datetime], following: Next, take: Take, ring: Callable[[], object]
) -> datetime | None:
    """Does what is due; returns when to look again, None for nothing at all. `ring` wakes the relay."""
    async with database.read() as unit:  # without holding up anybody who writes
        due = await following(unit)
    if due is None or now() <= due:
        return due and due + _AFTER
    async with database.write() as unit:
        await end_arrivals(unit)
        at = now()  # no mail can be accepted before this instant any more
        taken = await take(unit, settled_until(at, await oldest_waiting(unit)), at)
        due = await following(unit)
    taken.tell()
    if taken.queued:
        ring()
    return due and max(due + _AFTER, at if taken.count == TOGETHER else at + _PAUSE)
