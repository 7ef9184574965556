"""Knows how a transaction is opened, on SQLite and on PostgreSQL alike: the unit of work.

SQLite: one writer connection (BEGIN IMMEDIATE: a deferred one loses updates), a few readers that cannot.
WAL with synchronous=FULL, so that a commit is on the disk when it returns; checked on every connection.
PostgreSQL: one pool; `synchronous_commit` stays on; nobody waits for ever (`store.postgresql`).
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from mailgate.store import postgresql
from mailgate.store.faults import READ_ONLY, StoreUnavailableError, UnsafeDatabaseError, translated
from mailgate.store.sqlite import connected

Unit = AsyncConnection
"""A connection inside one transaction; what the functions of store/ take first."""

# Keys of advisory locks on PostgreSQL: any numbers, as long as they differ.
SCHEMA_LOCK = 0x6D670001
ARRIVAL_LOCK = 0x6D670002
_LOCK_BRIEFLY = text("SET LOCAL lock_timeout = '10s'")

_PATIENCE = 10.0  # seconds for a connection where all are taken
_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql+psycopg://"  # the driver alone; where the server is, it is told itself
_PRAGMAS: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 5000,
}


class Database:
    """The store: gives transactions to write and to read in.

    Args:
        url: `sqlite:///path` or `postgresql://user@host/name`, also with several hosts.

    Raises:
        ValueError: as `store.place.parts`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        if self.file is not None:
            self._writer = _sqlite_engine(self.file, "BEGIN IMMEDIATE")
            self._reader = _sqlite_engine(self.file, "BEGIN", connections=4, query_only=1)
            self._alterer = _sqlite_engine(self.file, "BEGIN IMMEDIATE", foreign_keys=0)
        else:
            self._writer = create_async_engine(
                _POSTGRESQL,
                pool_size=8,
                max_overflow=4,
                pool_timeout=_PATIENCE,
                pool_pre_ping=True,
                connect_args={
                    **postgresql.at_work(url),
                    "async_creator_fn": postgresql.Connection.connect,
                },
            )
            event.listen(self._writer.sync_engine, "handle_error", _leave_a_standby)
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._alterer = create_async_engine(
                _POSTGRESQL, pool_size=1, max_overflow=0, connect_args=postgresql.patient(url)
            )

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.url.startswith(_SQLITE)

    @property
    def file(self) -> Path | None:
        """The file that SQLite keeps everything in; None on PostgreSQL."""
        return Path(self.url.removeprefix(_SQLITE)) if self.is_sqlite else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """A transaction that commits at the end of the block, or rolls back on an exception.

        Raises:
            StoreError: as `store.faults` says; nothing was written, unless the connection to PostgreSQL broke
                in the commit itself: then nobody knows, and whoever tries again must be able to do it twice.
        """
        with _own_words(self.file):
            async with self._writer.begin() as unit:
                yield unit

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """A transaction to read in: one consistent view.

        Raises:
            StoreError: as `store.faults` says.
        """
        with _own_words(self.file):
            async with self._reader.begin() as unit:
                yield unit

    @asynccontextmanager
    async def alter(self) -> AsyncIterator[Unit]:
        """A transaction to change the schema in, one at a time; it takes as long as it takes.

        On PostgreSQL nodes may be at work, and all of them stand still behind one who waits for a table's
        lock: so it is not waited for long. SQLite changes a table by building it anew, so foreign keys are
        checked once, at the end.

        Raises:
            StoreError: as `store.faults` says; the schema is as it was.
        """
        with _own_words(self.file):
            async with self._alterer.begin() as unit:
                if not self.is_sqlite:
                    await unit.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})
                    await unit.execute(_LOCK_BRIEFLY)
                yield unit
                if self.is_sqlite:
                    await require_whole(unit)

    async def close(self) -> None:
        """Closes every connection."""
        for engine in (self._writer, self._reader, self._alterer):
            await engine.dispose()


@asynccontextmanager
async def savepoint(unit: Unit) -> AsyncIterator[None]:
    """A part of a transaction that is undone alone if the block raises.

    Raises:
        StoreError: as `store.faults` says.
    """
    with _own_words():
        async with unit.begin_nested():
            yield


async def require_whole(unit: Unit) -> None:
    """Returns if every foreign key of this SQLite database points to a row.

    Raises:
        UnsafeDatabaseError: one does not.
    """
    broken = (await unit.execute(text("PRAGMA foreign_key_check"))).first()
    if broken is not None:
        raise UnsafeDatabaseError(f"a row of {broken[0]} points to a row of {broken[2]} that is gone")


@contextmanager
def _own_words(file: Path | None = None) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as fault:
        own = translated(fault)
        if own is None:
            raise
        if file and isinstance(own, StoreUnavailableError):
            own = StoreUnavailableError(f"{file}: {own}")
        raise own from fault


def _leave_a_standby(context: ExceptionContext) -> None:
    """A server that takes no writes any more is left, as if it were gone; who only meant to read erred."""
    own = context.connection.get_execution_options() if context.connection else {}
    if own.get("postgresql_readonly"):
        return
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _sqlite_engine(file: Path, begin: str, connections: int = 1, **pragmas: int) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)),  # a path as it is, whatever characters it has
        async_creator=partial(connected, str(file)),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        _set_pragmas(connection, {**_PRAGMAS, **pragmas})

    @event.listens_for(engine.sync_engine, "begin")
    def open_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _set_pragmas(connection: Any, pragmas: dict[str, str | int]) -> None:
    cursor = connection.cursor()
    for name, wanted in pragmas.items():
        cursor.execute(f"PRAGMA {name} = {wanted}")
        cursor.execute(f"PRAGMA {name}")
        (got,) = cursor.fetchone()
        if got != wanted:
            cursor.close()
            connection.close()
            raise UnsafeDatabaseError(f"SQLite answers {name}={got} where {wanted} was asked for")
    cursor.close()
