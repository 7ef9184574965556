"""Knows how SQLite is spoken to from the event loop: each statement, with all its rows, is one crossing.

A connection lives in a thread of its own, and a crossing costs more than most statements. aiosqlite alone
crosses for the cursor, the statement, its rows and its end each. Whoever is cancelled while a statement is
under way leaves it to its thread; what comes next waits for it there.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import aiosqlite

_CHUNK = 64  # rows; what aiosqlite takes at a time where somebody iterates, which nobody does


async def connected(file: str) -> "Connection":
    """A connection to that file; transactions are begun by whoever uses it."""
    connection = Connection(partial(sqlite3.connect, file, isolation_level=None, check_same_thread=False))
    await connection
    return connection


class Connection(aiosqlite.Connection):
    """What SQLAlchemy's dialect for aiosqlite drives."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, _CHUNK)
        self._thread.daemon = True  # as SQLAlchemy does: a connection that leaks does not hold up the exit
        self._at_rest = False  # known to be outside any transaction, with nothing under way

    def cursor(self) -> "Cursor":  # type: ignore[override]  # one that crosses less
        """A cursor; it costs nothing until it is given a statement."""
        return Cursor(self)

    async def ran(self, run: Callable[[sqlite3.Connection], "Answer"]) -> "Answer":
        """What `run` answers in the connection's thread."""
        self._at_rest = False
        return await self._execute(run, self._conn)  # type: ignore[no-any-return, no-untyped-call]

    async def commit(self) -> None:
        """Ends the transaction."""
        self._at_rest = False
        await super().commit()
        self._at_rest = True

    async def rollback(self) -> None:
        """Undoes the transaction, if there can be one: the pool asks for it after each commit, too."""
        if not self._at_rest:
            await super().rollback()
            self._at_rest = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement left."""

    rows: Sequence[Any] = ()
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None


class Cursor:
    """One statement at a time; all its rows come with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._answer = Answer()
        self.arraysize = 1

    @property
    def description(self) -> Any:
        """The columns of the rows; None for a statement that has none."""
        return self._answer.description

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed; -1 where that is no question."""
        return self._answer.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row that was inserted last."""
        return self._answer.lastrowid

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        """Runs the statement once.

        Raises:
            sqlite3.Error: it failed.
        """
        self._answer = await self._connection.ran(lambda made: _answered(made.execute(statement, parameters)))
        return self

    async def executemany(self, statement: str, parameters: Any) -> Self:
        """Runs the statement for each of the parameters.

        Raises:
            sqlite3.Error: it failed.
        """
        self._answer = await self._connection.ran(
            lambda made: _answered(made.executemany(statement, parameters))
        )
        return self

    async def fetchall(self) -> Sequence[Any]:
        """The rows."""
        return self._answer.rows

    async def close(self) -> None:
        """Nothing is open."""


def _answered(cursor: sqlite3.Cursor) -> Answer:
    try:
        rows = cursor.fetchall() if cursor.description else ()
        return Answer(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()
