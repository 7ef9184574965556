"""Knows how held mail is listed, released and dropped."""

from collections.abc import Awaitable, Callable

import click

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json
from mailgate.cli.screen import Column, emit_json, say, table
from mailgate.store import held as store
from mailgate.store.held import Held, HeldState
from mailgate.store.unit import Database, Unit


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def held(context: click.Context, *, as_json: bool) -> None:
    """List mail that is held; release or drop it."""
    if context.invoked_subcommand is None:
        _list(as_json=as_json)
    elif as_json:
        raise click.UsageError("--json comes after `list`")


@held.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """List mail that is held, the oldest first."""
    _list(as_json=as_json)


@held.command()
@click.argument("id_", metavar="ID", type=int)
def release(*, id_: int) -> None:
    """Let a mail in: it is decided again, its sender allowed."""
    _change(id_, "released", store.release)
    say(f"Released {id_}; a running service decides it within seconds.")


@held.command()
@click.argument("id_", metavar="ID", type=int)
def drop(*, id_: int) -> None:
    """Take a mail off the list. Nobody is answered; the mail itself is kept."""
    _change(id_, "dropped", store.drop)
    say(f"Dropped {id_}.")


def _list(*, as_json: bool) -> None:
    async def listed(database: Database) -> tuple[Held, ...]:
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
                    "at": one.at,
                    "from": one.sender,
                    "subject": one.subject,
                    "reason": one.reason,
                }
                for one in found
            ]
        )
    elif found:
        rows = ((one.id, one.kind, one.account, one.at, one.sender, one.subject, one.reason) for one in found)
        wordy = (
            Column("from", below="from {}"),
            Column("subject", below="{}"),
            Column("reason", below="{}"),
        )
        table(["id", "kind", "account", "at", *wordy], rows)
    else:
        say("No held mail.")


def _change(id_: int, done: str, change: Callable[[Unit, int], Awaitable[bool]]) -> None:
    async def changed(database: Database) -> tuple[bool, Held | None]:
        async with database.write() as unit:
            return await change(unit, id_), await store.entry(unit, id_)

    succeeded, found = with_database(changed)
    if succeeded:
        return
    if found is None:
        raise Fault(f"no held mail has the number {id_}; `mailgate held` lists them", exit_code=1)
    if found.state is not HeldState.HELD:
        raise Fault(f"mail {id_} is {found.state} already", exit_code=1)
    raise Fault(f"mail {id_} cannot be {done}: it is kept as {found.kind}, not for its sender", exit_code=1)
