"""Knows what an operator does with the database: bring its schema up to date, check it, copy it."""

from pathlib import Path

import click

from mailgate import shipped
from mailgate.cli.database import with_any_database, with_new_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json
from mailgate.cli.screen import emit_json, say
from mailgate.cli.trace import trace
from mailgate.core.audit import Action
from mailgate.store import audits
from mailgate.store.backup import back_up
from mailgate.store.health import faults_found
from mailgate.store.migrate import Standing
from mailgate.store.migrate import upgrade as upgraded
from mailgate.store.unit import Database, Unit


@click.group()
def db() -> None:
    """Upgrade, check and back up the database."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date. On SQLite the service does so itself when it starts."""

    async def noted(unit: Unit, before: Standing) -> None:
        told = trace(Action.DB_UPGRADE, before.head, before=before.current)
        await audits.note(unit, told)

    async def run(database: Database) -> Standing:
        return await upgraded(database, shipped.folder("migrations"), noted)

    standing = with_new_database(run)
    if standing.current == standing.head:
        say(f"The schema is {standing.head}: up to date.")
    else:
        say(f"The schema is {standing.head} now; it was {standing.current or 'not there'}.")


@db.command()
@as_json
def check(*, as_json: bool) -> int:
    """Check the schema, and whether the database is whole. Exit 1: something is wrong."""

    async def run(database: Database) -> tuple[str, ...]:
        return await faults_found(database, shipped.folder("migrations"))

    faults = with_any_database(run)
    if as_json:
        emit_json({"ok": not faults, "faults": faults})
    for fault in () if as_json else faults or ("The database is whole, its schema is up to date.",):
        say(fault)
    return 1 if faults else 0


@db.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def backup(*, file: Path) -> None:
    """Copy the database to FILE, also while the service runs. Nothing is ever overwritten.

    The copy is checked, and is a whole database. To restore it, stop the service and put it in the
    place of the database, without the `-wal` and `-shm` files of the old one.
    """

    async def run(database: Database) -> int:
        if database.file is None:
            url = database.url.set(drivername="postgresql").render_as_string(hide_password=True)
            raise Fault(f"PostgreSQL copies its own: pg_dump --format=custom --file={file} '{url}'")
        return await back_up(database.file, file)

    try:
        size = with_any_database(run)
    except FileExistsError:
        raise Fault(f"{file} exists, and nothing was written: name another file") from None
    say(f"Copied to {file}: {size} octets, checked.")
