"""Counts open time by looking at a clock on the wall, minute after minute, and in no other way.

An opening is open from the first minute at which that clock has ever shown its beginning, until the first
from which on it never again shows a time before its end. So an hour that happens twice counts twice.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from mailgate.core.calendar import Calendar, Exceptional, Opening
from tests.core.calendars import WEEKEND, daily, hours, weekdays

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARGIN = 4  # days: what opened before the window may still be open in it


@dataclass(frozen=True)
class Window:
    """Days of a zone, around something; cases begin in the first half. `step` is how often one looks."""

    zone: str
    first: str
    step: int = MINUTE
    days: int = 30

    @property
    def begins(self) -> datetime:
        return datetime.fromisoformat(self.first).replace(tzinfo=UTC)

    def day(self, number: int) -> date:
        return (self.begins + timedelta(days=number)).date()

    def __str__(self) -> str:
        return f"{self.zone} {self.first}"


# Each holds a change of the clocks within its first days, or what else its comment says.
WINDOWS = (
    Window("Europe/Berlin", "2026-03-24"),
    Window("Europe/Berlin", "2026-10-20"),
    Window("Europe/Berlin", "2026-12-22"),  # the end of a year
    Window("Europe/London", "2026-03-24"),
    Window("Europe/London", "2026-10-20"),
    Window("Europe/Dublin", "2026-03-24"),  # where winter is what is saved
    Window("Europe/Dublin", "2026-10-20"),
    Window("America/New_York", "2026-03-03"),
    Window("America/New_York", "2026-10-27"),
    Window("America/New_York", "2028-02-24"),  # a leap day
    Window("America/Los_Angeles", "2026-03-03"),
    Window("America/Los_Angeles", "2026-10-27"),
    Window("America/Los_Angeles", "2027-12-27"),  # the end of a year
    Window("America/St_Johns", "2010-03-09"),  # at one minute past midnight
    Window("America/St_Johns", "2010-11-02"),
    Window("America/Havana", "2026-03-03"),  # at midnight
    Window("America/Havana", "2026-10-27"),
    Window("America/Sao_Paulo", "2018-02-13"),  # back from midnight into the eve
    Window("America/Sao_Paulo", "2018-10-30"),
    Window("America/Santiago", "2026-03-31"),
    Window("America/Santiago", "2026-09-01"),
    Window("America/Caracas", "2016-04-26"),  # half an hour, for good
    Window("Australia/Sydney", "2026-03-31"),
    Window("Australia/Sydney", "2026-09-29"),
    Window("Australia/Lord_Howe", "2026-03-31"),  # half an hour
    Window("Australia/Lord_Howe", "2026-09-29"),
    Window("Pacific/Auckland", "2026-03-31"),
    Window("Pacific/Auckland", "2026-09-22"),
    Window("Pacific/Chatham", "2026-09-22"),
    Window("Africa/Casablanca", "2026-02-10"),  # into Ramadan, and out of it
    Window("Africa/Casablanca", "2026-03-17"),
    Window("Pacific/Apia", "2011-12-25"),  # a date that was left out
    Window("Pacific/Kwajalein", "1993-08-16"),  # another
    Window("Asia/Kolkata", "2026-05-01"),
    Window("Asia/Kathmandu", "2026-05-01"),
    Window("UTC", "2028-02-24"),  # a leap day
    Window("UTC-08:00", "2027-12-27"),
    Window("Africa/Monrovia", "1972-01-05", SECOND, days=8),  # 44 minutes and 30 seconds
)


def _office(window: Window) -> Calendar:
    return weekdays(window.zone, "09:00-17:00", holidays=f"{window.day(5)} {window.day(6)}")


def _with_exceptions(window: Window) -> Calendar:
    """Half days, one of them a holiday, a Saturday or Sunday that opens, an inventory, a long night."""
    own = [
        (),
        hours("09:00-12:00"),
        hours("10:00-12:00", "12:30-14:00"),
        hours("18:00-47:30"),
        hours("00:00-24:00"),
    ]
    exceptions = tuple(Exceptional(window.day(3 + at), own[at]) for at in range(len(own)))
    return replace(_office(window), exceptions=exceptions, business_day=8 * HOUR)


def _short_friday(window: Window) -> Calendar:
    week = (hours("08:30-12:00", "13:00-17:30"),) * 4 + (hours("08:30-14:00"),) + WEEKEND
    return Calendar("test", window.zone, week, business_day=8 * HOUR)


def _sundays(window: Window) -> Calendar:
    """Where most clocks change."""
    return Calendar("test", window.zone, ((), (), (), (), (), hours("22:00-30:00"), hours("06:00-14:00")))


SHAPES: dict[str, Callable[[Window], Calendar]] = {
    "office": _office,
    "office with exceptions": _with_exceptions,
    "short Friday": _short_friday,
    "lunch": lambda window: weekdays(window.zone, "09:00-12:00", "13:00-17:30"),
    "24x5": lambda window: weekdays(window.zone, "00:00-24:00"),
    "24x7": lambda window: daily(window.zone, "00:00-24:00"),
    "24x7 with a holiday": lambda window: daily(window.zone, "00:00-24:00", holidays=f"{window.day(5)}"),
    "nights": lambda window: weekdays(window.zone, "22:00-30:00", holidays=f"{window.day(5)}"),
    "small hours": lambda window: daily(window.zone, "00:00-01:30", "02:15-02:45", "03:00-06:00"),
    "two o'clock": lambda window: daily(
        window.zone, "00:30-01:00", "01:30-02:00", "02:30-03:15", "23:30-24:10"
    ),
    "to 44:00": lambda window: daily(window.zone, "20:00-44:00"),
    "to 48:00": lambda window: Calendar(
        "test", window.zone, (hours("12:00-48:00"), (), hours("12:00-48:00"), (), (), (), ())
    ),
    "Sundays": _sundays,
}


@dataclass(frozen=True)
class MinuteCounter:
    """Which minutes of a window are open.

    Args:
        start: the first minute, in milliseconds since 1970; each lasts `step`.
        is_open: for each minute; `total`: how many are open before it.
        edges: instants near which something changes: open or closed, the clocks, the date.
    """

    start: int
    step: int
    is_open: bytearray
    total: list[int]
    edges: tuple[int, ...]

    def elapsed(self, start: int, end: int) -> int:
        return self._before(end) - self._before(start)

    def add(self, start: int, amount: int) -> int:
        if not amount:
            return start
        wanted = self._before(start) + amount
        at = bisect_left(self.total, -(-wanted // self.step)) - 1  # the minute in which it is reached
        return self.start + at * self.step + wanted - self.total[at] * self.step

    def left(self, start: int) -> int:
        """The open time that the window has after an instant."""
        return self.total[-1] * self.step - self._before(start)

    def _before(self, instant: int) -> int:
        at, within = divmod(instant - self.start, self.step)
        return self.total[at] * self.step + within * self.is_open[at]


@dataclass(frozen=True)
class _Clock:
    """What a clock on the wall showed at each minute, in minutes since 1970 as if it were UTC."""

    start: int
    shown: tuple[int, ...]
    latest: list[int]  # the latest time that it has ever shown
    soonest: list[int]  # the soonest that it will ever show again
    changes: tuple[int, ...]  # of its own, and of its date


def counter(window: Window, calendar: Calendar) -> MinuteCounter:
    """The counter of a calendar's open time in a window."""
    clock, minute = _clock(window), MINUTE // window.step
    is_open = bytearray(len(clock.shown))
    for day in range(clock.shown[0] // (1440 * minute) - 2, clock.shown[-1] // (1440 * minute) + 1):
        for opening in _openings(calendar, day):
            first = bisect_left(clock.latest, (day * 1440 + opening.opens) * minute)
            last = bisect_left(clock.soonest, (day * 1440 + opening.closes) * minute)
            is_open[first:last] = b"\1" * (last - first)
    turns = (at for at in range(1, len(is_open)) if is_open[at] != is_open[at - 1])
    begins = (window.begins - _EPOCH) // timedelta(milliseconds=1)
    marks = {clock.start + at * window.step for at in (*turns, *clock.changes)}
    edges = sorted(mark for mark in marks if begins <= mark < begins + window.days // 2 * DAY)
    return MinuteCounter(clock.start, window.step, is_open, [0, *accumulate(is_open)], tuple(edges))


def _openings(calendar: Calendar, day: int) -> tuple[Opening, ...]:
    on = date(1970, 1, 1) + timedelta(days=day)
    for exceptional in calendar.exceptions:
        if exceptional.on == on:
            return exceptional.openings
    is_holiday = any(holiday.on == on for holiday in calendar.holidays)
    return () if is_holiday else calendar.week[on.weekday()]


@cache
def _clock(window: Window) -> _Clock:
    begins, place = window.begins - timedelta(days=_MARGIN), _place(window.zone)
    step = timedelta(milliseconds=window.step)
    shown = tuple(
        _shown((begins + at * step).astimezone(place), window.step)
        for at in range((window.days + _MARGIN) * DAY // window.step)
    )
    day = DAY // window.step
    return _Clock(
        (begins - _EPOCH) // timedelta(milliseconds=1),
        shown,
        list(accumulate(shown, max)),
        list(accumulate(reversed(shown), min))[::-1],
        tuple(
            at
            for at in range(1, len(shown))
            if shown[at] != shown[at - 1] + 1 or shown[at] // day != shown[at - 1] // day
        ),
    )


def _shown(local: datetime, step: int) -> int:
    seconds = (
        ((local.toordinal() - _EPOCH.toordinal()) * 24 + local.hour) * 3600 + local.minute * 60 + local.second
    )
    return seconds * SECOND // step


def _place(zone: str) -> tzinfo:
    return timezone(timedelta(hours=-8)) if zone == "UTC-08:00" else ZoneInfo(zone)


@dataclass(frozen=True)
class Count:
    """One case: from when, until when, and how much is added."""

    start: int
    end: int
    amount: int


_NUDGES = (0, -1, 1, -MINUTE, MINUTE, -7 * SECOND, 11 * MINUTE + 13, -HOUR, HOUR)
_AMOUNTS = (
    0,
    1,
    MINUTE - 1,
    MINUTE,
    30 * MINUTE,
    HOUR - 1,
    HOUR,
    HOUR + 1,
    4 * HOUR,
    8 * HOUR,
    24 * HOUR,
    40 * HOUR,
)


def cases(counted: MinuteCounter, count: int) -> Iterator[Count]:
    """Cases at and beside the edges of a window, the same ones every time.

    Every other amount is what brings it to the end of its case, a millisecond less or more.
    """
    edges = counted.edges
    for at in range(count):
        one = edges[at * 89 % len(edges)] + _NUDGES[at % len(_NUDGES)]
        other = edges[(at * 61 + at // len(edges)) % len(edges)] + _NUDGES[at // 5 % len(_NUDGES)]
        start, end = min(one, other), max(one, other)
        reaching = counted.elapsed(start, end) + at // 2 % 3 - 1
        amount = max(reaching, 0) if at % 2 else _AMOUNTS[at // 2 % len(_AMOUNTS)]
        yield Count(start, end, min(amount, counted.left(start)))
