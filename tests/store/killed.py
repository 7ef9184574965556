"""Knows how an upgrade is killed at one statement after the other, until one gets through.

`python -m tests.store.killed URL MIGRATIONS STRIDE` prints at how many statements it was killed, or what a
kill changed. It forks before anything is opened, so that a kill costs no start of Python.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from mailgate.store import migrate
from mailgate.store.unit import Database

_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY 1, 2"
)


def main(url: str, migrations: Path, stride: int) -> str:
    """What came of it."""
    before = _schema(url)
    for kills in count():
        ended = _upgraded(url, migrations, killed_at=1 + kills * stride)
        if ended == 0:
            return str(kills)
        if ended != -signal.SIGKILL:
            return f"the upgrade ended with {ended}"
        if _schema(url) != before:
            return f"killed at statement {1 + kills * stride}, it left another schema"
    raise AssertionError


def _upgraded(url: str, migrations: Path, killed_at: int) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    statements = count(1)

    @event.listens_for(Engine, "after_cursor_execute")
    def executed(*_: Any) -> None:
        if next(statements) == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(_upgrade(url, migrations))
    os._exit(0)


async def _upgrade(url: str, migrations: Path) -> None:
    database = Database(url)
    await migrate.upgrade(database, migrations)
    await database.close()


def _schema(url: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            return database.execute("SELECT name, sql FROM sqlite_master ORDER BY 1").fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(_COLUMNS).fetchall()


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
