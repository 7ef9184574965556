"""The daily digest against a real database: once a local day, with windows that tile time."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text, update

from mailgate.config import load
from mailgate.config.policies import restored
from mailgate.core.address import Keys
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.digest import (
    BEGINNING,
    NAME,
    ClockRow,
    Digest,
    Kept,
    MailRow,
    Schedule,
    WaitingRow,
    Window,
)
from mailgate.core.event import DeliveryFailed
from mailgate.core.letterhead import Letterhead
from mailgate.core.message import DeliveryReport
from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.flows.digest import Sending, send, sweep, view
from mailgate.flows.office import Office
from mailgate.mail.render import Look
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.records import unpacked
from mailgate.store.registers import digests
from mailgate.store.tables import clocks, held, outbox, spool
from mailgate.store.unit import Database

if TYPE_CHECKING:
    from tests.conftest import World

ROOT = Path(__file__).resolve().parents[2]
DESK = load(ROOT / "config" / "mailgate.toml").desk
OFFICE = Office(
    Letterhead(DESK, Keys(1, {1: b"k" * 32})), Look(DESK.name, DESK.domain, ROOT / "templates"), restored
)
PACIFIC = "America/Los_Angeles"
SCHEDULE = Schedule(time(8), PACIFIC)
FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC)  # 08:00 in Los Angeles, when a digest is due
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=1)


def running(due: datetime, kind: TargetKind = TargetKind.RESPONSE) -> Clock:
    return Clock(kind, "P2", ClockState.RUNNING, started=FRIDAY - DAY, due=due)


async def windows(database: Database) -> list[tuple[str, Window]]:
    async with database.read() as unit:
        rows = await unit.execute(
            select(digests).where(digests.c.name == NAME).order_by(digests.c.local_date)
        )
        return [(row.local_date, Window(row.window_start, row.window_end)) for row in rows]


async def queued(database: Database) -> list[tuple[str, list[str], str]]:
    async with database.read() as unit:
        rows = await unit.execute(select(outbox).where(outbox.c.kind == "digest").order_by(outbox.c.id))
        return [(row.cause, row.recipients, row.subject) for row in rows]


async def begun(database: Database, at: datetime) -> None:
    """A service that has run since that instant."""
    async with database.write() as unit:
        row = {"name": BEGINNING, "local_date": "2026-11-18", "window_start": at, "window_end": at, "at": at}
        await unit.execute(insert(digests).values(row))


async def test_a_digest_is_queued_once_a_local_day(database: Database) -> None:
    """behaviour.md 7.1"""
    await begun(database, FRIDAY - DAY)
    assert await sweep(database, OFFICE, SCHEDULE, FRIDAY - MOMENT - DAY) == FRIDAY - DAY
    assert await queued(database) == []
    assert await sweep(database, OFFICE, SCHEDULE, FRIDAY) == FRIDAY + DAY
    assert await sweep(database, OFFICE, SCHEDULE, FRIDAY + HOUR) == FRIDAY + DAY
    assert await queued(database) == [
        (
            "digest:2026-11-20",
            ["ops@example.com"],
            "[Example Support] SLA digest of Friday 20 November 2026: a quiet day",
        )
    ]
    assert await windows(database) == [("2026-11-20", Window(FRIDAY - DAY, FRIDAY))]


async def test_windows_tile_time_however_late_a_digest_is(database: Database) -> None:
    """behaviour.md 7.1"""
    await begun(database, FRIDAY - DAY)
    late, after_outage = FRIDAY + 3 * HOUR, FRIDAY + 4 * DAY + 5 * HOUR
    for now in (late, FRIDAY + DAY, after_outage):
        await sweep(database, OFFICE, SCHEDULE, now)
    assert await windows(database) == [
        ("2026-11-20", Window(FRIDAY - DAY, late)),
        ("2026-11-21", Window(late, FRIDAY + DAY)),
        ("2026-11-24", Window(FRIDAY + DAY, after_outage)),
    ]


async def test_one_digest_after_an_outage_says_that_it_covers_the_gap(database: Database) -> None:
    """behaviour.md 7.1"""
    await begun(database, FRIDAY - DAY)
    await sweep(database, OFFICE, SCHEDULE, FRIDAY)
    await sweep(database, OFFICE, SCHEDULE, FRIDAY + 3 * DAY)
    async with database.read() as unit:
        packed = await unit.scalar(select(outbox.c.packed).where(outbox.c.cause == "digest:2026-11-23"))
    assert b"No digest went out in between, so this one tells of 3 days." in unpacked(packed or b"")


async def test_two_processes_queue_one_digest(database: Database) -> None:
    await begun(database, FRIDAY - DAY)
    await asyncio.gather(*(sweep(database, OFFICE, SCHEDULE, FRIDAY) for _ in range(8)))
    assert len(await queued(database)) == 1
    assert await windows(database) == [("2026-11-20", Window(FRIDAY - DAY, FRIDAY))]


async def test_a_new_installation_is_not_told_of_the_time_before_it(database: Database) -> None:
    at = FRIDAY + 3 * HOUR
    assert await sweep(database, OFFICE, SCHEDULE, at) == at
    assert await sweep(database, OFFICE, SCHEDULE, at) == FRIDAY + DAY
    await sweep(database, OFFICE, SCHEDULE, FRIDAY + DAY)
    assert await windows(database) == [("2026-11-21", Window(at, FRIDAY + DAY))]


async def test_telling_begins_with_the_first_ticket(database: Database, world: "World") -> None:
    """The process with the timers may be started days after the one that takes mail in."""
    await world.opened(FRIDAY - 2 * HOUR, running(FRIDAY - HOUR))
    await sweep(database, OFFICE, SCHEDULE, FRIDAY + HOUR)
    await sweep(database, OFFICE, SCHEDULE, FRIDAY + HOUR)
    assert await windows(database) == [("2026-11-20", Window(FRIDAY - 2 * HOUR, FRIDAY + HOUR))]


async def test_a_digest_waits_for_mail_that_is_not_yet_decided_but_not_for_ever(
    database: Database, world: "World"
) -> None:
    """An answer that was accepted in time must not be told as missing."""
    await begun(database, FRIDAY - DAY)
    await world.spooled(FRIDAY - MOMENT)
    assert await sweep(database, OFFICE, SCHEDULE, FRIDAY) == FRIDAY + timedelta(seconds=1)
    assert await queued(database) == []
    assert await sweep(database, OFFICE, SCHEDULE, FRIDAY + timedelta(minutes=10)) == FRIDAY + DAY
    assert len(await queued(database)) == 1


async def test_a_missed_target_is_told_once_and_stays_while_it_is_open(
    database: Database, world: "World"
) -> None:
    """behaviour.md 7.1"""
    await begun(database, FRIDAY - DAY)
    await world.opened(FRIDAY - 2 * DAY, running(FRIDAY - MOMENT), running(FRIDAY, TargetKind.RESOLUTION))
    row = ClockRow(
        ticket="ACME-1",
        title="Help",
        account="acme",
        company="Acme Corp",
        priority="P2",
        kind=TargetKind.RESPONSE,
        state=ClockState.RUNNING,
        due=FRIDAY - MOMENT,
    )
    resolution = ClockRow(
        **{name: getattr(row, name) for name in row.__slots__}
        | {"kind": TargetKind.RESOLUTION, "due": FRIDAY}
    )
    today = await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY)
    assert (today.missed, today.overdue, today.due_next) == ((row,), (row,), (resolution,))
    await sweep(database, OFFICE, SCHEDULE, FRIDAY)
    tomorrow = await view(database, DESK, SCHEDULE, date(2026, 11, 21), FRIDAY + DAY)
    assert (tomorrow.missed, tomorrow.overdue) == ((resolution,), (row, resolution))
    assert await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY + DAY) == today


async def test_a_digest_tells_everything_that_waits_for_somebody(database: Database, world: "World") -> None:
    """behaviour.md 7.1"""
    await begun(database, FRIDAY - DAY)
    ticket = await world.opened(FRIDAY - 3 * HOUR, running(FRIDAY + DAY))
    async with database.write() as unit:
        await unit.execute(
            update(clocks).values(state="met", stopped=FRIDAY - HOUR).where(clocks.c.ticket_id == ticket.id)
        )
        spooled = (await unit.execute(select(spool))).one()
        await unit.execute(
            insert(held).values(
                id=7,
                spool_id=spooled.id,
                raw_id=spooled.raw_id,
                account="acme",
                kind="held",
                at=FRIDAY - 2 * HOUR,
                sender="eve@other.example",
                subject="Hello",
                reason="a stranger",
                state="held",
            )
        )
        for cause, kind in (("one", MailKind.RELAYED_REPLY), ("two", MailKind.PAGE)):
            await post(unit, FRIDAY - HOUR, [(ticket.id, _mail(cause, kind))])
        await unit.execute(
            update(outbox)
            .where(outbox.c.cause == "one")
            .values(state="failed", settled=FRIDAY - HOUR, reply="550 5.1.1 no such user")
        )
        ids = {row.cause: row.id for row in await unit.execute(select(outbox.c.cause, outbox.c.id))}
    told = await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY)
    assert told == Digest(
        day=date(2026, 11, 20),
        zone=PACIFIC,
        window=Window(FRIDAY - DAY, FRIDAY),
        waiting=(WaitingRow("ACME-1", "Help", "Acme Corp", "P2", FRIDAY - 3 * HOUR, FRIDAY + DAY),),
        kept=(Kept("Acme Corp", "P2", TargetKind.RESPONSE, promised=1, kept=1),),
        held=(
            MailRow(7, FRIDAY - 2 * HOUR, "held", "eve@other.example", "Hello", "a stranger", "Acme Corp"),
        ),
        undeliverable=(
            MailRow(
                ids["one"],
                FRIDAY - HOUR,
                "relayed_reply",
                "bob@acme.example",
                "Re: Help",
                "failed: 550 5.1.1 no such user",
                "Acme Corp",
            ),
        ),
        paged=(
            MailRow(
                ids["two"], FRIDAY - HOUR, "page", "bob@acme.example", "Re: Help", "waiting", "Acme Corp"
            ),
        ),
        opened=1,
    )


async def test_what_was_settled_at_the_edge_of_two_windows_is_told_once(
    database: Database, world: "World"
) -> None:
    """behaviour.md 7.1"""
    await begun(database, FRIDAY - DAY)
    ticket = await world.opened(
        FRIDAY - 2 * DAY, running(FRIDAY - HOUR), running(FRIDAY + DAY, TargetKind.RESOLUTION)
    )
    async with database.write() as unit:
        stop = update(clocks).where(clocks.c.ticket_id == ticket.id)
        await unit.execute(stop.where(clocks.c.kind == "response").values(state="missed", stopped=FRIDAY))
        await unit.execute(stop.where(clocks.c.kind == "resolution").values(state="met", stopped=FRIDAY))
    first = await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY)
    await sweep(database, OFFICE, SCHEDULE, FRIDAY)
    second = await view(database, DESK, SCHEDULE, date(2026, 11, 21), FRIDAY + DAY)
    assert first.kept == (Kept("Acme Corp", "P2", TargetKind.RESPONSE, promised=1, kept=0),)
    assert second.kept == (Kept("Acme Corp", "P2", TargetKind.RESOLUTION, promised=1, kept=1),)


async def test_what_the_relay_gave_up_is_told_once_and_what_others_report_as_well(
    database: Database, world: "World"
) -> None:
    """behaviour.md 7.1"""
    await begun(database, FRIDAY - DAY)
    ticket = await world.opened(FRIDAY - 3 * HOUR, mails=(_mail("one", MailKind.RELAYED_REPLY),))
    gave_up = DeliveryReport(("bob@acme.example",), "failed", diagnostic="550 no such user")
    bounced = DeliveryReport(("kim@acme.example",), "failed", status="5.2.2")
    async with database.write() as unit:
        failed = update(outbox).values(state="failed", settled=FRIDAY - HOUR, reply="550 no such user")
        await unit.execute(failed)
        events = [
            DeliveryFailed(FRIDAY - HOUR, gave_up, "relayed_reply", "550 no such user"),
            DeliveryFailed(FRIDAY - MOMENT, bounced, "acknowledgement", "5.2.2"),
            DeliveryFailed(FRIDAY, bounced, "acknowledgement", "tomorrow's"),
        ]
        await record(unit, FRIDAY, [(ticket.id, event) for event in events])
    told = (await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY)).undeliverable
    assert [(row.who, row.reason, row.ticket) for row in told] == [
        ("bob@acme.example", "failed: 550 no such user", ""),
        ("kim@acme.example", "5.2.2", "ACME-1"),
    ]


async def test_mail_that_was_released_is_not_held_any_more(database: Database, world: "World") -> None:
    await begun(database, FRIDAY - DAY)
    change = await world.spooled(FRIDAY - 2 * HOUR)
    async with database.write() as unit:
        row = {
            "kind": "held",
            "at": FRIDAY - HOUR,
            "sender": "",
            "subject": "",
            "reason": "",
            "state": "released",
        }
        await unit.execute(
            insert(held).values(
                row | {"spool_id": change.spool_id, "raw_id": change.raw_id, "account": "acme"}
            )
        )
    assert (await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY)).held == ()


async def test_due_next_reaches_over_the_weekend(database: Database, world: "World") -> None:
    """24 open hours of the account's calendar from Friday on end on Wednesday."""
    await begun(database, FRIDAY - DAY)
    friday = datetime(2026, 11, 20, 8, tzinfo=UTC)
    monday = datetime(2026, 11, 23, 11, tzinfo=UTC)
    await world.opened(friday, running(monday), running(monday + 5 * DAY, TargetKind.RESOLUTION))
    told = await view(database, DESK, Schedule(time(8), "UTC"), date(2026, 11, 20), friday)
    assert [(row.ticket, row.kind, row.due) for row in told.due_next] == [
        ("ACME-1", TargetKind.RESPONSE, monday)
    ]


async def test_an_operator_can_send_the_digest_of_today_before_its_hour(database: Database) -> None:
    at = FRIDAY - HOUR
    await begun(database, FRIDAY - DAY)
    today, yesterday = date(2026, 11, 20), date(2026, 11, 19)
    assert await send(database, OFFICE, SCHEDULE, today, at) is Sending.QUEUED
    assert await send(database, OFFICE, SCHEDULE, today, at) is Sending.ALREADY
    assert await send(database, OFFICE, SCHEDULE, yesterday, at) is Sending.COVERED
    assert await sweep(database, OFFICE, SCHEDULE, FRIDAY) == FRIDAY + DAY
    await sweep(database, OFFICE, SCHEDULE, FRIDAY + DAY)
    assert await windows(database) == [
        ("2026-11-20", Window(FRIDAY - DAY, at)),
        ("2026-11-21", Window(at, FRIDAY + DAY)),
    ]


@pytest.mark.parametrize(
    ("zone", "at", "around"),
    [
        (PACIFIC, time(2, 30), datetime(2026, 3, 6, tzinfo=UTC)),
        (PACIFIC, time(1, 30), datetime(2026, 10, 30, tzinfo=UTC)),
        ("Europe/London", time(1, 30), datetime(2026, 3, 27, tzinfo=UTC)),
        ("Pacific/Apia", time(0, 30), datetime(2011, 12, 28, tzinfo=UTC)),
    ],
)
async def test_a_change_of_the_clocks_neither_drops_nor_doubles_a_digest(
    sqlite_database: Database, zone: str, at: time, around: datetime
) -> None:
    """behaviour.md 7.1"""
    schedule = Schedule(at, zone)
    now: datetime | None = around
    for _ in range(7):
        assert now is not None
        await sweep(sqlite_database, OFFICE, schedule, now)
        now = await sweep(sqlite_database, OFFICE, schedule, now + MOMENT)
    told = await windows(sqlite_database)
    days = [day for day, _ in told]
    assert days == sorted(set(days))
    assert len(days) == 6
    assert all(earlier.end == later.start for (_, earlier), (_, later) in pairwise(told))


async def test_the_digest_finds_its_rows_by_their_indexes(sqlite_database: Database) -> None:
    async with sqlite_database.read() as unit:
        plan = await unit.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT * FROM clocks WHERE (stopped IS NULL AND due < 5) OR stopped >= 3"
            )
        )
        steps = [row.detail for row in plan]
    assert any("ix_clocks_due" in step for step in steps)
    assert any("ix_clocks_stopped" in step for step in steps)


def _mail(cause: str, kind: MailKind) -> Outgoing:
    return Outgoing(
        kind=kind,
        cause=cause,
        care=Care.AT_LEAST_ONCE,
        reverse_path="",
        recipients=("bob@acme.example",),
        message_id=f"{cause}@support.example.com",
        subject="Re: Help",
        content=b"Subject: Help\r\n\r\nHello\r\n",
        account="acme",
        sender="acme@support.example.com",
    )


async def test_what_rests_or_was_replaced_is_neither_missed_nor_due_nor_kept(
    database: Database, world: "World"
) -> None:
    """policies.md, Business time 8 and 9; behaviour.md 7.1"""
    past, soon = FRIDAY - HOUR, FRIDAY + HOUR
    void = replace(running(past), state=ClockState.VOID, stopped=FRIDAY - 2 * HOUR)
    again = replace(running(soon), epoch=2)
    resting = replace(running(past, TargetKind.RESOLUTION), state=ClockState.PAUSED)
    await world.opened(FRIDAY - 3 * HOUR, void, again, resting)

    told = await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY)

    assert (told.missed, told.overdue, told.kept) == ((), (), ())
    assert [(one.kind, one.due) for one in told.due_next] == [(TargetKind.RESPONSE, soon)]
    assert [one.due for one in told.waiting] == [soon]


async def test_of_a_response_that_was_missed_and_promised_anew_the_broken_one_is_waited_for(
    database: Database, world: "World"
) -> None:
    """policies.md, Business time 10"""
    missed = replace(running(FRIDAY - HOUR), state=ClockState.MISSED, detected=FRIDAY)
    await world.opened(FRIDAY - 3 * HOUR, missed, replace(running(FRIDAY + HOUR), epoch=2))

    told = await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY)

    assert [one.due for one in told.waiting] == [FRIDAY - HOUR]
    assert [one.due for one in told.overdue] == [FRIDAY - HOUR]


async def test_what_is_resolved_while_it_rests_was_kept(database: Database, world: "World") -> None:
    """policies.md, Business time 8"""
    ended = replace(
        running(FRIDAY - HOUR, TargetKind.RESOLUTION), state=ClockState.MET, stopped=FRIDAY - 2 * HOUR
    )
    await world.opened(FRIDAY - 3 * HOUR, ended)

    told = await view(database, DESK, SCHEDULE, date(2026, 11, 20), FRIDAY)

    assert (told.missed, [(one.promised, one.kept) for one in told.kept]) == ((), [(1, 1)])
