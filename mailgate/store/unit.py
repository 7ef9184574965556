"""Knows how a transaction is opened, on SQLite and on PostgreSQL alike: the unit of work.

SQLite: one writer connection (BEGIN IMMEDIATE: a deferred one loses updates), a few readers that cannot.
WAL with synchronous=FULL, so that a commit is on the disk when it returns; checked on every connection.
PostgreSQL: one pool; `synchronous_commit` stays on.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mailgate.store.faults import UnsafeDatabaseError, translated

Unit = AsyncConnection
"""A connection inside one transaction; what the functions of store/ take first."""

_PRAGMAS: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 5000,
}


class Database:
    """The store: gives transactions to write and to read in.

    Args:
        url: `sqlite:///path` or `postgresql://user@host/name`.
    """

    def __init__(self, url: str) -> None:
        self.url = _with_driver(url)
        if self.is_sqlite:
            self._writer = create_async_engine(self.url, pool_size=1, max_overflow=0)
            self._reader = create_async_engine(self.url, pool_size=4, max_overflow=0)
            _prepare_sqlite(self._writer, begin="BEGIN IMMEDIATE", pragmas=_PRAGMAS)
            _prepare_sqlite(self._reader, begin="BEGIN", pragmas={**_PRAGMAS, "query_only": 1})
        else:
            connect = {"connect_timeout": 10, "options": "-c statement_timeout=30000"}
            self._writer = create_async_engine(
                self.url, pool_size=8, max_overflow=4, pool_pre_ping=True, connect_args=connect
            )
            self._reader = self._writer

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """A transaction that commits at the end of the block, or rolls back on an exception.

        Raises:
            StoreError: as `store.faults` says; nothing was written, unless the connection to PostgreSQL broke
                in the commit itself: then nobody knows, and whoever tries again must be able to do it twice.
        """
        with _own_words():
            async with self._writer.begin() as unit:
                yield unit

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """A transaction to read in: one consistent view.

        Raises:
            StoreError: as `store.faults` says.
        """
        with _own_words():
            async with self._reader.begin() as unit:
                yield unit

    async def close(self) -> None:
        """Closes every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


@contextmanager
def _own_words() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as fault:
        own = translated(fault)
        if own is None:
            raise
        raise own from fault


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
    if parsed.drivername in drivers:
        return parsed.set(drivername=drivers[parsed.drivername])
    return parsed


def _prepare_sqlite(engine: AsyncEngine, begin: str, pragmas: dict[str, str | int]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # mailgate says BEGIN itself
        cursor = connection.cursor()
        for name, wanted in pragmas.items():
            cursor.execute(f"PRAGMA {name} = {wanted}")
            cursor.execute(f"PRAGMA {name}")
            (got,) = cursor.fetchone()
            if got != wanted:
                raise UnsafeDatabaseError(f"SQLite answers {name}={got} where {wanted} was asked for")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def open_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)
