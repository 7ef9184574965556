"""Knows how what is old goes: in short transactions, each noted with what it took, while the service runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailgate.core.audit import Audit
from mailgate.core.instant import EPOCH, written
from mailgate.core.policy import Policy
from mailgate.core.retention import Pruned, Retention
from mailgate.store import audits
from mailgate.store.apply import all_policies
from mailgate.store.retention import STEPS, Broom
from mailgate.store.unit import Database

Restore = Callable[[str], Policy]
"""A policy, from the content that the store keeps of it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What went so far; `step` is what is being gone through."""

    step: str
    pruned: Pruned


async def foreseen(database: Database, retention: Retention) -> Pruned:
    """What would go now: the same steps as those of `prune`, counted."""
    broom = Broom(retention, dry=True)
    for step in STEPS.values():
        after: int | None = 0
        while after is not None:
            async with database.read() as unit:
                after = await step(unit, broom, after)
    return broom.pruned


async def prune(database: Database, retention: Retention, audit: Audit) -> AsyncIterator[Progress]:
    """Takes away what may go. Killed in the middle, it goes on where it was when it is run again.

    Everybody else has their turn for as long as each transaction took.
    """
    broom = Broom(retention)
    async with database.write() as unit:
        entry = await audits.note(unit, replace(audit, details=_told(retention, broom.pruned)))
    loop = asyncio.get_running_loop()
    for name, step in STEPS.items():
        after: int | None = 0
        while after is not None:
            began = loop.time()
            async with database.write() as unit:
                before = broom.pruned.rows.total()
                after = await step(unit, broom, after)
                if broom.pruned.rows.total() > before:
                    await audits.amend(unit, entry, _told(retention, broom.pruned))
            yield Progress(name, broom.pruned)
            await asyncio.sleep(loop.time() - began)


async def windows(
    database: Database, restore: Restore, before: datetime, now: datetime
) -> dict[str, datetime]:
    """What `Retention.windows` says: policies whose tickets can be reopened although they are old enough."""
    async with database.read() as unit:
        kept = await all_policies(unit)
    found: dict[str, datetime] = {}
    for version in kept:
        try:
            until = now - timedelta(days=restore(version.content).reopen_days)
        except ValueError:  # of a policy that cannot be read nobody knows when it is over
            until = EPOCH
        if until < before:
            found[version.digest] = until
    return found


def _told(retention: Retention, pruned: Pruned) -> dict[str, object]:
    """What the audit trail keeps: with it the figures of attainment of tickets that are known no more."""
    return {
        "before": written(retention.before),
        "rows": dict(pruned.rows),
        "kept": pruned.kept,
    }
