"""Knows how promises fall due: claimed through the index, and in the same transaction recorded and told."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial

import structlog

from mailgate.core.deadline import due_event
from mailgate.core.event import TargetMissed
from mailgate.core.instant import written
from mailgate.core.ticket import Ticket, TicketId
from mailgate.flows.announcement import Announced, Due
from mailgate.flows.round import TOGETHER, Taken, sweep_due
from mailgate.store.claims import claim_clocks, next_deadline
from mailgate.store.faults import StoreError
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database, Unit

Announce = Callable[[Unit, Ticket, Due], Awaitable[Announced]]
"""Who is told of it; the ticket's clocks are as the event left them."""

_log = structlog.get_logger()


async def sweep(
    database: Database, now: Callable[[], datetime], announce: Announce, ring: Callable[[], object]
) -> datetime | None:
    """Does what is due; returns when to look again, None for no clock at all. `ring` wakes the relay."""

    async def take(unit: Unit, settled: datetime, at: datetime) -> Taken:
        claimed = await claim_clocks(unit, settled, TOGETHER)
        happened = [(ticket, event) for ticket, clock in claimed if (event := due_event(clock, settled, at))]
        await record(unit, at, happened)
        tickets = (await tickets_by_id(unit, [ticket for ticket, _ in happened])).known
        told = [(tickets[ticket], event) for ticket, event in happened]
        follows = await _announced(unit, told, announce)
        await record(unit, at, [(ticket, event) for ticket, more in follows for event in more.events])
        queued = await post(unit, at, [(ticket, mail) for ticket, more in follows for mail in more.mails])
        return Taken(len(happened), queued, partial(_tell, told))

    return await sweep_due(database, now, next_deadline, take, ring)


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
