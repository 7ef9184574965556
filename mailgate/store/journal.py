"""Knows how an event is written: tickets, clocks and journal, all three from the same value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import insert as plain_insert

from mailgate.core.event import ARROWS, Event, PriorityRaised, TicketOpened, moved_clocks
from mailgate.core.ticket import TicketId
from mailgate.store.dialect import insert
from mailgate.store.records import clock_row, journal_row, ticket_row
from mailgate.store.tables import clocks, journal, tickets
from mailgate.store.unit import Unit

_CLOCK = ("ticket_id", "kind", "epoch")


async def record(unit: Unit, now: datetime, happened: Sequence[tuple[TicketId, Event]]) -> None:
    """Writes what happened, in its order, to the tickets it happened to."""
    if not happened:
        return
    opened = [ticket_row(event.ticket) for _, event in happened if isinstance(event, TicketOpened)]
    if opened:
        await unit.execute(plain_insert(tickets), opened)
    await _move_status(unit, happened)
    await _raise_priority(unit, happened)
    await _move_clocks(unit, happened)
    rows = [journal_row(ticket, event, recorded=now) for ticket, event in happened]
    await unit.execute(plain_insert(journal), rows)


async def _move_status(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    arrows = [
        {"of": ticket, "before": before.value, "after": after.value}
        for ticket, event in happened
        for before, after in ARROWS.get(type(event), ())
    ]
    if arrows:
        along = (tickets.c.id == bindparam("of")) & (tickets.c.status == bindparam("before"))
        await unit.execute(update(tickets).where(along).values(status=bindparam("after")), arrows)


async def _raise_priority(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    raised = [
        {"of": ticket, "after": event.after}
        for ticket, event in happened
        if isinstance(event, PriorityRaised)
    ]
    if raised:
        of_ticket = tickets.c.id == bindparam("of")
        await unit.execute(update(tickets).where(of_ticket).values(priority=bindparam("after")), raised)


async def _move_clocks(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    rows: list[dict[str, Any]] = [
        clock_row(ticket, clock) for ticket, event in happened for clock in moved_clocks(event)
    ]
    if rows:
        made = insert(unit, clocks)
        moved = {column: made.excluded[column] for column in rows[0] if column not in _CLOCK}
        await unit.execute(made.on_conflict_do_update(index_elements=_CLOCK, set_=moved), rows)
