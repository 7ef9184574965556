"""Knows how the schema is brought up to date, and how far it is: Alembic, run inside the program.

The migrations are files beside the program; where they lie comes in as an argument.
A migration is one transaction on both databases: killed in the middle, it has not happened.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from mailgate.failpoint import Failpoint, reach
from mailgate.store.faults import NewerDatabaseError, OutdatedDatabaseError, StoreUnavailableError
from mailgate.store.schema import metadata
from mailgate.store.unit import Database, Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a schema is. `current` is empty for a database without one; `head` is what is needed."""

    current: str
    head: str


Then = Callable[[Unit, Standing], Awaitable[None]]
"""What is to follow an upgrade; it is given how far the schema was."""


async def upgrade(database: Database, migrations: Path, then: Then | None = None) -> Standing:
    """Brings the schema up to date, in a new file if there is none; returns how far it was.

    Where anything changed, `then` belongs to the same transaction.

    Raises:
        NewerDatabaseError: the schema is one that this program does not know.
        StoreError: as `store.faults` says.
    """
    if database.file is not None:
        _make(database.file)
    async with database.alter() as unit:
        before = await unit.run_sync(_standing, migrations)
        if before.current != before.head:
            await unit.run_sync(_run, migrations)
            if then is not None:
                await then(unit, before)
    return before


async def require(database: Database, migrations: Path) -> None:
    """Returns if the schema is the one that this program needs.

    Raises:
        OutdatedDatabaseError: it is older, or there is none.
        NewerDatabaseError: it is one that this program does not know.
        StoreError: as `store.faults` says.
    """
    async with database.read() as unit:
        standing = await unit.run_sync(_standing, migrations)
    if standing.current != standing.head:
        has = f"has schema {standing.current}" if standing.current else "has no schema"
        raise OutdatedDatabaseError(
            f"the database {has}, mailgate needs {standing.head}; run `mailgate db upgrade`"
        )


async def prepare(database: Database, migrations: Path) -> None:
    """Makes the database ready for the service to start: SQLite's schema is upgraded, PostgreSQL's required.

    Raises:
        StoreError: as `upgrade` and `require` say.
    """
    if database.is_sqlite:
        await upgrade(database, migrations)
    else:
        await require(database, migrations)


async def differences(database: Database) -> tuple[str, ...]:
    """What in the database is not as the program's tables say; nothing, if all is well."""
    async with database.read() as unit:
        found = await unit.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
        )
    return tuple(str(difference) for difference in found)


def _make(file: Path) -> None:
    """An empty file for SQLite that only its owner may read: all the customers' mail will be in it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600, exist_ok=True)
    except OSError as fault:
        raise StoreUnavailableError(f"{file} cannot be made: {fault.strerror or fault}") from fault


def _standing(connection: Connection, migrations: Path) -> Standing:
    known = ScriptDirectory.from_config(_config(migrations))
    head = known.get_current_head() or ""
    current = MigrationContext.configure(connection).get_current_revision() or ""
    if current and current not in {script.revision for script in known.walk_revisions()}:
        raise NewerDatabaseError(
            f"the database has schema {current}, this mailgate knows schemas up to {head}; "
            "run the newer mailgate that made it, or restore a backup"
        )
    return Standing(current, head)


def _run(connection: Connection, migrations: Path) -> None:
    config = _config(migrations)
    config.attributes["connection"] = connection
    config.attributes["after_step"] = lambda **_: reach(Failpoint.IN_MIGRATION)
    command.upgrade(config, "head")


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
