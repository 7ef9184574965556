"""Knows how mail that goes out is listed, tried again and dropped."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import click

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.listing import Listing, Row, show
from mailgate.cli.options import as_json, at_instant
from mailgate.cli.screen import Column, say, tell
from mailgate.cli.trace import trace
from mailgate.core.audit import Action
from mailgate.core.instant import written
from mailgate.core.relay import Outage
from mailgate.store import audits, outages
from mailgate.store import mailq as store
from mailgate.store.mailq import STUCK, Queued
from mailgate.store.unit import Database, Unit

_COLUMNS = (
    "id",
    "kind",
    Column("to", below="to {}"),
    Column("state", {"failed": "bold red", "uncertain": "yellow"}),
    "age",
    "attempts",
    "next",
    Column("reply", below="{}"),
)
_ID = click.argument("id_", metavar="ID", type=int)


@click.group(cls=Listing)
def outbox() -> None:
    """List mail that goes out; retry or drop it."""


@outbox.command("list")
@click.option("--failed", is_flag=True, help="Only mail that goes no more by itself: failed or uncertain.")
@as_json
@at_instant
def list_(*, failed: bool, as_json: bool, now: datetime) -> None:
    """List mail that is not sent yet, and servers that are away.

    It waits, is uncertain or has failed; the oldest comes first.
    """

    async def listed(database: Database) -> tuple[tuple[Queued, ...], tuple[Outage, ...]]:
        async with database.read() as unit:
            return await store.entries(unit), await outages.standing(unit, now)

    found, away = with_database(listed)
    for one in away:
        tell(
            f"{one.server} cannot be reached since {written(one.since)}, and mail for it waits: {one.reason}"
        )
    rows = [_row(one, now) for one in found if not failed or one.state in STUCK]
    empty = "No mail is uncertain or has failed." if failed else "No mail waits, is uncertain or has failed."
    show(rows, _COLUMNS, empty, as_json=as_json)


@outbox.command()
@_ID
@at_instant
def retry(*, id_: int, now: datetime) -> None:
    """Send a mail again now. One that is uncertain may then arrive twice."""
    _change(id_, now, Action.OUTBOX_RETRY, store.retry)
    say(f"Mail {id_} is due now; a running service sends it within seconds.")


@outbox.command()
@_ID
@at_instant
def drop(*, id_: int, now: datetime) -> None:
    """Give a mail up: it is not sent any more."""
    _change(id_, now, Action.OUTBOX_DROP, store.drop)
    say(f"Dropped {id_}.")


def _row(one: Queued, now: datetime) -> Row:
    return {
        "id": one.id,
        "kind": one.kind,
        "account": one.account,
        "to": one.recipients,
        "subject": one.subject,
        "state": one.state,
        "attempts": one.attempts,
        "created": one.created,
        "age": now - one.created,
        "next": one.next_at,
        "reply": one.reply,
        "via": one.via or "mail",
    }


def _change(
    id_: int, now: datetime, action: Action, change: Callable[[Unit, int, datetime], Awaitable[bool]]
) -> None:
    async def changed(database: Database) -> tuple[Queued | None, bool]:
        async with database.write() as unit:
            before = await store.entry(unit, id_)
            done = await change(unit, id_, now)
            if done and before:
                told = trace(action, id_, before.account, kind=before.kind, state=before.state)
                await audits.note(unit, told)
            return before, done

    found, succeeded = with_database(changed)
    if succeeded:
        return
    if found is None:
        raise Fault(f"no mail in the outbox has the number {id_}; `mailgate outbox` lists them", exit_code=1)
    done = "sent again" if action is Action.OUTBOX_RETRY else "dropped"
    raise Fault(f"mail {id_} cannot be {done}: it is {found.state}", exit_code=1)
