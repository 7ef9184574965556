"""Knows the options and arguments that several commands share."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailgate.core import instant
from mailgate.wallclock import now

if TYPE_CHECKING:
    from mailgate.config import Configuration

Command = TypeVar("Command", bound=Callable[..., Any])


class Instant(click.ParamType[datetime]):
    """An RFC 3339 date and time with its offset from UTC."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant that the text names."""
        if isinstance(value, datetime):
            return value
        try:
            return instant.read(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def at_instant(command: Command) -> Command:
    """`--now INSTANT`, given to the command as `now`; without it, this instant."""
    return click.option(
        "--now", type=Instant(), default=now, show_default="this instant", help="Reckon from this instant."
    )(command)


def as_json(command: Command) -> Command:
    """`--json`, given to the command as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def configuration() -> "Configuration":
    """The configuration of this run, read and checked.

    Raises:
        ConfigurationError: with every mistake in it.
    """
    from mailgate.config import load  # noqa: PLC0415 - what needs no configuration does not wait for its checks

    return load(configuration_file())


def configuration_file() -> Path:
    """The `mailgate.toml` of this run."""
    file: Path = click.get_current_context().find_root().params["config"]
    return file
