"""Knows how addresses to which nothing goes are listed, and lifted."""

from datetime import datetime

import click

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant
from mailgate.cli.screen import Column, emit_json, say, table
from mailgate.core.suppression import Suppression
from mailgate.store import suppressions as store
from mailgate.store.unit import Database


@click.group(invoke_without_command=True)
@as_json
@at_instant
@click.pass_context
def suppressed(context: click.Context, *, as_json: bool, now: datetime) -> None:
    """List addresses that bounced and get nothing for now; lift one."""
    if context.invoked_subcommand is None:
        _list(as_json=as_json, now=now)
    elif as_json:
        raise click.UsageError("--json comes after `list`")


@suppressed.command("list")
@as_json
@at_instant
def list_(*, as_json: bool, now: datetime) -> None:
    """List addresses that get nothing for now.

    The latest first: since when, until when, and why.
    """
    _list(as_json=as_json, now=now)


@suppressed.command()
@click.argument("address")
def lift(*, address: str) -> None:
    """Send to an address again.

    What was kept back stays in the outbox: `mailgate outbox retry` sends it.
    """

    async def lifted(database: Database) -> int:
        async with database.write() as unit:
            return await store.lift(unit, [address])

    if not with_database(lifted):
        raise Fault(f"{address} is not suppressed; `mailgate suppressed` lists what is", exit_code=1)
    say(f"Lifted {address}; what is written from now on goes to it again.")


def _list(*, as_json: bool, now: datetime) -> None:
    async def listed(database: Database) -> tuple[Suppression, ...]:
        async with database.read() as unit:
            return await store.entries(unit, now)

    found = with_database(listed)
    if as_json:
        emit_json(
            [
                {
                    "address": one.address,
                    "since": one.since,
                    "until": one.until,
                    "status": one.status,
                    "reason": one.reason,
                    "account": one.account,
                }
                for one in found
            ]
        )
    elif found:
        rows = ((one.address, one.since, one.until, one.status, one.account, one.reason) for one in found)
        since, reason = Column("since", below="since {}"), Column("reason", below="{}")
        table(["address", since, "until", "status", "account", reason], rows)
    else:
        say("No address is suppressed.")
