"""Knows the audit trail: what operators did by command, written with the change itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from mailgate.core.audit import Audit
from mailgate.store.records import plain
from mailgate.store.registers import audits
from mailgate.store.unit import Unit


async def note(unit: Unit, audit: Audit) -> int:
    """Writes the entry, in the transaction of what it tells of; its number."""
    row = {
        "at": audit.at,
        "actor": audit.actor,
        "action": str(audit.action),
        "account": audit.account,
        "subject": audit.subject,
        "details": plain(audit.details),
    }
    number: int = (await unit.execute(insert(audits).values(row).returning(audits.c.id))).scalar_one()
    return number


async def amend(unit: Unit, entry: int, details: Mapping[str, object]) -> None:
    """Says what has been done so far, where one command is many transactions."""
    await unit.execute(update(audits).where(audits.c.id == entry).values(details=plain(details)))


async def entries(unit: Unit, since: datetime | None = None) -> tuple[Audit, ...]:
    """The trail, oldest first; from that instant on, or all of it."""
    query = select(audits).order_by(audits.c.at, audits.c.id)
    if since is not None:
        query = query.where(audits.c.at >= since)
    return tuple(_audit(row) for row in await unit.execute(query))


def _audit(row: Row[*tuple[Any, ...]]) -> Audit:
    return Audit(row.at, row.actor, row.action, row.account, row.subject, row.details)
