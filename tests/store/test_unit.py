"""Transactions: what is committed stays, what fails is undone and told in the store's own words."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, InternalError

from mailgate.store.faults import (
    ConflictError,
    StoreFullError,
    StoreUnavailableError,
    UnsafeDatabaseError,
)
from mailgate.store.tables import counters
from mailgate.store.unit import Database

ACME = {"account": "acme", "last_number": 1}


async def numbers(database: Database) -> list[int]:
    async with database.read() as unit:
        return list((await unit.execute(select(counters.c.last_number))).scalars())


async def test_a_transaction_commits_at_the_end_of_its_block(database: Database) -> None:
    async with database.write() as unit:
        await unit.execute(insert(counters), [ACME])
        assert await numbers(database) == []
    assert await numbers(database) == [1]


async def test_an_exception_undoes_everything(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as unit:
            await unit.execute(insert(counters), [ACME])
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await numbers(database) == []


async def test_what_somebody_else_wrote_first_is_a_conflict(database: Database) -> None:
    async with database.write() as unit:
        await unit.execute(insert(counters), [ACME])
    with pytest.raises(ConflictError):
        async with database.write() as unit:
            await unit.execute(insert(counters), [ACME])


async def test_a_bug_of_ours_keeps_its_name(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as unit:
            await unit.execute(text("INSERT INTO counters (account) VALUES ('acme')"))


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises((StoreUnavailableError, InternalError)):  # SQLite's word, and PostgreSQL's
        async with database.read() as unit:
            await unit.execute(insert(counters), [ACME])
    assert await numbers(database) == []


async def test_a_reader_sees_one_moment(database: Database) -> None:
    async with database.read() as unit:
        assert (await unit.execute(select(counters))).all() == []
        async with database.write() as writing:
            await writing.execute(insert(counters), [ACME])
        assert (await unit.execute(select(counters))).all() == []
    assert await numbers(database) == [1]


async def test_writers_at_once_lose_no_update(database: Database) -> None:
    async with database.write() as unit:
        await unit.execute(insert(counters), [ACME])

    async def count() -> None:
        async with database.write() as unit:
            query = select(counters.c.last_number).with_for_update()
            last = (await unit.execute(query)).scalar_one()
            await unit.execute(counters.update().values(last_number=last + 1))

    await asyncio.gather(*(count() for _ in range(20)))
    assert await numbers(database) == [21]


async def test_programs_that_write_at_once_lose_no_update_and_none_is_refused(sqlite_url: str) -> None:
    programs = [Database(sqlite_url) for _ in range(3)]
    async with programs[0].write() as unit:
        await unit.execute(insert(counters), [ACME])

    async def count(program: Database) -> None:
        for _ in range(10):
            async with program.write() as unit:
                last = (await unit.execute(select(counters.c.last_number))).scalar_one()
                await unit.execute(counters.update().values(last_number=last + 1))

    await asyncio.gather(*(count(program) for program in programs))
    assert await numbers(programs[0]) == [31]
    for program in programs:
        await program.close()


async def test_a_transaction_that_is_cancelled_is_undone(database: Database) -> None:
    begun = asyncio.Event()

    async def stay() -> None:
        async with database.write() as unit:
            await unit.execute(insert(counters), [ACME])
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(stay())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with database.write() as unit:
        await unit.execute(insert(counters), [{"account": "acme", "last_number": 7}])
    assert await numbers(database) == [7]


async def test_every_connection_of_sqlite_keeps_what_it_commits(sqlite_database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for transaction in (sqlite_database.write, sqlite_database.read):
        async with transaction() as unit:
            found = {name: (await unit.execute(text(f"PRAGMA {name}"))).scalar() for name in wanted}
        assert found == wanted


async def test_a_database_that_keeps_nothing_is_refused() -> None:
    database = Database("sqlite:///:memory:")
    with pytest.raises(UnsafeDatabaseError) as refusal:
        async with database.write():
            pass
    assert str(refusal.value) == "SQLite answers journal_mode=memory where wal was asked for"
    await database.close()


async def test_a_database_that_another_program_holds_is_unavailable(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.write() as unit:
        await unit.execute(text("PRAGMA busy_timeout = 50"))
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            async with database.write():
                pass
    async with database.write() as unit:
        await unit.execute(insert(counters), [ACME])
    await database.close()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "mailgate.db").write_bytes(b"precious notes\n" * 1000)
    database = Database(f"sqlite:///{tmp_path}/mailgate.db")
    with pytest.raises(StoreUnavailableError):
        async with database.write():
            pass
    await database.close()


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql://mailgate@127.0.0.1:1/mailgate")
    with pytest.raises(StoreUnavailableError):
        async with database.write():
            pass
    await database.close()


async def test_a_full_disk_is_told_apart(sqlite_database: Database) -> None:
    async with sqlite_database.write() as unit:
        pages = (await unit.execute(text("PRAGMA page_count"))).scalar_one()
        await unit.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreFullError):
        async with sqlite_database.write() as unit:
            await unit.execute(insert(counters), [{"account": "a" * 100_000, "last_number": 1}])
    assert await numbers(sqlite_database) == []
