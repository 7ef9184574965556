"""Knows how an event is written: tickets, clocks and journal, all three from the same value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import insert as plain_insert

from mailgate.core.event import ARROWS, Event, PriorityRaised, TicketOpened, moved_clocks
from mailgate.core.ticket import TicketId
from mailgate.store.dialect import Insert, insert, once
from mailgate.store.records import clock_row, journal_row, ticket_row
from mailgate.store.tables import clocks, journal, tickets
from mailgate.store.unit import Unit

_CLOCK = ("ticket_id", "kind", "epoch")
_OPEN = plain_insert(tickets)
_WRITE_DOWN = plain_insert(journal)
_GO_ALONG = (
    update(tickets)
    .where(tickets.c.id == bindparam("of"), tickets.c.status == bindparam("before"))
    .values(status=bindparam("after"))
)
_RAISE = update(tickets).where(tickets.c.id == bindparam("of")).values(priority=bindparam("after"))


async def record(unit: Unit, now: datetime, happened: Sequence[tuple[TicketId, Event]]) -> None:
    """Writes what happened, in its order, to the tickets it happened to."""
    if not happened:
        return
    opened = [ticket_row(event.ticket) for _, event in happened if isinstance(event, TicketOpened)]
    if opened:
        await unit.execute(_OPEN, opened)
    await _move_status(unit, happened)
    await _raise_priority(unit, happened)
    await _move_clocks(unit, happened)
    rows = [journal_row(ticket, event, recorded=now) for ticket, event in happened]
    await unit.execute(_WRITE_DOWN, rows)


async def _move_status(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    arrows = [
        {"of": ticket, "before": before.value, "after": after.value}
        for ticket, event in happened
        for before, after in ARROWS.get(type(event), ())
    ]
    if arrows:
        await unit.execute(_GO_ALONG, arrows)


async def _raise_priority(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    raised = [
        {"of": ticket, "after": event.after}
        for ticket, event in happened
        if isinstance(event, PriorityRaised)
    ]
    if raised:
        await unit.execute(_RAISE, raised)


async def _move_clocks(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    rows: list[dict[str, Any]] = [
        clock_row(ticket, clock) for ticket, event in happened for clock in moved_clocks(event)
    ]
    if rows:
        await unit.execute(_set_clock(unit), rows)


@once
def _set_clock(dialect: str) -> Insert:
    made = insert(dialect, clocks)
    moved = {column.name: column for column in made.excluded if column.name not in ("id", *_CLOCK)}
    return made.on_conflict_do_update(index_elements=_CLOCK, set_=moved)
