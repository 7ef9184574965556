"""Knows who is on call: a rotation of people by local dates, and dated exceptions that go before it.

The people change at a local time, so that a handover at 09:00 is at 09:00 on both sides of a change of the
clocks, and a turn across one is an hour shorter or longer. Turns are half open: who takes over at an instant
is on call at it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from mailgate.core.instant import from_ticks, ticks
from mailgate.core.message import Mailbox
from mailgate.core.zone import day_number, day_of, moment, zone


class Why(StrEnum):
    """Why somebody is on call."""

    ROTATION = "rotation"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class StandIn:
    """A dated exception: this person instead of whose turn it is, in `[start, end)`."""

    start: datetime
    end: datetime
    person: Mailbox


@dataclass(frozen=True, slots=True)
class Rota:
    """Who takes turns.

    Args:
        timezone: the IANA zone of `handover`, the local time at which people change.
        first: the local date on which the turn of the first of `people` begins; before it the rotation runs
            backwards, so that there is somebody at every instant.
        days: how long a turn is.
        exceptions: apart from each other, the earliest first.
    """

    name: str
    timezone: str
    first: date
    people: tuple[Mailbox, ...]
    handover: time = time(9)
    days: int = 7
    exceptions: tuple[StandIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One person on call in `[start, end)`."""

    person: Mailbox
    start: datetime
    end: datetime
    why: Why


def on_call(rota: Rota, at: datetime) -> Turn:
    """Who is on call at that instant, since when and until when."""
    turn = _regular(rota, at)
    start, end = turn.start, turn.end
    for one in rota.exceptions:
        if one.start <= at < one.end:
            return Turn(one.person, one.start, one.end, Why.EXCEPTION)
        if one.end <= at:
            start = max(start, one.end)
        else:
            end = min(end, one.start)
    return Turn(turn.person, start, end, turn.why)


def turns(rota: Rota, start: datetime, end: datetime) -> Iterator[Turn]:
    """The turns that have a part in `[start, end)`, in their order; each ends where the next begins."""
    at = start
    while at < end:
        turn = on_call(rota, at)
        yield turn
        at = turn.end


def _regular(rota: Rota, at: datetime) -> Turn:
    """Whose turn it is by the rotation alone."""
    where = zone(rota.timezone)
    minute = rota.handover.hour * 60 + rota.handover.minute
    first, now = day_number(rota.first), ticks(at)
    today = day_of(where, now)
    begun = today if moment(where, today, minute) <= now else today - 1
    number = (begun - first) // rota.days
    begins = first + number * rota.days
    return Turn(
        person=rota.people[number % len(rota.people)],
        start=from_ticks(moment(where, begins, minute)),
        end=from_ticks(moment(where, begins + rota.days, minute)),
        why=Why.ROTATION,
    )
