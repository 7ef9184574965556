"""Knows the ladders at work: how events move them, and which of their steps are due."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Executable, bindparam, select, update

from mailgate.core.escalation import ENDS_ESCALATION
from mailgate.core.event import Event, PageSent, TicketEscalated
from mailgate.core.ladder import Escalation
from mailgate.core.ticket import TicketId
from mailgate.store.dialect import Insert, insert, once
from mailgate.store.records import escalation_from, escalation_row
from mailgate.store.tables import escalations
from mailgate.store.unit import Unit
from mailgate.store.wakes import Wake, wake

_OF = escalations.c.ticket_id == bindparam("of")
_RUNNING = escalations.c.ended.is_(None)
_END = update(escalations).where(_OF, _RUNNING).values(ended=bindparam("at"), next_at=None)
_GO_ON = (
    update(escalations)
    .where(_OF, escalations.c.cause == bindparam("begun_by"), _RUNNING)
    .values(taken=bindparam("steps"), next_at=bindparam("due"))
)


async def move_escalations(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    """Writes what events mean to the ladders, in their order: one begins, goes on, or ends."""
    moves = [move for ticket, event in happened for move in _moves(unit, ticket, event)]
    for statement, rows in groupby(moves, key=itemgetter(0)):
        await unit.execute(statement, [row for _, row in rows])
    if moves:
        await wake(unit, Wake.LADDERS)


async def claim_steps(unit: Unit, before: datetime, limit: int) -> tuple[tuple[TicketId, Escalation], ...]:
    """The ladders with a step due before that instant, oldest first, held until the transaction ends."""
    query = select(escalations).where(escalations.c.next_at < before)
    query = query.order_by(escalations.c.next_at).limit(limit).with_for_update(skip_locked=True)
    return tuple((TicketId(row.ticket_id), escalation_from(row)) for row in await unit.execute(query))


async def put_off(unit: Unit, ticket: TicketId, escalation: Escalation, until: datetime) -> None:
    """The next step of a ladder that was claimed is not taken before that instant."""
    later = {"of": ticket, "begun_by": escalation.cause, "steps": escalation.taken, "due": until}
    await unit.execute(_GO_ON, later)


async def next_step(unit: Unit) -> datetime | None:
    """When the next step of any ladder is due."""
    query = select(escalations.c.next_at).where(escalations.c.next_at.is_not(None))
    return (await unit.execute(query.order_by(escalations.c.next_at).limit(1))).scalar()


def _moves(unit: Unit, ticket: TicketId, event: Event) -> Iterator[tuple[Executable, dict[str, Any]]]:
    match event:
        case TicketEscalated(escalation=begun):
            yield _END, {"of": ticket, "at": event.at}  # a new cause ends what ran before
            yield _begin(unit), escalation_row(ticket, begun)
        case PageSent(escalation=now):
            yield _GO_ON, {"of": ticket, "begun_by": now.cause, "steps": now.taken, "due": now.next_at}
        case _ if isinstance(event, ENDS_ESCALATION):
            yield _END, {"of": ticket, "at": event.at}
        case _:
            pass


@once
def _begin(dialect: str) -> Insert:
    return insert(dialect, escalations).on_conflict_do_nothing(index_elements=["ticket_id", "cause"])
