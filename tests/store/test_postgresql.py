"""How a PostgreSQL server is spoken to: with limits of our own; one that takes no writes is left."""

import pytest
from sqlalchemy import text

from mailgate.store.faults import StoreUnavailableError
from mailgate.store.postgresql import at_work, patient
from mailgate.store.unit import Database

URL = "postgresql://one/m?options=-csearch_path%3Ddesk&connect_timeout=60"


def test_options_of_the_url_are_kept_and_limits_are_ours() -> None:
    assert patient(URL)["options"] == "-csearch_path=desk"
    assert at_work(URL)["options"].startswith("-csearch_path=desk -c statement_timeout=20s")
    assert (patient(URL)["connect_timeout"], at_work(URL)["connect_timeout"]) == (5, 5)


@pytest.mark.postgresql
async def test_a_server_that_takes_no_writes_any_more_is_left_and_not_gone_to(postgresql_url: str) -> None:
    """It was a primary and is to be a standby."""
    connected, admin = Database(postgresql_url), Database(postgresql_url)
    name = postgresql_url.rpartition("/")[2]
    try:
        with pytest.raises(StoreUnavailableError, match="read-only"):
            await deleted(connected, "SET TRANSACTION READ ONLY")
        async with admin.write() as unit:
            await unit.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        with pytest.raises(StoreUnavailableError, match="session is read-only"):  # it connects anew
            await deleted(connected)
    finally:
        await connected.close()
        await admin.close()


@pytest.mark.postgresql
async def test_who_only_reads_and_writes_nevertheless_is_a_bug_of_ours(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with pytest.raises(Exception, match="read-only") as fault:
        await deleted_in_passing(database)
    assert not isinstance(fault.value, StoreUnavailableError)
    await database.close()


async def deleted(database: Database, *before: str) -> None:
    async with database.write() as unit:
        for one in (*before, "DELETE FROM spool"):
            await unit.execute(text(one))


async def deleted_in_passing(database: Database) -> None:
    async with database.read() as unit:
        await unit.execute(text("DELETE FROM spool"))
