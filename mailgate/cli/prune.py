"""Knows how what is old is pruned by command."""

import re
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import click

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant, configuration
from mailgate.cli.screen import Column, emit_json, moment, say, table, tell
from mailgate.cli.trace import trace
from mailgate.config.policies import restored
from mailgate.core.audit import Action
from mailgate.core.retention import LEAST, Pruned, Retention
from mailgate.flows.retention import foreseen, windows
from mailgate.flows.retention import prune as pruned
from mailgate.store.numbers import accounts_with_tickets
from mailgate.store.unit import Database
from mailgate.store.vacuum import free_octets

_AGE = re.compile(r"([1-9][0-9]{0,4}) ?(?:d|days?)")


class _Age(click.ParamType[timedelta]):
    """So many days, `400d`."""

    name = "age"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = _AGE.fullmatch(str(value))
        if not found:
            self.fail(f"{value!r} is no age; write one in days, like 400d", param, ctx)
        age = timedelta(days=int(found[1]))
        if age < LEAST:
            self.fail(f"nothing younger than {LEAST.days}d goes: copies of mails may still come", param, ctx)
        return age


@click.command()
@click.option("--older-than", type=_Age(), required=True, metavar="AGE", help="Such as 400d.")
@click.option("--account", metavar="A", default="", help="Only what is this account's.")
@click.option(
    "--audits-older-than", type=_Age(), metavar="AGE", help="The audit trail as well, by its own age."
)
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@as_json
@at_instant
def prune(
    *,
    older_than: timedelta,
    account: str,
    audits_older_than: timedelta | None,
    dry_run: bool,
    as_json: bool,
    now: datetime,
) -> None:
    """Take away what ended long ago: tickets with all that is on them, and mail.

    A ticket goes whole, with those that were merged into it, if it is resolved or closed, nothing was on it
    since, and no reply can reopen it. Nothing goes that is open, waits to be sent or is uncertain. How many
    promises of which month were kept is added up in `mailgate audit`. The service may run meanwhile.
    """
    retention = Retention(
        before=now - older_than,
        account=account,
        audits=now - audits_older_than if audits_older_than and not account else None,
    )

    async def run(database: Database) -> tuple[Pruned, int | None]:
        await _require_account(database, account)
        reopening = await windows(database, restored, retention.before, now)
        wanted = replace(retention, windows=reopening)
        if dry_run:
            return await foreseen(database, wanted), None
        return await _pruned(database, wanted), await free_octets(database.file) if database.file else None

    found, free = with_database(run)
    if as_json:
        told = {"before": retention.before, "account": account or None, "dry_run": dry_run}
        kept = [asdict(one) for one in found.kept]
        emit_json({**told, "rows": found.rows, "kept": kept, "free_octets": free})
    else:
        _show(found, retention, free, dry_run=dry_run)


async def _pruned(database: Database, retention: Retention) -> Pruned:
    """Says on standard error what it is at: a first run may take long."""
    audit = trace(Action.PRUNE, "", retention.account)
    found, step = Pruned(), ""
    async for progress in pruned(database, retention, audit):
        if progress.step != step:
            step = progress.step
            tell(f"{step} ...")
        found = progress.pruned
    return found


async def _require_account(database: Database, account: str) -> None:
    async with database.read() as unit:
        known = {*configuration().desk.accounts, *await accounts_with_tickets(unit)}
    if account and account not in known:
        raise Fault(f"{account!r} is no account, and never was one with tickets", exit_code=1)


def _show(found: Pruned, retention: Retention, free: int | None, *, dry_run: bool) -> None:
    whose = f" of {retention.account}" if retention.account else ""
    done = "would go" if dry_run else "went"
    say(f"Of what ended before {moment(retention.before)}{whose}, {found.rows.total()} rows {done}.")
    if found.rows:
        table(["what", Column("rows", right=True)], sorted(found.rows.items()))
    if found.kept:
        say("Of the promises among it stays in `mailgate audit`:")
        names = ("month", "account", "priority", "kind", "met", "missed")
        table(names, [tuple(asdict(one).values()) for one in found.kept])
    if free:
        say(f"{free} octets of the file are free and are used again; `mailgate db vacuum` gives them back.")
