"""Knows what an operator does with the database: bring it up to date, check it, copy it, put it back."""

import asyncio
from pathlib import Path

import click

from mailgate import shipped
from mailgate.app.office import database_file
from mailgate.cli.database import with_any_database, with_database, with_new_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, configuration
from mailgate.cli.screen import emit_json, say, tell
from mailgate.cli.trace import trace
from mailgate.core.audit import Action
from mailgate.store import audits
from mailgate.store.aftermath import NUMBERS, forgotten
from mailgate.store.backup import Copy, back_up
from mailgate.store.faults import OutdatedDatabaseError
from mailgate.store.health import faults_found
from mailgate.store.migrate import Standing, require
from mailgate.store.migrate import upgrade as upgraded
from mailgate.store.place import shown
from mailgate.store.restore import put_back, readable, require_unused
from mailgate.store.unit import Database, Unit
from mailgate.store.vacuum import vacuum as vacuumed
from mailgate.wallclock import now

_FILE = click.Path(dir_okay=False, path_type=Path)
_nothing_since = click.option(
    "--nothing-since",
    is_flag=True,
    help="The service did not run since the backup was made: send what waits, leave out no ticket numbers.",
)


@click.group()
def db() -> None:
    """Upgrade, check, back up and restore the database."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date. On SQLite the service does so itself when it starts."""

    async def noted(unit: Unit, before: Standing) -> None:
        told = trace(Action.DB_UPGRADE, before.head, before=before.current)
        await audits.note(unit, told)

    async def run(database: Database) -> Standing:
        return await upgraded(database, shipped.folder("migrations"), noted)

    standing = with_new_database(run)
    if standing.newer:
        say(f"The schema is {standing.current}; this mailgate would make {standing.head}, and works on it.")
    elif standing.serves:
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
@click.argument("file", metavar="FILE", type=_FILE)
@as_json
def backup(*, file: Path, as_json: bool) -> None:
    """Copy the database to FILE, also while the service runs. Nothing is ever overwritten.

    The copy is looked through, every page, index and reference. `mailgate db restore FILE` puts it back.
    """

    async def run(database: Database) -> Copy:
        if database.file is None:
            words = (
                f"PostgreSQL copies its own: pg_dump --format=custom --file={file} '{shown(database.url)}'"
            )
            raise Fault(words)
        made = await back_up(database.file, file)
        await _note_backup(database, file, made)
        return made

    try:
        copy = with_any_database(run)
    except FileExistsError:
        raise Fault(f"{file} exists, and nothing was written: name another file") from None
    if as_json:
        emit_json({"file": str(file), "octets": copy.octets, "schema": copy.schema, "rows": copy.rows})
        return
    say(f"Copied to {file}: {copy.octets} octets, {sum(copy.rows.values())} rows of schema {copy.schema}.")
    say(f"The signing keys are not in it: keep {configuration().settings.service.secret_file} as well.")


@db.command()
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--force", is_flag=True, help="Put aside the database that is there.")
@_nothing_since
@as_json
def restore(*, file: Path, force: bool, nothing_since: bool, as_json: bool) -> None:
    """Put a backup in the place of the database. The service must not run.

    The backup is looked through, brought up to date, and gets the name last: where anything is wrong,
    everything is as it was. The database that was there is kept beside it under a name with the time.
    """
    target = _target(file, force=force)
    copy = readable(file)
    if not copy.schema:
        raise Fault(f"{file} is no database of mailgate, and nothing was changed")

    async def prepared(database: Database) -> tuple[Standing, int]:
        before = await upgraded(database, shipped.folder("migrations"))
        return before, await _came_back(database, file, nothing_since=nothing_since)

    target.parent.mkdir(parents=True, exist_ok=True)
    (before, uncertain), aside = asyncio.run(put_back(file, target, now(), prepared))
    if as_json:
        told = {"schema": before.after, "was": before.current, "aside": str(aside) if aside else None}
        emit_json({"file": str(target), **told, "uncertain": uncertain, "rows": copy.rows})
        return
    say(f"{target} is the backup {file} now, {sum(copy.rows.values())} rows of schema {before.after}.")
    if not before.serves:
        say(f"Its schema was {before.current}.")
    if aside:
        say(f"What was there before is {aside}.")
    _say_uncertain(uncertain, nothing_since=nothing_since)


@db.command()
@_nothing_since
def restored(*, nothing_since: bool) -> None:
    """Say that the database was put back by other means.

    By pg_restore, or with its whole machine. To be said once, before the service starts.
    `mailgate db restore` says so itself.
    """
    file = database_file(configuration())
    if file is not None:
        require_unused(file)

    async def run(database: Database) -> int:
        return await _came_back(database, None, nothing_since=nothing_since)

    _say_uncertain(with_database(run), nothing_since=nothing_since)


def _target(backup_: Path, *, force: bool) -> Path:
    """The file whose place a backup takes.

    Raises:
        Fault: there is none, or it is taken.
    """
    target = database_file(configuration())
    if target is None:
        raise Fault(
            f"PostgreSQL takes its own back: pg_restore --clean --if-exists --dbname=URL {backup_}\n"
            "Then, before the service starts: mailgate db restored"
        )
    if not backup_.exists():
        raise Fault(f"there is no file {backup_}")
    if target.exists() and not force:
        raise Fault(f"{target} exists, and nothing was changed: --force puts it aside")
    return target


@db.command()
def vacuum() -> None:
    """Give back what is free in an SQLite file.

    It keeps nothing of what was deleted in it. The file is written anew: that needs as much room again,
    and mail waits at its senders meanwhile.
    """

    async def run(database: Database) -> tuple[int, int]:
        if database.file is None:
            raise Fault("PostgreSQL does so itself, by autovacuum; VACUUM FULL gives all of it back")
        return await vacuumed(database.file)

    before, after = with_any_database(run)
    say(f"{before} octets before, {after} now.")


async def _came_back(database: Database, file: Path | None, *, nothing_since: bool) -> int:
    """Makes uncertain what may have been sent since the backup, and notes the restoration."""
    async with database.write() as unit:
        uncertain = 0 if nothing_since else await forgotten(unit, now())
        told = trace(Action.DB_RESTORE, file or "", uncertain=uncertain, nothing_since=nothing_since)
        await audits.note(unit, told)
    return uncertain


async def _note_backup(database: Database, file: Path, copy: Copy) -> None:
    """No copy is handed out that is not in the trail; a schema from before there was one has none."""
    try:
        await require(database, shipped.folder("migrations"))
    except OutdatedDatabaseError:
        tell("The schema is older than the audit trail: the backup is not noted.")
        return
    try:
        async with database.write() as unit:
            await audits.note(unit, trace(Action.DB_BACKUP, file, octets=copy.octets))
    except BaseException:
        await asyncio.to_thread(file.unlink, missing_ok=True)
        raise


def _say_uncertain(uncertain: int, *, nothing_since: bool) -> None:
    if nothing_since:
        say("What waited to be sent is sent when the service starts.")
        return
    say(f"Mails that may have been sent since and are uncertain now: {uncertain}; see `mailgate outbox`.")
    say(f"Each account leaves out {NUMBERS} ticket numbers: those given since are never given again.")
