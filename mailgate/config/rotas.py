"""Knows the tables `[rotas.NAME]`: who takes turns to be on call, and the dated exceptions.

A date and a time without an offset are the rota's own: people say by their own clocks when they are away.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

from pydantic import Field, PlainValidator

from mailgate.config.fields import Address, Addresses, Zone
from mailgate.config.locate import KeyPath
from mailgate.config.problem import Problem, suggestion
from mailgate.config.toml import Document, Section, reject
from mailgate.core import instant
from mailgate.core.calendar import WEEKDAYS
from mailgate.core.instant import from_ticks
from mailgate.core.message import Mailbox, folded
from mailgate.core.rota import Rota, StandIn
from mailgate.core.zone import day_number, moment, zone

_WEEK = 7
_YEARS = range(1970, 9000)  # far enough from where dates end that every turn has a next one
_LONGEST = 366  # days
_HANDOVER = re.compile(r"(?:([A-Za-z]+) +)?([01]\d|2[0-3]):([0-5]\d)")
_EVERY = re.compile(r"(?:(\d{1,3}) )?(day|week)s?")
_HANDOVER_TO_BE = 'a local time, such as "09:00" or "Monday 09:00"'
_MOMENT_TO_BE = '"2026-12-24", "2026-12-24 18:00" or "2026-12-24T18:00:00Z"'


class Handover(NamedTuple):
    """When people change: a local time, and the day of the week where one was named."""

    at: time
    weekday: int | None


class _Moment(NamedTuple):
    """A date, a local date and time, or an instant: what is missing is the rota's."""

    day: date
    at: time | None = None
    exact: datetime | None = None


def _handover(text: Any) -> Handover:
    found = _HANDOVER.fullmatch(text) if isinstance(text, str) else None
    name = (found[1] or "").capitalize() if found else ""
    if found is None or (name and name not in WEEKDAYS):
        raise reject(f'"{text}" is no handover', _HANDOVER_TO_BE)
    weekday = WEEKDAYS.index(name) if name else None
    return Handover(time(int(found[2]), int(found[3])), weekday)


def _every(text: Any) -> int:
    found = _EVERY.fullmatch(text) if isinstance(text, str) else None
    days = int(found[1] or 1) * (_WEEK if found[2] == "week" else 1) if found else 0
    if not 0 < days <= _LONGEST:
        raise reject(f'"{text}" is no length of a turn', '"week", "day" or such as "3 days"')
    return days


def _date(text: Any) -> date:
    try:
        return _known(date.fromisoformat(text))
    except (TypeError, ValueError):
        raise reject(f'"{text}" is no date', 'such as "2026-01-05"') from None


def _known(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(f"{day} is in no year of a rota")
    return day


def _moment(text: Any) -> _Moment:
    try:
        if len(text) == len("2026-12-24"):
            return _Moment(_known(date.fromisoformat(text)))
        local = datetime.fromisoformat(text)
        exact = instant.read(text) if local.tzinfo else None
        return _Moment(_known(local.date()), local.time(), exact)
    except (TypeError, ValueError):
        raise reject(f'"{text}" is no date or moment', _MOMENT_TO_BE) from None


Moment = Annotated[_Moment, PlainValidator(_moment)]


class ExceptionTable(Section):
    """Somebody stands in."""

    start: Moment = Field(description="a date means its handover", examples=["2026-12-24"])
    end: Moment = Field(description="from then on the rotation goes on", examples=["2026-12-27 18:00"])
    person: Address = Field(description="who is on call instead", examples=["kim@example.com"])


class RotaTable(Section):
    """`[rotas.NAME]`."""

    timezone: Zone = Field(description="of every local time in it", examples=["Europe/London"])
    start: Annotated[date, PlainValidator(_date)] = Field(
        description="the date on which the first person begins", examples=["2026-01-05"]
    )
    people: Addresses = Field(description="who takes turns, in this order", examples=[["sam@example.com"]])
    handover: Annotated[Handover, PlainValidator(_handover)] = Field(default="09:00", validate_default=True)
    every: Annotated[int, PlainValidator(_every)] = Field(default="week", validate_default=True)
    exceptions: tuple[ExceptionTable, ...] = ()


def rotas(
    tables: Mapping[str, RotaTable], staff: Mapping[str, Mailbox], document: Document
) -> tuple[dict[str, Rota], tuple[Problem, ...]]:
    """The rotas by name, and every mistake in them; `staff` by address without case."""
    made: dict[str, Rota] = {}
    problems: list[Problem] = []
    for name, table in tables.items():
        found = [*_strangers(name, table, staff, document), *_day_problems(name, table, document)]
        if not found:
            made[name] = _rota(name, table, staff)
            found = [*_exception_problems(made[name], table, document)]
        problems += found
    return made, tuple(problems)


def _strangers(
    name: str, table: RotaTable, staff: Mapping[str, Mailbox], document: Document
) -> Iterator[Problem]:
    named: list[tuple[KeyPath, str]] = [(("people", at), one) for at, one in enumerate(table.people)]
    named += [(("exceptions", at, "person"), one.person) for at, one in enumerate(table.exceptions)]
    for path, address in named:
        if folded(address) not in staff:
            known = [member.address for member in staff.values()]
            right = suggestion(address, known, else_say="a [[staff]] table with this email")
            yield document.problem(("rotas", name, *path), f'"{address}" is not on the staff', right)


def _day_problems(name: str, table: RotaTable, document: Document) -> Iterator[Problem]:
    weekday = table.handover.weekday
    if weekday is None:
        return
    path = ("rotas", name, "handover")
    if table.every % _WEEK:
        yield document.problem(path, f"names a day, and a turn lasts {table.every} days", 'a time: "09:00"')
    elif table.start.weekday() != weekday:
        wrong = f"is on a {WEEKDAYS[weekday]}, and {table.start} is a {WEEKDAYS[table.start.weekday()]}"
        yield document.problem(path, wrong, "a start on that day")


def _rota(name: str, table: RotaTable, staff: Mapping[str, Mailbox]) -> Rota:
    stand_ins = [
        StandIn(_at(one.start, table), _at(one.end, table), staff[one.person.casefold()])
        for one in table.exceptions
    ]
    return Rota(
        name=name,
        timezone=table.timezone,
        first=table.start,
        people=tuple(staff[one.casefold()] for one in table.people),
        handover=table.handover.at,
        days=table.every,
        exceptions=tuple(sorted(stand_ins, key=lambda one: one.start)),
    )


def _at(written: _Moment, table: RotaTable) -> datetime:
    if written.exact is not None:
        return written.exact
    at = written.at or table.handover.at
    return from_ticks(moment(zone(table.timezone), day_number(written.day), at.hour * 60 + at.minute))


def _exception_problems(rota: Rota, table: RotaTable, document: Document) -> Iterator[Problem]:
    place = {_at(one.start, table): at for at, one in enumerate(table.exceptions)}
    path: KeyPath = ("rotas", rota.name, "exceptions")
    for one in rota.exceptions:
        if one.end <= one.start:
            yield document.problem((*path, place[one.start], "end"), "is not after its start", _MOMENT_TO_BE)
    for one, following in pairwise(rota.exceptions):
        if following.start < one.end:
            right = "exceptions that do not overlap, so that it is plain who is on call"
            yield document.problem((*path, place[following.start]), "begins before another one ends", right)
