"""Knows how the policies of a configuration are listed and shown."""

from collections.abc import Iterator
from datetime import datetime

import click

from mailgate.cli import choice
from mailgate.cli.options import as_json, at_instant, configuration
from mailgate.cli.policyjson import plain
from mailgate.cli.policyview import show as shown
from mailgate.cli.screen import emit_json, table
from mailgate.core.account import Desk


@click.group()
def policy() -> None:
    """Show policies as tables."""


@policy.command("list")
@as_json
def listed(*, as_json: bool) -> None:
    """List the policies: their plans, and the accounts that have them."""
    rows = list(_rows(configuration().desk))
    if as_json:
        keys = ("name", "title", "plans", "accounts")
        emit_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        cells = (
            (name, title, ", ".join(plans), ", ".join(accounts)) for name, title, plans, accounts in rows
        )
        table(["policy", "", "plans", "accounts"], cells)


@policy.command()
@click.argument("name")
@as_json
@at_instant
def show(*, name: str, as_json: bool, now: datetime) -> None:
    """Show a policy as tables.

    Targets, calendars, holidays of this year and the next, caps, readings.
    """
    chosen = choice.policy(configuration().desk, name)
    years = (now.year, now.year + 1)
    if as_json:
        emit_json(plain(chosen, years))
    else:
        shown(chosen, years)


def _rows(desk: Desk) -> Iterator[tuple[str, str, list[str], list[str]]]:
    for name, one in desk.policies.items():
        yield (
            name,
            one.title,
            list(one.plans),
            [key for key, it in desk.accounts.items() if it.policy == name],
        )
