"""Knows which mail servers are left alone for now, by which process.

Only people are shown it: each process goes by what it knows itself.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, or_, select

from mailgate.core.breaker import PROBE_RESTS
from mailgate.core.relay import Outage
from mailgate.store.registers import outages
from mailgate.store.unit import Unit

_FORGOTTEN = 2 * max(PROBE_RESTS)
"""Whoever has not probed for so long after it would have is gone, and what it wrote with it."""


async def write(unit: Unit, node: str, standing: Sequence[Outage], now: datetime) -> None:
    """What the node leaves alone now, in place of what it wrote before; who is gone is forgotten."""
    gone = outages.c.probe_at <= now - _FORGOTTEN
    await unit.execute(delete(outages).where(or_(outages.c.node == node, gone)))
    if standing:
        rows = [
            {
                "node": node,
                "server": one.server,
                "since": one.since,
                "probe_at": one.probe_at,
                "reason": one.reason,
            }
            for one in standing
        ]
        await unit.execute(insert(outages), rows)


async def standing(unit: Unit, now: datetime) -> tuple[Outage, ...]:
    """What any node leaves alone, each server once."""
    rows = await unit.execute(
        select(outages).where(outages.c.probe_at > now - _FORGOTTEN).order_by(outages.c.since, outages.c.id)
    )
    found: dict[str, Outage] = {}
    for row in rows:
        found.setdefault(row.server, Outage(row.server, row.since, row.probe_at, row.reason))
    return tuple(found.values())
