"""Knows how tickets are listed and how one ticket's timeline is told, for people and for their programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from mailgate.core.authentication import Authentication, from_tree
from mailgate.core.clock import ClockState
from mailgate.core.facts import Direction
from mailgate.core.ticket import ENDED, Status, Ticket, TicketId
from mailgate.store.dialect import in_parts
from mailgate.store.records import ticket_from
from mailgate.store.tables import clocks, journal, messages, outbox, tickets
from mailgate.store.tickets import clocks_by_ticket, tickets_by_id
from mailgate.store.unit import Unit

_ENDED = sorted(status.value for status in ENDED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets a list shows; what is None or empty is not asked about.

    Args:
        overdue_at: only those with a promise that was broken before that instant and is not kept yet.
        limit: so many of the newest.
        unended: only those that are neither resolved nor closed.
    """

    account: str = ""
    status: Status | None = None
    overdue_at: datetime | None = None
    limit: int | None = None
    unended: bool = False


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of a ticket's journal. `body` is the event as JSON has it, its instant aside."""

    at: datetime
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail on a ticket.

    Args:
        delivery: `received` for a mail in; for one out, how far it has got.
        reply: the last line of the server that was to take it.
        authentication: of a mail in, what proves who sent it; None where nobody looked.
    """

    at: datetime
    direction: Direction
    kind: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    delivery: str
    reply: str
    authentication: Authentication | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A ticket, what happened to it and the mails on it, both oldest first."""

    ticket: Ticket
    events: tuple[JournalLine, ...]
    mails: tuple[Mail, ...]


async def tickets_listed(unit: Unit, wanted: Wanted) -> tuple[Ticket, ...]:
    """The tickets, the newest first, with their clocks and without their threads."""
    query = select(tickets).where(*_conditions(wanted))
    rows = (await unit.execute(query.order_by(tickets.c.id.desc()).limit(wanted.limit))).all()
    found: list[Ticket] = []
    for some in in_parts(rows):
        of_ticket = await clocks_by_ticket(unit, [TicketId(row.id) for row in some])
        found += [ticket_from(row, of_ticket.get(row.id, ()), ()) for row in some]
    return tuple(found)


async def timeline(unit: Unit, account: str, number: int) -> Timeline | None:
    """The whole of one ticket, by its number in its account, or None."""
    named = (func.lower(tickets.c.account) == account.lower()) & (tickets.c.number == number)
    key = (await unit.execute(select(tickets.c.id).where(named))).scalar()
    if key is None:
        return None
    ticket = TicketId(key)
    found = await tickets_by_id(unit, [ticket])
    return Timeline(found.known[ticket], await _events(unit, ticket), await _mails(unit, ticket))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.account:
        conditions.append(func.lower(tickets.c.account) == wanted.account.lower())
    if wanted.status is not None:
        conditions.append(tickets.c.status == wanted.status.value)
    if wanted.unended:
        conditions.append(tickets.c.status.not_in(_ENDED))
    if wanted.overdue_at is not None:
        running_late = and_(clocks.c.state == ClockState.RUNNING.value, clocks.c.due < wanted.overdue_at)
        missed_and_open = and_(
            clocks.c.state == ClockState.MISSED.value,
            clocks.c.stopped.is_(None),
            clocks.c.due < wanted.overdue_at,
        )
        late = select(clocks.c.ticket_id).where(or_(running_late, missed_and_open))
        conditions += [tickets.c.id.in_(late), tickets.c.status.not_in(_ENDED)]
    return conditions


async def _events(unit: Unit, ticket: TicketId) -> tuple[JournalLine, ...]:
    query = select(journal).where(journal.c.ticket_id == ticket).order_by(journal.c.at, journal.c.id)
    return tuple(JournalLine(row.at, row.kind, row.body) for row in await unit.execute(query))


async def _mails(unit: Unit, ticket: TicketId) -> tuple[Mail, ...]:
    query = (
        select(messages, outbox.c.state, outbox.c.recipients, outbox.c.reply)
        .outerjoin(outbox, messages.c.outbox_id == outbox.c.id)
        .where(messages.c.ticket_id == ticket)
        .order_by(messages.c.at, messages.c.id)
    )
    return tuple(
        Mail(
            at=row.at,
            direction=Direction(row.direction),
            kind=row.kind,
            sender=row.sender,
            recipients=tuple(row.recipients or ()),
            subject=row.subject,
            delivery=row.state or "received",
            reply=row.reply or "",
            authentication=from_tree(row.authentication) if row.authentication else None,
        )
        for row in await unit.execute(query)
    )
