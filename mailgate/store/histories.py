"""Knows how the whole history of tickets is read, many at a time, to be gone through again.

A row that cannot be read is told of its ticket alone: the others are read all the same.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, select

from mailgate.core.occasion import Recorded
from mailgate.core.ticket import TicketId, ticket_name
from mailgate.core.verification import History
from mailgate.store.entries import move_from, opening_from, recorded_from
from mailgate.store.records import clock_from, ticket_from
from mailgate.store.tables import clocks, journal, tickets
from mailgate.store.unit import Unit

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_TICKETS = select(tickets).where(tickets.c.id.in_(_IDS)).order_by(tickets.c.id)
_CLOCKS = select(clocks).where(clocks.c.ticket_id.in_(_IDS)).order_by(clocks.c.id)
# In the order in which it was recorded: a miss is dated when it was due, and noticed later.
_JOURNAL = select(journal).where(journal.c.ticket_id.in_(_IDS)).order_by(journal.c.id)
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What reading a row raises that nobody wrote so: JSON that is none, a state that does not exist."""

Ids = Sequence[TicketId]


class BrokenJournalError(ValueError):
    """A journal that this program did not write so."""


@dataclass(frozen=True, slots=True)
class UnreadableHistory:
    """A ticket whose rows or journal cannot be read, and why."""

    ticket: str
    why: str


async def next_tickets(unit: Unit, after: TicketId, limit: int, account: str = "") -> tuple[TicketId, ...]:
    """The tickets that come next, of one account or of all, in the order of their ids."""
    query = select(tickets.c.id).where(tickets.c.id > after).order_by(tickets.c.id).limit(limit)
    if account:
        query = query.where(func.lower(tickets.c.account) == account.lower())
    return tuple(TicketId(key) for key in (await unit.execute(query)).scalars())


async def ticket_named(unit: Unit, account: str, number: int) -> TicketId | None:
    """The ticket of that number in its account."""
    named = (func.lower(tickets.c.account) == account.lower()) & (tickets.c.number == number)
    key = (await unit.execute(select(tickets.c.id).where(named))).scalar()
    return None if key is None else TicketId(key)


async def recorded_of(unit: Unit, ticket: TicketId) -> tuple[Recorded, ...]:
    """What happened to a ticket, as it was recorded, as far as its clocks are told by it.

    Raises:
        BrokenJournalError: a row of it cannot be read.
    """
    try:
        return tuple(recorded_from(row) for row in (await unit.execute(_JOURNAL, {"ids": [ticket]})).all())
    except _UNREADABLE as fault:
        raise BrokenJournalError(f"a row of its journal cannot be read: {fault!r}") from fault


async def histories(unit: Unit, ids: Ids) -> tuple[History | UnreadableHistory, ...]:
    """The tickets as they are stored with all that happened to them, in the order of their ids."""
    try:
        rows = (await unit.execute(_TICKETS, {"ids": ids})).all()
        of_clocks = _by_ticket((await unit.execute(_CLOCKS, {"ids": ids})).all())
        of_journal = _by_ticket((await unit.execute(_JOURNAL, {"ids": ids})).all())
    except _UNREADABLE as fault:
        if len(ids) == 1:
            return (UnreadableHistory(await _name(unit, ids[0]), f"a row of it cannot be read: {fault}"),)
        middle = len(ids) // 2
        return (*await histories(unit, ids[:middle]), *await histories(unit, ids[middle:]))
    return tuple(_history(row, of_clocks[row.id], of_journal[row.id]) for row in rows)


def _history(
    row: Row[Any], clock_rows: Sequence[Row[Any]], entries: Sequence[Row[Any]]
) -> History | UnreadableHistory:
    name = ticket_name(row.account, row.number)
    if not entries:
        return UnreadableHistory(name, "it has no journal")
    try:
        kept = [clock_from(one) for one in clock_rows]
        return History(
            stored=ticket_from(row, kept, ()),
            wakes={clock.name: one.next_at for clock, one in zip(kept, clock_rows, strict=True)},
            opening=opening_from(entries[0]),
            moves=tuple(move_from(entry) for entry in entries),
        )
    except ValueError as fault:
        return UnreadableHistory(name, str(fault))
    except _UNREADABLE as fault:
        return UnreadableHistory(name, f"a row of it is broken: {fault!r}")


def _by_ticket(rows: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.ticket_id].append(row)
    return found


async def _name(unit: Unit, ticket: TicketId) -> str:
    query = select(tickets.c.account, tickets.c.number).where(tickets.c.id == ticket)
    row = (await unit.execute(query)).one()
    return ticket_name(row.account, row.number)
