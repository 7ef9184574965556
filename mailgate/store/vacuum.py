"""Knows how an SQLite file gives back what was deleted in it, and keeps none of it.

What is deleted leaves free pages, which are used again, and its words in them. VACUUM writes the file anew.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from mailgate.store.backup import opened, own_words

_PATIENCE = 60_000  # milliseconds; a service that writes has many short turns between


async def free_octets(file: Path) -> int:
    """How much of the file is free, to be used again."""
    return await asyncio.to_thread(_free_octets, file)


async def vacuum(file: Path) -> tuple[int, int]:
    """Writes the file anew, without what was deleted; its size before and after, in octets.

    It needs as much room again on the disk, and nobody else writes meanwhile.

    Raises:
        StoreError: it could not be done; the database is as it was.
    """
    return await asyncio.to_thread(_vacuum, file)


def _free_octets(file: Path) -> int:
    with own_words(file), closing(opened(file, "mode=ro")) as database:
        (pages,) = database.execute("PRAGMA freelist_count").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    return int(pages * size)


def _vacuum(file: Path) -> tuple[int, int]:
    with own_words(file), closing(opened(file, "mode=rw")) as database:
        database.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
        before = _size(database)
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # gone from the log, too
        after = _size(database)
    return before, after


def _size(database: sqlite3.Connection) -> int:
    """Octets of the database, wherever they lie: the file grows only when the log is brought into it."""
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    (size,) = database.execute("PRAGMA page_size").fetchone()
    return int(pages * size)
