"""A node of the version before must be able to work on the schema after: migrations add, and change nothing.

From `FIRST` on nodes are upgraded one by one. What is compared is what the database says of itself, before
and after each migration, so it does not matter how a migration goes about it.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, inspect

from mailgate.store import migrate
from mailgate.store.unit import Database
from tests.conftest import MIGRATIONS

FIRST = "0008"
Schema = dict[str, dict[str, Any]]
Columns = dict[str, tuple[str, bool]]


def scripts() -> list[Script]:
    """The migrations from `FIRST` on, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    known = reversed(list(ScriptDirectory.from_config(config).walk_revisions()))
    return [one for one in known if one.revision >= FIRST]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    on_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'new.db'}" if on_sqlite else request.getfixturevalue("empty_postgresql_url")
    database = Database(url)
    yield database
    await database.close()


def test_every_migration_says_that_it_only_adds() -> None:
    """If one must do more, a program before it cannot go on: docs/operations.md has to say so."""
    assert [one.revision for one in scripts() if not getattr(one.module, "adds_only", False)] == []


async def test_every_migration_only_adds(empty: Database, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    for one in scripts():
        (folder / "versions" / Path(one.path).name).unlink()
    await migrate.upgrade(empty, folder)
    before = await _schema(empty)
    for one in scripts():
        shutil.copy(one.path, folder / "versions")
        await migrate.upgrade(empty, folder)
        after = await _schema(empty)
        assert list(_more_than_added(before, after)) == [], one.revision
        before = after


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({}, "table t is gone"),
        ({"columns": {}}, "t.a is gone"),
        ({"columns": {"a": ("TEXT", True)}}, "t.a was ('INTEGER', True) and is ('TEXT', True)"),
        ({"columns": {"a": ("INTEGER", False)}}, "t.a was ('INTEGER', True) and is ('INTEGER', False)"),
        (
            {"columns": {"a": ("INTEGER", True), "b": ("TEXT", False)}},
            "t.b must be given by who inserts a row",
        ),
        ({"rules": {"a is unique"}}, "t has other rules: a is unique"),
        ({"rules": set()}, "t has other rules: a is a key"),
    ],
)
def test_what_does_more_than_add_is_seen(after: dict[str, Any], told: str) -> None:
    before: Schema = {"t": {"columns": {"a": ("INTEGER", True)}, "rules": {"a is a key"}}}
    changed = {"t": {**before["t"], **after}} if after else {}
    if "is unique" in told:
        changed["t"]["rules"] = {"a is a key", "a is unique"}
    assert list(_more_than_added(before, changed)) == [told]


async def _schema(database: Database) -> Schema:
    async with database.read() as unit:
        return await unit.run_sync(_described)


def _described(connection: Connection) -> Schema:
    """Of each table the columns, with type and whether an INSERT may leave them out; what rows must be."""
    looking = inspect(connection)
    return {
        table: {
            "columns": {
                one["name"]: (str(one["type"]), one["nullable"] or one["default"] is not None)
                for one in looking.get_columns(table)
            },
            "rules": {
                *(f"unique: {one['column_names']}" for one in looking.get_unique_constraints(table)),
                *(f"unique: {one['column_names']}" for one in looking.get_indexes(table) if one["unique"]),
                *(
                    f"{one['constrained_columns']} in {one['referred_table']}"
                    for one in looking.get_foreign_keys(table)
                ),
                *(f"check: {one['sqltext']}" for one in looking.get_check_constraints(table)),
            },
        }
        for table in looking.get_table_names()
    }


def _more_than_added(before: Schema, after: Schema) -> Iterator[str]:
    for table, old in before.items():
        if table not in after:
            yield f"table {table} is gone"
            continue
        new = after[table]
        yield from _of_columns(table, old["columns"], new["columns"])
        if old["rules"] != new["rules"]:
            yield f"{table} has other rules: {', '.join(sorted(old['rules'] ^ new['rules']))}"


def _of_columns(table: str, old: Columns, new: Columns) -> Iterator[str]:
    for name, kind in old.items():
        if name not in new:
            yield f"{table}.{name} is gone"
        elif new[name] != kind:
            yield f"{table}.{name} was {kind} and is {new[name]}"
    for name, (_, may_be_left_out) in new.items():
        if name not in old and not may_be_left_out:
            yield f"{table}.{name} must be given by who inserts a row"
