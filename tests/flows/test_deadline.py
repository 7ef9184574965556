"""The deadline sweep: what is due is recorded and told once, whoever sweeps, and never too early."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from structlog.testing import capture_logs

from mailgate.core.clock import Clock, ClockState, TargetKind, stopped
from mailgate.core.event import StaffReplied, TargetMissed
from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.ticket import Ticket
from mailgate.flows.announcement import Announced, Due
from mailgate.flows.deadline import sweep
from mailgate.store.apply import apply
from mailgate.store.claims import begin_arrival
from mailgate.store.tables import clocks, journal, outbox, spool
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database, Unit

if TYPE_CHECKING:
    from tests.conftest import World

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WARN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
PAUSE = timedelta(milliseconds=100)
CLOCK = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, START, DUE, warn_at=WARN)
WARNED = replace(CLOCK, warned=WARN)


async def announced(_unit: Unit, ticket: Ticket, event: Due) -> Announced:
    kind = MailKind.MISSED_TARGET if isinstance(event, TargetMissed) else MailKind.WARNING
    cause = f"{kind}:{ticket.id}:{event.clock.kind}:{event.clock.epoch}"
    mail = Outgoing(
        kind=kind,
        cause=cause,
        care=Care.AT_LEAST_ONCE,
        reverse_path="",
        recipients=("sam@example.com",),
        message_id=f"{cause}@support.example.com",
        subject=f"{ticket.name}: {ticket.clocks[0].state}",
        content=b"Subject: soon\r\n\r\nsoon\r\n",
        account=ticket.account,
    )
    return Announced(mails=(mail,))


async def swept(database: Database, now: datetime) -> tuple[datetime | None, int]:
    rings: list[None] = []
    return await sweep(database, lambda: now, announced, lambda: rings.append(None)), len(rings)


async def causes(database: Database) -> list[str]:
    async with database.read() as unit:
        return list((await unit.execute(select(outbox.c.cause).order_by(outbox.c.id))).scalars())


async def test_without_a_clock_there_is_nothing_to_look_for(database: Database) -> None:
    assert await swept(database, DUE) == (None, 0)


async def test_the_sweep_says_when_it_must_look_again(database: Database, world: "World") -> None:
    """behaviour.md 6.1: it reads what is due and sleeps until the next."""
    await world.opened(START, CLOCK)
    assert await swept(database, START) == (WARN + TICK, 0)
    assert await swept(database, WARN) == (WARN + TICK, 0)


async def test_a_warning_and_a_miss_are_each_told_once(database: Database, world: "World") -> None:
    """behaviour.md 6.2"""
    await world.opened(START, CLOCK)
    assert await swept(database, WARN + TICK) == (DUE + TICK, 1)
    assert await swept(database, WARN + 2 * TICK) == (DUE + TICK, 0)
    assert await swept(database, DUE + TICK) == (None, 1)
    assert await swept(database, DUE + 2 * TICK) == (None, 0)
    assert await causes(database) == ["warning:1:response:1", "missed_target:1:response:1"]


async def test_each_thing_that_fell_due_is_a_line_of_the_log(database: Database, world: "World") -> None:
    ticket = await world.opened(START, CLOCK)
    with capture_logs() as lines:
        await swept(database, WARN + TICK)
        await swept(database, DUE + TICK)
    told = [(line["what"], line["ticket"], line["target"]) for line in lines]
    assert told == [("target_warned", ticket.name, "response"), ("target_missed", ticket.name, "response")]


async def test_a_miss_is_on_the_ticket_and_in_the_journal(database: Database, world: "World") -> None:
    """behaviour.md 6.3"""
    ticket = await world.opened(START, WARNED)
    late = DUE + timedelta(hours=2)
    await swept(database, late)
    async with database.read() as unit:
        (clock,) = (await tickets_by_id(unit, [ticket.id])).known[ticket.id].clocks
        event = (await unit.execute(select(journal).where(journal.c.kind == "target_missed"))).one()
        (mail,) = (await unit.execute(select(outbox))).all()
    assert clock == replace(WARNED, state=ClockState.MISSED, detected=late)
    assert (event.ticket_id, event.at, event.recorded) == (ticket.id, DUE, late)
    assert (mail.ticket_id, mail.subject, mail.next_at) == (ticket.id, "ACME-1: missed", late)


async def test_a_mail_accepted_in_time_stops_its_clock_though_it_is_decided_late(
    database: Database, world: "World"
) -> None:
    """policies.md, Business time 5: what counts is when the reply was accepted."""
    ticket = await world.opened(START, WARNED)
    reply = await world.spooled(DUE)
    now = DUE + timedelta(minutes=5)
    assert await swept(database, now) == (now + PAUSE, 0)
    met = StaffReplied(DUE, "sam@example.com", "a staff reply", (stopped(WARNED, DUE),))
    async with database.write() as unit:
        await apply(unit, now, [replace(reply, ticket=ticket.id, events=(met,))])
    assert await swept(database, now) == (None, 0)
    async with database.read() as unit:
        assert (await unit.execute(select(clocks.c.state))).scalars().all() == ["met"]


async def test_a_mail_that_is_arriving_is_waited_for(database: Database, world: "World") -> None:
    """policies.md, Business time 5: accepted at the due instant, committed a moment after it."""
    await world.opened(START, WARNED)
    reply = await world.spooled(DUE + TICK)
    arriving = asyncio.Event()

    async def arrive() -> None:
        async with database.write() as unit:
            await begin_arrival(unit)
            arriving.set()
            await asyncio.sleep(0.1)
            await unit.execute(update(spool).where(spool.c.id == reply.spool_id).values(received=DUE))

    async def look() -> None:
        await arriving.wait()
        assert await swept(database, DUE + 2 * TICK) == (DUE + 2 * TICK + PAUSE, 0)

    await asyncio.gather(arrive(), look())


async def test_a_mail_accepted_too_late_keeps_nothing_from_being_missed(
    database: Database, world: "World"
) -> None:
    await world.opened(START, WARNED)
    await world.spooled(DUE + TICK)
    assert await swept(database, DUE + timedelta(minutes=5)) == (None, 1)


async def test_two_sweeps_at_once_tell_each_miss_once(database: Database, world: "World") -> None:
    """behaviour.md 6.2: each once."""
    for _ in range(30):
        await world.opened(START, WARNED)
    await asyncio.gather(*(swept(database, DUE + TICK) for _ in range(4)))
    assert len(await causes(database)) == 30
    async with database.read() as unit:
        missed = (await unit.execute(select(journal).where(journal.c.kind == "target_missed"))).all()
    assert len(missed) == 30


async def test_after_an_outage_all_that_fell_due_is_told_at_once(database: Database, world: "World") -> None:
    for _ in range(120):
        await world.opened(START, CLOCK)
    later = DUE + timedelta(days=1)
    assert await swept(database, later) == (later, 1)
    assert await swept(database, later) == (None, 1)
    assert len(await causes(database)) == 120


async def test_one_mail_that_cannot_be_written_keeps_no_other_promise_from_being_looked_after(
    database: Database, world: "World"
) -> None:
    for _ in range(3):
        await world.opened(START, WARNED)

    async def partly(unit: Unit, ticket: Ticket, event: Due) -> Announced:
        if ticket.number == 2:
            raise LookupError("no such account any more")
        return await announced(unit, ticket, event)

    assert await sweep(database, lambda: DUE + TICK, partly, lambda: None) is None
    assert await causes(database) == ["missed_target:1:response:1", "missed_target:3:response:1"]
    async with database.read() as unit:
        assert (await unit.execute(select(clocks.c.state))).scalars().all() == ["missed"] * 3
