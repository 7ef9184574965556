"""Knows how a PostgreSQL server of our own is run, by the installed programs, on loopback."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_MAKE = ("-U", "mailgate", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")


def is_installed() -> bool:
    """Whether the server's programs are there."""
    return _programs() is not None


@contextmanager
def serving(**settings: str) -> Iterator[str]:
    """The URL of a server with an empty folder; both are gone after the block.

    Args:
        settings: of `postgresql.conf`; without, nothing survives a power cut, for speed.
    """
    programs = _programs()
    assert programs is not None, "PostgreSQL's server programs (initdb, postgres) are not installed"
    home = Path(tempfile.mkdtemp(prefix="mailgate-postgresql-"))
    owner = _unprivileged()
    if owner:
        shutil.chown(home, owner)
    try:
        with _served(programs, home, owner, settings) as url:
            yield url
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


@contextmanager
def _served(programs: Path, home: Path, owner: str | None, own: dict[str, str]) -> Iterator[str]:
    cluster = home / "cluster"
    make: list[str | Path] = [programs / "initdb", "-D", cluster, *_MAKE]
    subprocess.run(make, user=owner, cwd=home, check=True, capture_output=True)
    port = _free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        **(own or {"fsync": "off", "full_page_writes": "off"}),
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
    raise AssertionError("PostgreSQL did not answer in thirty seconds")
