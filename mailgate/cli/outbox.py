"""Knows how mail that goes out is listed, tried again and dropped."""

from datetime import datetime

import click

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant
from mailgate.cli.screen import Column, emit_json, say, table
from mailgate.store import mailq as store
from mailgate.store.mailq import Queued
from mailgate.store.unit import Database

_COLOURS = {"failed": "bold red", "uncertain": "yellow"}


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def outbox(context: click.Context, *, as_json: bool) -> None:
    """List mail that goes out; retry or drop it."""
    if context.invoked_subcommand is None:
        _list(as_json=as_json)
    elif as_json:
        raise click.UsageError("--json comes after `list`")


@outbox.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """List mail that waits, is uncertain or has failed, the oldest first."""
    _list(as_json=as_json)


@outbox.command()
@click.argument("id_", metavar="ID", type=int)
@at_instant
def retry(*, id_: int, now: datetime) -> None:
    """Send a mail again now. One that is uncertain may then arrive twice."""

    async def retried(database: Database) -> tuple[bool, Queued | None]:
        async with database.write() as unit:
            return await store.retry(unit, id_, now), await store.entry(unit, id_)

    _require("sent again", id_, *with_database(retried))
    say(f"Mail {id_} is due now; a running service sends it within seconds.")


@outbox.command()
@click.argument("id_", metavar="ID", type=int)
@at_instant
def drop(*, id_: int, now: datetime) -> None:
    """Give a mail up: it is not sent any more."""

    async def dropped(database: Database) -> tuple[bool, Queued | None]:
        async with database.write() as unit:
            return await store.drop(unit, id_, now), await store.entry(unit, id_)

    _require("dropped", id_, *with_database(dropped))
    say(f"Dropped {id_}.")


def _list(*, as_json: bool) -> None:
    async def listed(database: Database) -> tuple[Queued, ...]:
        async with database.read() as unit:
            return await store.entries(unit)

    found = with_database(listed)
    if as_json:
        emit_json(
            [
                {
                    "id": one.id,
                    "kind": one.kind,
                    "account": one.account,
                    "to": one.recipients,
                    "subject": one.subject,
                    "state": one.state,
                    "attempts": one.attempts,
                    "created": one.created,
                    "next": one.next_at,
                    "reply": one.reply,
                    "via": one.via or "mail",
                }
                for one in found
            ]
        )
    elif found:
        _show(found)
    else:
        say("No mail waits, is uncertain or has failed.")


def _show(entries: tuple[Queued, ...]) -> None:
    rows = (
        (
            one.id,
            one.kind.replace("_", " "),
            ", ".join(one.recipients),
            one.state,
            one.attempts,
            one.next_at,
            one.reply,
        )
        for one in entries
    )
    wordy = Column("to", below="to {}"), Column("reply", below="{}")
    table(["id", "kind", wordy[0], Column("state", _COLOURS), "attempts", "next", wordy[1]], rows)


def _require(done: str, id_: int, succeeded: bool, found: Queued | None) -> None:  # noqa: FBT001 - an answer of the store
    if succeeded:
        return
    if found is None:
        raise Fault(f"no mail in the outbox has the number {id_}; `mailgate outbox` lists them", exit_code=1)
    raise Fault(f"mail {id_} cannot be {done}: it is {found.state}", exit_code=1)
