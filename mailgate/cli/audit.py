"""Knows how the audit trail is listed: what operators did by command."""

import json
from datetime import datetime

import click

from mailgate.cli.database import with_database
from mailgate.cli.listing import Row, show
from mailgate.cli.options import Instant, as_json
from mailgate.core.audit import Audit
from mailgate.store import audits
from mailgate.store.unit import Database


@click.command()
@click.option("--since", type=Instant(), help="Only what was done at this instant or later.")
@as_json
def audit(*, since: datetime | None, as_json: bool) -> None:
    """List what operators did by command: who, when, what, to what. The oldest comes first."""

    async def listed(database: Database) -> tuple[Audit, ...]:
        async with database.read() as unit:
            return await audits.entries(unit, since)

    rows = [_row(one) for one in with_database(listed)]
    if not as_json:
        rows = [{**row, "details": json.dumps(row["details"], ensure_ascii=False)[:_MOST]} for row in rows]
    columns = ["at", "actor", "action", "account", "subject", "details"]
    show(rows, columns, "No operator has changed anything.", as_json=as_json)


_MOST = 200  # characters of details in a table; JSON has them all


def _row(one: Audit) -> Row:
    return {
        "at": one.at,
        "actor": one.actor,
        "action": one.action,
        "account": one.account,
        "subject": one.subject,
        "details": one.details,
    }
