"""Knows which mail servers are left alone for now, by which node.

Only people are shown it: each process goes by what it knows itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from mailgate.core.breaker import PROBE_RESTS
from mailgate.core.relay import Outage
from mailgate.store.registers import outages
from mailgate.store.unit import Unit

_FORGOTTEN = 2 * max(PROBE_RESTS)
"""Whoever has not probed for so long after it would have is gone, and what it wrote with it."""


async def write(unit: Unit, node: str, standing: Sequence[Outage]) -> None:
    """What the node leaves alone now, in place of what it wrote before."""
    await unit.execute(delete(outages).where(outages.c.node == node))
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


async def standing(unit: Unit, now: datetime, grace: timedelta = _FORGOTTEN) -> tuple[Outage, ...]:
    """What any node leaves alone, each server once."""
    rows = await unit.execute(
        select(outages).where(outages.c.probe_at > now - grace).order_by(outages.c.since, outages.c.id)
    )
    found: dict[str, Outage] = {}
    for row in rows:
        found.setdefault(row.server, Outage(row.server, row.since, row.probe_at, row.reason))
    return tuple(found.values())
