"""Knows how tickets get their ids and their numbers, before anything else of them is written.

A number is an account's own, counted from 1 without a gap; an id is in signed addresses and never used again.
"""

from collections.abc import Mapping
from itertools import count, islice

from sqlalchemy import TextClause, select, text
from sqlalchemy.sql.dml import ReturningInsert

from mailgate.core.ticket import TicketId
from mailgate.store.dialect import insert, is_sqlite, once
from mailgate.store.tables import counters
from mailgate.store.unit import Unit


async def reserve(unit: Unit, wanted: Mapping[str, int]) -> Mapping[str, tuple[tuple[TicketId, int], ...]]:
    """For each account so many pairs of id and number, for tickets that this transaction opens."""
    accounts = sorted(account for account, how_many in wanted.items() if how_many)
    first = await numbers(unit, {account: wanted[account] for account in accounts})
    ids = iter(await _ids(unit, sum(wanted[account] for account in accounts)))
    return {
        account: tuple(zip(islice(ids, wanted[account]), count(first[account]), strict=False))
        for account in accounts
    }


async def numbers(unit: Unit, wanted: Mapping[str, int]) -> Mapping[str, int]:
    """The first of so many numbers for each account. The counters are held until the transaction ends."""
    rows = [{"account": account, "last_number": wanted[account]} for account in sorted(wanted)]
    if not rows:
        return {}
    advanced = await unit.execute(_advance(unit), rows)
    return {row.account: row.last_number - wanted[row.account] + 1 for row in advanced}


async def accounts_with_tickets(unit: Unit) -> frozenset[str]:
    """Every account that has ever had one, also of customers who are gone."""
    return frozenset((await unit.execute(select(counters.c.account))).scalars())


@once
def _advance(dialect: str) -> ReturningInsert[tuple[str, int]]:
    """One statement for all rows (RETURNING sees to it), so that accounts are locked in their order."""
    made = insert(dialect, counters)
    return made.on_conflict_do_update(
        index_elements=["account"],
        set_={"last_number": counters.c.last_number + made.excluded.last_number},
    ).returning(counters.c.account, counters.c.last_number)


async def _ids(unit: Unit, how_many: int) -> list[TicketId]:
    if how_many == 0:
        return []
    if is_sqlite(unit):  # the one writer: nobody else takes an id before this transaction ends
        last = await _last_id(unit)
        return [TicketId(last + n) for n in range(1, how_many + 1)]
    return [TicketId(one) for one in (await unit.execute(_TAKE_IDS, {"how_many": how_many})).scalars()]


async def foresee(unit: Unit, wanted: Mapping[str, int]) -> Mapping[str, tuple[tuple[TicketId, int], ...]]:
    """What `reserve` would give now; nothing is taken, and another transaction may take it first."""
    accounts = sorted(account for account, how_many in wanted.items() if how_many)
    if not accounts:
        return {}
    query = select(counters.c.account, counters.c.last_number).where(counters.c.account.in_(accounts))
    last = {row.account: row.last_number for row in await unit.execute(query)}
    ids = count(await _last_id(unit) + 1)
    return {
        account: tuple((TicketId(next(ids)), last.get(account, 0) + n) for n in range(1, wanted[account] + 1))
        for account in accounts
    }


async def _last_id(unit: Unit) -> int:
    return await unit.scalar(_last(unit)) or 0


@once
def _last(dialect: str) -> TextClause:
    if dialect == "sqlite":
        return text("SELECT seq FROM sqlite_sequence WHERE name = 'tickets'")
    return text("SELECT pg_sequence_last_value(pg_get_serial_sequence('tickets', 'id')::regclass)")


_TAKE_IDS = text("SELECT nextval(pg_get_serial_sequence('tickets', 'id')) FROM generate_series(1, :how_many)")
