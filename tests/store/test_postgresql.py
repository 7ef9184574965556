"""Where a PostgreSQL server is: one or several, in a URL; what is shown of it; one that takes no writes."""

import pytest
from sqlalchemy import text

from mailgate.store.faults import StoreUnavailableError
from mailgate.store.postgresql import parts, shown
from mailgate.store.unit import Database


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://", "postgresql:///"),
        ("postgresql://mailgate:hush@db/m", "postgresql://mailgate@db/m"),
        ("postgresql://mailgate@[::1]:1,two/m", "postgresql://mailgate@[::1]:1,two/m"),
        ("postgresql://one:1,two:2/m?password=hush&sslmode=require", "postgresql://one:1,two:2/m"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, told: str) -> None:
    assert shown(url) == told


def test_several_servers_are_told_to_the_driver_in_their_order() -> None:
    found = parts("postgresql://mailgate@[::1]:5432,two/m?sslmode=require")
    assert found == {
        "user": "mailgate",
        "host": "::1,two",
        "port": "5432,",
        "dbname": "m",
        "sslmode": "require",
    }


@pytest.mark.parametrize("url", ["postgresql://u:hush@one:x/m", "postgresql://u:1%hush@one/m"])
def test_what_is_no_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(is no URL of a PostgreSQL database|has a port)") as told:
        parts(url)
    assert "hush" not in str(told.value)


async def deleted(database: Database) -> None:
    async with database.write() as unit:
        await unit.execute(text("SET TRANSACTION READ ONLY"))
        await unit.execute(text("DELETE FROM spool"))


@pytest.mark.postgresql
async def test_a_server_that_takes_no_writes_is_unavailable_to_who_is_connected_and_to_who_connects(
    postgresql_url: str,
) -> None:
    """It was a primary and is to be a standby."""
    connected, coming = Database(postgresql_url), Database(postgresql_url)
    try:
        with pytest.raises(StoreUnavailableError, match="read-only"):
            await deleted(connected)
        name = postgresql_url.rpartition("/")[2]
        async with connected.write() as unit:
            await unit.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        with pytest.raises(StoreUnavailableError, match="read-only"):
            async with coming.read():
                pass
    finally:
        await connected.close()
        await coming.close()
