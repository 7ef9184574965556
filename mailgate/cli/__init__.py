"""The command `mailgate`: reads what is asked, calls the rest, shows the answer.

A command's module is imported when it is asked for and not before, so that `mailgate --help` is quick.
"""

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click

from mailgate import failpoint
from mailgate.cli.fault import INTERRUPTED, Fault, told

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a command is written, and what the list of commands says about it."""

    module: str
    attribute: str
    does: str


COMMANDS = {
    "init": _Place("project", "init", "Write a starter configuration."),
    "check": _Place("project", "check", "Check configuration, policies, templates and database."),
    "serve": _Place("serve", "serve", "Run the service."),
    "demo": _Place("demo", "demo", "Tell the whole story in seconds, on a virtual clock."),
    "tickets": _Place("tickets", "tickets", "List tickets."),
    "ticket": _Place("tickets", "ticket", "Show one ticket's timeline."),
    "mail": _Place("mail", "mail", "Read mails, and explain what would be decided about them."),
    "template": _Place(
        "template", "template", "Show and check the templates of mails, and list whose there are."
    ),
    "sla": _Place("sla", "sla", "Reckon targets, explain how due instants came about, and prove them."),
    "replay": _Place("replay", "replay", "Tell what a policy would have promised for past mail."),
    "policy": _Place("policy", "policy", "Show policies as tables."),
    "oncall": _Place("oncall", "oncall", "Say who is on call, until when, and who is next."),
    "digest": _Place("digest", "digest", "Print, write or send the daily digest."),
    "outbox": _Place("outbox", "outbox", "List mail that goes out; retry or drop it."),
    "held": _Place("held", "held", "List mail that is held; release, retry or drop it."),
    "suppressed": _Place(
        "suppressed", "suppressed", "List addresses that bounced and get nothing; lift one."
    ),
    "keys": _Place("keys", "keys", "List the keys that sign reply addresses; rotate or retire them."),
    "dkim": _Place("dkim", "dkim", "Make keys that sign mail by DKIM; show their DNS records."),
    "prune": _Place("prune", "prune", "Take away what ended long ago."),
    "erase": _Place("erase", "erase", "Take one person out of everything that is stored."),
    "audit": _Place("audit", "audit", "List what operators did by command."),
    "db": _Place("db", "db", "Upgrade, check, back up and restore the database."),
}


class _Commands(click.Group):
    """The commands of the table above, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module = importlib.import_module(f"mailgate.cli.{place.module}")
        command: click.Command = getattr(module, place.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Writes the list without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.does) for name, place in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="MAILGATE_CONFIG",
    default="config/mailgate.toml",
    show_default=True,
    show_envvar=True,
    metavar="FILE",
    help="The configuration to work with.",
)
@click.version_option(version=version("mailgate"), message="%(prog)s %(version)s")
def frame(config: Path) -> None:
    """Enterprise support by e-mail: tickets, promises with clocks, and a digest of what was kept."""


def main() -> None:
    """Runs the command of this process and ends it."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # whatever the locale can write
    try:
        _arm()
        answer = frame.main(list(arguments), prog_name="mailgate", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        _stop_writing()
        return 1
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OSError as error:
        if error.errno not in _FULL:
            return told(error)
        _stop_writing()
        return told(Fault("there is no room left to write to: free some of the disk"))
    except Exception as error:  # noqa: BLE001 - the one broad except of this door: no traceback ever
        return told(error)
    return answer if isinstance(answer, int) else 0


def _arm() -> None:
    try:
        failpoint.arm(os.environ.get(failpoint.VARIABLE, ""))
    except ValueError as error:
        raise Fault(str(error)) from None


def _stop_writing() -> None:
    """Nobody reads any more; Python would say so once again when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
