"""Knows the addresses to which nothing is sent for a while, as rows: written, found, lifted, listed.

One whose time is over is none any more, and goes when the next one comes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from mailgate.core.message import folded
from mailgate.core.suppression import Suppressed, Suppression
from mailgate.core.ticket import TicketId
from mailgate.store.columns import Instant
from mailgate.store.dialect import Insert, insert, once
from mailgate.store.registers import suppressions
from mailgate.store.unit import Unit


async def among(unit: Unit, addresses: Collection[str], now: datetime) -> Suppressed:
    """Which of these addresses are suppressed, by the folded address."""
    wanted = sorted({folded(address) for address in addresses})
    if not wanted:
        return {}
    rows = await unit.execute(_AMONG, {"addresses": wanted, "now": now})
    return {row.address: _suppression(row) for row in rows}


async def suppress(unit: Unit, found: Sequence[Suppression]) -> None:
    """Sends nothing more to these addresses; one that is suppressed already stays so for longer."""
    if not found:
        return
    await unit.execute(_OVER, {"now": max(one.since for one in found)})
    latest = {one.address: one for one in found}
    await unit.execute(
        _suppress(unit),
        [
            {
                "address": one.address,
                "since": one.since,
                "until": one.until,
                "status": one.status,
                "reason": one.reason,
                "account": one.account,
                "ticket_id": one.ticket,
            }
            for one in latest.values()
        ],
    )


async def lift(unit: Unit, addresses: Collection[str]) -> int:
    """Sends to these addresses again; how many of them were suppressed."""
    wanted = sorted({folded(address) for address in addresses})
    if not wanted:
        return 0
    return (await unit.execute(_LIFT, {"addresses": wanted})).rowcount


async def entries(unit: Unit, now: datetime) -> tuple[Suppression, ...]:
    """What is suppressed, the latest first."""
    rows = await unit.execute(_ENTRIES, {"now": now})
    return tuple(map(_suppression, rows))


_UNTIL = suppressions.c.until > bindparam("now", type_=Instant)
_AMONG = select(suppressions).where(
    suppressions.c.address.in_(bindparam("addresses", expanding=True)), _UNTIL
)
_ENTRIES = select(suppressions).where(_UNTIL).order_by(suppressions.c.since.desc(), suppressions.c.address)
_LIFT = delete(suppressions).where(suppressions.c.address.in_(bindparam("addresses", expanding=True)))
_OVER = delete(suppressions).where(suppressions.c.until <= bindparam("now", type_=Instant))


@once
def _suppress(dialect: str) -> Insert:
    made = insert(dialect, suppressions)
    kept = {column.name: column for column in made.excluded if column.name not in {"id", "address", "since"}}
    return made.on_conflict_do_update(index_elements=["address"], set_=kept)


def _suppression(row: Row[*tuple[Any, ...]]) -> Suppression:
    return Suppression(
        address=row.address,
        since=row.since,
        until=row.until,
        status=row.status,
        reason=row.reason,
        account=row.account,
        ticket=None if row.ticket_id is None else TicketId(row.ticket_id),
    )
