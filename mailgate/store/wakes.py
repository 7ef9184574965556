"""Knows how a commit that gives others work tells them: NOTIFY in it, heard after it by who listens.

PostgreSQL delivers with the commit or not at all, and the same wake once for each transaction. Whoever is
away hears nothing: no work is lost with a wake, for the rows know what is due. SQLite has no such thing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum

import psycopg
from sqlalchemy import text

from mailgate.core.instant import whole
from mailgate.store import postgresql
from mailgate.store.dialect import is_sqlite
from mailgate.store.faults import StoreUnavailableError
from mailgate.store.unit import Database, Unit

QUIET = 10.0  # seconds; who hears nothing for so long asks whether there is anybody

_NOTIFY = text("SELECT pg_notify('mailgate', :wake)")
_LISTEN = "LISTEN mailgate"
_CLOCK = "SELECT clock_timestamp()"


class Wake(StrEnum):
    """What there may be to do."""

    INTAKE = "intake"  # mail waits to be decided
    DEADLINES = "deadlines"  # a clock moved
    LADDERS = "ladders"  # a ladder began, went on, or ended
    RELAY = "relay"  # mail waits to go


async def wake(unit: Unit, one: Wake) -> None:
    """Wakes the other nodes when this transaction commits."""
    if not is_sqlite(unit):
        await unit.execute(_NOTIFY, {"wake": one.value})


class Ear:
    """A connection on which nothing happens but that it hears wakes, and asks for the time."""

    def __init__(self, connection: postgresql.Connection) -> None:
        self._connection = connection

    async def wakes(self) -> frozenset[Wake]:
        """What was told since the last time; waits for it, but no longer than `QUIET`.

        Raises:
            StoreUnavailableError: the connection is broken.
        """
        try:
            told = [one.payload async for one in self._connection.notifies(timeout=QUIET, stop_after=1)]
        except psycopg.Error as fault:
            raise _unavailable(fault) from fault
        return frozenset(one for one in Wake if one in told)  # a newer mailgate may tell of more

    async def time(self) -> datetime:
        """What time it is for the server, which by answering shows that it is there.

        Raises:
            StoreUnavailableError: it does not.
        """
        try:
            ((now,),) = await (await self._connection.execute(_CLOCK)).fetchall()
        except psycopg.Error as fault:
            raise _unavailable(fault) from fault
        return whole(now)


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[Ear]:
    """An ear at this PostgreSQL server; from here on no wake goes by unheard.

    Raises:
        StoreUnavailableError: it does not answer.
    """
    try:
        settings = {**postgresql.at_work(database.url), "application_name": "mailgate, listening"}
        connection = await postgresql.Connection.connect(autocommit=True, **settings)
    except psycopg.Error as fault:
        raise _unavailable(fault) from fault
    try:
        try:
            await connection.execute(_LISTEN)
        except psycopg.Error as fault:
            raise _unavailable(fault) from fault
        yield Ear(connection)
    finally:
        await connection.close()


def _unavailable(fault: psycopg.Error) -> StoreUnavailableError:
    return StoreUnavailableError(str(fault).strip().partition("\n")[0])
