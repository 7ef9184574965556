"""Knows how two PostgreSQL servers are run of which one takes over when the other is lost."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import psycopg

from tests.postgresql import Cluster, unmade

WRITABLE: Mapping[str, Any] = {"target_session_attrs": "read-write"}
"""What libpq is told to find the primary of several servers; mailgate says it by itself."""
_AT_ONCE = {"wal_retrieve_retry_interval": "100ms"}  # a standby that was left alone comes back soon
_ACCOMPANIED = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"


@dataclass
class Pair:
    """A server and its synchronous standby: every commit is on both before it is heard.

    Args:
        primary: takes writes.
        standby: has all that was committed, and takes none.
        places: host and port of both, in the order in which clients try them.
    """

    primary: Cluster
    standby: Cluster
    places: str

    @property
    def url(self) -> str:
        """The URL of its one database, on whichever of them."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The same for another database."""
        return f"postgresql://mailgate@{self.places}/{database}"

    def make(self) -> None:
        """Makes and starts both; returns when commits are on both."""
        self.primary.make()
        self.primary.start()
        self.rejoin()

    def crash(self) -> None:
        """Ends every process of the primary with SIGKILL."""
        self.primary.crash()

    def start(self) -> None:
        """Starts the primary that was crashed."""
        self.primary.start()

    def fail_over(self) -> None:
        """The primary is lost, and its standby takes writes, alone."""
        self.primary.crash()
        self.primary, self.standby = self.standby, self.primary
        with psycopg.connect(self.primary.url, autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")
        self._accompany("")

    def rejoin(self) -> None:
        """The server that was lost is the standby from now on, made anew."""
        self.standby.follow(self.primary)
        self.standby.start()
        self._accompany("*")
        end = time.monotonic() + 30
        with psycopg.connect(self.primary.url, autocommit=True) as connection:
            while connection.execute(_ACCOMPANIED).fetchone() is None:
                assert time.monotonic() < end, "the standby does not follow"
                time.sleep(0.02)

    def stop(self) -> None:
        """Ends both."""
        for one in (self.standby, self.primary):  # a primary waits for nobody who is gone
            if one.server is not None and one.server.poll() is None:
                one.stop()

    def _accompany(self, by: Literal["", "*"]) -> None:
        with psycopg.connect(self.primary.url, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{by}'".encode())
            connection.execute("SELECT pg_reload_conf()")


@contextmanager
def paired(**settings: str) -> Iterator[Pair]:
    """Two such servers with empty folders; they are gone after the block."""
    with unmade(**settings, **_AT_ONCE) as one, unmade(**settings, **_AT_ONCE) as other:
        pair = Pair(one, other, f"127.0.0.1:{one.port},127.0.0.1:{other.port}")
        try:
            pair.make()
            yield pair
        finally:
            pair.stop()
