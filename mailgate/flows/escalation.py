"""Knows how the steps of ladders fall due: claimed through the index, taken and told in one transaction.

Two programs may sweep at once: a step is one's or the other's. An answer that was accepted in time ends its
ladder even if it is still in the spool, as it stops a clock (flows.deadline).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from mailgate.core.deadline import settled_until
from mailgate.core.escalation import step
from mailgate.core.event import Event, PageSent
from mailgate.core.ladder import Escalation
from mailgate.core.outgoing import Outgoing
from mailgate.core.ticket import Ticket, TicketId
from mailgate.flows.office import Office
from mailgate.flows.versions import versions_of
from mailgate.store.claims import end_arrivals, oldest_waiting
from mailgate.store.escalations import claim_steps, next_step, put_off
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database, Unit

_TOGETHER = 100  # steps in one transaction; mail that arrives waits as long
_PAUSE = timedelta(milliseconds=100)  # between two looks, while something due cannot be decided yet
_AFTER = timedelta(milliseconds=1)  # an answer at the instant itself is in time
_TRY_AGAIN = timedelta(minutes=1)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Taken:
    ticket: Ticket
    events: tuple[Event, ...]
    mails: tuple[Outgoing, ...]


async def sweep(
    database: Database, now: Callable[[], datetime], office: Office, ring: Callable[[], object]
) -> datetime | None:
    """Takes what is due; returns when to look again, None for no step at all. `ring` wakes the relay."""
    following = await _following(database)
    if following is None or now() <= following:
        return following and following + _AFTER
    async with database.write() as unit:
        await end_arrivals(unit)
        at = now()  # no mail can be accepted before this instant any more
        settled = settled_until(at, await oldest_waiting(unit))
        claimed = await claim_steps(unit, settled, _TOGETHER)
        taken = await _taken(unit, claimed, office, at)
        await record(unit, at, [(one.ticket.id, event) for one in taken for event in one.events])
        queued = await post(unit, at, [(one.ticket.id, mail) for one in taken for mail in one.mails])
        following = await next_step(unit)
    _tell(taken)
    if queued:
        ring()
    return following and max(following + _AFTER, at if len(claimed) == _TOGETHER else at + _PAUSE)


async def _following(database: Database) -> datetime | None:
    """When the next step is due; asked without holding up anybody who writes."""
    async with database.read() as unit:
        return await next_step(unit)


async def _taken(
    unit: Unit, claimed: Sequence[tuple[TicketId, Escalation]], office: Office, at: datetime
) -> list[_Taken]:
    tickets = (await tickets_by_id(unit, [ticket for ticket, _ in claimed])).known
    versions = await versions_of(unit, tickets.values(), office)
    taken: list[_Taken] = []
    for id_, escalation in claimed:
        ticket = tickets[id_]
        try:
            follows = step(office.head, ticket, versions[ticket.policy], escalation, at)
            taken.append(_Taken(ticket, follows.events, office.composed(follows.drafts)))
        except Exception:  # noqa: BLE001 - the one broad except of this sweep: a page that cannot be written
            # must not keep the others from going. It is tried again, and the log says why each time.
            _log.exception("A page could not be written.", what="page_failed", ticket=ticket.name)
            await put_off(unit, id_, escalation, at + _TRY_AGAIN)
    return taken


def _tell(taken: Iterable[_Taken]) -> None:
    for one in taken:
        for event in one.events:
            reason = event.reason if isinstance(event, PageSent) else ""
            _log.info("People were paged.", what="page_sent", ticket=one.ticket.name, reason=reason)
