"""Knows the server under test: `mailgate serve` on a database of its own, its lives and how they end."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from signal import SIGKILL, SIGTERM

import psycopg

from campaign.invariants import Trouble
from mailgate.wallclock import now
from tests.acceptance.installation import Installation
from tests.replication import WRITABLE, Pair, paired

LEASE = "lease_seconds = 1\n"
"""Of `[relay]`: what a killed server was sending is taken up after a second, not after half a minute."""


_CHECKPOINT = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=10)
while True:
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
"""
_DISCONNECT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Partner(Installation):
    """A second node beside an installation: the same folder, database and keys, ports of its own."""

    @property
    def config(self) -> Path:
        """Beside the first one's, so that accounts, policies and keys are shared."""
        return self.folder / "config" / "partner.toml"


@dataclass
class Desk:
    """One installation, and what was done to it.

    Args:
        servers: where its database is; None for SQLite.
        life: how often the server was started.
        restarts: seconds from each violent end until the door was open again, or the database took writes.
    """

    installation: Installation
    servers: Pair | None
    life: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)
    partner: Partner | None = None

    @property
    def url(self) -> str:
        """The URL of its database, from anywhere."""
        return self.installation.database.replace("../", f"{self.installation.folder}/")

    def start(self, failpoint: str = "") -> None:
        """Starts the server, which will stumble at that failpoint; returns when its door is open."""
        self.installation.surroundings = {"MAILGATE_FAILPOINT": failpoint} if failpoint else {}
        self.life += 1
        self.installation.start()

    def join(self) -> None:
        """Starts a second node on the same database, on which nothing is done."""
        first = self.installation
        self.partner = Partner(first.folder, database=first.database, relay=first.relay)
        own = first.config.read_text().replace(f":{first.smtp}", f":{self.partner.smtp}")
        self.partner.config.write_text(own.replace(f":{first.web}", f":{self.partner.web}"))
        self.partner.start()

    def part(self) -> None:
        """Ends the second node in order, if there is one."""
        partner, self.partner = self.partner, None
        if partner is not None:
            assert partner.stop(SIGTERM) == 0, f"the second node did not end well: {partner.log()}"

    @property
    def ports(self) -> list[int]:
        """Where mail is taken in."""
        return [node.smtp for node in (self.installation, self.partner) if node is not None]

    def stop(self) -> None:
        """Ends the server in order.

        Raises:
            AssertionError: it did not end well.
        """
        code = self.installation.stop(SIGTERM)
        assert code == 0, f"the server ended with {code} when it was asked to stop: {self.installation.log()}"

    def kill(self) -> None:
        """Ends the server with SIGKILL and starts it again."""
        began = now()
        self.installation.stop(SIGKILL)
        self._up_again(began)

    @property
    def lives(self) -> bool:
        """Whether the server has not ended by itself."""
        assert self.installation.process is not None
        return self.installation.process.poll() is None

    def revive(self, began: datetime) -> None:
        """Starts the server again, which still lived at that instant."""
        assert self.installation.process is not None
        self.installation.process.wait()
        self.installation.process = None
        self._up_again(began)

    def stumbles(self) -> int:
        """How often a failpoint was reached so far."""
        return self.installation.log().count("Stumbled at ")

    def excuse(self, began: datetime) -> None:
        """The server stumbled since then, and lives on."""
        self.troubles.append(Trouble(began, now(), forgets=True))

    def kill_in_checkpoint(self) -> bool:
        """Ends the server, and whoever brings its log into its database file, in the middle of that.

        False: nothing was to be brought there in time, and the server lives.
        """
        file = Path(self.url.removeprefix("sqlite:///"))
        before, end = file.stat().st_mtime_ns, time.monotonic() + 2
        with subprocess.Popen([sys.executable, "-c", _CHECKPOINT, file]) as another:
            while file.stat().st_mtime_ns == before and time.monotonic() < end:
                pass  # a checkpoint takes about a millisecond, and nothing else writes into the file
            another.kill()
            if file.stat().st_mtime_ns == before:
                return False
            self.kill()
        return True

    def disconnect(self) -> None:
        """Ends every connection of the server to PostgreSQL, from PostgreSQL's side."""
        began = now()
        with psycopg.connect(self.url, autocommit=True, **WRITABLE) as connection:
            connection.execute(_DISCONNECT)
        self.troubles.append(Trouble(began, now(), forgets=False))

    def crash_database(self, *, server_too: bool) -> None:
        """Crashes PostgreSQL and starts it again, the server with it or under it."""
        assert self.servers is not None
        began, at = now(), time.monotonic()
        if server_too:
            self.installation.stop(SIGKILL)
        self.servers.crash()
        self.servers.start()
        if server_too:
            self._up_again(began)
            return
        self.troubles.append(Trouble(began, now(), forgets=False))
        self.restarts.append(time.monotonic() - at)

    def fail_over(self) -> None:
        """The PostgreSQL server is lost, its standby takes over, and gets a standby of its own."""
        assert self.servers is not None
        began, at = now(), time.monotonic()
        self.servers.fail_over()
        self.restarts.append(time.monotonic() - at)
        self.servers.rejoin()
        self.troubles.append(Trouble(began, now(), forgets=False))

    def is_alone(self) -> bool:
        """Whether no client is connected, or was and has not been heard to the end."""
        ours = tuple(f":{port:04X}" for port in self.ports)
        rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
        states = {columns[3] for columns in map(str.split, rows) if columns[1].endswith(ours)}
        return not states & {"01", "08"}  # ESTABLISHED, CLOSE_WAIT

    def verified(self) -> list[str]:
        """What `mailgate sla verify` finds wrong."""
        self.installation.surroundings = {}
        answer = self.installation.run("sla", "verify")
        return [f"sla verify: {answer.stdout}{answer.stderr}"] if answer.returncode else []

    def _up_again(self, began: datetime) -> None:
        at = time.monotonic()
        self.start()
        self.restarts.append(time.monotonic() - at)
        self.troubles.append(Trouble(began, now(), forgets=True))


def made(folder: Path, relay: str, servers: Pair | None) -> Installation:
    """An installation in that folder, with a database that has nothing in it yet."""
    folder.mkdir(parents=True)
    database = "sqlite:///../var/mailgate.db" if servers is None else _fresh(servers, folder.name)
    installation = Installation(folder, relay=relay, database=database)
    installation.write()
    config = installation.config
    config.write_text(config.read_text().replace("[relay]\n", f"[relay]\n{LEASE}"))
    return installation


@contextmanager
def desk_in(folder: Path, relay: str, servers: Pair | None) -> Iterator[Desk]:
    """An installation in that folder at work; its server runs until the block ends."""
    installation = made(folder, relay, servers)
    if servers is not None:
        upgraded = installation.run("db", "upgrade")
        assert upgraded.returncode == 0, upgraded.stderr
    desk = Desk(installation, servers)
    desk.start()
    try:
        yield desk
    finally:
        for node in (installation, desk.partner):
            if node is not None and node.process is not None:
                node.stop(SIGKILL)


@contextmanager
def servers_for(*, postgresql: bool) -> Iterator[Pair | None]:
    """A PostgreSQL with a standby that keeps what it promises (fsync on), where one is asked for."""
    if not postgresql:
        yield None
        return
    with paired(fsync="on") as servers:
        yield servers


def _fresh(servers: Pair, name: str) -> str:
    with psycopg.connect(servers.url, autocommit=True, **WRITABLE) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return servers.url_of(name)
