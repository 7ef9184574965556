"""The schema: made by the migrations alone, alike on both databases, known by its number."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from mailgate.store import migrate
from mailgate.store.faults import NewerDatabaseError, OutdatedDatabaseError
from mailgate.store.schema import metadata
from mailgate.store.unit import Database
from tests.conftest import NEWEST

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    assert await migrate.differences(database) == ()


async def test_the_migrated_schema_of_sqlite_is_the_one_that_the_tables_would_make(
    sqlite_database: Database, tmp_path: Path
) -> None:
    made = Database(f"sqlite:///{tmp_path / 'made.db'}")
    async with made.write() as unit:
        await unit.run_sync(metadata.create_all)
    assert await _sqlite_schema(sqlite_database) == await _sqlite_schema(made)
    await made.close()


@pytest.mark.postgresql
async def test_the_migrated_schema_of_postgresql_is_the_one_that_the_tables_would_make(
    postgresql_url: str, empty_postgresql_url: str
) -> None:
    migrated, made = Database(postgresql_url), Database(empty_postgresql_url)
    async with made.write() as unit:
        await unit.run_sync(metadata.create_all)
    assert await _postgresql_schema(migrated) == await _postgresql_schema(made)
    await migrated.close()
    await made.close()


async def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    standing = await migrate.upgrade(database, MIGRATIONS)
    assert standing.current == standing.head == NEWEST
    await migrate.require(database, MIGRATIONS)


async def test_a_database_that_is_newer_than_the_program_is_refused(database: Database) -> None:
    async with database.write() as unit:
        await unit.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refuses in (migrate.upgrade, migrate.require, migrate.prepare):
        with pytest.raises(NewerDatabaseError) as refusal:
            await refuses(database, MIGRATIONS)
        assert str(refusal.value) == (
            f"the database has schema 9999, this mailgate knows schemas up to {NEWEST}; "
            "run the newer mailgate that made it, or restore a backup"
        )


async def test_a_newer_schema_that_only_adds_is_worked_on(database: Database, tmp_path: Path) -> None:
    newer = newer_migrations(tmp_path, "adds_only = True")
    assert (await migrate.upgrade(database, newer)).after == "9998"
    standing = migrate.Standing("9998", NEWEST, newer=True)
    for goes_on in (migrate.upgrade, migrate.require, migrate.prepare):
        assert await goes_on(database, MIGRATIONS) == standing
    assert standing.after == "9998"
    async with database.read() as unit:
        assert await unit.scalar(text("SELECT version_num FROM alembic_version")) == "9998"


async def test_a_newer_schema_that_does_more_than_add_is_refused(database: Database, tmp_path: Path) -> None:
    await migrate.upgrade(database, newer_migrations(tmp_path, ""))
    for refuses in (migrate.upgrade, migrate.require, migrate.prepare):
        with pytest.raises(NewerDatabaseError):
            await refuses(database, MIGRATIONS)


async def test_two_programs_that_upgrade_at_once_do_it_once(database_url: str, tmp_path: Path) -> None:
    nodes = [Database(database_url) for _ in range(4)]
    newer = newer_migrations(tmp_path, "adds_only = True")
    before = await asyncio.gather(*(migrate.upgrade(node, newer) for node in nodes))
    assert sorted(one.current for one in before) == [NEWEST, "9998", "9998", "9998"]
    for node in nodes:
        await node.close()


@pytest.mark.postgresql
async def test_postgresql_is_not_upgraded_by_the_start_of_the_service(empty_postgresql_url: str) -> None:
    database = Database(empty_postgresql_url)
    with pytest.raises(OutdatedDatabaseError) as refusal:
        await migrate.prepare(database, MIGRATIONS)
    assert str(refusal.value) == (
        f"the database has no schema, mailgate needs {NEWEST}; run `mailgate db upgrade`"
    )
    assert (await migrate.upgrade(database, MIGRATIONS)).current == ""
    await migrate.prepare(database, MIGRATIONS)
    await database.close()


async def test_sqlite_is_upgraded_by_the_start_of_the_service(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    await migrate.prepare(database, MIGRATIONS)
    assert await migrate.differences(database) == ()
    await database.close()


async def test_an_upgrade_that_fails_leaves_the_schema_as_it_was(tmp_path: Path) -> None:
    broken = tmp_path / "migrations" / "versions"
    broken.mkdir(parents=True)
    (broken.parent / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    first = next(MIGRATIONS.glob("versions/0001*.py")).read_text()
    (broken / "0001_breaks.py").write_text(first.replace("    make_outcomes()\n", "    1 / 0\n", 1))
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(ZeroDivisionError):
        await migrate.upgrade(database, broken.parent)
    assert await _sqlite_schema(database) == {}
    await database.close()


def newer_migrations(folder: Path, says: str) -> Path:
    """Those of a program that has one more than this one."""
    shutil.copytree(MIGRATIONS, folder / "newer")
    (folder / "newer" / "versions" / "9998_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = '9998'\ndown_revision = '{NEWEST}'\n{says}\n"
        "def upgrade() -> None:\n    op.add_column('tickets', sa.Column('colour', sa.Text))\n"
    )
    return folder / "newer"


async def _sqlite_schema(database: Database) -> dict[str, list[str]]:
    """What each table and index was made of, whatever the order of its constraints."""
    async with database.read() as unit:
        rows = await unit.execute(
            text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
        )
        return {name: sorted(" ".join(sql.removesuffix(")").split()).split(", ")) for name, sql in rows}


async def _postgresql_schema(database: Database) -> list[tuple[object, ...]]:
    columns = text(
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default "
        "FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'alembic_version' "
        "ORDER BY table_name, ordinal_position"
    )
    indexes = text(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND tablename <> 'alembic_version' ORDER BY indexname"
    )
    constraints = text(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version' "
        "ORDER BY 1, 2"
    )
    async with database.read() as unit:
        return [tuple(row) for query in (columns, indexes, constraints) for row in await unit.execute(query)]
