"""Knows how one person's data is erased by command."""

import secrets

import click

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, configuration
from mailgate.cli.screen import emit_json, say, table, tell
from mailgate.cli.trace import trace
from mailgate.core.audit import Action
from mailgate.core.erasure import pseudonym
from mailgate.flows.erasure import Found, NotNowError, Wish, found
from mailgate.flows.erasure import erase as erased
from mailgate.store.unit import Database
from mailgate.store.vacuum import vacuum
from mailgate.wallclock import now


@click.command()
@click.argument("address")
@click.option("--account", metavar="A", default="", help="Only what is this account's.")
@click.option("--also-open", is_flag=True, help="With tickets that go on, and mail that is not sent yet.")
@click.option("--no-vacuum", is_flag=True, help="Leave the file to `mailgate db vacuum`.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go, and what would stay.")
@as_json
def erase(
    *,
    address: str,
    account: str,
    also_open: bool,
    no_vacuum: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take one person out of everything that is stored, at their request.

    A pseudonym takes the place of ADDRESS. What they wrote, and what is on tickets that they opened, is
    emptied; the tickets keep their numbers, their clocks and their events. Mails of others that name them
    stay, and are listed. Backups, logs and the mail that went out know them still.
    """
    _require_customer(address)
    wish = Wish(address, account, also_open)

    async def run(database: Database) -> Found:
        seen = await found(database, wish, pseudonym(secrets.token_hex(4)), tell)
        if dry_run or seen.is_nothing:
            return seen
        audit = trace(Action.ERASE, seen.person.stands_in, account, **_counts(seen), stays=len(seen.stays))
        await erased(database, wish, seen, audit, now())
        if database.file and not no_vacuum:
            tell("Writing the file anew ...")
            await vacuum(database.file)
        return seen

    try:
        seen = with_database(run)
    except NotNowError as fault:
        raise Fault(f"{fault}; nothing was changed", exit_code=1) from None
    if as_json:
        told = {"pseudonym": seen.person.stands_in, "dry_run": dry_run, "stays": seen.stays}
        emit_json({**told, "tickets": sorted(seen.theirs.tickets.values()), **_counts(seen)})
    else:
        _show(seen, address, dry_run=dry_run)


def _require_customer(address: str) -> None:
    """The configuration would go on naming them.

    Raises:
        Fault: it is no address, or somebody's who works here.
    """
    if "@" not in address:
        raise Fault(f"{address!r} is no address")
    desk = configuration().desk
    if desk.member(address) or any(one.is_at(address) for one in desk.operators):
        raise Fault(f"{address} is in the configuration: take them out of it first")


def _counts(seen: Found) -> dict[str, int]:
    theirs = seen.theirs
    own = {"mails": len(theirs.mails), "letters": len(theirs.letters), "held": len(theirs.held)}
    return {**own, "rows": seen.rows}


def _show(seen: Found, address: str, *, dry_run: bool) -> None:
    if seen.is_nothing:
        say(f"Nothing here names {address}.")
        return
    would = "would be" if dry_run else "was"
    counts = _counts(seen)
    say(f"{address} {would} taken out; in that place stands {seen.person.stands_in}.")
    say(f"Tickets: {', '.join(sorted(seen.theirs.tickets.values())) or 'none'}.")
    say(
        f"Mails: {counts['mails']}. Letters: {counts['letters']}. Held: {counts['held']}. "
        f"Other rows that name them: {counts['rows']}."
    )
    if seen.stays:
        say("What others wrote names them and stays:")
        rows = [
            (one["at"], one["account"], one["ticket"], one.get("from") or f"outbox {one['outbox']}")
            for one in seen.stays
        ]
        table(["at", "account", "ticket", "where"], rows)
