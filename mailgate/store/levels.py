"""Knows how much waits, of everything that should not wait for long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select

from mailgate.core.clock import ClockState
from mailgate.core.relay import OutboxState
from mailgate.store import mailq, outages
from mailgate.store.tables import clocks, held, spool
from mailgate.store.unit import Unit

_OPEN = clocks.c.stopped.is_(None)
_MOVES = clocks.c.state != ClockState.PAUSED.value  # one that rests is due at no instant that is known


@dataclass(frozen=True, slots=True)
class Levels:
    """How much waits.

    Args:
        spooled: mails accepted and not yet decided; `oldest_spooled` when the first of them was accepted.
        outgoing: mails in the outbox by state; `oldest_outgoing` when the first that waits was queued.
        away: mail servers that are left alone.
        held: mails that wait for an operator.
        overdue: clocks past their due instant whose action is still to come.
    """

    spooled: int
    oldest_spooled: datetime | None
    outgoing: Mapping[OutboxState, int]
    oldest_outgoing: datetime | None
    away: int
    held: int
    overdue: int


async def levels(unit: Unit, now: datetime) -> Levels:
    """How much waits now; answered from indexes, and of clocks from the few rows that are overdue."""
    # Written out: so the index of waiting mails answers it.
    waiting = spool.c.state == literal_column("'waiting'")
    spooled = (await unit.execute(select(func.count(), func.min(spool.c.received)).where(waiting))).one()
    return Levels(
        spooled=spooled[0],
        oldest_spooled=spooled[1],
        outgoing=await mailq.tally(unit),
        oldest_outgoing=await mailq.oldest_unsent(unit),
        away=len(await outages.standing(unit, now)),
        held=await unit.scalar(select(func.count()).where(held.c.state == "held")) or 0,
        overdue=await unit.scalar(select(func.count()).where(_OPEN, _MOVES, clocks.c.due < now)) or 0,
    )
