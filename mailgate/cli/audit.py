"""Knows how the audit trail is listed: what operators did by command."""

import json
from collections.abc import Mapping
from datetime import datetime

import click

from mailgate.cli.database import with_database
from mailgate.cli.listing import Row, show
from mailgate.cli.options import Instant, as_json
from mailgate.cli.screen import Column
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

    done = with_database(listed)
    rows = [_row(one, one.details if as_json else _in_words(one.details)) for one in done]
    columns: list[Column | str] = [
        "at",
        "actor",
        "action",
        "account",
        "subject",
        Column("details", below="{}"),
    ]
    show(rows, columns, "No operator has changed anything.", as_json=as_json)


_MOST = 200  # characters of details in a table; JSON has them all


def _in_words(details: Mapping[str, object]) -> str:
    told = (
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in details.items()
    )
    return ", ".join(told)[:_MOST]


def _row(one: Audit, details: object) -> Row:
    return {
        "at": one.at,
        "actor": one.actor,
        "action": one.action,
        "account": one.account,
        "subject": one.subject,
        "details": details,
    }
