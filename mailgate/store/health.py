"""Knows whether a database can be trusted: its schema, its pages, its references, its settings."""

from pathlib import Path

from sqlalchemy import text

from mailgate.store.faults import StoreError
from mailgate.store.migrate import differences, require
from mailgate.store.unit import Database, Unit, require_whole

# What PostgreSQL must not be told, and what happens if it is.
_UNSAFE_SETTINGS = {
    "fsync": "a power loss destroys the database",
    "full_page_writes": "a power loss can destroy the database",
    "synchronous_commit": "a power loss takes mail that was accepted",
}


async def faults_found(database: Database, migrations: Path) -> tuple[str, ...]:
    """What is wrong with the database, a line each; nothing, if all is well."""
    try:
        standing = await require(database, migrations)
        different = () if standing.newer else await differences(database)
        async with database.read() as unit:
            wrong = await (_sqlite_faults(unit) if database.is_sqlite else _postgresql_faults(unit))
    except StoreError as fault:
        return (str(fault),)
    return (*(f"the schema differs from the program's: {one}" for one in different), *wrong)


async def _sqlite_faults(unit: Unit) -> tuple[str, ...]:
    found = [row[0] for row in await unit.execute(text("PRAGMA integrity_check"))]
    if found != ["ok"]:
        return tuple(f"SQLite: {line}" for text_of_row in found for line in text_of_row.splitlines())
    await require_whole(unit)
    return ()


async def _postgresql_faults(unit: Unit) -> tuple[str, ...]:
    faults = []
    for setting, follows in _UNSAFE_SETTINGS.items():
        if (await unit.execute(text(f"SHOW {setting}"))).scalar() == "off":
            faults.append(f"PostgreSQL runs with {setting} = off: {follows}")
    return tuple(faults)
