"""Knows how a backup takes the place of an SQLite database, and how whatever was there is put aside.

The backup is prepared as a file of its own; the name changes hands last, in one step, while nobody else can
open what is there. Killed at any moment, the one or the other is there, whole. Nothing is ever overwritten.
"""

import asyncio
import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TypeVar

from mailgate.store.backup import Copy, examined, opened, own_words, to_disk, unfinished
from mailgate.store.faults import StoreUnavailableError, UnsafeDatabaseError
from mailgate.store.unit import Database

T = TypeVar("T")

Prepare = Callable[[Database], Awaitable[T]]
"""Makes the copy ready to be used, before anybody else sees it."""

# Where SQLite's programs lock a file on Unix, whatever is in it (its file format, section "Locking").
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510
_BESIDE = ("-wal", "-shm")


class InUseError(StoreUnavailableError):
    """A program has the database open."""


async def put_back(source: Path, target: Path, now: datetime, prepare: Prepare[T]) -> tuple[T, Path | None]:
    """Puts the backup in the place of the database.

    Returns what `prepare` answers, and where the database that was there lies now, if there was one.

    Raises:
        InUseError: a program has the database open; nothing was changed.
        UnsafeDatabaseError: the backup is not whole, or not all of a database; nothing was changed.
        StoreError: as `store.faults` and `prepare` say; nothing was changed.
    """
    with own_words(), _free(target):  # before the long work, so that one need not wait for the answer
        pass
    with own_words(), unfinished(target) as made:
        await asyncio.to_thread(shutil.copyfile, source, made)
        database = Database(f"sqlite:///{made}")
        try:
            answer = await prepare(database)
        finally:
            await database.close()
        aside = await asyncio.to_thread(_change_places, made, target, now)
    return answer, aside


def readable(source: Path) -> Copy:
    """What is in a backup, looked through.

    Raises:
        UnsafeDatabaseError: it is not whole, or not all of a database.
        StoreError: it cannot be read, or is no database.
    """
    beside = source.with_name(f"{source.name}-wal")
    if beside.exists() and beside.stat().st_size:
        raise UnsafeDatabaseError(
            f"{beside} holds a part of it: that is a database in use, or a copy of one; "
            "make a backup of it with `mailgate db backup`"
        )
    return examined(source)


def _change_places(made: Path, target: Path, now: datetime) -> Path | None:
    with closing(opened(made, "mode=rw")) as database:
        database.execute("PRAGMA journal_mode = DELETE")  # all of it in one file
    examined(made)
    to_disk(made)
    with _free(target):
        aside = _put_aside(target, now) if target.exists() else None
        for (
            ending
        ) in _BESIDE:  # of a database that is not there any more: they would be taken for the new one's
            target.with_name(target.name + ending).unlink(missing_ok=True)
        made.replace(target)
        to_disk(target.parent)
    return aside


def require_unused(target: Path) -> None:
    """Returns if no program has the database open.

    Raises:
        InUseError: one has.
    """
    with _free(target):
        pass


@contextmanager
def _free(target: Path) -> Iterator[None]:
    """Nobody else has the database open, nor can open it before the end of the block."""
    if not target.exists():
        yield
        return
    try:
        database = _seized(target)
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise InUseError(f"a program has {target} open: stop the service first") from None
        with _locked(target):  # it is damaged: that is why there is to be another
            yield
        return
    with closing(database):
        yield


def _seized(target: Path) -> sqlite3.Connection:
    """The one connection to the database; all that was written beside it is in its file now."""
    database = opened(target, "mode=rw")
    try:
        database.execute("PRAGMA busy_timeout = 1000")
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = DELETE").fetchone()
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")  # the lock stays with the connection
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """The same by SQLite's lock alone, for a file that SQLite cannot read."""
    with target.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except OSError as fault:
            if fault.errno not in {errno.EAGAIN, errno.EACCES}:
                raise
            raise InUseError(f"a program has {target} open: stop the service first") from None
        yield


def _put_aside(target: Path, now: datetime) -> Path:
    """Gives the database a second name, and what is written beside it, if that could not be taken in."""
    name = f"{target.name}.before-{now:%Y%m%dT%H%M%SZ}"
    for again in count():
        aside = target.with_name(f"{name}-{again}" if again else name)
        try:
            os.link(target, aside)
        except FileExistsError:
            continue
        for ending in _BESIDE:
            beside = target.with_name(target.name + ending)
            if beside.exists():
                os.link(beside, aside.with_name(aside.name + ending))
        return aside
    raise AssertionError("names do not come to an end")
