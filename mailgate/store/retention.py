"""Knows which rows may go because they are old, and how: some at a time, whatever refers to them first.

Each step takes the next few of its kind, by their ids, so that it can be made again after a kill, and so that
the same statements count what they would delete. A ticket goes whole, with all that was merged into it.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, exists, func, not_, or_, select, update

from mailgate.core.clock import ClockState, TargetKind
from mailgate.core.relay import OutboxState
from mailgate.core.retention import Ended, Pruned, Retention
from mailgate.core.ticket import ENDED, TicketId
from mailgate.store.registers import audits, digests, suppressions
from mailgate.store.tables import (
    clocks,
    decisions,
    escalations,
    held,
    journal,
    messages,
    outbox,
    raw_mails,
    spool,
    tickets,
)
from mailgate.store.tickets import with_merged
from mailgate.store.unit import Unit

TICKETS = 50
"""In one transaction, beside those that were merged into them."""

ROWS = 500
"""The same of everything else."""

_OVER = (OutboxState.SENT, OutboxState.FAILED, OutboxState.DROPPED)
_PROMISED = (ClockState.MET.value, ClockState.MISSED.value)
_Where = ColumnElement[bool]


@dataclass(slots=True)
class Broom:
    """What takes rows away, or only counts them, `dry`.

    Args:
        tickets: those that would be gone, where nothing goes.
    """

    retention: Retention
    dry: bool = False
    pruned: Pruned = field(default_factory=Pruned)
    tickets: set[int] = field(default_factory=set)

    async def sweep(self, unit: Unit, table: Table, *where: _Where) -> None:
        """Takes the rows away, or counts them."""
        if self.dry:
            count = await unit.scalar(select(func.count()).select_from(table).where(*where)) or 0
        else:
            count = (await unit.execute(delete(table).where(*where))).rowcount
        self.pruned.count(table.name, count)

    def is_old(self, row: Row[Any]) -> bool:
        """Whether a row of an account, on no ticket, may go by its age."""
        return row.at < self.retention.before and self.retention.covers(row.account)


Step = Callable[[Unit, Broom, int], Awaitable[int | None]]
"""Takes the next few away, those after an id; the id to go on after, None at the end."""


async def tickets_gone(unit: Unit, broom: Broom, after: int) -> int | None:
    """Tickets that ended, with all that is on them."""
    roots = list((await unit.execute(_roots(broom.retention, after))).scalars())
    ids = await _families(unit, broom, roots)
    if ids:
        await _forget(unit, broom, ids)
    return roots[-1] if roots else None


async def mails_gone(unit: Unit, broom: Broom, after: int) -> int | None:
    """Mails out that are on no ticket: digests, notices."""
    old = [outbox.c.state.in_(_OVER), outbox.c.settled < broom.retention.before]
    ids = await _next(unit, broom, outbox, after, outbox.c.ticket_id.is_(None), *old)
    await broom.sweep(unit, messages, messages.c.outbox_id.in_(ids))
    await broom.sweep(unit, outbox, outbox.c.id.in_(ids))
    return ids[-1] if ids else None


async def messages_gone(unit: Unit, broom: Broom, after: int) -> int | None:
    """What is known of mails in that are on no ticket."""
    old = [messages.c.outbox_id.is_(None), messages.c.at < broom.retention.before]
    ids = await _next(unit, broom, messages, after, messages.c.ticket_id.is_(None), *old)
    await broom.sweep(unit, messages, messages.c.id.in_(ids))
    return ids[-1] if ids else None


async def held_gone(unit: Unit, broom: Broom, after: int) -> int | None:
    """Mails kept aside, whatever became of them, but for those that are being decided again."""
    decided = held.c.spool_id.not_in(select(spool.c.id).where(spool.c.state == "waiting"))
    ids = await _next(unit, broom, held, after, held.c.at < broom.retention.before, decided)
    await broom.sweep(unit, held, held.c.id.in_(ids))
    return ids[-1] if ids else None


async def spool_gone(unit: Unit, broom: Broom, after: int) -> int | None:
    """Mails that were decided, with their bytes, once nothing refers to them any more."""
    old = [spool.c.received < broom.retention.before, spool.c.state != "waiting", spool.c.id > after]
    query = select(spool.c.id, spool.c.raw_id).where(*old).order_by(spool.c.id).limit(ROWS)
    rows = (await unit.execute(query)).all()
    if not rows:
        return None
    ids: list[int] = [row.id for row in rows]
    raw_ids = [row.raw_id for row in rows]
    decided = (await unit.execute(select(decisions).where(decisions.c.spool_id.in_(ids)))).all()
    kept_aside = (await unit.execute(select(held).where(held.c.spool_id.in_(ids)))).all()
    known = (await unit.execute(select(messages).where(messages.c.raw_id.in_(raw_ids)))).all()
    old_decisions = [row.id for row in decided if row.ticket_id is None and broom.is_old(row)]
    await broom.sweep(unit, decisions, decisions.c.id.in_(old_decisions))
    needed = {row.spool_id for row in decided if not _goes(row, broom)}
    needed |= {row.spool_id for row in kept_aside if not broom.is_old(row)}
    needed_raw = {row.raw_id for row in known if not _goes(row, broom)}
    free = [row for row in rows if row.id not in needed and row.raw_id not in needed_raw]
    await broom.sweep(unit, spool, spool.c.id.in_([row.id for row in free]))
    await broom.sweep(unit, raw_mails, raw_mails.c.id.in_([row.raw_id for row in free]))
    return ids[-1]


async def suppressions_gone(unit: Unit, broom: Broom, after: int) -> int | None:
    """Addresses that have got mail again for long."""
    ids = await _next(unit, broom, suppressions, after, suppressions.c.until < broom.retention.before)
    await broom.sweep(unit, suppressions, suppressions.c.id.in_(ids))
    return ids[-1] if ids else None


async def digests_gone(unit: Unit, broom: Broom, after: int) -> int | None:
    """Days of which was told, but for the last, where the next one begins."""
    if broom.retention.account or after:
        return None
    later = digests.alias()
    followed = exists().where(later.c.name == digests.c.name, later.c.local_date > digests.c.local_date)
    await broom.sweep(unit, digests, digests.c.window_end < broom.retention.before, followed)
    return None


async def audits_gone(unit: Unit, broom: Broom, after: int) -> int | None:
    """What the audit trail says, if it has an age of its own."""
    if broom.retention.audits is None or after:
        return None
    await broom.sweep(unit, audits, audits.c.at < broom.retention.audits)
    return None


STEPS: Mapping[str, Step] = {
    "tickets": tickets_gone,
    "mails out": mails_gone,
    "mails known": messages_gone,
    "mails held": held_gone,
    "mails in": spool_gone,
    "addresses": suppressions_gone,
    "digests": digests_gone,
    "audits": audits_gone,
}
"""In this order: what refers goes before what it refers to."""


def _goes(row: Row[Any], broom: Broom) -> bool:
    if row.ticket_id is None:
        return broom.is_old(row)
    return row.ticket_id in broom.tickets


def _roots(retention: Retention, after: int) -> Any:
    """The next tickets that may go by themselves and did not go into others that are there still."""
    into = tickets.alias()
    survives = exists().where(into.c.id == tickets.c.merged_into)
    return (
        select(tickets.c.id)
        .where(tickets.c.id > after, not_(survives), _ended(retention))
        .order_by(tickets.c.id)
        .limit(TICKETS)
    )


def _ended(retention: Retention) -> _Where:
    """Of a ticket: it ended before, nothing was on it since, and nothing on it can move any more."""
    before, ticket = retention.before, tickets.c.id
    since = (
        exists().where(
            journal.c.ticket_id == ticket, or_(journal.c.at >= before, journal.c.recorded >= before)
        ),
        exists().where(messages.c.ticket_id == ticket, messages.c.at >= before),
        exists().where(outbox.c.ticket_id == ticket, outbox.c.state.not_in(_OVER)),
        exists().where(outbox.c.ticket_id == ticket, outbox.c.settled >= before),
        exists().where(clocks.c.ticket_id == ticket, clocks.c.next_at.is_not(None)),
        exists().where(escalations.c.ticket_id == ticket, escalations.c.next_at.is_not(None)),
    )
    reopens = [
        and_(tickets.c.policy == digest, func.coalesce(tickets.c.resolved, tickets.c.opened) >= until)
        for digest, until in retention.windows.items()
    ]
    own = [tickets.c.account == retention.account] if retention.account else []
    return and_(
        tickets.c.status.in_(sorted(ENDED)), tickets.c.opened < before, *own, *map(not_, (*since, *reopens))
    )


async def _families(unit: Unit, broom: Broom, roots: Sequence[int]) -> list[int]:
    """The roots with all that was merged into them, where the whole family may go, held."""
    ids = sorted(await with_merged(unit, map(TicketId, roots)))
    family = select(tickets.c.id, tickets.c.merged_into).where(tickets.c.id.in_(ids)).order_by(tickets.c.id)
    rows = (await unit.execute(family if broom.dry else family.with_for_update())).all()
    # Asked again, with the rows held: a mail may have come meanwhile.
    ended = select(tickets.c.id).where(tickets.c.id.in_(ids), _ended(broom.retention))
    old = set((await unit.execute(ended)).scalars())
    into = {row.id: row.merged_into for row in rows}
    stays = {_root(one, into) for one in ids if one not in old}
    return [one for one in ids if one in into and _root(one, into) not in stays]


def _root(ticket: int, into: Mapping[int, int | None]) -> int:
    following = into.get(ticket)
    while following is not None and following in into:
        ticket, following = following, into[following]
    return ticket


async def _forget(unit: Unit, broom: Broom, ids: Collection[int]) -> None:
    """All that is on these tickets, and they themselves."""
    broom.pruned.add(await _promises(unit, ids))
    broom.tickets.update(ids if broom.dry else ())
    if not broom.dry:
        loose = update(suppressions).where(suppressions.c.ticket_id.in_(ids)).values(ticket_id=None)
        await unit.execute(loose)
    for table in (messages, outbox, decisions, clocks, escalations, journal):
        await broom.sweep(unit, table, table.c.ticket_id.in_(ids))
    await broom.sweep(unit, tickets, tickets.c.id.in_(ids))


async def _promises(unit: Unit, ids: Collection[int]) -> Iterable[Ended]:
    query = (
        select(tickets.c.account, clocks.c.priority, clocks.c.kind, clocks.c.state, clocks.c.due)
        .join_from(clocks, tickets)
        .where(tickets.c.id.in_(ids), clocks.c.state.in_(_PROMISED))
    )
    return [
        Ended(row.account, row.priority, TargetKind(row.kind), ClockState(row.state), row.due)
        for row in await unit.execute(query)
    ]


async def _next(unit: Unit, broom: Broom, table: Table, after: int, *where: _Where) -> list[int]:
    """The next ids of rows of the account that may go."""
    query = select(table.c.id).where(table.c.id > after, *where).order_by(table.c.id).limit(ROWS)
    if broom.retention.account:
        query = query.where(table.c.account == broom.retention.account)
    return list((await unit.execute(query)).scalars())
