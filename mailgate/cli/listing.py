"""Knows the shape of every list command: it lists where nothing else is asked, as a table or as JSON."""

from collections.abc import Mapping, Sequence

import click

from mailgate.cli.screen import Column, emit_json, say, table

Row = Mapping[str, object]
"""One thing of a list, by the words that JSON has for what is known of it."""


class Listing(click.Group):
    """A group whose command, where none is named, is `list`: `mailgate held --json` lists as well."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts `list` before what is meant for it."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def show(rows: Sequence[Row], columns: Sequence[Column | str], empty: str, *, as_json: bool) -> None:
    """Writes the list.

    Args:
        rows: in their order, with all that JSON tells.
        columns: those that a table shows, by the words of the rows.
        empty: the sentence for people where there is nothing.
    """
    if as_json:
        emit_json(rows)
    elif not rows:
        say(empty)
    else:
        named = [one if isinstance(one, str) else one.title for one in columns]
        table(columns, ([_cell(row[name]) for name in named] for row in rows))


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else value
