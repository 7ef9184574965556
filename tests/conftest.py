"""Fixtures that every room shares: a database with the schema of the migrations, once on each kind.

The PostgreSQL server is the tests' own, started from the installed programs on a free port of loopback.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from mailgate.store import migrate
from mailgate.store.unit import Database

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_numbers = count(1)


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
    programs = _server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs (initdb, postgres) are not installed")
    home = Path(tempfile.mkdtemp(prefix="mailgate-postgresql-"))
    owner = _unprivileged()
    if owner:
        shutil.chown(home, owner)
    try:
        with _serving(programs, home, owner) as url:
            yield url
    finally:
        shutil.rmtree(home)


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


def _server_programs() -> Path | None:
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")  # where Debian keeps them
    newest_last = sorted(versions, key=lambda path: int(path.parts[-3]))
    return newest_last[-1].parent if newest_last else None


def _unprivileged() -> str | None:
    if os.geteuid() != 0:  # PostgreSQL refuses to run as root, and only as root
        return None
    return next(entry.pw_name for entry in pwd.getpwall() if entry.pw_name in {"postgres", "nobody"})


@contextmanager
def _serving(programs: Path, home: Path, owner: str | None) -> Iterator[str]:
    cluster = home / "cluster"
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            cluster,
            "-U",
            "mailgate",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        ],
        user=owner,
        cwd=home,
        check=True,
        capture_output=True,
    )
    port = _free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
        "full_page_writes": "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", cluster, *options], user=owner, cwd=home, stdout=log, stderr=log
        )
    url = f"postgresql://mailgate@127.0.0.1:{port}/postgres"
    try:
        _await_answer(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
        server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_answer(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL ended while it was starting"
            time.sleep(0.1)
        else:
            return
    pytest.fail("PostgreSQL did not answer in thirty seconds")
