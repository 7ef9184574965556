"""Knows how a PostgreSQL server is spoken to that may be gone without a word.

A broken network says nothing, and a machine that hangs keeps its connections open. So nobody waits for ever:
the server ends statements and idle transactions, the kernel notices a peer that no longer answers, and
whoever asked closes a connection on which nothing comes back, whatever the kernel believes.
"""

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

from mailgate.store.place import parts

Answer = TypeVar("Answer")

CONNECTING = 5  # seconds for each address of the server
STATEMENT = 20  # seconds that the server works on one statement, waiting for locks included
IDLE = 15  # seconds that a transaction may stand still: a node that hangs holds no lock for longer
SILENCE = 25.0  # seconds without an answer: longer than any statement takes
_PATIENT: dict[str, Any] = {
    "application_name": "mailgate",
    "connect_timeout": CONNECTING,
    "keepalives": 1,
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds that sent bytes may go unacknowledged
    "target_session_attrs": "read-write",  # of several servers; a standby is none until it is promoted
}
_LIMITS = f"-c statement_timeout={STATEMENT}s -c idle_in_transaction_session_timeout={IDLE}s"


def patient(url: str) -> dict[str, Any]:
    """What every connection is made with, in libpq's words: that a peer is gone is noticed.

    A statement may take its time. What stands here is said last, whatever the URL says of it.

    Raises:
        ValueError: as `store.place.parts`.
    """
    return {**parts(url), **_PATIENT}


def at_work(url: str) -> dict[str, Any]:
    """The same for connections of the service: no statement, and no idle transaction, takes long.

    Raises:
        ValueError: as `store.place.parts`.
    """
    made = patient(url)
    return {**made, "options": f"{made.get('options', '')} {_LIMITS}".strip()}


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
