"""Knows how it is shown who is on call: now, until when and why, who is next, and the days to come."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import click

from mailgate.cli.choice import chosen
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant, configuration
from mailgate.cli.screen import emit_json, say, table
from mailgate.core.localtime import told_brief
from mailgate.core.message import Mailbox
from mailgate.core.rota import Rota, Turn, on_call, turns

_YEARS = range(1970, 9000)
"""In which there is always a turn before and a turn after."""

_NONE = "There is no rota: a page goes to the whole staff of the account. See [rotas] in mailgate.toml."


@click.command()
@click.option("--rota", "name", metavar="NAME", help="Only this one.")
@click.option("--days", type=click.IntRange(1, 3660), metavar="N", help="The turns of the next N days.")
@as_json
@at_instant
def oncall(*, name: str | None, days: int | None, as_json: bool, now: datetime) -> None:
    """Say who is on call, until when and why, and who is next."""
    if now.year not in _YEARS:
        raise Fault(
            f"nobody knows who is on call in {now.year}: name a year from {_YEARS[0]} to {_YEARS[-1]}"
        )
    known = configuration().desk.rotas
    rotas = list(known.values()) if name is None else [chosen(known, "rota", name)]
    if as_json:
        emit_json([_plain(rota, now, days) for rota in rotas])
    elif not rotas:
        say(_NONE)
    elif days is None:
        columns = ("rota", "on call", "e-mail", "until", "why", "next")
        table(columns, (_row(rota, now) for rota in rotas))
    else:
        columns = ("rota", "from", "until", "on call", "e-mail", "why")
        table(columns, (row for rota in rotas for row in _plan(rota, now, days)))


def _row(rota: Rota, at: datetime) -> tuple[object, ...]:
    turn = on_call(rota, at)
    following = on_call(rota, turn.end)
    until = told_brief(turn.end, rota.timezone)
    return rota.name, _name(turn.person), turn.person.address, until, turn.why, _name(following.person)


def _plan(rota: Rota, at: datetime, days: int) -> Iterable[tuple[object, ...]]:
    for turn in turns(rota, at, at + timedelta(days=days)):
        times = (told_brief(turn.start, rota.timezone), told_brief(turn.end, rota.timezone))
        yield rota.name, *times, _name(turn.person), turn.person.address, turn.why


def _plain(rota: Rota, at: datetime, days: int | None) -> dict[str, Any]:
    turn = on_call(rota, at)
    told = {
        "rota": rota.name,
        "timezone": rota.timezone,
        "at": at,
        **_plain_turn(turn),
        "next": _plain_turn(on_call(rota, turn.end)),
    }
    if days is not None:
        told["turns"] = [_plain_turn(one) for one in turns(rota, at, at + timedelta(days=days))]
    return told


def _plain_turn(turn: Turn) -> dict[str, Any]:
    return {
        "person": turn.person.name,
        "email": turn.person.address,
        "since": turn.start,
        "until": turn.end,
        "why": turn.why,
    }


def _name(person: Mailbox) -> str:
    return person.name or person.address
