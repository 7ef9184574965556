"""Knows how held mail is listed, released, tried again and dropped."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import click

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.listing import Listing, Row, show
from mailgate.cli.options import as_json, at_instant
from mailgate.cli.screen import Column, say
from mailgate.cli.trace import trace
from mailgate.core.audit import Action
from mailgate.store import audits
from mailgate.store import held as store
from mailgate.store.held import Held, HeldState
from mailgate.store.unit import Database, Unit

_ID = click.argument("id_", metavar="ID", type=int)
_CANNOT = {
    Action.HELD_RELEASE: "released: it is kept as {kind}, not for its sender",
    Action.HELD_RETRY: "tried again: it is kept as {kind}, and was read well; `release` lets it in",
}
_WORDY = Column("from", below="from {}"), Column("subject", below="{}"), Column("reason", below="{}")


@click.group(cls=Listing)
def held() -> None:
    """List mail that is held; release it, try it again or drop it."""


@held.command("list")
@as_json
@at_instant
def list_(*, as_json: bool, now: datetime) -> None:
    """List mail that is held, the oldest first."""

    async def listed(database: Database) -> tuple[Held, ...]:
        async with database.read() as unit:
            return await store.entries(unit)

    rows = [_row(one, now) for one in with_database(listed)]
    show(rows, ["id", "kind", "account", "age", "attempts", *_WORDY], "No held mail.", as_json=as_json)


@held.command()
@_ID
def release(*, id_: int) -> None:
    """Let a mail in: it is decided again, its sender allowed. A quarantined one is read again."""
    _change(id_, Action.HELD_RELEASE, store.release)
    say(f"Released {id_}; a running service decides it within seconds.")


@held.command()
@click.argument("id_", metavar="[ID]", type=int, required=False)
@click.option("--all", "all_", is_flag=True, help="Every mail that is quarantined.")
def retry(*, id_: int | None, all_: bool) -> None:
    """Read and decide quarantined mail once more.

    This is for after an upgrade, or when the log told what was wrong. A mail counts as accepted when it came.
    One that fails again is quarantined again, and of that nobody is told a second time.
    """
    if all_ == (id_ is not None):
        raise click.UsageError("either the number of a mail, or --all")
    if id_ is not None:
        _change(id_, Action.HELD_RETRY, store.retry)
        say(f"Mail {id_} is read again; a running service does so within seconds.")
        return
    again = with_database(_retry_all)
    say(f"Quarantined mails that are read again, by a running service within seconds: {again}.")


@held.command()
@_ID
def drop(*, id_: int) -> None:
    """Take a mail off the list. Nobody is answered; the mail itself is kept."""
    _change(id_, Action.HELD_DROP, store.drop)
    say(f"Dropped {id_}.")


async def _retry_all(database: Database) -> int:
    async with database.write() as unit:
        again = [one for one in await store.quarantined(unit) if await store.retry(unit, one.id)]
        for one in again:
            await audits.note(unit, trace(Action.HELD_RETRY, one.id, one.account, kind=one.kind))
    return len(again)


def _row(one: Held, now: datetime) -> Row:
    return {
        "id": one.id,
        "kind": one.kind,
        "account": one.account,
        "at": one.at,
        "age": now - one.at,
        "attempts": one.attempts,
        "from": one.sender,
        "subject": one.subject,
        "reason": one.reason,
    }


def _change(id_: int, action: Action, change: Callable[[Unit, int], Awaitable[bool]]) -> None:
    async def changed(database: Database) -> tuple[bool, Held | None]:
        async with database.write() as unit:
            done, found = await change(unit, id_), await store.entry(unit, id_)
            if done and found:
                await audits.note(unit, trace(action, id_, found.account, kind=found.kind))
            return done, found

    succeeded, found = with_database(changed)
    if succeeded:
        return
    if found is None:
        raise Fault(f"no held mail has the number {id_}; `mailgate held` lists them", exit_code=1)
    if found.state is not HeldState.HELD:
        raise Fault(f"mail {id_} is {found.state} already", exit_code=1)
    raise Fault(f"mail {id_} cannot be {_CANNOT[action].format(kind=found.kind)}", exit_code=1)
