"""Knows how the signing keys are listed, rotated and retired. A key itself is never shown."""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from shlex import quote

import click

from mailgate import keyfile
from mailgate.cli.database import with_trail
from mailgate.cli.fault import Fault
from mailgate.cli.listing import Listing, Row, show
from mailgate.cli.options import as_json, configuration
from mailgate.cli.screen import say
from mailgate.cli.trace import trace
from mailgate.core.audit import Action, Audit
from mailgate.keyfile import SigningKey, Use
from mailgate.wallclock import now

_TAKE = "Every running mailgate takes the keys anew on SIGHUP."


@click.group(cls=Listing)
def keys() -> None:
    """List the keys that sign reply addresses; rotate or retire them."""


@keys.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """List the keys by number.

    Which one signs, and since when there is each. All of them are believed.
    """
    if os.environ.get(keyfile.ENVIRONMENT):
        rows = [_row(1, Use.CURRENT, None)]
    else:
        rows = [_row(key.number, key.use, key.made) for key in keyfile.listed(_configured())]
    show(rows, ["number", "use", "made"], "There is no key yet.", as_json=as_json)


@keys.command()
@click.option(
    "--prepare", is_flag=True, help="Only make the next key, to be believed everywhere before it signs."
)
def rotate(*, prepare: bool) -> None:
    """Sign with a new key from now on.

    What older ones have signed is still recognised.

    Where several hosts have a copy of the file, let all of them believe a key before one signs with it:
    `rotate --prepare`, copy the file, SIGHUP everywhere; then `rotate`, copy, SIGHUP everywhere.
    """
    file = _file()

    def rotated() -> tuple[SigningKey, Audit]:
        key = keyfile.rotate(file, now(), prepare=prepare)
        return key, trace(Action.KEYS_ROTATE, key.number, prepare=prepare)

    fresh = with_trail(rotated)
    if prepare:
        say(f"Key {fresh.number} is there, and signs nothing before the next `mailgate keys rotate`. {_TAKE}")
        return
    older = _numbers(key for key in keyfile.listed(file) if key.use is Use.OLD)
    say(f"Key {fresh.number} signs what is new; what {older} signed is still recognised. {_TAKE}")


@keys.command()
@click.argument("number", type=int)
def retire(*, number: int) -> None:
    """Take a key away for good.

    Reply addresses that it signed are recognised no more.

    A customer's mail to such an address counts as mail to the alias, and joins its ticket by what it answers
    or by the number in its subject. One of staff is refused, and their mail server tells them.
    """
    file = _file()

    def retired() -> tuple[None, Audit]:
        keyfile.retire(file, number)
        return None, trace(Action.KEYS_RETIRE, number)

    with_trail(retired)
    say(f"Key {number} is gone: the reply addresses that it signed are recognised no more. {_TAKE}")


def _row(number: int, use: Use, made: datetime | None) -> Row:
    return {"number": number, "use": use, "made": made}


def _file() -> Path:
    """The file of the keys, where it is what counts."""
    file = _configured()
    if not os.environ.get(keyfile.ENVIRONMENT):
        return file
    name, place = keyfile.ENVIRONMENT, quote(str(file))
    raise Fault(
        f"{name} is set: it is the only key, and {file} is not looked at.\n"
        f"To have more than one, write it into that file as key 1, take {name} out of the environment of\n"
        "every mailgate, and start them anew:\n"
        f'  (umask 077; printf "1 %s\\n" "$(printf %s "${name}" | base64 | tr -d "\\n")" > {place})\n'
        "Addresses that are out stay valid. `mailgate keys rotate` works from then on."
    )


def _configured() -> Path:
    return configuration().settings.service.secret_file


def _numbers(shown: Iterable[SigningKey]) -> str:
    numbers = [str(key.number) for key in shown]
    return f"key {numbers[0]}" if len(numbers) == 1 else f"keys {', '.join(numbers)}"
