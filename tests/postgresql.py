"""Knows how a PostgreSQL server of our own is run, by the installed programs, on loopback."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.ports import free_port

_MAKE = ("-U", "mailgate", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
_FOLLOW = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync")


def is_installed() -> bool:
    """Whether the server's programs are there."""
    return _programs() is not None


@dataclass
class Cluster:
    """A server of our own, and the folder of its data; it can be crashed and started again."""

    programs: Path
    home: Path
    port: int
    settings: Mapping[str, str]
    owner: str | None
    server: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """The URL of its one database."""
        return f"postgresql://mailgate@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Makes an empty cluster."""
        make: list[str | Path] = [self.programs / "initdb", "-D", self._data, *_MAKE]
        subprocess.run(make, user=self.owner, cwd=self.home, check=True, capture_output=True)

    def start(self) -> None:
        """Starts it; returns when it answers."""
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with (self.home / "log").open("ab") as log:
            self.server = subprocess.Popen(
                [self.programs / "postgres", "-D", self._data, *options],
                user=self.owner,
                cwd=self.home,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _await_answer(self.url, self.server)

    def crash(self) -> None:
        """Ends every process of it with SIGKILL, as a machine that loses its power does."""
        assert self.server is not None
        family = [self.server.pid, *_children(self.server.pid)]
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.server.wait(timeout=30)
        while any(Path(f"/proc/{process}").exists() for process in family):
            time.sleep(0.01)

    def follow(self, primary: "Cluster") -> None:
        """Makes it a standby of that one, which runs, in place of whatever it was."""
        shutil.rmtree(self._data, ignore_errors=True)
        source = f"host=127.0.0.1 port={primary.port} user=mailgate"
        copy: list[str | Path] = [self.programs / "pg_basebackup", "-D", self._data, "-d", source, *_FOLLOW]
        subprocess.run(copy, user=self.owner, cwd=self.home, check=True, capture_output=True)

    def stop(self) -> None:
        """Ends it in order, disconnecting whoever is there: PostgreSQL's "fast shutdown"."""
        assert self.server is not None
        self.server.send_signal(signal.SIGINT)
        self.server.wait(timeout=30)

    @property
    def _data(self) -> Path:
        return self.home / "cluster"


@contextmanager
def serving(**settings: str) -> Iterator[str]:
    """The URL of a server with an empty folder; both are gone after the block.

    Args:
        settings: of `postgresql.conf`; without, nothing survives a power cut, for speed.
    """
    with running(**settings) as cluster:
        yield cluster.url


@contextmanager
def running(**settings: str) -> Iterator[Cluster]:
    """The same, for who wants to crash it."""
    with unmade(**settings) as cluster:
        cluster.make()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def unmade(**settings: str) -> Iterator[Cluster]:
    """The place of a server that is not made and not started; whatever is there is gone after the block."""
    programs = _programs()
    assert programs is not None, "PostgreSQL's server programs (initdb, postgres) are not installed"
    home = Path(tempfile.mkdtemp(prefix="mailgate-postgresql-"))
    owner = _unprivileged()
    if owner:
        shutil.chown(home, owner)
    port = free_port()
    own = settings or {"fsync": "off", "full_page_writes": "off"}
    place = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
    try:
        yield Cluster(programs, home, port, {**place, **own}, owner)
    finally:
        shutil.rmtree(home)


def _programs() -> Path | None:
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


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for children in listed for child in children.read_text().split()]


def _await_answer(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL ended while it was starting"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL did not answer in thirty seconds")
