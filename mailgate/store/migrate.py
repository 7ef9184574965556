"""Knows how the schema is brought up to date, and how far it is: Alembic, run inside the program.

The migrations are files beside the program; where they lie comes in as an argument.
A migration is one transaction on both databases: killed in the middle, it has not happened.

Nodes are upgraded one by one, so a program must work on the schema of a newer one: a migration that only adds
says so (`adds_only`), and the database knows how far back a program may be.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, select

from mailgate.failpoint import Failpoint, reach
from mailgate.store.faults import NewerDatabaseError, OutdatedDatabaseError, StoreUnavailableError
from mailgate.store.registers import compatibility
from mailgate.store.schema import metadata
from mailgate.store.unit import Database, Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a schema is.

    Args:
        current: empty for a database without one.
        head: what this program would make.
        newer: a newer program made it, and only added to what this one knows.
    """

    current: str
    head: str
    newer: bool = False

    @property
    def serves(self) -> bool:
        """Whether this program can work on it."""
        return self.newer or self.current == self.head

    @property
    def after(self) -> str:
        """The revision that `upgrade` left."""
        return self.current if self.newer else self.head


Then = Callable[[Unit, Standing], Awaitable[None]]
"""What is to follow an upgrade; it is given how far the schema was."""


async def upgrade(database: Database, migrations: Path, then: Then | None = None) -> Standing:
    """Brings the schema up to date, in a new file if there is none; returns how far it was.

    Where anything changed, `then` belongs to the same transaction.

    Raises:
        NewerDatabaseError: the schema is one that this program cannot work on.
        StoreError: as `store.faults` says.
    """
    if database.file is not None:
        _make(database.file)
    async with database.alter() as unit:
        before = await unit.run_sync(_standing, migrations)
        if not before.serves:
            await unit.run_sync(_run, migrations)
            if then is not None:
                await then(unit, before)
    return before


async def require(database: Database, migrations: Path) -> Standing:
    """How far the schema is, if this program can work on it.

    Raises:
        OutdatedDatabaseError: it is older, or there is none.
        NewerDatabaseError: it is newer, and more was done to it than to add.
        StoreError: as `store.faults` says.
    """
    async with database.read() as unit:
        standing = await unit.run_sync(_standing, migrations)
    if not standing.serves:
        has = f"has schema {standing.current}" if standing.current else "has no schema"
        raise OutdatedDatabaseError(
            f"the database {has}, mailgate needs {standing.head}; run `mailgate db upgrade`"
        )
    return standing


async def prepare(database: Database, migrations: Path) -> Standing:
    """Makes the database ready for the service to start: SQLite's schema is upgraded, PostgreSQL's required.

    Raises:
        StoreError: as `upgrade` and `require` say.
    """
    if database.is_sqlite:
        await upgrade(database, migrations)
    return await require(database, migrations)


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
    revisions = {script.revision for script in known.walk_revisions()}
    if not current or current in revisions:
        return Standing(current, head)
    if _oldest(connection, current) in revisions:
        return Standing(current, head, newer=True)
    raise NewerDatabaseError(
        f"the database has schema {current}, this mailgate knows schemas up to {head}; "
        "run the newer mailgate that made it, or restore a backup"
    )


def _oldest(connection: Connection, current: str) -> str | None:
    """The revision that a program must know to work on this one; None where nothing says so."""
    if not inspect(connection).has_table(compatibility.name):
        return None
    query = select(compatibility.c.oldest).where(compatibility.c.revision == current)
    return connection.execute(query).scalar()


def _run(connection: Connection, migrations: Path) -> None:
    config = _config(migrations)
    config.attributes["connection"] = connection
    config.attributes["after_step"] = lambda **_: reach(Failpoint.IN_MIGRATION)
    command.upgrade(config, "head")
    _tell_older_programs(connection, ScriptDirectory.from_config(config))


def _tell_older_programs(connection: Connection, known: ScriptDirectory) -> None:
    if not inspect(connection).has_table(compatibility.name):  # a schema from before it
        return
    newest_first = list(known.walk_revisions())
    changed = (one for one in newest_first if not getattr(one.module, "adds_only", False))
    oldest = next(changed, newest_first[-1])
    connection.execute(delete(compatibility))
    row = {"revision": newest_first[0].revision, "oldest": oldest.revision}
    connection.execute(insert(compatibility).values(row))


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
