"""Knows what stands in the database, read by nothing of mailgate's own: by sqlite3 or psycopg, row by row."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

import psycopg

from tests.replication import WRITABLE

Rows = Callable[[str], Sequence[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Spooled:
    """A mail in the spool; instants are milliseconds since 1970."""

    id: int
    raw_id: int
    key: str
    state: str
    leased_until: int | None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a mail was found to be."""

    spool_id: int
    outcome: str
    ticket: int | None


@dataclass(frozen=True, slots=True)
class Queued:
    """A mail of the outbox."""

    recipients: tuple[str, ...]
    id: int
    ticket: int | None
    kind: str
    cause: str
    care: str
    message_id: str
    state: str
    next_at: int | None
    dot_at: int | None
    settled: int | None


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock of a ticket."""

    ticket: int
    kind: str
    epoch: int
    started: int
    due: int
    stopped: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Books:
    """The whole database, as far as promises are made about it.

    Args:
        tickets: the title of each.
        kept: the comments: of each, the number of its raw mail.
        aside: the mails that are held or quarantined.
        recorded: of each ticket, when its events were written, in the order of the journal.
        broken: what the database itself finds wrong with it.
    """

    spooled: tuple[Spooled, ...] = ()
    decided: tuple[Decided, ...] = ()
    tickets: Mapping[int, str] = field(default_factory=dict)
    kept: tuple[int, ...] = ()
    aside: tuple[int, ...] = ()
    queued: tuple[Queued, ...] = ()
    clocks: tuple[Clock, ...] = ()
    recorded: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    broken: tuple[str, ...] = ()


def read(url: str) -> Books:
    """The books at a URL as mailgate is given it, in one consistent view."""
    if url.startswith("sqlite:///"):
        return _read_sqlite(url.removeprefix("sqlite:///"))
    with psycopg.connect(url, autocommit=True, **WRITABLE) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        broken = [f"connection {pid} sits in a transaction" for (pid,) in connection.execute(_STUCK)]
        return _read(lambda query: connection.execute(query).fetchall(), broken)


def unfinished(url: str) -> tuple[int, list[int]]:
    """How much waits to be decided or sent, and which mails of it rest after an attempt."""
    waiting = "SELECT count(*) FROM spool WHERE state = 'waiting'"
    going = "SELECT id, state, attempts FROM outbox WHERE state IN ('waiting', 'sending')"
    if url.startswith("sqlite:///"):
        with closing(_sqlite(url.removeprefix("sqlite:///"))) as reader:
            count, rows = reader.execute(waiting).fetchone()[0], reader.execute(going).fetchall()
    else:
        with psycopg.connect(url, **WRITABLE) as connection:
            count = connection.execute(waiting).fetchall()[0][0]
            rows = connection.execute(going).fetchall()
    return count + len(rows), [id_ for id_, state, attempts in rows if state == "waiting" and attempts]


def _read_sqlite(file: str) -> Books:
    with closing(_sqlite(file)) as reader:
        reader.execute("BEGIN")
        broken = [
            f"integrity_check: {one}" for (one,) in reader.execute("PRAGMA integrity_check") if one != "ok"
        ]
        broken += [
            f"a row of {row[0]} points to nothing" for row in reader.execute("PRAGMA foreign_key_check")
        ]
        return _read(lambda query: reader.execute(query).fetchall(), broken)


def _sqlite(file: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)


def _read(rows: Rows, broken: Sequence[str]) -> Books:
    recorded: dict[int, list[int]] = {}
    for ticket, at in rows("SELECT ticket_id, recorded FROM journal ORDER BY id"):
        recorded.setdefault(ticket, []).append(at)
    return Books(
        tuple(Spooled(id_, raw, _key(packed), *more) for id_, raw, packed, *more in rows(_SPOOLED)),
        tuple(Decided(*row) for row in rows("SELECT spool_id, outcome, ticket_id FROM decisions")),
        dict(rows("SELECT id, title FROM tickets")),
        tuple(raw for (raw,) in rows("SELECT raw_id FROM messages WHERE direction = 'in'")),
        tuple(spool_id for (spool_id,) in rows("SELECT spool_id FROM held")),
        tuple(_queued(*row) for row in rows(_QUEUED)),
        tuple(Clock(*row) for row in rows(_CLOCKS)),
        {ticket: tuple(instants) for ticket, instants in recorded.items()},
        tuple(broken),
    )


_STUCK = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database()
    AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 seconds'
"""
_SPOOLED = """
    SELECT spool.id, raw_id, packed, state, leased_until FROM spool JOIN raw_mails ON raw_mails.id = raw_id
"""
_QUEUED = """
    SELECT recipients, id, ticket_id, kind, cause, care, message_id, state, next_at, dot_at, settled
    FROM outbox ORDER BY id
"""
_CLOCKS = """
    SELECT ticket_id, kind, epoch, started, due, stopped, state FROM clocks ORDER BY ticket_id, kind, epoch
"""


def _queued(recipients: str | list[str], *more: Any) -> Queued:
    listed = json.loads(recipients) if isinstance(recipients, str) else recipients
    return Queued(tuple(listed), *more)


def _key(packed: bytes) -> str:
    return str(message_from_bytes(zlib.decompress(packed))["X-Key"])
