"""Knows who works on what: claims that two programs may make at once, and neither gets the other's.

A claim on a mail is a lease: whoever dies with it loses it when it runs out. It is fenced by the number of
its attempt: whoever was stopped, and comes back after another took the mail over, changes nothing. A claim on
a clock lasts as long as the transaction that moves it. A claim on a digest is for ever.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)

from mailgate.core.change import SpooledMail
from mailgate.core.clock import Clock
from mailgate.core.instant import EPOCH
from mailgate.core.message import Envelope
from mailgate.core.ticket import TicketId
from mailgate.store.dialect import insert, is_sqlite
from mailgate.store.records import clock_from, unpacked
from mailgate.store.registers import digests
from mailgate.store.tables import clocks, raw_mails, spool
from mailgate.store.unit import ARRIVAL_LOCK, Unit

AT_ONCE = 16 * 1024 * 1024
"""Octets of mail that one claim takes along, at least one mail: what a sweep holds in memory."""

LONGEST = timedelta(seconds=30)
"""No lease, and nothing put off, lasts longer."""

_LARGE = 1024 * 1024  # octets; unpacking more would hold up the sessions
# Written out, not a parameter: only so is it known that the index of waiting mails answers it.
_WAITING: ColumnElement[bool] = spool.c.state == literal_column("'waiting'")
# A lease that ends later than any taken now is of a clock that was put back since.
_FREE = or_(spool.c.leased_until.is_(None), spool.c.leased_until > bindparam("latest"))
_OLDEST = (
    select(spool, raw_mails.c.size)
    .join(raw_mails, spool.c.raw_id == raw_mails.c.id)
    .where(_WAITING, or_(_FREE, spool.c.leased_until <= bindparam("now")))
    .order_by(spool.c.received, spool.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=spool, skip_locked=True)
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_TAKE = (
    update(spool)
    .where(spool.c.id.in_(_IDS))
    .values(leased_until=bindparam("until"), attempts=spool.c.attempts + 1)
)
_MOVE = (
    update(spool)
    .where(
        spool.c.id.in_(_IDS),  # for the index: SQLite seeks no pairs
        tuple_(spool.c.id, spool.c.attempts).in_(bindparam("claims", expanding=True)),
        _WAITING,
    )
    .values(leased_until=bindparam("until"))
    .returning(spool.c.id)
)
_CONTENTS = select(raw_mails.c.id, raw_mails.c.packed).where(raw_mails.c.id.in_(_IDS))
_NEXT_FREE = select(
    func.min(case((_FREE, literal(EPOCH, spool.c.received.type)), else_=spool.c.leased_until))
).where(_WAITING)

_OLDER = (
    select(spool.c.id)
    .where(
        _WAITING,
        tuple_(spool.c.received, spool.c.id)
        < tuple_(bindparam("received", type_=spool.c.received.type), bindparam("mail")),
        spool.c.id.not_in(_IDS),
    )
    .limit(1)
)

# Everybody waits for who holds this lock: a program that hangs with it loses it, as its transaction is ended.
_UNLESS_IT_HANGS = "set_config('idle_in_transaction_session_timeout', :patience, true)"
_ARRIVE = text(f"SELECT {_UNLESS_IT_HANGS}, pg_advisory_xact_lock_shared(:key)")
_END_ARRIVALS = text(f"SELECT {_UNLESS_IT_HANGS}, pg_advisory_xact_lock(:key)")
# In their order, so that nobody waits for somebody who waits for him.
_CLAIM_NAMES = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
_HOLDING = {"key": ARRIVAL_LOCK, "patience": "10s"}


async def claim_mails(unit: Unit, now: datetime, lease: timedelta, limit: int) -> tuple[SpooledMail, ...]:
    """Takes the oldest waiting mails that nobody has, for so long (`lasting`); counts an attempt at each."""
    rows = _bounded((await unit.execute(_OLDEST, {"now": now, "latest": now + LONGEST, "most": limit})).all())
    if not rows:
        return ()
    until = now + lasting(lease, max(row.attempts for row in rows) + 1)
    await unit.execute(_TAKE, {"ids": [row.id for row in rows], "until": until})
    contents = await _contents(unit, rows)
    return tuple(_spooled(row, contents[row.raw_id]) for row in rows)


def lasting(lease: timedelta, attempt: int) -> timedelta:
    """How long a claim lasts: twice as long with each attempt.

    So there is one that is longer than anything that keeps its owners from their work, and nodes that are all
    slow do not take a mail out of each other's hands for ever.
    """
    return max(lease, min(lease * (1 << min(attempt - 1, 10)), LONGEST / 2))


async def move_leases(unit: Unit, attempts: Mapping[int, int], until: datetime) -> frozenset[int]:
    """Ends these claims, mails with their attempts, at that instant; of which, as they still hold."""
    if not attempts:
        return frozenset()
    moved = {"ids": sorted(attempts), "claims": sorted(attempts.items()), "until": until}
    return frozenset((await unit.execute(_MOVE, moved)).scalars())


async def older_waits(unit: Unit, mail: SpooledMail, beside: Sequence[int]) -> bool:
    """Whether a mail that was accepted before this one is not decided yet, other than these."""
    asked = {"received": mail.received, "mail": mail.id, "ids": list(beside)}
    return (await unit.execute(_OLDER, asked)).first() is not None


async def oldest_waiting(unit: Unit) -> datetime | None:
    """When the oldest mail that is not yet decided was accepted."""
    query = select(spool.c.received).where(_WAITING).order_by(spool.c.received).limit(1)
    return (await unit.execute(query)).scalar()


async def next_free(unit: Unit, now: datetime) -> datetime | None:
    """When the next claim of a mail may succeed: the end of the first lease, or the past.

    When the mail was accepted does not matter: the clock may have been put back since.
    """
    following: datetime | None = await unit.scalar(_NEXT_FREE, {"latest": now + LONGEST})
    return following


async def begin_arrival(unit: Unit) -> None:
    """Must come before the moment of a mail's arrival is read, in the transaction that spools it.

    So that every mail accepted up to an instant is seen by who waited with `end_arrivals` after that instant.
    SQLite has one writer and needs nothing more.
    """
    if not is_sqlite(unit):
        await unit.execute(_ARRIVE, _HOLDING)


async def end_arrivals(unit: Unit) -> None:
    """Waits until every mail that is arriving is committed; those to come arrive after this transaction."""
    if not is_sqlite(unit):
        await unit.execute(_END_ARRIVALS, _HOLDING)


async def claim_names(unit: Unit, names: Iterable[tuple[str, str]]) -> None:
    """Holds these names, each an account and a Message-ID, until the transaction ends.

    Two mails with one Message-ID are decided one after the other, so that the second one finds the first,
    also where two nodes have them. SQLite has one writer and needs nothing more.
    """
    if not is_sqlite(unit):
        await unit.execute(_CLAIM_NAMES, {"keys": sorted({_lock_of(*name) for name in names})})


def _lock_of(account: str, message_id: str) -> int:
    digest = sha256(f"{account}\0{message_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


async def claim_clocks(unit: Unit, before: datetime, limit: int) -> tuple[tuple[TicketId, Clock], ...]:
    """The clocks to look at before that instant, oldest first, held until the transaction ends."""
    query = select(clocks).where(clocks.c.next_at < before).order_by(clocks.c.next_at).limit(limit)
    rows = await unit.execute(query.with_for_update(skip_locked=True))
    return tuple((TicketId(row.ticket_id), clock_from(row)) for row in rows)


async def next_deadline(unit: Unit) -> datetime | None:
    """When the next clock is to be looked at."""
    query = select(clocks.c.next_at).where(clocks.c.next_at.is_not(None)).order_by(clocks.c.next_at)
    return (await unit.execute(query.limit(1))).scalar()


async def claim_digest(
    unit: Unit, name: str, local_date: date, window: tuple[datetime, datetime], at: datetime
) -> bool:
    """Whether the digest of that local day is ours to build; nobody else gets it after the commit."""
    row = {
        "name": name,
        "local_date": local_date.isoformat(),
        "window_start": window[0],
        "window_end": window[1],
        "at": at,
    }
    claimed = insert(unit.dialect.name, digests).values(row).on_conflict_do_nothing().returning(digests.c.id)
    return (await unit.execute(claimed)).first() is not None


def _bounded(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    octets = 0
    for count, row in enumerate(rows):
        octets += row.size
        if octets > AT_ONCE:
            return rows[: max(1, count)]
    return rows


async def _contents(unit: Unit, rows: Sequence[Row[Any]]) -> dict[int, bytes]:
    wanted = {row.raw_id: row.size for row in rows}
    return {
        raw.id: await asyncio.to_thread(unpacked, raw.packed)
        if wanted[raw.id] > _LARGE
        else unpacked(raw.packed)
        for raw in await unit.execute(_CONTENTS, {"ids": sorted(wanted)})
    }


def _spooled(row: Row[Any], content: bytes) -> SpooledMail:
    envelope = Envelope(row.reverse_path, tuple(row.recipients), row.peer, row.greeting)
    return SpooledMail(
        row.id, row.raw_id, row.received, envelope, content, attempts=row.attempts + 1, released=row.released
    )
