"""Knows how a key for DKIM is made, and how the records of all of them are shown. A key itself never is."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mailgate import privatefile
from mailgate.app.dkim import PublicKey, published, shown
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, configuration, configuration_file
from mailgate.cli.screen import emit_json, say
from mailgate.config.dkim import is_selector
from mailgate.core.dnsrecord import strings, zone_line
from mailgate.mail import dkimkey
from mailgate.mail.signing import Algorithm

_PUBLISH_FIRST = """\
Publish the record, then configure the key with the lines below. When
`mailgate check --dns` finds the record, start anew or send SIGHUP: then mail is signed.
"""


@click.group()
def dkim() -> None:
    """Make keys that sign mail by DKIM, and show their DNS records."""


@dkim.command()
@click.option(
    "--algorithm",
    type=click.Choice([one.value for one in Algorithm]),
    default=Algorithm.RSA.value,
    show_default=True,
    help="Everybody can verify rsa; ed25519 is a second signature beside it.",
)
@click.option(
    "--bits",
    type=click.IntRange(dkimkey.SHORTEST, dkimkey.LONGEST),
    default=dkimkey.SHORTEST,
    show_default=True,
    help="Of an RSA key.",
)
@click.option("--selector", required=True, metavar="NAME", help="The name of the key in DNS, such as mg1.")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@as_json
def keygen(*, algorithm: str, bits: int, selector: str, file: Path | None, as_json: bool) -> None:
    """Make a key and write it to FILE, which its owner alone may read.

    FILE is `../var/dkim-NAME.key` beside the configuration if it is not named; nothing is overwritten.
    Prints the DNS record to publish and the lines to configure.
    """
    if not is_selector(selector):
        raise click.BadParameter("write lower-case letters, digits and `-`", param_hint="--selector")
    domain = configuration().desk.domain
    place = file or _usual_place(selector)
    key = dkimkey.fresh(Algorithm(algorithm), bits)
    try:
        privatefile.put(place, dkimkey.written(key))
    except privatefile.PrivateFileError as fault:
        raise Fault(f"{place}: {fault}") from None
    made = shown(key, selector, place.resolve(), domain)
    if as_json:
        emit_json(_told(made))
        return
    say(f"Wrote {place}: keep it secret, and in the backup.")
    say()
    say("The record to publish in DNS:")
    _show([made])
    say(_PUBLISH_FIRST)
    say("[[dkim]]")
    say(f'selector = "{selector}"')
    say(f'key_file = "{place.resolve()}"')


@dkim.command()
@as_json
def show(*, as_json: bool) -> None:
    """Show the DNS records of the configured keys."""
    keys = published(configuration())
    if as_json:
        emit_json([_told(one) for one in keys])
    elif keys:
        _show(keys)
    else:
        say("No key is configured: mail goes out unsigned. `mailgate dkim keygen --selector mg1` makes one.")


def _usual_place(selector: str) -> Path:
    """Beside the other files that are kept; they may be still to come."""
    folder = (configuration_file().parent / ".." / "var").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"dkim-{selector}.key"


def _show(keys: Iterable[PublicKey]) -> None:
    for one in keys:
        say()
        say(zone_line(one.name, one.record))
    say()


def _told(one: PublicKey) -> dict[str, Any]:
    return {
        "selector": one.selector,
        "algorithm": one.algorithm,
        "file": str(one.file),
        "name": one.name,
        "type": "TXT",
        "value": one.record,
        "strings": strings(one.record),
        "zone": zone_line(one.name, one.record),
    }
