"""Knows how an event is written: tickets, clocks and journal, all three from the same value."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy import insert as plain_insert

from mailgate.core.change import Outcome
from mailgate.core.event import (
    DeliveryFailed,
    Event,
    ResponseWithdrawn,
    StaffReplied,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    moved_clocks,
)
from mailgate.core.facts import UNREACHED_REPLY, WITHDRAWN_REPLY
from mailgate.core.move import Move, arrows, move_of
from mailgate.core.outgoing import MailKind
from mailgate.core.ticket import TicketId
from mailgate.store.columns import Instant
from mailgate.store.dialect import Insert, insert, once
from mailgate.store.escalations import move_escalations
from mailgate.store.records import clock_row, journal_row, plain, seekable, ticket_row
from mailgate.store.tables import clocks, journal, messages, tickets
from mailgate.store.unit import Unit
from mailgate.store.wakes import Wake, wake

_CLOCK = ("ticket_id", "kind", "epoch")
_OPEN = plain_insert(tickets)
_WRITE_DOWN = plain_insert(journal)
_OF = tickets.c.id == bindparam("of")
_GO_ALONG = (
    update(tickets).where(_OF, tickets.c.status == bindparam("before")).values(status=bindparam("after"))
)
_PRIORITY = update(tickets).where(_OF).values(priority=bindparam("after"))
_ANSWERED = update(tickets).where(_OF, tickets.c.answered.is_(None)).values(answered=bindparam("on"))
_WITHDRAWN = (
    update(tickets)
    .where(_OF, tickets.c.answered == bindparam("on", type_=Instant))
    .values(answered=bindparam("again"))
)
_NOT_GOT = (
    update(messages)
    .where(
        messages.c.ticket_id == bindparam("of"),
        messages.c.kind == Outcome.STAFF_REPLY.value,
        messages.c.at == bindparam("on", type_=Instant),
    )
    .values(kind=WITHDRAWN_REPLY)
)
_UNREACHED = (
    update(messages)
    .where(
        messages.c.ticket_id == bindparam("of"),
        messages.c.kind == MailKind.RELAYED_REPLY.value,
        messages.c.message_id == bindparam("named"),
    )
    .values(kind=UNREACHED_REPLY)
)
_RESOLVED = update(tickets).where(_OF).values(resolved=bindparam("on"))
_PEOPLE = update(tickets).where(_OF).values(people=bindparam("all"))
_ASSIGNED = update(tickets).where(_OF).values(assignee=bindparam("to"))
_MERGED = update(tickets).where(_OF).values(merged_into=bindparam("into"))


async def record(unit: Unit, now: datetime, happened: Sequence[tuple[TicketId, Event]]) -> None:
    """Writes what happened, in its order, to the tickets it happened to."""
    if not happened:
        return
    opened = [ticket_row(event.ticket) for _, event in happened if isinstance(event, TicketOpened)]
    if opened:
        await unit.execute(_OPEN, opened)
    await _move_tickets(unit, [(ticket, move_of(event)) for ticket, event in happened])
    await _move_clocks(unit, happened)
    await _tell_not_got(unit, happened)
    await move_escalations(unit, happened)
    rows = [journal_row(ticket, event, recorded=now) for ticket, event in happened]
    await unit.execute(_WRITE_DOWN, rows)


async def _move_tickets(unit: Unit, moves: Sequence[tuple[TicketId, Move]]) -> None:
    """Each column has a statement of its own, so the moves keep their order where they need it."""
    columns: dict[Update, list[dict[str, Any]]] = defaultdict(list)
    for ticket, move in moves:
        for before, after in arrows(move).items():
            columns[_GO_ALONG].append({"of": ticket, "before": before.value, "after": after.value})
        for statement, values in _columns(move):
            columns[statement].append({"of": ticket, **values})
    for statement, rows in columns.items():
        await unit.execute(statement, rows)


def _columns(move: Move) -> Iterator[tuple[Update, dict[str, Any]]]:
    """What a move writes into its ticket beside the status."""
    if move.priority and move.kind is not TicketOpened:
        yield _PRIORITY, {"after": move.priority}
    if move.kind is StaffReplied:
        yield _ANSWERED, {"on": move.at}
    if move.kind is ResponseWithdrawn:
        yield _WITHDRAWN, {"on": move.answered, "again": move.again}
    if move.kind in {TicketResolved, TicketReopened}:
        yield _RESOLVED, {"on": move.at if move.kind is TicketResolved else None}
    if move.people is not None:
        yield _PEOPLE, {"all": plain(move.people)}
    if move.assignee:
        yield _ASSIGNED, {"to": move.assignee}
    if move.into is not None:
        yield _MERGED, {"into": move.into}


async def _tell_not_got(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    """Which copies of staff's mails did not arrive, and which mails nobody got: none of these answers."""
    lost = [(ticket, event) for ticket, event in happened if isinstance(event, DeliveryFailed)]
    copies = [
        {"of": ticket, "named": seekable(event.message_id)} for ticket, event in lost if event.message_id
    ]
    if copies:
        await unit.execute(_UNREACHED, copies)
    mails = [{"of": ticket, "on": event.answered} for ticket, event in lost if event.answered is not None]
    if mails:
        await unit.execute(_NOT_GOT, mails)


async def _move_clocks(unit: Unit, happened: Sequence[tuple[TicketId, Event]]) -> None:
    rows: list[dict[str, Any]] = [
        clock_row(ticket, clock) for ticket, event in happened for clock in moved_clocks(event)
    ]
    if rows:
        await unit.execute(_set_clock(unit), rows)
        await wake(unit, Wake.DEADLINES)


@once
def _set_clock(dialect: str) -> Insert:
    made = insert(dialect, clocks)
    moved = {column.name: column for column in made.excluded if column.name not in ("id", *_CLOCK)}
    return made.on_conflict_do_update(index_elements=_CLOCK, set_=moved)
