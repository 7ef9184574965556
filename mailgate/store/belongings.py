"""Knows where somebody is among the rows, as far as whole rows are theirs: tickets, mails, what went to them.

A ticket that they opened is theirs with all that is on it, whoever wrote it: it is about what they asked.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, Row, Select, String, Table, Text, cast, func, or_, select

from mailgate.core.message import folded
from mailgate.core.relay import OutboxState
from mailgate.core.ticket import ENDED, Status, ticket_name
from mailgate.store.records import unpacked
from mailgate.store.tables import decisions, held, messages, outbox, raw_mails, spool, tickets
from mailgate.store.unit import Database, Unit

_GOING = (OutboxState.WAITING, OutboxState.SENDING)
_OVER = (OutboxState.SENT, OutboxState.DROPPED)
_TOGETHER = 100


@dataclass(frozen=True, slots=True)
class Belongings:
    """What is somebody's.

    Args:
        tickets: by id, what they are called; `going_on` are those of them that have not ended.
        titles: of their tickets, by what they are called.
        names: what their tickets call them.
        mails: ids of raw mails that they wrote, or that are on their tickets.
        letters: ids of mails out that went to them, or are on their tickets; `going` those that still wait.
        held: what was kept aside of theirs.
        undecided: mails of theirs that nobody has decided yet.
    """

    tickets: Mapping[int, str]
    going_on: tuple[str, ...]
    titles: Mapping[str, str]
    names: frozenset[str]
    mails: frozenset[int]
    letters: frozenset[int]
    going: frozenset[int]
    held: frozenset[int]
    undecided: int


async def belongings(unit: Unit, address: str, account: str = "") -> Belongings:
    """What is theirs, of one account or of all."""
    own = (await unit.execute(_of(select(tickets), account).where(is_at(tickets.c.requester, address)))).all()
    names = {row.id: ticket_name(row.account, row.number) for row in own}
    letters = await _letters(unit, address, account, list(names))
    kept_aside = _of(select(held.c.id), account).where(is_at(held.c.sender, address))
    waiting = select(func.count()).where(is_at(spool.c.reverse_path, address), spool.c.state == "waiting")
    return Belongings(
        tickets=names,
        going_on=tuple(names[row.id] for row in own if Status(row.status) not in ENDED),
        titles={names[row.id]: row.title for row in own if row.title},
        names=frozenset({row.requester_name for row in own} - {""}),
        mails=await _mails(unit, address, account, list(names)),
        letters=frozenset(letters),
        going=frozenset(id_ for id_, state in letters.items() if state in _GOING),
        held=frozenset((await unit.execute(kept_aside)).scalars()),
        undecided=await unit.scalar(waiting) or 0,
    )


async def mails(database: Database) -> AsyncIterator[tuple[int, bytes]]:
    """The bytes of every raw mail, a few in memory at a time."""
    async for row in _all(database, select(raw_mails.c.id, raw_mails.c.packed)):
        yield row.id, unpacked(row.packed)


async def letters(database: Database, account: str = "") -> AsyncIterator[tuple[int, bool, bytes]]:
    """The bytes of every mail out, and whether it is no more than a copy of one that is gone."""
    async for row in _all(database, _of(select(outbox.c.id, outbox.c.state, outbox.c.packed), account)):
        yield row.id, OutboxState(row.state) in _OVER, unpacked(row.packed)


async def places(
    unit: Unit, raw_ids: Collection[int], letter_ids: Collection[int], account: str = ""
) -> list[dict[str, Any]]:
    """Where mails are: whose, since when, on what ticket; of one account or of all."""
    came = (
        select(spool.c.received.label("at"), decisions.c.account, spool.c.reverse_path, tickets.c.number)
        .join_from(spool, decisions, isouter=True)
        .join(tickets, decisions.c.ticket_id == tickets.c.id, isouter=True)
        .where(spool.c.raw_id.in_(raw_ids))
        .order_by(spool.c.id)
    )
    if account:
        came = came.where(decisions.c.account == account)
    goes = (
        select(outbox.c.created.label("at"), outbox.c.account, outbox.c.id, tickets.c.number)
        .join_from(outbox, tickets, isouter=True)
        .where(outbox.c.id.in_(letter_ids))
        .order_by(outbox.c.id)
    )
    found = [_place(row) | {"from": row.reverse_path} for row in await unit.execute(came)]
    return found + [_place(row) | {"outbox": row.id} for row in await unit.execute(goes)]


def is_at(column: ColumnElement[Any], address: str) -> ColumnElement[bool]:
    """Whether a column is this address; SQLite tells only Latin letters apart from their capitals."""
    return or_(func.lower(column) == folded(address), column == address)


def naming(table: Table, address: str) -> ColumnElement[bool]:
    """Rows of a table in which some text or value may name the address."""
    spelt = {folded(address), address.lower(), folded(address).encode("ascii", "backslashreplace").decode()}
    texts = [func.lower(cast(column, Text)) for column in table.columns if _is_text(column)]
    return or_(*(text.contains(one, autoescape=True) for text in texts for one in sorted(spelt)))


def _is_text(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, String | JSON)


def _of(query: Select[Any], account: str) -> Select[Any]:
    """The query, of rows of one account alone."""
    (table,) = query.get_final_froms()
    return query.where(table.c.account == account) if account else query


async def _letters(unit: Unit, address: str, account: str, own: list[int]) -> dict[int, OutboxState]:
    to_them = func.lower(cast(outbox.c.recipients, Text)).contains(folded(address), autoescape=True)
    query = _of(select(outbox.c.id, outbox.c.state, outbox.c.recipients, outbox.c.ticket_id), account)
    rows = await unit.execute(query.where(or_(outbox.c.ticket_id.in_(own), to_them)))
    return {
        row.id: OutboxState(row.state)
        for row in rows
        if row.ticket_id in own or folded(address) in {folded(one) for one in row.recipients}
    }


async def _mails(unit: Unit, address: str, account: str, own: list[int]) -> frozenset[int]:
    known = select(messages.c.raw_id).where(
        or_(messages.c.ticket_id.in_(own), is_at(messages.c.sender, address)), messages.c.raw_id.is_not(None)
    )
    decided = select(spool.c.raw_id).join(decisions, decisions.c.spool_id == spool.c.id)
    decided = decided.where(or_(decisions.c.ticket_id.in_(own), is_at(spool.c.reverse_path, address)))
    if account:
        known = known.where(messages.c.account == account)
        decided = decided.where(decisions.c.account == account)
    return frozenset(await _ids(unit, known) | await _ids(unit, decided))


async def _ids(unit: Unit, query: Select[Any]) -> set[int]:
    return set((await unit.execute(query)).scalars())


async def _all(database: Database, query: Select[Any]) -> AsyncIterator[Row[Any]]:
    """The rows, in the order of their ids, some in each transaction."""
    last, id_ = 0, query.selected_columns[0]
    while True:
        async with database.read() as unit:
            rows = (await unit.execute(query.where(id_ > last).order_by(id_).limit(_TOGETHER))).all()
        if not rows:
            return
        for row in rows:
            yield row
        last = rows[-1].id


def _place(row: Any) -> dict[str, Any]:
    ticket = None if row.number is None else ticket_name(row.account, row.number)
    return {"at": row.at, "account": row.account or None, "ticket": ticket}
