"""Knows how a PostgreSQL server is spoken to that may be gone without a word.

A broken network says nothing, and a machine that hangs keeps its connections open. So nobody waits for ever:
the server ends statements and idle transactions, the kernel notices a peer that no longer answers, and
whoever asked closes a connection on which nothing comes back, whatever the kernel believes.
"""

from itertools import zip_longest
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict

Answer = TypeVar("Answer")

CONNECTING = 5  # seconds for each address of the server
STATEMENT = 20  # seconds that the server works on one statement, waiting for locks included
IDLE = 15  # seconds that a transaction may stand still: a node that hangs holds no lock for longer
SILENCE = 25.0  # seconds without an answer: longer than any statement takes
PATIENT: dict[str, Any] = {
    "application_name": "mailgate",
    "connect_timeout": CONNECTING,
    "keepalives": 1,
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds that sent bytes may go unacknowledged
    "target_session_attrs": "read-write",
}
"""Of every connection, in libpq's words: that a peer is gone is noticed, a statement may take its time.

Of several servers that one is meant which takes writes: a standby is none, until it is promoted.
"""

SETTINGS: dict[str, Any] = {
    **PATIENT,
    "options": f"-c statement_timeout={STATEMENT}s -c idle_in_transaction_session_timeout={IDLE}s",
}
"""Of connections at work."""


def parts(url: str) -> dict[str, Any]:
    """The parts of `postgresql://user@host:port,host:port/name?option=value`, in libpq's words.

    Raises:
        ValueError: it is no such URL. The text holds nothing of it: that might be the password.
    """
    try:
        found = conninfo_to_dict(url)
    except psycopg.ProgrammingError as fault:
        raise ValueError("is no URL of a PostgreSQL database") from fault
    ports = str(found.get("port", "")).split(",")
    if not all(not port or port.isdecimal() for port in ports):
        raise ValueError("has a port that is no number")
    return found


def shown(url: str) -> str:
    """The URL for people: who, where and what, without a password.

    Raises:
        ValueError: as `parts`.
    """
    found = parts(url)
    user = f"{found['user']}@" if "user" in found else ""
    hosts, ports = (str(found.get(name, "")).split(",") for name in ("host", "port"))
    names = [f"[{host}]" if ":" in host else host for host in hosts]
    places = [f"{name}:{port}" if port else name for name, port in zip_longest(names, ports, fillvalue="")]
    return f"postgresql://{user}{','.join(places)}/{found.get('dbname', '')}"


class Connection(psycopg.AsyncConnection[Any]):
    """A connection that is closed when the server is silent for too long.

    The kernel alone cannot notice it: a proxy in between, or the stopped machine's own, acknowledges all.
    """

    async def wait(
        self,
        gen: PQGen[Answer],
        interval: float = 0.1,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
    ) -> Answer:
        """What the server answers, to one statement or to a commit.

        Raises:
            psycopg.OperationalError: nothing, and the connection is closed.
        """
        if timeout is not None:  # whoever listens expects silence
            return await super().wait(gen, interval, timeout)
        try:
            return await super().wait(gen, interval, SILENCE)
        except psycopg.OperationalError as fault:
            await self.close()
            raise psycopg.OperationalError(f"the database does not answer: {fault}") from fault
