"""Fixtures that every room shares: a database with the schema of the migrations, once on each kind.

The PostgreSQL server is the tests' own, started from the installed programs on a free port of loopback.
"""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, settings
from sqlalchemy import insert
from structlog.dev import ConsoleRenderer, plain_traceback

from mailgate.core.change import Change, Incoming, Outcome, PolicyVersion
from mailgate.core.clock import Clock
from mailgate.core.event import TicketOpened
from mailgate.core.message import Mailbox
from mailgate.core.outgoing import Outgoing
from mailgate.core.ticket import Status, Ticket
from mailgate.store import migrate
from mailgate.store.apply import apply, keep_policies
from mailgate.store.numbers import reserve
from mailgate.store.records import packed
from mailgate.store.tables import raw_mails, spool
from mailgate.store.unit import Database, Unit
from tests import postgresql

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
NEWEST = ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""
"""The revision that this program needs."""
_numbers = count(1)

# A busy machine is no fault of the code: laws are about values, and what is linear has tests of its own.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("dev"), max_examples=5_000)
settings.load_profile("dev")


@pytest.fixture(autouse=True)
def plain_log() -> None:
    """Plain log lines: of itself structlog shows every local value of a traceback, which takes seconds.

    What a command of the test before had set up is forgotten: it wrote to a stream that is closed by now.
    """
    structlog.reset_defaults()
    shown = ConsoleRenderer(colors=False, exception_formatter=plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, shown])


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with the whole schema; every test that asks for it runs on both kinds."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of such a database, for tests that open it more than once or from another program."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """The same on SQLite alone, for what the kind of database has nothing to do with."""
    database = Database(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an SQLite database with the whole schema."""
    shutil.copy(sqlite_template, tmp_path / "mailgate.db")
    return f"sqlite:///{tmp_path / 'mailgate.db'}"


_HELP = b"Subject: Help\r\n\r\nHelp!\r\n"


@dataclass(frozen=True)
class World:
    """Writes down mails and tickets for tests that begin with some."""

    database: Database

    async def spooled(self, received: datetime, content: bytes = _HELP) -> Change:
        """A mail that waits; the change is still to be filled in."""
        async with self.database.write() as unit:
            return await _spooled(unit, received, content)

    async def opened(
        self,
        at: datetime,
        *clocks: Clock,
        account: str = "acme",
        message: Incoming | None = None,
        mails: tuple[Outgoing, ...] = (),
    ) -> Ticket:
        """A ticket that was opened at that instant. A house at work never sees its mail wait."""
        policy = PolicyVersion("a" * 64, "particle", "title = 'Particle'")
        async with self.database.write() as unit:
            change = replace(
                await _spooled(unit, at), account=account, outcome=Outcome.NEW_TICKET, rule="2.9"
            )
            await keep_policies(unit, at, [policy])
            ((ticket_id, number),) = (await reserve(unit, {account: 1}))[account]
            ticket = Ticket(
                id=ticket_id,
                account=account,
                number=number,
                title="Help",
                priority="P2",
                status=Status.NEW,
                requester=Mailbox("bob@acme.example", "Bob"),
                opened=at,
                policy=policy.digest,
                plan="enterprise",
                asked="P1",
                region="emea",
                environment="development",
                fields={"device os": "6.1.0"},
                clocks=clocks,
            )
            events = (TicketOpened(at, ticket, "a new matter"),)
            known = message or Incoming("bob@acme.example", "Help", f"{ticket_id}@acme.example", "f" * 64)
            await apply(
                unit, at, [replace(change, ticket=ticket_id, events=events, message=known, mails=mails)]
            )
        return ticket


async def _spooled(unit: Unit, received: datetime, content: bytes = _HELP) -> Change:
    digest = hashlib.sha256(content).hexdigest()
    raw = {"sha256": digest, "size": len(content), "packed": packed(content)}
    raw_id = (await unit.execute(insert(raw_mails).values(raw).returning(raw_mails.c.id))).scalar_one()
    row = {
        "raw_id": raw_id,
        "received": received,
        "reverse_path": "bob@acme.example",
        "recipients": ["acme@support.example.com"],
        "peer": "192.0.2.1",
        "greeting": "mail.acme.example",
        "state": "waiting",
    }
    spool_id = (await unit.execute(insert(spool).values(row).returning(spool.c.id))).scalar_one()
    return Change(spool_id, raw_id, "acme", received, Outcome.NOTE, "2.2", "a reason")


@pytest.fixture
def world(database: Database) -> World:
    """Mails and tickets in `database`."""
    return World(database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "mailgate.db"
    asyncio.run(_migrated(f"sqlite:///{path}"))
    return path


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a database without a schema."""
    with _own_database(postgresql_server, "template0") as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """The URL of a database with the whole schema."""
    with _own_database(postgresql_server, postgresql_template) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a migrated database to copy."""
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    asyncio.run(_migrated(postgresql_server.replace("/postgres", "/migrated")))
    return "migrated"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server of our own; it lives as long as the tests."""
    if not postgresql.is_installed():
        pytest.skip("PostgreSQL's server programs (initdb, postgres) are not installed")
    with postgresql.serving() as url:
        yield url


async def _migrated(url: str) -> None:
    database = Database(url)
    await migrate.upgrade(database, MIGRATIONS)
    await database.close()


@contextmanager
def _own_database(server: str, template: str) -> Iterator[str]:
    name = f"test{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        yield server.replace("/postgres", f"/{name}")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
