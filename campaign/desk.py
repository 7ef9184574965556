"""Knows the server under test: `mailgate serve` on a database of its own, its lives and how they end."""

import subprocess
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
from tests.postgresql import Cluster, running

LEASE = "lease_seconds = 1\n"
"""Of `[relay]`: what a killed server was sending is taken up after a second, not after half a minute."""


_DISCONNECT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Desk:
    """One installation, and what was done to it.

    Args:
        cluster: where its database is; None for SQLite.
        life: how often the server was started.
        restarts: seconds from each violent end until the door was open again.
    """

    installation: Installation
    cluster: Cluster | None
    life: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The URL of its database, from anywhere."""
        return self.installation.database.replace("../", f"{self.installation.folder}/")

    def start(self, failpoint: str = "") -> None:
        """Starts the server, which will stumble at that failpoint; returns when its door is open."""
        self.installation.surroundings = {"MAILGATE_FAILPOINT": failpoint} if failpoint else {}
        self.life += 1
        self.installation.start()

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

    def dies_within(self, seconds: float) -> bool:
        """Whether the server ends by itself in that time; it is started again then."""
        server, began = self.installation.process, now()
        assert server is not None
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self.installation.process = None
        self._up_again(began)
        return True

    def disconnect(self) -> None:
        """Ends every connection of the server to PostgreSQL, from PostgreSQL's side."""
        began = now()
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_DISCONNECT)
        self.troubles.append(Trouble(began, now(), kills=False))

    def crash_database(self, *, server_too: bool) -> None:
        """Crashes PostgreSQL and starts it again, the server with it or under it."""
        assert self.cluster is not None
        began, at = now(), time.monotonic()
        if server_too:
            self.installation.stop(SIGKILL)
        self.cluster.crash()
        self.cluster.start()
        if server_too:
            self._up_again(began)
            return
        self.troubles.append(Trouble(began, now(), kills=False))
        self.restarts.append(time.monotonic() - at)

    def is_alone(self) -> bool:
        """Whether no client is connected, or was and has not been heard to the end."""
        port = f":{self.installation.smtp:04X}"
        rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
        states = {columns[3] for columns in map(str.split, rows) if columns[1].endswith(port)}
        return not states & {"01", "08"}  # ESTABLISHED, CLOSE_WAIT

    def verified(self) -> list[str]:
        """What `mailgate sla verify` finds wrong."""
        answer = self.installation.run("sla", "verify")
        return [f"sla verify: {answer.stdout}{answer.stderr}"] if answer.returncode else []

    def _up_again(self, began: datetime) -> None:
        at = time.monotonic()
        self.start()
        self.restarts.append(time.monotonic() - at)
        self.troubles.append(Trouble(began, now(), kills=True))


@contextmanager
def desk_in(folder: Path, relay: str, cluster: Cluster | None) -> Iterator[Desk]:
    """An installation in that folder, with a fresh database; its server runs until the block ends."""
    folder.mkdir(parents=True)
    database = "sqlite:///../var/mailgate.db" if cluster is None else _fresh(cluster, folder.name)
    installation = Installation(folder, relay=relay, database=database)
    installation.write()
    config = installation.config
    config.write_text(config.read_text().replace("[relay]\n", f"[relay]\n{LEASE}"))
    if cluster is not None:
        upgraded = installation.run("db", "upgrade")
        assert upgraded.returncode == 0, upgraded.stderr
    desk = Desk(installation, cluster)
    desk.start()
    try:
        yield desk
    finally:
        if installation.process is not None:
            installation.stop(SIGKILL)


@contextmanager
def cluster_for(*, postgresql: bool) -> Iterator[Cluster | None]:
    """A PostgreSQL that keeps what it promises (fsync on), where one is asked for."""
    if not postgresql:
        yield None
        return
    with running(fsync="on") as cluster:
        yield cluster


def _fresh(cluster: Cluster, name: str) -> str:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return cluster.url.rpartition("/")[0] + f"/{name}"
