"""Knows how an SQLite database is copied while the service runs on it: one snapshot, checked.

The copy gets its name last, when it is whole and on the disk; a file of that name is never overwritten.
"""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailgate.store.faults import StoreUnavailableError, UnsafeDatabaseError, from_sqlite

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
_SCHEMA = "alembic_version"


@dataclass(frozen=True, slots=True)
class Copy:
    """A database file that was looked through and is whole.

    Args:
        octets: its size.
        schema: the revision of its schema; empty where it has none.
        rows: how many there are in each table.
    """

    octets: int
    schema: str
    rows: Mapping[str, int]


async def back_up(source: Path, target: Path) -> Copy:
    """Copies the database; returns what is in the copy.

    Raises:
        FileExistsError: there is a file of that name.
        UnsafeDatabaseError: the copy is not whole, so the original is not, either; nothing is left of it.
        StoreError: as `store.faults` says; nothing is left of the copy.
    """
    return await asyncio.to_thread(_back_up, source, target)


def examined(file: Path) -> Copy:
    """What is in the database file, which nobody is writing to: every page, index and reference is looked at.

    Raises:
        UnsafeDatabaseError: it is not whole.
        StoreError: it cannot be read, or is no database.
    """
    with own_words(file), closing(opened(file, "mode=ro&immutable=1")) as database:
        _require_whole(database)
        tables = sorted(name for (name,) in database.execute(_TABLES))
        counts = ((name, database.execute(f'SELECT count(*) FROM "{name}"').fetchone()) for name in tables)  # noqa: S608 - names of tables that are there
        rows = {name: count for name, (count,) in counts if name != _SCHEMA}
        known = _SCHEMA in tables
        schema = database.execute(f"SELECT version_num FROM {_SCHEMA}").fetchone() if known else None  # noqa: S608
    return Copy(file.stat().st_size, schema[0] if schema else "", rows)


@contextmanager
def own_words(file: Path | None = None) -> Iterator[None]:
    """Says what fails in the block in the words of `store.faults`, and of which database file.

    Raises:
        StoreError: SQLite, or a file, could not do what was asked.
    """
    try:
        yield
    except sqlite3.Error as fault:
        raise from_sqlite(fault, f"{file}: " if file else "") from fault
    except FileExistsError:
        raise
    except OSError as fault:
        raise StoreUnavailableError(f"{fault.filename}: {fault.strerror}") from fault


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """An empty file beside the target that only its owner may read; it is gone at the end."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as fault:  # it would name a file that nobody has asked for
        raise OSError(fault.errno, fault.strerror, str(target)) from fault
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        for ending in ("", "-wal", "-shm"):
            Path(name + ending).unlink(missing_ok=True)


def opened(file: Path, how: str) -> sqlite3.Connection:
    """A connection of SQLite's own, outside any transaction; `how` are parameters of its URI."""
    return sqlite3.connect(f"{file.resolve().as_uri()}?{how}", uri=True, isolation_level=None)


def to_disk(path: Path) -> None:
    """Returns when the file, or the names in the folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _back_up(source: Path, target: Path) -> Copy:
    if target.exists():
        raise FileExistsError(target)
    with own_words(source), unfinished(target) as made:
        with closing(opened(source, "mode=ro")) as original:
            original.execute("VACUUM INTO ?", [str(made)])
        copy = examined(made)
        to_disk(made)
        os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))  # refuses a name that is taken meanwhile
        made.replace(target)
        to_disk(target.parent)
    return copy


def _require_whole(copy: sqlite3.Connection) -> None:
    (answer,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    if answer != "ok" or broken:
        raise UnsafeDatabaseError(f"the copy is not whole: {answer if answer != 'ok' else broken}")
