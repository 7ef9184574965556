"""Knows how the daily digest is shown, written to a file, and sent before its hour."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from mailgate.app.office import keys, look, office, schedule
from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant, configuration
from mailgate.cli.screen import emit_json, say, tell
from mailgate.cli.trace import trace
from mailgate.config import Configuration
from mailgate.core.audit import Action
from mailgate.core.digest import Digest
from mailgate.core.zone import zone
from mailgate.flows.digest import Sending, send, view
from mailgate.store.unit import Database

_FILE = click.Path(dir_okay=False, path_type=Path)
_SAID = {
    Sending.QUEUED: "The digest of {day} is queued to {people}.",
    Sending.ALREADY: "The digest of {day} was queued before; none is sent twice.",
    Sending.COVERED: "A later digest has told of {day}; nothing is sent.",
}


@click.command()
@click.option("--date", "day", metavar="D", help="The local date, 2026-11-23; without it, today.")
@click.option("--html", metavar="FILE", type=_FILE, help="Write it to a file as HTML.")
@click.option("--send", "is_to_go", is_flag=True, help="Queue it now to the operators, once.")
@as_json
@at_instant
def digest(*, day: str | None, html: Path | None, is_to_go: bool, as_json: bool, now: datetime) -> None:
    """Print the digest of a day, write it as HTML, or send it now.

    A day whose digest went out is shown by the window that it told of, today by what was not yet told.
    """
    chosen = configuration()
    wanted = _date(day, now, schedule(chosen).zone)
    if is_to_go:
        _send(chosen, wanted, now)
        return
    told = with_database(lambda database: view(database, chosen.desk, schedule(chosen), wanted, now))
    if html is not None:
        _write(html, look(chosen).words(told, now).html)
    if as_json:
        emit_json(_json(told))
    elif html is None:
        say(look(chosen).words(told, now).text)


def _date(text: str | None, now: datetime, zone_name: str) -> date:
    today = now.astimezone(zone(zone_name)).date()
    try:
        wanted = date.fromisoformat(text) if text else today
    except ValueError:
        words = f"{text!r} is no date; write one like 2026-11-23"
        raise click.BadParameter(words, param_hint="--date") from None
    if wanted > today:
        raise click.BadParameter(f"{wanted} has not begun in {zone_name}", param_hint="--date")
    return wanted


def _send(chosen: Configuration, day: date, now: datetime) -> None:
    ready = office(chosen, keys(chosen))

    async def sent(database: Database) -> Sending:
        return await send(database, ready, schedule(chosen), day, now, trace(Action.DIGEST_SEND, day))

    people = ", ".join(operator.address for operator in chosen.desk.operators)
    say(_SAID[with_database(sent)].format(day=day, people=people))


def _write(file: Path, html: str) -> None:
    try:
        file.write_text(html, encoding="utf-8")
    except OSError as error:
        raise Fault(f"{file} cannot be written: {error.strerror or error}") from None
    tell(f"Wrote {file}.")


def _json(told: Digest) -> dict[str, object]:
    whole = asdict(told)
    return {
        "date": whole.pop("day"),
        "timezone": whole.pop("zone"),
        "window": whole.pop("window"),
        "days": told.days,
        "quiet": told.quiet,
        **whole,
    }
