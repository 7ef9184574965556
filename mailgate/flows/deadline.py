"""Knows how promises fall due: claimed through the index, and in the same transaction recorded and told.

Two programs may sweep at once: a clock is one's or the other's. A mail that was accepted in time stops its
clock even if it is still in the spool: the sweep waits for mail that is arriving, and leaves alone what falls
due after the oldest mail that waits to be decided.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from mailgate.core.deadline import due_event, settled_until
from mailgate.core.event import TargetMissed
from mailgate.core.instant import written
from mailgate.core.ticket import Ticket, TicketId
from mailgate.flows.announcement import Announced, Due
from mailgate.store.claims import claim_clocks, end_arrivals, next_deadline, oldest_waiting
from mailgate.store.faults import StoreError
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database, Unit

Announce = Callable[[Unit, Ticket, Due], Awaitable[Announced]]
"""Who is told of it; the ticket's clocks are as the event left them."""

_TOGETHER = 100  # clocks in one transaction; mail that arrives waits as long
_PAUSE = timedelta(milliseconds=100)  # between two looks, while something due cannot be decided yet
_AFTER = timedelta(milliseconds=1)  # an instant is still in time itself
_log = structlog.get_logger()


async def sweep(
    database: Database, now: Callable[[], datetime], announce: Announce, ring: Callable[[], object]
) -> datetime | None:
    """Does what is due; returns when to look again, None for no clock at all. `ring` wakes the relay."""
    following = await _following(database)
    if following is None or now() <= following:
        return following and following + _AFTER
    async with database.write() as unit:
        await end_arrivals(unit)
        at = now()  # no mail can be accepted before this instant any more
        happened = await _due(unit, at)
        await record(unit, at, happened)
        tickets = (await tickets_by_id(unit, [ticket for ticket, _ in happened])).known
        told = [(tickets[ticket], event) for ticket, event in happened]
        follows = await _announced(unit, told, announce)
        await record(unit, at, [(ticket, event) for ticket, more in follows for event in more.events])
        queued = await post(unit, at, [(ticket, mail) for ticket, more in follows for mail in more.mails])
        following = await next_deadline(unit)
    _tell(told)
    if queued:
        ring()
    return following and max(following + _AFTER, at if len(happened) == _TOGETHER else at + _PAUSE)


async def _following(database: Database) -> datetime | None:
    """When the next clock is to be looked at; asked without holding up anybody who writes."""
    async with database.read() as unit:
        return await next_deadline(unit)


async def _due(unit: Unit, at: datetime) -> Sequence[tuple[TicketId, Due]]:
    settled = settled_until(at, await oldest_waiting(unit))
    claimed = await claim_clocks(unit, settled, _TOGETHER)
    return [(ticket, event) for ticket, clock in claimed if (event := due_event(clock, settled, at))]


async def _announced(
    unit: Unit, told: Iterable[tuple[Ticket, Due]], announce: Announce
) -> list[tuple[TicketId, Announced]]:
    follows: list[tuple[TicketId, Announced]] = []
    for ticket, event in told:
        try:
            follows.append((ticket.id, await announce(unit, ticket, event)))
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - the one broad except of this sweep: one mail that cannot be written
            # must not keep the promises of all the others from being looked after; the event itself stands.
            _log.exception("A deadline could not be announced.", what="announce_failed", ticket=ticket.name)
    return follows


def _tell(told: Iterable[tuple[Ticket, Due]]) -> None:
    for ticket, event in told:
        missed = isinstance(event, TargetMissed)
        _log.info(
            "A target was missed." if missed else "A target is near.",
            what="target_missed" if missed else "target_warned",
            ticket=ticket.name,
            target=event.clock.kind.value,
            reason=f"it was due at {written(event.clock.due)}",
        )
