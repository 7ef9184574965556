"""What was deleted in an SQLite file is in it no more, and its room is given back."""

import sqlite3
from contextlib import closing
from pathlib import Path

from mailgate.store.vacuum import free_octets, vacuum

CANARY = b"the vault code is heliotrope"


async def test_deleted_words_are_in_the_file_until_it_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA secure_delete = OFF")  # some systems have it on, and others have not
        connection.execute("CREATE TABLE words (word BLOB)")
        connection.executemany("INSERT INTO words VALUES (?)", [(CANARY * 100,)] * 100)
        connection.execute("DELETE FROM words")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert CANARY in file.read_bytes()
        assert await free_octets(file) > 100_000

        before, after = await vacuum(file)

        assert holding_it(tmp_path) == []
        assert (after == file.stat().st_size < before, await free_octets(file)) == (True, 0)


async def test_what_is_still_in_the_log_is_a_part_of_its_size(tmp_path: Path) -> None:
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE words (word BLOB)")
        connection.executemany("INSERT INTO words VALUES (?)", [(CANARY * 100,)] * 100)
        assert file.stat().st_size < 10_000

        before, after = await vacuum(file)

        assert before >= after == file.stat().st_size > 100_000


def holding_it(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir() if CANARY in one.read_bytes()]
