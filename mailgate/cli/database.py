"""Knows how a command reaches the database of its configuration, also while the service runs on it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mailgate import shipped
from mailgate.cli.fault import Fault
from mailgate.cli.options import configuration
from mailgate.core.audit import Audit
from mailgate.store import audits, migrate
from mailgate.store.unit import Database

T = TypeVar("T")


def with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """What `work` answers, given the database, whose schema is the program's.

    Raises:
        Fault: there is none yet.
        StoreError: its schema is another, or it cannot be reached.
    """

    async def checked(database: Database) -> T:
        await migrate.require(database, shipped.folder("migrations"))
        return await work(database)

    return with_any_database(checked)


def with_any_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """The same, whatever the schema.

    Raises:
        Fault: there is no database yet.
        StoreError: it cannot be reached.
    """

    async def there(database: Database) -> T:
        if database.file is not None and not database.file.exists():
            words = "`mailgate serve` and `mailgate db upgrade` make it"
            raise Fault(f"there is no database {database.file} yet: {words}", exit_code=1)
        return await work(database)

    return with_new_database(there)


def with_new_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """The same, even if there is no database yet.

    Raises:
        StoreError: it cannot be reached.
    """

    async def closed_at_the_end(url: str) -> T:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(closed_at_the_end(configuration().settings.database.url))


def with_trail(change: Callable[[], tuple[T, Audit]]) -> T:
    """What a change outside the database answers, noted in the audit trail.

    Nothing is changed where it cannot be noted, and nothing is noted where the change fails.

    Raises:
        Fault: there is no database yet.
        StoreError: its schema is another, or it cannot be reached.
    """

    async def both(database: Database) -> T:
        async with database.write() as unit:
            answer, audit = change()
            await audits.note(unit, audit)
        return answer

    return with_database(both)
