"""An upgrade that is killed at any statement has not happened, and the next one finishes."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mailgate.store import migrate
from mailgate.store.unit import Database
from tests.conftest import MIGRATIONS
from tests.store.olddatabase import make

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'killed.db'}"
    given: str = request.getfixturevalue("empty_postgresql_url")
    return given


def kills(url: str, migrations: Path, stride: int) -> int:
    """At how many statements it was killed before it got through, changing nothing."""
    command = [sys.executable, "-m", "tests.store.killed", url, str(migrations), str(stride)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert told.stdout.strip().isdecimal(), told.stdout + told.stderr
    return int(told.stdout)


def whole(url: str) -> bool:
    async def look() -> bool:
        database = Database(url)
        await migrate.require(database, MIGRATIONS)
        found = await migrate.differences(database)
        await database.close()
        return found == ()

    return asyncio.run(look())


def test_the_first_schema_and_all_after_it_are_made_or_not_there(url: str) -> None:
    assert kills(url, MIGRATIONS, stride=11) > 5
    assert whole(url)


def test_a_database_with_rows_is_upgraded_or_as_it_was(url: str, tmp_path: Path) -> None:
    """From the first schema: the later steps read rows, write rows, and build tables anew on SQLite."""

    async def old() -> None:
        database = Database(url)
        await make(database, tmp_path / "first")
        await database.close()

    asyncio.run(old())
    assert kills(url, MIGRATIONS, stride=5) > 5
    assert whole(url)


def test_the_last_steps_are_killed_at_every_statement(url: str, tmp_path: Path) -> None:
    """Those from 0008 on, which nodes of the version before see while they work."""
    before = tmp_path / "before"
    shutil.copytree(MIGRATIONS, before)
    for later in before.glob("versions/[0-9]*.py"):
        if later.name >= "0008":
            later.unlink()

    async def upgraded() -> None:
        database = Database(url)
        await migrate.upgrade(database, before)
        await database.close()

    asyncio.run(upgraded())
    assert kills(url, MIGRATIONS, stride=1) > 5
    assert whole(url)
