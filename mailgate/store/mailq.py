"""Knows the outbox as people look at it and act upon it: what waits, is uncertain or has failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Row, case, func, literal, literal_column, select, union_all, update

from mailgate.core.relay import OutboxState
from mailgate.store.outbox import GOING
from mailgate.store.tables import outbox
from mailgate.store.unit import Unit
from mailgate.store.wakes import Wake, wake

UNFINISHED = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.FAILED)
"""The states that are no good end: what a person may want to look at or act upon."""

STUCK = (OutboxState.UNCERTAIN, OutboxState.FAILED)
"""Of these the states in which nothing happens any more before a person says so."""

_RETRIED = (OutboxState.WAITING, OutboxState.UNCERTAIN, OutboxState.FAILED)


@dataclass(frozen=True, slots=True)
class Queued:
    """A mail, or a page, in the outbox as people are shown it; `via` as in `core.outgoing.Outgoing`.

    Args:
        attempts: without those that found no server.
    """

    id: int
    kind: str
    account: str
    subject: str
    recipients: tuple[str, ...]
    state: OutboxState
    attempts: int
    created: datetime
    next_at: datetime | None
    reply: str
    via: str = ""


async def entries(unit: Unit) -> tuple[Queued, ...]:
    """What is in the outbox and has not come to a good end, oldest first."""
    rows = await unit.execute(union_all(_ENTRY.where(GOING), _ENTRY.where(_STUCK)))
    return tuple(sorted((_entry(row) for row in rows), key=lambda entry: entry.id))


async def entry(unit: Unit, id_: int) -> Queued | None:
    """The mail with this number."""
    row = (await unit.execute(_ENTRY.where(outbox.c.id == id_))).one_or_none()
    return _entry(row) if row else None


async def retry(unit: Unit, id_: int, now: datetime) -> bool:
    """Makes a mail that waits, is uncertain or has failed due now; False for others.

    One that is past its patience gets one more attempt. An uncertain one goes to those who may have got it.
    """
    told = case((outbox.c.state == OutboxState.UNCERTAIN, literal([], JSON)), else_=outbox.c.unsure)
    changed = await unit.execute(
        update(outbox)
        .where(outbox.c.id == id_, outbox.c.state.in_(_RETRIED))
        .values(state=OutboxState.WAITING, next_at=now, settled=None, unsure=told)
    )
    await wake(unit, Wake.RELAY)
    return changed.rowcount == 1


async def drop(unit: Unit, id_: int, now: datetime) -> bool:
    """Gives up a mail that waits, is uncertain or has failed; False for others."""
    changed = await unit.execute(
        update(outbox)
        .where(outbox.c.id == id_, outbox.c.state.in_(_RETRIED))
        .values(state=OutboxState.DROPPED, next_at=None, settled=now)
    )
    return changed.rowcount == 1


async def tally(unit: Unit) -> Mapping[OutboxState, int]:
    """How many mails are in each state that is no good end."""
    count = select(outbox.c.state, func.count().label("mails")).group_by(outbox.c.state)
    rows = await unit.execute(union_all(count.where(GOING), count.where(_STUCK)))
    counted = {row.state: row.mails for row in rows}
    return {state: counted.get(state, 0) for state in UNFINISHED}


async def oldest_unsent(unit: Unit) -> datetime | None:
    """When the oldest mail that waits or is under way was queued."""
    answer: datetime | None = await unit.scalar(select(func.min(outbox.c.created)).where(GOING))
    return answer


# A partial index answers it. The states are written out, not parameters: only so is that known.
_STUCK = outbox.c.state.in_([literal_column("'failed'"), literal_column("'uncertain'")])
_ENTRY = select(
    outbox.c.id,
    outbox.c.kind,
    outbox.c.account,
    outbox.c.subject,
    outbox.c.recipients,
    outbox.c.state,
    (outbox.c.attempts - outbox.c.unreached).label("attempts"),
    outbox.c.created,
    outbox.c.next_at,
    outbox.c.reply,
    outbox.c.via,
)


def _entry(row: Row[*tuple[Any, ...]]) -> Queued:
    return Queued(
        id=row.id,
        kind=row.kind,
        account=row.account,
        subject=row.subject,
        recipients=tuple(row.recipients),
        state=OutboxState(row.state),
        attempts=row.attempts,
        created=row.created,
        next_at=row.next_at,
        reply=row.reply,
        via=row.via,
    )
