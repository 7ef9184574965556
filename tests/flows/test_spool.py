"""flows/spool: when a mail has its 250, it is in a committed row."""

import asyncio
import hashlib
import os
import zlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, insert, select
from structlog.testing import capture_logs

from mailgate.core.message import Envelope, MailObject
from mailgate.core.reply import NO_ROOM, TEMPORARY_FAULT, queued
from mailgate.flows import spool as flow
from mailgate.flows.bell import Bell
from mailgate.flows.spool import Spool
from mailgate.store.claims import end_arrivals
from mailgate.store.tables import raw_mails, spool
from mailgate.store.unit import Database

NOON = datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC)
ENVELOPE = Envelope("bob@acme.example", ("acme@support.example.com",), "192.0.2.7", "mail.acme.example")


def spool_on(database: Database, bell: Bell | None = None) -> Spool:
    return Spool(database, lambda: NOON, (bell or Bell()).ring)


def letter(text: str = "Subject: hello\r\n\r\nworld\r\n") -> MailObject:
    return MailObject(ENVELOPE, text.encode())


def counted(database: Database) -> list[None]:
    """Grows with each commit."""
    commits: list[None] = []

    @event.listens_for(database._writer.sync_engine, "commit")
    def count(_connection: object) -> None:
        commits.append(None)

    return commits


async def test_a_mail_that_has_its_250_lies_in_the_spool_as_it_came(database: Database) -> None:
    """behaviour.md 1.3"""
    reply = await spool_on(database).accept(letter())
    assert str(reply) == "250 2.0.0 accepted as 1"
    async with database.read() as unit:
        raw = (await unit.execute(select(raw_mails))).one()
        row = (await unit.execute(select(spool))).one()
    assert (raw.id, raw.size, zlib.decompress(raw.packed)) == (1, 25, b"Subject: hello\r\n\r\nworld\r\n")
    assert raw.sha256 == hashlib.sha256(b"Subject: hello\r\n\r\nworld\r\n").hexdigest()
    assert (row.id, row.raw_id, row.received, row.state, row.attempts) == (1, 1, NOON, "waiting", 0)
    assert Envelope(row.reverse_path, tuple(row.recipients), row.peer, row.greeting) == ENVELOPE


async def test_mails_that_wait_together_share_a_transaction(database: Database) -> None:
    """behaviour.md 1.3"""
    commits = counted(database)
    keeper = spool_on(database)
    replies = await asyncio.gather(*(keeper.accept(letter(f"Subject: {n}\r\n\r\n")) for n in range(50)))
    assert replies == [queued(number) for number in range(1, 51)]
    assert len(commits) == 1
    async with database.read() as unit:
        raws = (await unit.execute(select(raw_mails.c.packed).order_by(raw_mails.c.id))).scalars().all()
    assert [zlib.decompress(raw) for raw in raws] == [f"Subject: {n}\r\n\r\n".encode() for n in range(50)]


async def test_more_mails_than_one_transaction_takes_go_in_the_next(database: Database) -> None:
    commits, keeper = counted(database), spool_on(database)
    together = flow.LETTERS_TOGETHER
    replies = await asyncio.gather(*(keeper.accept(letter()) for _ in range(together + 1)))
    assert replies == [queued(number) for number in range(1, together + 2)]
    assert len(commits) == 2


async def test_larger_mails_than_one_transaction_takes_go_in_the_next(sqlite_database: Database) -> None:
    commits, keeper = counted(sqlite_database), spool_on(sqlite_database)
    huge = MailObject(ENVELOPE, os.urandom(flow.BYTES_TOGETHER // 2))  # does not compress
    async with sqlite_database.write():  # until all of them wait
        accepting = [asyncio.create_task(keeper.accept(huge)) for _ in range(2)]
        async with asyncio.timeout(10):
            while len(keeper._waiting) < 2:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
    assert [(await task).accepted for task in accepting] == [True, True]
    assert len(commits) == 3  # with the one that kept them waiting


async def test_a_mail_that_waits_too_long_is_given_back(sqlite_database: Database) -> None:
    """behaviour.md 1.3: 451 4.3.0; it waits no more, and is not stored behind its sender's back."""
    keeper = Spool(sqlite_database, lambda: NOON, Bell().ring, patience=0.05)
    async with sqlite_database.write() as unit:
        await unit.execute(select(1))
        assert await keeper.accept(letter()) == TEMPORARY_FAULT
    with capture_logs() as lines:
        await keeper.close()
    assert lines == []
    async with sqlite_database.read() as unit:
        assert (await unit.execute(select(spool.c.id))).all() == []
    assert (await spool_on(sqlite_database).accept(letter())).accepted


async def test_numbers_go_on_where_the_last_transaction_ended(database: Database) -> None:
    keeper = spool_on(database)
    assert [await keeper.accept(letter()) for _ in range(3)] == [queued(1), queued(2), queued(3)]


async def test_the_bell_rings_after_the_commit(database: Database) -> None:
    seen: list[int] = []

    async def look() -> None:
        async with database.read() as unit:
            seen.append(len((await unit.execute(select(spool.c.id))).all()))

    looks: list[asyncio.Task[None]] = []
    keeper = Spool(database, lambda: NOON, lambda: looks.append(asyncio.create_task(look())))
    await keeper.accept(letter())
    await asyncio.gather(*looks)
    assert seen == [1]


async def test_the_moment_of_acceptance_is_taken_by_the_one_who_holds_the_writer(
    sqlite_database: Database,
) -> None:
    """A sweep that writes later than an instant sees every mail accepted before it."""
    instants = [NOON.replace(microsecond=0), NOON]
    clock = iter(instants)
    keeper = Spool(sqlite_database, lambda: next(clock), Bell().ring)
    async with sqlite_database.write() as unit:
        accepting = asyncio.create_task(keeper.accept(letter()))
        await asyncio.sleep(0.05)
        assert next(clock) == instants[0]  # nobody has asked the clock while another one wrote
        await unit.execute(select(1))
    assert await accepting == queued(1)
    async with sqlite_database.read() as unit:
        assert (await unit.execute(select(spool.c.received))).scalar_one() == NOON


async def test_a_client_that_hangs_up_does_not_stop_the_commit(database: Database) -> None:
    """behaviour.md 1.3"""
    keeper = spool_on(database)
    accepting = asyncio.create_task(keeper.accept(letter()))
    await asyncio.sleep(0)
    accepting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await accepting
    await keeper.close()
    async with database.read() as unit:
        assert (await unit.execute(select(spool.c.id))).scalars().all() == [1]


async def test_closing_waits_for_every_mail_that_was_handed_over(database: Database) -> None:
    keeper = spool_on(database)
    accepting = [asyncio.create_task(keeper.accept(letter())) for _ in range(5)]
    await asyncio.sleep(0)
    await keeper.close()
    assert all(task.done() for task in accepting)
    assert [await task for task in accepting] == [queued(n) for n in range(1, 6)]


async def test_a_full_database_asks_to_come_again_and_recovers(sqlite_database: Database) -> None:
    """behaviour.md 1.3: 452 4.3.1"""
    async with sqlite_database.write() as unit:
        pages = (await unit.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await unit.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    keeper = spool_on(sqlite_database)
    noise = "".join(f"{n * n * 7919:x}" for n in range(20_000))
    assert await keeper.accept(letter(noise)) == NO_ROOM
    async with sqlite_database.write() as unit:
        await unit.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert (await keeper.accept(letter(noise))).accepted
    async with sqlite_database.read() as unit:
        assert len((await unit.execute(select(spool.c.id))).all()) == 1


async def test_a_database_that_is_held_by_another_process_asks_to_come_again(
    sqlite_database: Database, sqlite_url: str
) -> None:
    """behaviour.md 1.3: 451 4.3.0"""
    other = Database(sqlite_url)
    try:
        async with other.write():
            assert await spool_on(sqlite_database).accept(letter()) == TEMPORARY_FAULT
    finally:
        await other.close()
    assert (await spool_on(sqlite_database).accept(letter())).accepted


async def test_a_bug_reaches_everyone_who_waits_and_the_next_mail_is_stored(database: Database) -> None:
    def broken() -> datetime:
        if not repaired:
            raise RuntimeError("a bug")
        return NOON

    repaired = False
    keeper = Spool(database, broken, Bell().ring)
    outcomes = await asyncio.gather(keeper.accept(letter()), keeper.accept(letter()), return_exceptions=True)
    assert [repr(outcome) for outcome in outcomes] == ["RuntimeError('a bug')"] * 2
    repaired = True
    assert await keeper.accept(letter()) == queued(1)


async def test_a_large_mail_is_stored_whole(database: Database) -> None:
    content = b"Subject: large\r\n\r\n" + b"0123456789" * 100_000
    assert (await spool_on(database).accept(MailObject(ENVELOPE, content))).accepted
    async with database.read() as unit:
        assert zlib.decompress((await unit.execute(select(raw_mails.c.packed))).scalar_one()) == content


async def test_numbers_are_taken_after_rows_that_others_made(database: Database) -> None:
    async with database.write() as unit:
        await unit.execute(insert(raw_mails), [{"sha256": "", "size": 0, "packed": b""}] * 2)
    keeper = spool_on(database)
    assert await keeper.accept(letter()) == queued(1)
    async with database.read() as unit:
        assert (await unit.execute(select(spool.c.raw_id))).scalar_one() == 3


async def test_the_instant_of_arrival_is_taken_when_no_sweep_looks_back_any_more(database: Database) -> None:
    """policies.md, Business time 5: the deadline sweep has seen all mail accepted before its `now`."""
    told = []

    def now() -> datetime:
        told.append("accepted")
        return NOON

    async with database.write() as sweeping:
        await end_arrivals(sweeping)
        arriving = asyncio.create_task(Spool(database, now, lambda: None).accept(letter()))
        await asyncio.sleep(0.1)
        told.append("swept")
    assert (await arriving).accepted
    assert told == ["swept", "accepted"]
