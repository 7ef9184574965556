"""Knows how an SQLite database is copied while the service runs on it: one snapshot, checked.

The copy gets its name last, when it is whole and on the disk; a file of that name is never overwritten.
"""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mailgate.store.faults import StoreUnavailableError, UnsafeDatabaseError, from_sqlite


async def back_up(source: Path, target: Path) -> int:
    """Copies the database; returns the size of the copy in octets.

    Raises:
        FileExistsError: there is a file of that name.
        UnsafeDatabaseError: the copy is not whole, so the original is not, either; nothing is left of it.
        StoreError: as `store.faults` says; nothing is left of the copy.
    """
    return await asyncio.to_thread(_back_up, source, target)


def _back_up(source: Path, target: Path) -> int:
    if target.exists():
        raise FileExistsError(target)
    with _own_words(), _unfinished(target) as unfinished:
        with closing(_opened(source, "mode=ro")) as original:
            original.execute("VACUUM INTO ?", [str(unfinished)])
        with closing(_opened(unfinished, "mode=ro&immutable=1")) as copy:
            _require_whole(copy)
        _to_disk(unfinished)
        os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))  # refuses a name that is taken meanwhile
        unfinished.replace(target)
        _to_disk(target.parent)
        return target.stat().st_size


@contextmanager
def _own_words() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise from_sqlite(fault) from fault
    except FileExistsError:
        raise
    except OSError as fault:
        raise StoreUnavailableError(f"{fault.filename}: {fault.strerror}") from fault


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """An empty file beside the target that only its owner may read; it is gone at the end."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _opened(file: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?{how}", uri=True, isolation_level=None)


def _require_whole(copy: sqlite3.Connection) -> None:
    (answer,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    if answer != "ok" or broken:
        raise UnsafeDatabaseError(f"the copy is not whole: {answer if answer != 'ok' else broken}")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
