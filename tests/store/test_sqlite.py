"""The way to SQLite's thread: what is begun there is ended there, also when nobody waits for it any more."""

import asyncio
import sqlite3
from contextlib import closing, suppress

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from mailgate.store.tables import counters
from mailgate.store.unit import Database

ACME = {"account": "acme", "last_number": 1}


@pytest.mark.parametrize("milliseconds", [0, 0.1, 0.2, 0.5, 1, 2, 100])
async def test_whoever_is_cancelled_leaves_no_transaction_open(
    sqlite_database: Database, milliseconds: float
) -> None:
    async def write() -> None:
        async with sqlite_database.write() as unit:
            await unit.execute(insert(counters), [ACME])
            await asyncio.Event().wait()

    async with sqlite_database.write():
        pass  # the connection has come to rest once
    writing = asyncio.create_task(write())
    await asyncio.sleep(milliseconds / 1000)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    with closing(sqlite3.connect(str(sqlite_database.file), timeout=1)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.rollback()
    async with sqlite_database.write() as unit:
        assert await unit.scalar(select(counters.c.last_number)) is None


async def test_a_statement_that_fails_leaves_the_transaction_to_its_owner(sqlite_database: Database) -> None:
    async with sqlite_database.write() as unit:
        await unit.execute(insert(counters), [ACME])
        with pytest.raises(OperationalError, match="no such table"):
            await unit.execute(text("SELECT * FROM nowhere"))
        assert await unit.scalar(select(counters.c.last_number)) == 1


async def test_a_statement_tells_its_rows_and_how_many_it_changed(sqlite_database: Database) -> None:
    async with sqlite_database.write() as unit:
        made = insert(counters).returning(counters.c.account)
        assert (await unit.execute(made, [ACME, ACME | {"account": "globex"}])).all() == [
            ("acme",),
            ("globex",),
        ]
        changed = await unit.execute(text("UPDATE counters SET last_number = 2"))
        assert changed.rowcount == 2
