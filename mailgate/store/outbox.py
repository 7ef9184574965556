"""Knows the outbox: mail in final bytes that waits to go, is going, or has come to an end.

Who sends a mail holds a claim on it: a lease that ends, fenced by the number of the attempt. Whoever comes
back after its lease has ended finds the claim no longer its own, and changes nothing.
"""

import asyncio
import zlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Row,
    Select,
    bindparam,
    case,
    func,
    select,
    tuple_,
    type_coerce,
    update,
)

from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.relay import HEAD_START, RESTS, Claim, OutboxState, Step
from mailgate.core.ticket import TicketId
from mailgate.store.tables import outbox
from mailgate.store.unit import Unit
from mailgate.store.wakes import Wake, wake

Settlement = tuple[Claim, Step, str]
"""A claim, what follows from its attempt, and the server's last line."""

AT_ONCE = 16 * 1024 * 1024
"""Packed octets of mail that one claim takes along, at least one mail: what a sweep holds in memory."""

_LARGE = 1024 * 1024  # octets; unpacking more would hold up the sessions


async def claim(
    unit: Unit, now: datetime, until: datetime, limit: int, *, pages_only: bool = False
) -> tuple[Claim, ...]:
    """Takes the mails whose turn is next, or of them the pages to services, until that instant."""
    ids = await _due(unit, _PAGES_DUE if pages_only else _DUE, OutboxState.WAITING, now, limit)
    if not ids:
        return ()
    taken = await unit.execute(_TAKE, {"ids": ids, "until": until})
    return await _claims(taken.all(), ids)


async def lapsed(unit: Unit, now: datetime, limit: int) -> tuple[Claim, ...]:
    """Claims whose lease has ended: the process that held them is gone, or as good as."""
    ids = await _due(unit, _DUE, OutboxState.SENDING, now, limit)
    return await _claims((await unit.execute(_WHOLE, {"ids": ids})).all(), ids) if ids else ()


async def ours(unit: Unit, claims: Iterable[Claim]) -> frozenset[int]:
    """Which of these claims still hold; they go on holding until the transaction ends."""
    attempts = {claim.id: claim.attempt for claim in claims}
    if not attempts:
        return frozenset()
    rows = await unit.execute(_SENDING, {"ids": list(attempts)})
    return frozenset(row.id for row in rows if row.attempts == attempts[row.id])


async def mark_dots(unit: Unit, claims: Iterable[Claim], now: datetime, until: datetime) -> frozenset[int]:
    """Says that the final dots of these mails are about to go out; of which claims, as they still hold."""
    attempts = {claim.id: claim.attempt for claim in claims}
    if not attempts:
        return frozenset()
    told = {"ids": list(attempts), "claims": list(attempts.items()), "now": now, "until": until}
    return frozenset((await unit.execute(_MARK, told)).scalars())


async def renew(unit: Unit, ids: Collection[int], until: datetime) -> None:
    """Moves the end of these leases."""
    if ids:
        await unit.execute(_RENEW, {"ids": list(ids), "until": until})


async def give_back(unit: Unit, ids: Iterable[int], now: datetime) -> None:
    """Makes these due now, but for those whose final dot was about to go out: their leases run on."""
    await unit.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids), outbox.c.dot_at.is_(None))
        .values(state=OutboxState.WAITING, next_at=now)
    )
    await wake(unit, Wake.RELAY)


async def pull_in(unit: Unit, now: datetime, lease: timedelta) -> None:
    """Moves what waits for an instant that only a clock which was put back since can have named.

    Nobody rests before the first attempt, longer than RESTS says after another, nor holds a longer lease.
    """
    latest = {"now": now, "leased": now + lease, "rested": now + max(RESTS)}
    await unit.execute(_PULL_IN, latest)


async def settle(unit: Unit, settlements: Sequence[Settlement], now: datetime) -> None:
    """Writes what came of these claims, which must hold (`ours`)."""
    if settlements:
        await unit.execute(_SETTLE, [_settled(*settlement, now) for settlement in settlements])


async def next_at(unit: Unit) -> datetime | None:
    """When the relay must look again: something is due, or a lease ends."""
    answer: datetime | None = await unit.scalar(_NEXT_AT)
    return answer


GOING = outbox.c.next_at.is_not(None)

_NEXT_AT = select(func.min(outbox.c.next_at)).where(GOING)

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_HEAD_START = case(
    {kind.value: start // timedelta(milliseconds=1) for kind, start in HEAD_START.items()},
    value=outbox.c.kind,
    else_=0,
)
_DUE = (
    select(outbox.c.id, func.length(outbox.c.packed).label("size"))
    .where(outbox.c.next_at <= bindparam("now"), outbox.c.state == bindparam("of"))
    .order_by(type_coerce(outbox.c.next_at, BigInteger) - _HEAD_START, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # another process takes other rows; SQLite has one writer
)
_PAGES_DUE = _DUE.where(outbox.c.via != "")
_WHOLE = select(outbox).where(outbox.c.id.in_(_IDS))
_TAKE = (
    update(outbox)
    .where(outbox.c.id.in_(_IDS))
    .values(
        state=OutboxState.SENDING,
        attempts=outbox.c.attempts + 1,
        next_at=bindparam("until"),
        dot_at=None,
        settled=None,
    )
    .returning(outbox)
)
_LATEST = case(
    (outbox.c.state == OutboxState.SENDING, bindparam("leased", type_=outbox.c.next_at.type)),
    (outbox.c.attempts == 0, bindparam("now", type_=outbox.c.next_at.type)),
    else_=bindparam("rested", type_=outbox.c.next_at.type),
)
_PULL_IN = (
    update(outbox)
    .where(outbox.c.next_at > bindparam("now", type_=outbox.c.next_at.type), outbox.c.next_at > _LATEST)
    .values(next_at=_LATEST)
)
_SENDING = (
    select(outbox.c.id, outbox.c.attempts)
    .where(outbox.c.id.in_(_IDS), outbox.c.state == OutboxState.SENDING)
    .with_for_update()
)
_MARK = (
    update(outbox)
    .where(
        outbox.c.id.in_(_IDS),  # for the index: SQLite seeks no pairs
        tuple_(outbox.c.id, outbox.c.attempts).in_(bindparam("claims", expanding=True)),
        outbox.c.state == OutboxState.SENDING,
    )
    .values(dot_at=bindparam("now"), next_at=bindparam("until"))
    .returning(outbox.c.id)
)
_RENEW = update(outbox).where(outbox.c.id.in_(_IDS)).values(next_at=bindparam("until"))

_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("claimed"))
    .values(
        {
            outbox.c.state: bindparam("new_state"),
            outbox.c.next_at: bindparam("new_next_at"),
            outbox.c.recipients: bindparam("new_recipients"),
            outbox.c.settled: bindparam("new_settled"),
            outbox.c.reply: bindparam("new_reply"),
            outbox.c.unreached: bindparam("new_unreached"),
            outbox.c.unsure: bindparam("new_unsure"),
        }
    )
)


async def _due(unit: Unit, due: Select[Any], state: OutboxState, now: datetime, limit: int) -> Sequence[int]:
    rows = await unit.execute(due, {"now": now, "of": state, "most": limit})
    ids: list[int] = []
    octets = 0
    for row in rows:
        octets += row.size
        if ids and octets > AT_ONCE:
            break
        ids.append(row.id)
    return ids


async def _claims(rows: Sequence[Row[Any]], ids: Sequence[int]) -> tuple[Claim, ...]:
    places = {id_: place for place, id_ in enumerate(ids)}
    in_order = sorted(rows, key=lambda row: places[row.id])
    return tuple([_claim(row, await _unpacked(row.packed)) for row in in_order])


async def _unpacked(packed: bytes) -> bytes:
    if len(packed) < _LARGE:
        return zlib.decompress(packed)
    return await asyncio.to_thread(zlib.decompress, packed)


def _claim(row: Row[*tuple[Any, ...]], content: bytes) -> Claim:
    return Claim(
        id=row.id,
        attempt=row.attempts,
        created=row.created,
        mail=Outgoing(
            kind=MailKind(row.kind),
            cause=row.cause,
            care=Care(row.care),
            reverse_path=row.reverse_path,
            recipients=tuple(row.recipients),
            message_id=row.message_id,
            subject=row.subject,
            content=content,
            account=row.account,
            via=row.via,
        ),
        ticket=None if row.ticket_id is None else TicketId(row.ticket_id),
        dot_at=row.dot_at,
        unreached=row.unreached,
        unsure=tuple(row.unsure),
    )


def _settled(claim: Claim, step: Step, reply: str, now: datetime) -> dict[str, object]:
    waiting = step.state is OutboxState.WAITING
    return {
        "claimed": claim.id,
        "new_state": step.state,
        "new_next_at": step.next_at,
        "new_recipients": list(step.recipients or claim.mail.recipients),
        "new_settled": None if waiting else now,
        "new_reply": reply,
        "new_unreached": claim.unreached + step.unreached,
        "new_unsure": list(step.unsure),
    }
