"""Decisions as rows: all that follows from a mail, once, whoever else decides it at the same time."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from mailgate.core.change import Hold, HoldKind, Incoming, Outcome
from mailgate.core.clock import Clock, ClockState, TargetKind, stopped
from mailgate.core.event import (
    CustomerReplied,
    Event,
    PriorityRaised,
    ResponseWithdrawn,
    StaffReplied,
    TargetMissed,
)
from mailgate.core.ticket import Seen, Status
from mailgate.store.apply import apply
from mailgate.store.faults import ConflictError
from mailgate.store.journal import record
from mailgate.store.records import unpacked
from mailgate.store.tables import decisions, held, journal, messages, outbox, spool
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database
from tests.outgoing import ACKNOWLEDGEMENT

if TYPE_CHECKING:
    from tests.conftest import World

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 9, 30, 0, 5000, tzinfo=UTC)
RESPONSE = Clock(
    kind=TargetKind.RESPONSE,
    priority="P2",
    state=ClockState.RUNNING,
    started=AT,
    due=datetime(2026, 11, 20, 13, 0, tzinfo=UTC),
    warn_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
)


async def test_a_new_ticket_is_read_as_it_was_written(database: Database, world: "World") -> None:
    ticket = await world.opened(AT, RESPONSE, mails=(ACKNOWLEDGEMENT,))
    async with database.read() as unit:
        found = await tickets_by_id(unit, [ticket.id])
    thread = (Seen("1@acme.example"), Seen("ack.1@support.example.com", ("bob@acme.example",)))
    assert found.known == {ticket.id: replace(ticket, thread=thread)}
    assert ticket.name == "ACME-1"


async def test_everything_that_a_mail_causes_is_written_at_once(database: Database, world: "World") -> None:
    """behaviour.md 1.3: one transaction with every mail that it causes."""
    ticket = await world.opened(AT, RESPONSE, mails=(ACKNOWLEDGEMENT,))
    async with database.read() as unit:
        (decision,) = (await unit.execute(select(decisions))).all()
        (event,) = (await unit.execute(select(journal))).all()
        (queued,) = (await unit.execute(select(outbox))).all()
        known = (await unit.execute(select(messages).order_by(messages.c.id))).all()
        (arrived,) = (await unit.execute(select(spool.c.state, spool.c.leased_until))).all()
    assert tuple(decision)[2:] == ("acme", AT, "new_ticket", "2.9", "a reason", ticket.id)
    assert (event.ticket_id, event.at, event.recorded, event.kind) == (ticket.id, AT, AT, "ticket_opened")
    assert event.body["reason"] == "a new matter"
    assert event.body["ticket"]["clocks"][0]["due"] == "2026-11-20T13:00:00Z"
    assert (queued.state, queued.next_at, queued.created, queued.recipients) == (
        "waiting",
        AT,
        AT,
        ["bob@acme.example"],
    )
    assert unpacked(queued.packed) == ACKNOWLEDGEMENT.content
    assert [(one.direction, one.kind, one.sender, one.message_id) for one in known] == [
        ("in", "new_ticket", "bob@acme.example", "1@acme.example"),
        ("out", "acknowledgement", "acme@support.example.com", "ack.1@support.example.com"),
    ]
    assert tuple(arrived) == ("done", None)


async def test_a_mail_with_the_same_cause_is_queued_once(database: Database, world: "World") -> None:
    """behaviour.md 5.3"""
    ticket = await world.opened(AT, mails=(ACKNOWLEDGEMENT, ACKNOWLEDGEMENT))
    change = replace(await world.spooled(LATER), ticket=ticket.id, mails=(ACKNOWLEDGEMENT,))
    async with database.write() as unit:
        await apply(unit, LATER, [change])
    async with database.read() as unit:
        assert len((await unit.execute(select(outbox))).all()) == 1
        assert len((await unit.execute(select(messages).where(messages.c.direction == "out"))).all()) == 1


async def test_a_staff_reply_opens_the_ticket_and_stops_the_clock(database: Database, world: "World") -> None:
    ticket = await world.opened(AT, RESPONSE)
    met = stopped(RESPONSE, LATER)
    async with database.write() as unit:
        await record(
            unit, LATER, [(ticket.id, StaffReplied(LATER, "sam@example.com", "a staff reply", (met,)))]
        )
    async with database.read() as unit:
        found = (await tickets_by_id(unit, [ticket.id])).known[ticket.id]
    assert (found.status, found.clocks) == (Status.OPEN, (met,))


async def test_a_withdrawn_reply_makes_the_ticket_new_again(database: Database, world: "World") -> None:
    """behaviour.md 2.3"""
    ticket = await world.opened(AT, RESPONSE)
    events: list[Event] = [
        StaffReplied(LATER, "sam@example.com", "a staff reply", (stopped(RESPONSE, LATER),)),
        CustomerReplied(LATER, "bob@acme.example", "a reply"),
        ResponseWithdrawn(LATER, LATER, None, "the reply was never delivered", (RESPONSE,)),
    ]
    async with database.write() as unit:
        await record(unit, LATER, [(ticket.id, event) for event in events])
    async with database.read() as unit:
        found = (await tickets_by_id(unit, [ticket.id])).known[ticket.id]
        kinds = (await unit.execute(select(journal.c.kind).order_by(journal.c.id))).scalars().all()
    assert (found.status, found.clocks) == (Status.NEW, (RESPONSE,))
    assert kinds == ["ticket_opened", "staff_replied", "customer_replied", "response_withdrawn"]


async def test_a_raised_priority_moves_clocks_and_adds_those_that_were_not_there(
    database: Database, world: "World"
) -> None:
    ticket = await world.opened(AT, RESPONSE)
    sooner = replace(RESPONSE, priority="P1", due=datetime(2026, 11, 20, 10, 30, tzinfo=UTC), warn_at=None)
    resolution = replace(sooner, kind=TargetKind.RESOLUTION)
    raised = PriorityRaised(LATER, "P2", "P1", "the customer asks for P1", (sooner, resolution))
    async with database.write() as unit:
        await record(unit, LATER, [(ticket.id, raised)])
    async with database.read() as unit:
        found = (await tickets_by_id(unit, [ticket.id])).known[ticket.id]
    assert (found.priority, found.clocks) == ("P1", (sooner, resolution))


async def test_the_journal_dates_a_miss_at_its_due_instant(database: Database, world: "World") -> None:
    """behaviour.md 6.3"""
    ticket = await world.opened(AT, RESPONSE)
    detected = datetime(2026, 11, 20, 13, 0, 0, 250_000, tzinfo=UTC)
    missed = replace(RESPONSE, state=ClockState.MISSED, detected=detected)
    async with database.write() as unit:
        await record(unit, detected, [(ticket.id, TargetMissed(RESPONSE.due, missed))])
    async with database.read() as unit:
        event = (await unit.execute(select(journal).where(journal.c.kind == "target_missed"))).one()
    assert (event.at, event.recorded) == (RESPONSE.due, detected)
    assert event.body["clock"]["detected"] == "2026-11-20T13:00:00.250Z"


async def test_a_mail_that_cannot_be_read_is_quarantined_and_listed(
    database: Database, world: "World"
) -> None:
    waiting = await world.spooled(AT)
    change = replace(
        waiting,
        outcome=Outcome.QUARANTINED,
        reason="nested too deeply",
        hold=Hold(HoldKind.QUARANTINED, "bob@acme.example", "Help"),
    )
    async with database.write() as unit:
        await apply(unit, AT, [change])
    async with database.read() as unit:
        assert (await unit.execute(select(spool.c.state))).scalars().all() == ["quarantined"]
        entry = (await unit.execute(select(held))).one()
    assert tuple(entry)[3:] == (
        "acme",
        "quarantined",
        AT,
        "bob@acme.example",
        "Help",
        "nested too deeply",
        "held",
    )


async def test_a_mail_that_was_decided_meanwhile_is_not_decided_again(
    database: Database, world: "World"
) -> None:
    waiting = await world.spooled(AT)
    async with database.write() as unit:
        await apply(unit, AT, [waiting])
    with pytest.raises(ConflictError):
        async with database.write() as unit:
            await apply(unit, LATER, [waiting])
    async with database.read() as unit:
        assert len((await unit.execute(select(decisions))).all()) == 1


async def test_the_same_mail_is_kept_once_for_an_account(database: Database, world: "World") -> None:
    """behaviour.md 2.1: what facts would have shown, had the other transaction been seen."""
    known = Incoming("bob@acme.example", "Help", "1@acme.example", "f" * 64)
    await world.opened(AT, message=known)
    waiting = await world.spooled(LATER)
    with pytest.raises(ConflictError):
        async with database.write() as unit:
            await apply(unit, LATER, [replace(waiting, message=known)])
    async with database.write() as unit:
        await apply(unit, LATER, [replace(waiting, message=replace(known, message_id="2@acme.example"))])


async def test_a_released_mail_takes_the_place_of_the_held_one(database: Database, world: "World") -> None:
    """behaviour.md 2.7: held, and released by command."""
    known = Incoming("eve@other.example", "Help", "3@other.example", "e" * 64)
    held_mail = replace(
        await world.spooled(AT),
        outcome=Outcome.HELD,
        message=known,
        hold=Hold(HoldKind.HELD, "eve@other.example", "Help"),
    )
    async with database.write() as unit:
        await apply(unit, AT, [held_mail])
    ticket = await world.opened(LATER, message=known)
    async with database.read() as unit:
        (one,) = (await unit.execute(select(messages))).all()
    assert (one.kind, one.ticket_id, one.at) == ("new_ticket", ticket.id, LATER)
