"""flows/verification: every ticket is proved, and whatever was altered in a row is found."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, delete, insert, select, text, update

from mailgate.config.policies import restored
from mailgate.core.clock import TargetKind
from mailgate.core.verification import Difference
from mailgate.flows.verification import proofs
from mailgate.store.tables import clocks, journal, policies, tickets
from mailgate.store.unit import Database
from tests.core.desks import NOON, POLICY
from tests.flows.offices import disproved
from tests.flows.stories import ONLY, after, lived, resolved, swept
from tests.flows.test_intake import Desktop, letter

RESPONSE = TargetKind.RESPONSE


async def test_rows_and_journal_agree_after_all_that_can_happen(database: Database) -> None:
    """behaviour.md 6.3, 6.5"""
    await resolved(database)

    assert await disproved(database) == []


async def test_tickets_are_counted_and_those_of_one_account_are_enough(database: Database) -> None:
    desk = Desktop(database)
    for number in range(3):
        await desk.takes(letter(number))
    await desk.decides()

    assert [proof.tickets async for proof in proofs(database, restored)] == [3]
    assert [proof.tickets async for proof in proofs(database, restored, "ACME")] == [3]
    assert [proof.tickets async for proof in proofs(database, restored, "globex")] == []


async def test_each_altered_column_of_a_ticket_is_found(database: Database) -> None:
    """behaviour.md 6.5"""
    await resolved(database)

    assert await unfound(database, tickets, {"id"}) == []


async def test_each_altered_column_of_a_clock_is_found(database: Database) -> None:
    """behaviour.md 6.1, 6.5"""
    await lived(database)

    assert await unfound(database, clocks, {"id", "ticket_id"}) == []


async def test_each_altered_column_of_the_journal_is_found(database: Database) -> None:
    """behaviour.md 6.3: a breach is dated at its due instant, in the journal too."""
    await resolved(database)

    assert await unfound(database, journal, {"id", "ticket_id", "recorded"}) == []


async def test_an_altered_due_instant_is_told_with_both_values(database: Database) -> None:
    await lived(database)
    async with database.write() as unit:
        later = update(clocks).where(clocks.c.kind == "resolution").values(due=after(9999))
        await unit.execute(later)

    assert await disproved(database) == [
        Difference("ACME-1", (TargetKind.RESOLUTION, 1), "due", after(9999), after(30 + 2 * 24 * 60 + 480))
    ]


async def test_a_clock_that_is_gone_and_one_that_nobody_started_are_found(database: Database) -> None:
    await lived(database)
    async with database.write() as unit:
        await unit.execute(update(clocks).where(clocks.c.epoch == 2).values(epoch=3))

    assert await disproved(database) == [
        Difference("ACME-1", (RESPONSE, 2), "clock", None, "missed"),
        Difference("ACME-1", (RESPONSE, 3), "clock", "missed", None),
    ]


async def test_an_event_that_is_gone_is_found_if_it_moved_anything(database: Database) -> None:
    await resolved(database)
    async with database.read() as unit:
        rows = (await unit.execute(select(journal))).all()
    silent = []
    for row in rows:
        async with database.write() as unit:
            await unit.execute(delete(journal).where(journal.c.id == row.id))
        silent += [row.kind] if not await disproved(database) else []
        async with database.write() as unit:
            await unit.execute(insert(journal).values(row._asdict()))

    # The first reply: nothing rested, and no next answer is promised. Who is woken moves no clock.
    assert silent == ["customer_replied", "ticket_escalated", "page_sent"]


async def test_a_miss_that_was_recorded_twice_is_found(database: Database) -> None:
    """behaviour.md 6.2: each once."""
    await lived(database)
    async with database.write() as unit:
        row = (await unit.execute(select(journal).where(journal.c.kind == "target_missed"))).one()
        await unit.execute(insert(journal).values({**row._asdict(), "id": 1000}))

    (found,) = await disproved(database)

    assert (found.clock, found.field, found.recomputed) == ((RESPONSE, 2), "target_missed", "recorded once")


async def test_a_policy_version_that_is_not_what_it_was_is_found(database: Database) -> None:
    """behaviour.md 6.5"""
    await lived(database)
    async with database.write() as unit:
        await unit.execute(update(policies).values(content=POLICY.content.replace("4", "5")))

    assert await disproved(database) == [
        Difference("ACME-1", None, "policy", POLICY.digest, "what is kept of that version is not what it was")
    ]


async def test_a_row_that_cannot_be_read_is_told_and_the_others_are_proved(sqlite_database: Database) -> None:
    desk = Desktop(sqlite_database)
    for number in range(3):
        await desk.takes(letter(number))
    await desk.decides()
    async with sqlite_database.write() as unit:
        await unit.execute(text("UPDATE journal SET body = '{' WHERE ticket_id = 2"))
        await unit.execute(text("UPDATE clocks SET due = due + 1 WHERE ticket_id = 3"))

    found = await disproved(sqlite_database)

    assert [(one.ticket, one.field) for one in found] == [("ACME-2", "journal"), ("ACME-3", "due")]


async def test_a_sweep_that_comes_late_leaves_nothing_that_differs(database: Database) -> None:
    """behaviour.md 6.3; Edge case 44"""
    desk = Desktop(database)
    await desk.takes(letter(1))
    await desk.decides()
    await swept(database, NOON + timedelta(hours=5))

    assert await disproved(database) == []


async def unfound(database: Database, table: Table, without: set[str]) -> list[str]:
    """The columns in which something can be altered without being found; it is altered back each time."""
    silent = []
    async with database.read() as unit:
        rows = (await unit.execute(select(table).order_by(table.c.id))).all()
    for column in table.columns:
        if column.name in without:
            continue
        found = [await _found(database, column, row.id, getattr(row, column.name)) for row in rows]
        silent += [] if any(found) else [column.name]
    return silent


async def _found(database: Database, column: Column[Any], key: int, value: object) -> bool:
    setting = update(column.table).where(column.table.c.id == key)
    async with database.write() as unit:
        if column.name == "policy":
            row = {"digest": "b" * 64, "name": "other", "content": "", "first_used": NOON}
            await unit.execute(insert(policies).values(row))
        await unit.execute(setting.values({column.name: _another(column, value)}))
    found = await disproved(database)
    async with database.write() as unit:
        await unit.execute(setting.values({column.name: value}))
    return any(one.ticket == "ACME-1" or one.field == "account" for one in found)


def _another(column: Column[Any], value: object) -> object:
    match value:
        case None:
            return int(ONLY) if column.name == "merged_into" else NOON
        case datetime():
            return value + timedelta(milliseconds=1)
        case int():
            return value + 7
        case dict():
            return {**value, "clock": {}, "ticket": {}, "site": "elsewhere"}
        case list():
            return [{"start": "2026-11-20T12:00:00Z", "end": None, "why": "nothing"}]
        case _:
            return {"policy": "b" * 64, "status": "closed", "state": "void"}.get(column.name, f"{value}x")
