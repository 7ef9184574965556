"""Knows how the steps of ladders fall due: claimed through the index, taken and told in one transaction.

An answer that was accepted in time ends its ladder, as it stops a clock (flows.deadline).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from mailgate.core.escalation import step
from mailgate.core.event import Event, PageSent
from mailgate.core.ladder import Escalation
from mailgate.core.outgoing import Outgoing
from mailgate.core.ticket import Ticket, TicketId
from mailgate.flows.office import Office
from mailgate.flows.round import TOGETHER, Taken, sweep_due
from mailgate.flows.versions import versions_of
from mailgate.store.escalations import claim_steps, next_step, put_off
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database, Unit

_TRY_AGAIN = timedelta(minutes=1)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Step:
    ticket: Ticket
    events: tuple[Event, ...]
    mails: tuple[Outgoing, ...]


async def sweep(
    database: Database, now: Callable[[], datetime], office: Office, ring: Callable[[], object]
) -> datetime | None:
    """Takes what is due; returns when to look again, None for no step at all. `ring` wakes the relay."""

    async def take(unit: Unit, settled: datetime, at: datetime) -> Taken:
        claimed = await claim_steps(unit, settled, TOGETHER)
        steps = await _steps(unit, claimed, office, at)
        await record(unit, at, [(one.ticket.id, event) for one in steps for event in one.events])
        queued = await post(unit, at, [(one.ticket.id, mail) for one in steps for mail in one.mails])
        return Taken(len(claimed), queued, partial(_tell, steps))

    return await sweep_due(database, now, next_step, take, ring)


async def _steps(
    unit: Unit, claimed: Sequence[tuple[TicketId, Escalation]], office: Office, at: datetime
) -> list[_Step]:
    tickets = (await tickets_by_id(unit, [ticket for ticket, _ in claimed])).known
    versions = await versions_of(unit, tickets.values(), office)
    taken: list[_Step] = []
    for id_, escalation in claimed:
        ticket = tickets[id_]
        try:
            follows = step(office.head, ticket, versions[ticket.policy], escalation, at)
            taken.append(_Step(ticket, follows.events, office.composed(follows.drafts)))
        except Exception:  # noqa: BLE001 - the one broad except of this sweep: a page that cannot be written
            # must not keep the others from going. It is tried again, and the log says why each time.
            _log.exception("A page could not be written.", what="page_failed", ticket=ticket.name)
            await put_off(unit, id_, escalation, at + _TRY_AGAIN)
    return taken


def _tell(taken: Iterable[_Step]) -> None:
    for one in taken:
        for event in one.events:
            reason = event.reason if isinstance(event, PageSent) else ""
            _log.info("People were paged.", what="page_sent", ticket=one.ticket.name, reason=reason)
