"""Knows how addresses to which nothing goes are listed, and lifted."""

from datetime import datetime

import click

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.listing import Listing, Row, show
from mailgate.cli.options import as_json, at_instant
from mailgate.cli.screen import Column, say
from mailgate.cli.trace import trace
from mailgate.core.audit import Action
from mailgate.core.suppression import Suppression
from mailgate.store import audits
from mailgate.store import suppressions as store
from mailgate.store.unit import Database

_SINCE, _REASON = Column("since", below="since {}"), Column("reason", below="{}")


@click.group(cls=Listing)
def suppressed() -> None:
    """List addresses that bounced and get nothing for now; lift one."""


@suppressed.command("list")
@as_json
@at_instant
def list_(*, as_json: bool, now: datetime) -> None:
    """List addresses that get nothing for now.

    The latest first: since when, until when, and why.
    """

    async def listed(database: Database) -> tuple[Suppression, ...]:
        async with database.read() as unit:
            return await store.entries(unit, now)

    rows = [_row(one) for one in with_database(listed)]
    columns: list[Column | str] = ["address", _SINCE, "until", "status", "account", _REASON]
    show(rows, columns, "No address is suppressed.", as_json=as_json)


@suppressed.command()
@click.argument("address")
def lift(*, address: str) -> None:
    """Send to an address again.

    What was kept back stays in the outbox: `mailgate outbox retry` sends it.
    """

    async def lifted(database: Database) -> int:
        async with database.write() as unit:
            count = await store.lift(unit, [address])
            if count:
                await audits.note(unit, trace(Action.SUPPRESSED_LIFT, address))
            return count

    if not with_database(lifted):
        raise Fault(f"{address} is not suppressed; `mailgate suppressed` lists what is", exit_code=1)
    say(f"Lifted {address}; what is written from now on goes to it again.")


def _row(one: Suppression) -> Row:
    return {
        "address": one.address,
        "since": one.since,
        "until": one.until,
        "status": one.status,
        "reason": one.reason,
        "account": one.account,
    }
