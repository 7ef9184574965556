"""Knows what the daily digest asks of the rows, and which digests there have been."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select, text

from mailgate.core.clock import ClockState, TargetKind
from mailgate.core.digest import ClockRow, MailRow, Seen, WaitingRow, Window
from mailgate.core.ticket import Status, ticket_name
from mailgate.store.registers import digests
from mailgate.store.tables import clocks, held, journal, outbox, tickets
from mailgate.store.unit import Unit

_PROMISE_NOTHING = (ClockState.PAUSED.value, ClockState.VOID.value)
"""A clock that rests is due at no instant that is known; one that is void was replaced by another."""


@dataclass(frozen=True, slots=True)
class Told:
    """A digest that was claimed."""

    day: date
    window: Window


async def last(unit: Unit, name: str) -> Told | None:
    """The latest digest of that name."""
    found = await unit.execute(
        select(digests).where(digests.c.name == name).order_by(digests.c.local_date.desc()).limit(1)
    )
    row = found.one_or_none()
    return None if row is None else _told(row)


async def of_day(unit: Unit, name: str, day: date) -> Told | None:
    """The digest of that local date."""
    found = await unit.execute(
        select(digests).where(digests.c.name == name, digests.c.local_date == day.isoformat())
    )
    row = found.one_or_none()
    return None if row is None else _told(row)


async def began(unit: Unit) -> datetime | None:
    """When the first ticket was opened."""
    answer: datetime | None = await unit.scalar(select(func.min(tickets.c.opened)))
    return answer


async def seen(unit: Unit, window: Window, until: datetime, companies: Mapping[str, str]) -> Seen:
    """What the rows hold for a window, and which clocks come due before `until`; `companies` by account."""
    names = _Names(companies)
    return Seen(
        clocks=tuple(names.clock(row) for row in await unit.execute(_clocks(window, until))),
        waiting=tuple(names.waiting(row) for row in await unit.execute(_waiting(window.end))),
        held=tuple(names.held(row) for row in await unit.execute(_held(window.end))),
        undeliverable=await _undelivered(unit, window, names),
        paged=tuple(replace(names.sent(row), reason=row.state) for row in await unit.execute(_paged(window))),
        opened=await unit.scalar(_opened(window)) or 0,
    )


async def _undelivered(unit: Unit, window: Window, names: "_Names") -> tuple[MailRow, ...]:
    """What the relay gave up or may have lost, and what others reported; the journal has some of both."""
    ours = (await unit.execute(_undeliverable(window))).all()
    known = {(row.ticket_id, row.reply) for row in ours}
    reports = (await unit.execute(_reported(window))).all()
    theirs = [row for row in reports if (row.ticket_id, row.body["report"]["diagnostic"]) not in known]
    return (*(names.sent(row) for row in ours), *(names.reported(row) for row in theirs))


def _told(row: Row[Any]) -> Told:
    return Told(date.fromisoformat(row.local_date), Window(row.window_start, row.window_end))


def _clocks(window: Window, until: datetime) -> Select[Any]:
    """Open and due before `until`, or stopped since the window began: what was stopped before is told."""
    open_or_told_now = or_(
        and_(clocks.c.stopped.is_(None), clocks.c.due < until), clocks.c.stopped >= window.start
    )
    return (
        select(
            tickets.c.account,
            tickets.c.number,
            tickets.c.title,
            tickets.c.assignee,
            clocks.c.priority,
            clocks.c.kind,
            clocks.c.state,
            clocks.c.due,
            clocks.c.stopped,
        )
        .join_from(clocks, tickets)
        .where(open_or_told_now, clocks.c.started < window.end, clocks.c.state.not_in(_PROMISE_NOTHING))
    )


def _waiting(end: datetime) -> Select[Any]:
    """Without a first answer: with the first due instant of a response that was not replaced."""
    response = and_(
        clocks.c.ticket_id == tickets.c.id,
        clocks.c.kind == TargetKind.RESPONSE.value,
        clocks.c.state.not_in(_PROMISE_NOTHING),
    )
    return (
        select(
            tickets.c.account,
            tickets.c.number,
            tickets.c.title,
            tickets.c.priority,
            tickets.c.opened,
            func.min(clocks.c.due).label("due"),
        )
        .join_from(tickets, clocks, response, isouter=True)
        .where(tickets.c.status == Status.NEW.value, tickets.c.opened < end)
        .group_by(tickets.c.id)
    )


def _held(end: datetime) -> Select[Any]:
    return select(held).where(held.c.state == "held", held.c.at < end).order_by(held.c.at, held.c.id)


def _undeliverable(window: Window) -> Select[Any]:
    """What was given up in the window, or may have been lost in it."""
    return _SENT.where(
        text("state IN ('failed', 'uncertain')"),
        outbox.c.settled >= window.start,
        outbox.c.settled < window.end,
    ).order_by(outbox.c.settled, outbox.c.id)


def _reported(window: Window) -> Select[Any]:
    """Failures that the journal holds."""
    return (
        select(
            journal.c.ticket_id,
            journal.c.at,
            journal.c.body,
            tickets.c.account,
            tickets.c.number,
            tickets.c.title,
        )
        .join_from(journal, tickets)
        .where(
            text("journal.kind = 'delivery_failed'"), journal.c.at >= window.start, journal.c.at < window.end
        )
        .order_by(journal.c.at, journal.c.id)
    )


def _paged(window: Window) -> Select[Any]:
    return _SENT.where(
        text("kind = 'page'"),
        outbox.c.created >= window.start,
        outbox.c.created < window.end,
    ).order_by(outbox.c.created, outbox.c.id)


def _opened(window: Window) -> Select[Any]:
    return select(func.count()).where(tickets.c.opened >= window.start, tickets.c.opened < window.end)


_SENT = select(
    outbox.c.id,
    outbox.c.ticket_id,
    outbox.c.account,
    outbox.c.kind,
    outbox.c.recipients,
    outbox.c.subject,
    outbox.c.state,
    outbox.c.created,
    outbox.c.settled,
    outbox.c.reply,
)


@dataclass(frozen=True, slots=True)
class _Names:
    """Makes rows into values, with the names of the companies that they are about."""

    companies: Mapping[str, str]

    def clock(self, row: Row[Any]) -> ClockRow:
        return ClockRow(
            ticket=ticket_name(row.account, row.number),
            title=row.title,
            account=row.account,
            company=self.company(row.account),
            priority=row.priority,
            kind=TargetKind(row.kind),
            state=ClockState(row.state),
            due=row.due,
            stopped=row.stopped,
            assignee=row.assignee or "",
        )

    def waiting(self, row: Row[Any]) -> WaitingRow:
        return WaitingRow(
            ticket=ticket_name(row.account, row.number),
            title=row.title,
            company=self.company(row.account),
            priority=row.priority,
            opened=row.opened,
            due=row.due,
        )

    def held(self, row: Row[Any]) -> MailRow:
        return MailRow(
            row.id, row.at, row.kind, row.sender, row.subject, row.reason, self.company(row.account)
        )

    def sent(self, row: Row[Any]) -> MailRow:
        return MailRow(
            reference=row.id,
            at=row.settled or row.created,
            kind=row.kind,
            who=", ".join(row.recipients),
            subject=row.subject,
            reason=f"{row.state}: {row.reply}" if row.reply else row.state,
            company=self.company(row.account),
        )

    def reported(self, row: Row[Any]) -> MailRow:
        return MailRow(
            reference=0,
            at=row.at,
            kind=row.body["kind"],
            who=", ".join(row.body["report"]["recipients"]),
            subject=row.title,
            reason=row.body["reason"],
            company=self.company(row.account),
            ticket=ticket_name(row.account, row.number),
        )

    def company(self, account: str) -> str:
        return self.companies.get(account, account)
