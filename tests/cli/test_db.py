"""`mailgate db`: schema, check and backup, in clear words."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from mailgate.cli import run
from mailgate.store.unit import Database
from tests.conftest import NEWEST
from tests.store.olddatabase import make

if TYPE_CHECKING:
    from tests.conftest import World

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def configured(folder: Path, url: str) -> Path:
    """A starter configuration on that database."""
    run(["init", str(folder / "desk")])
    file = folder / "desk" / "config" / "mailgate.toml"
    shown = '# url = "sqlite:///../var/mailgate.db"'
    file.write_text(file.read_text("utf-8").replace(shown, f'url = "{url}" #'), "utf-8")
    return file


def beside(copy: Path) -> list[str]:
    """The copy, and whatever was left of its making."""
    return [one.name for one in copy.parent.iterdir() if copy.name in one.name]


async def db(capsys: pytest.CaptureFixture[str], file: Path, *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = await asyncio.to_thread(run, ["--config", str(file), "db", *words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


async def test_upgrade_makes_a_database_that_only_its_owner_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, f"sqlite:///{tmp_path}/new/folder/mail gate%20?x=1.db")
    made = f"The schema is {NEWEST} now; it was not there.\n"
    assert await db(capsys, file, "upgrade") == (0, made, "")
    assert await db(capsys, file, "upgrade") == (0, f"The schema is {NEWEST}: up to date.\n", "")
    (database,) = (tmp_path / "new" / "folder").iterdir()
    assert (database.name, oct(database.stat().st_mode)) == ("mail gate%20?x=1.db", "0o100600")


@pytest.mark.postgresql
async def test_postgresql_is_upgraded_by_command_alone(
    tmp_path: Path, empty_postgresql_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, empty_postgresql_url)
    old = f"the database has no schema, mailgate needs {NEWEST}; run `mailgate db upgrade`\n"
    assert await db(capsys, file, "check") == (1, old, "")
    assert await db(capsys, file, "upgrade") == (0, f"The schema is {NEWEST} now; it was not there.\n", "")
    code, out, _ = await db(capsys, file, "check", "--json")
    assert (code, json.loads(out)) == (
        1,
        {
            "ok": False,
            "faults": [  # the tests' own server saves the time
                "PostgreSQL runs with fsync = off: a power loss destroys the database",
                "PostgreSQL runs with full_page_writes = off: a power loss can destroy the database",
            ],
        },
    )


async def test_a_database_newer_than_the_program_is_one_line(
    tmp_path: Path, database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, database_url)
    async with database.write() as unit:
        await unit.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    words = (
        f"the database has schema 9999, this mailgate knows schemas up to {NEWEST}; "
        "run the newer mailgate that made it, or restore a backup\n"
    )
    assert await db(capsys, file, "upgrade") == (2, "", f"mailgate: {words}")
    assert await db(capsys, file, "check") == (1, words, "")


async def test_a_file_that_is_no_database_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, f"sqlite:///{tmp_path}/mail.db")
    (tmp_path / "mail.db").write_bytes(b"no database" * 1000)
    said = f"mailgate: {tmp_path}/mail.db: file is not a database\n"
    assert await db(capsys, file, "upgrade") == (2, "", said)


async def test_a_whole_database_is_said_to_be_whole(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, sqlite_url)
    assert await db(capsys, file, "check") == (
        0,
        "The database is whole, its schema is up to date.\n",
        "",
    )


async def test_a_damaged_database_is_found(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, sqlite_url)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO counters VALUES ('acme', 1)")
        connection.execute("DROP INDEX ix_clocks_due")
        connection.execute("INSERT INTO spool VALUES (1, 77, 0, '', '[]', '', '', 'done', 0, NULL, '', 0)")
        connection.commit()
    code, out, err = await db(capsys, file, "check")
    assert (code, err) == (1, "")
    assert out == "a row of spool points to a row of raw_mails that is gone\n"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM spool")
        connection.commit()
    code, out, _ = await db(capsys, file, "check")
    assert (code, out.partition(":")[0]) == (1, "the schema differs from the program's")


async def test_a_backup_of_a_running_database_is_a_whole_database(
    tmp_path: Path, world: "World", database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, copy = configured(tmp_path, database_url), tmp_path / "copy.db"
    await world.opened(START)
    if not world.database.is_sqlite:
        words = (
            f"mailgate: PostgreSQL copies its own: pg_dump --format=custom --file={copy} '{database_url}'\n"
        )
        assert await db(capsys, file, "backup", str(copy)) == (2, "", words)
        return
    async with world.database.write() as unit:  # a transaction that is open meanwhile is not in the copy
        await unit.execute(text("UPDATE tickets SET title = 'half done'"))
        copying = asyncio.create_task(db(capsys, file, "backup", str(copy)))
        while not copy.exists():  # noqa: ASYNC110 - of a file there is no event
            await asyncio.sleep(0.01)
    said = (
        f"Copied to {copy}: {copy.stat().st_size} octets, 9 rows of schema {NEWEST}.\n"
        f"The signing keys are not in it: keep {file.parent.parent}/var/secret.key as well.\n"
    )
    assert await copying == (0, said, "")
    assert oct(copy.stat().st_mode) == "0o100600"
    assert beside(copy) == ["copy.db"]
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT title FROM tickets").fetchall() == [("Help",)]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (NEWEST,)


async def test_a_backup_overwrites_nothing(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, copy = configured(tmp_path, sqlite_url), tmp_path / "copy.db"
    copy.write_text("precious")
    words = f"mailgate: {copy} exists, and nothing was written: name another file\n"
    assert await db(capsys, file, "backup", str(copy)) == (2, "", words)
    assert copy.read_text() == "precious"


async def test_a_backup_into_no_folder_is_one_line(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, sqlite_url)
    code, out, err = await db(capsys, file, "backup", str(tmp_path / "nowhere" / "copy.db"))
    assert (code, out) == (2, "")
    assert err == f"mailgate: {tmp_path}/nowhere/copy.db: No such file or directory\n"


async def test_a_file_that_is_no_database_is_not_backed_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mail.db").write_text("not a database, but long enough to look like a file of some kind")
    file = configured(tmp_path, f"sqlite:///{tmp_path}/mail.db")
    answer = await db(capsys, file, "backup", str(tmp_path / "copy.db"))
    assert answer == (2, "", f"mailgate: {tmp_path}/mail.db: file is not a database\n")
    assert beside(tmp_path / "copy.db") == []


async def test_a_backup_that_cannot_be_noted_is_not_made(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, copy = configured(tmp_path, sqlite_url), tmp_path / "copy.db"
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON audits BEGIN SELECT RAISE(FAIL, 'no'); END")
    code, _, _ = await db(capsys, file, "backup", str(copy))
    assert (code, copy.exists()) == (70, False)


async def test_a_backup_tells_programs_what_is_in_it(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, copy = configured(tmp_path, sqlite_url), tmp_path / "copy.db"
    _, out, _ = await db(capsys, file, "backup", str(copy), "--json")
    told = json.loads(out)
    assert (told["file"], told["octets"], told["schema"]) == (str(copy), copy.stat().st_size, NEWEST)
    assert told["rows"]["tickets"] == 0


async def test_an_upgrade_and_a_backup_are_in_the_trail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, copy = configured(tmp_path, f"sqlite:///{tmp_path}/new.db"), tmp_path / "copy.db"
    await db(capsys, file, "upgrade")
    await db(capsys, file, "upgrade")
    await db(capsys, file, "backup", str(copy))
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        rows = connection.execute("SELECT action, subject, details FROM audits ORDER BY id").fetchall()
    assert rows == [
        ("db_upgrade", NEWEST, '{"before": ""}'),
        ("db_backup", str(copy), f'{{"octets": {copy.stat().st_size}}}'),
    ]


async def test_a_backup_of_a_schema_from_before_the_trail_is_made_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, copy = configured(tmp_path, f"sqlite:///{tmp_path}/old.db"), tmp_path / "copy.db"
    database = Database(f"sqlite:///{tmp_path}/old.db")
    await make(database, tmp_path)
    await database.close()
    said = "The schema is older than the audit trail: the backup is not noted.\n"
    code, _, err = await db(capsys, file, "backup", str(copy))
    assert (code, err, copy.exists()) == (0, said, True)
