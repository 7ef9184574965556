"""Knows how tickets are read as the core sees them: with their clocks and their thread."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Integer, Row, Select, and_, bindparam, cast, func, select, union_all

from mailgate.core.clock import Clock
from mailgate.core.facts import KnownMail
from mailgate.core.ticket import Ticket, TicketId
from mailgate.store.dialect import as_list, cell, in_parts, listed, once
from mailgate.store.records import clock_from, known_from, ticket_from
from mailgate.store.tables import clocks, messages, tickets
from mailgate.store.unit import Unit

_BEGINNING = 20  # mails of a thread; the first answer is nearly always among them
_END = 50
_MERGED = 50  # tickets that went into one; their threads are read with it


@dataclass(frozen=True, slots=True)
class Tickets:
    """Tickets by id, and the mails of their threads, oldest first; of a long one its first 20 and last 50."""

    known: Mapping[TicketId, Ticket] = field(default_factory=dict)
    threads: Mapping[TicketId, tuple[KnownMail, ...]] = field(default_factory=dict)


async def tickets_by_id(unit: Unit, ids: Iterable[TicketId], *, locked: bool = False) -> Tickets:
    """The tickets that exist among `ids`.

    `locked` holds them and their clocks until the transaction ends, so that nobody else decides about them
    meanwhile. Everybody locks in the order of ids.
    """
    known: dict[TicketId, Ticket] = {}
    threads: dict[TicketId, tuple[KnownMail, ...]] = {}
    for some in in_parts(sorted(set(ids))):
        rows = await _rows(unit, some, locked=locked)
        targets = await _clocks(unit, some, locked=locked)
        mails = await _mails(unit, some)
        for row in rows:
            threads[row.id] = tuple(mails[row.id].values())
            known[row.id] = ticket_from(row, targets[row.id], threads[row.id])
    return Tickets(known, threads)


async def with_survivors(unit: Unit, ids: Iterable[TicketId]) -> frozenset[TicketId]:
    """The tickets, and those in which merged ones go on, however often they were merged."""
    found = frozenset(ids)
    following = found
    while following:
        into: set[TicketId] = set()
        for some in in_parts(sorted(following)):
            into |= set((await unit.execute(_GO_ON_IN, {"ids": some})).scalars())
        following = frozenset(into) - found
        found |= following
    return found


async def with_merged(unit: Unit, ids: Iterable[TicketId]) -> frozenset[TicketId]:
    """The tickets, and those that go on in them, however often they were merged; at most so many at once."""
    found = frozenset(ids)
    following = found
    while following:
        merged: set[TicketId] = set()
        for some in in_parts(sorted(following)):
            merged |= set((await unit.execute(_WENT_INTO, {"ids": some})).scalars())
        following = frozenset(merged) - found
        found |= following
    return found


async def ids_by_number(unit: Unit, names: Collection[tuple[str, int]]) -> tuple[TicketId, ...]:
    """The tickets that exist of those accounts with those numbers."""
    if not names:
        return ()
    keys = as_list([(account, str(number)) for account, number in sorted(names)])
    return tuple(TicketId(key) for key in (await unit.execute(_numbered(unit), {"keys": keys})).scalars())


async def clocks_by_ticket(unit: Unit, ids: Sequence[TicketId]) -> Mapping[TicketId, Sequence[Clock]]:
    """The clocks of those tickets."""
    return await _clocks(unit, ids, locked=False)


async def _rows(unit: Unit, ids: Sequence[TicketId], *, locked: bool) -> Sequence[Row[Any]]:
    rows = await unit.execute(_held(_TICKETS) if locked else _TICKETS, {"ids": ids})
    return rows.all()


async def _clocks(unit: Unit, ids: Sequence[TicketId], *, locked: bool) -> dict[TicketId, list[Clock]]:
    found: dict[TicketId, list[Clock]] = defaultdict(list)
    for row in await unit.execute(_held(_CLOCKS) if locked else _CLOCKS, {"ids": ids}):
        found[row.ticket_id].append(clock_from(row))
    return found


def _held(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    # Rows that point to a ticket may be written meanwhile: the deadline sweep's journal waits for nobody.
    return query.with_for_update(key_share=True)


async def _mails(unit: Unit, ids: Sequence[TicketId]) -> dict[TicketId, dict[int, KnownMail]]:
    found: dict[TicketId, dict[int, KnownMail]] = defaultdict(dict)
    for row in await unit.execute(_THREADS, {"ids": ids}):
        found[row.ticket_id][row.id] = known_from(row)  # beginning and end overlap in a short thread
    return found


def _ends_of_threads() -> Select[Any]:
    """Two ranges of the index for each ticket: a thread of ten thousand mails costs as much as one of 70."""
    of_ticket = (
        select(messages).join(tickets, messages.c.ticket_id == tickets.c.id).where(tickets.c.id.in_(_IDS))
    )
    other = messages.alias()
    ids_of_ticket: Select[Any] = select(other.c.id).where(other.c.ticket_id == tickets.c.id).limit(1)
    last_of_beginning = ids_of_ticket.order_by(other.c.id).offset(_BEGINNING - 1).correlate(tickets)
    first_of_end = ids_of_ticket.order_by(other.c.id.desc()).offset(_END - 1).correlate(tickets)
    ends = union_all(
        of_ticket.where(messages.c.id <= last_of_beginning.scalar_subquery()),
        of_ticket.where(messages.c.id >= func.coalesce(first_of_end.scalar_subquery(), 0)),
    ).subquery()
    return select(ends).order_by(ends.c.id)


@once
def _numbered(dialect: str) -> Select[Any]:
    wanted = listed(dialect, "keys")
    same = and_(tickets.c.account == cell(wanted, 0), tickets.c.number == cast(cell(wanted, 1), Integer))
    return select(tickets.c.id).join_from(tickets, wanted, same)


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_TICKETS = select(tickets).where(tickets.c.id.in_(_IDS)).order_by(tickets.c.id)
_CLOCKS = select(clocks).where(clocks.c.ticket_id.in_(_IDS)).order_by(clocks.c.ticket_id, clocks.c.id)
_GO_ON_IN = select(tickets.c.merged_into).where(tickets.c.id.in_(_IDS), tickets.c.merged_into.is_not(None))
_WENT_INTO = (
    select(tickets.c.id).where(tickets.c.merged_into.in_(_IDS)).order_by(tickets.c.id.desc()).limit(_MERGED)
)
_THREADS = _ends_of_threads()
