"""Business time against a counter of minutes that knows nothing of how it is built, and its laws."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.calendar import Calendar
from mailgate.core.instant import EPOCH, HOUR, MINUTE, from_ticks, ticks
from mailgate.core.zone import zone
from tests.core.calendars import daily, utc, weekdays

# Twelve days around something: clocks that change on both hemispheres (by half an hour on Lord Howe, at
# 00:01 on St John's of old, into Ramadan in Casablanca, over a whole date in Apia), leap day, new year.
WINDOWS = [
    ("Europe/Berlin", "2026-03-24"),
    ("Europe/Berlin", "2026-10-20"),
    ("Europe/London", "2026-10-20"),
    ("America/New_York", "2026-03-03"),
    ("America/New_York", "2026-10-27"),
    ("America/Los_Angeles", "2026-10-27"),
    ("America/St_Johns", "2010-03-09"),
    ("America/St_Johns", "2010-11-02"),
    ("America/Havana", "2026-10-27"),
    ("America/Santiago", "2026-09-01"),
    ("Australia/Lord_Howe", "2026-03-31"),
    ("Australia/Lord_Howe", "2026-09-29"),
    ("Pacific/Auckland", "2026-03-31"),
    ("Pacific/Chatham", "2026-09-22"),
    ("Africa/Casablanca", "2026-02-10"),
    ("Africa/Casablanca", "2026-03-17"),
    ("Pacific/Apia", "2011-12-25"),
    ("Asia/Kathmandu", "2026-05-01"),
    ("UTC", "2028-02-24"),
    ("UTC-08:00", "2027-12-27"),
]
DAYS = 12


def _calendars(where: str, start: datetime) -> list[Calendar]:
    feast = (start + timedelta(days=5)).date().isoformat()
    return [
        weekdays(where, "09:00-17:00", holidays=feast),
        weekdays(where, "09:00-12:00", "13:00-17:30"),
        weekdays(where, "00:00-24:00"),
        daily(where, "00:00-24:00", holidays=feast),
        weekdays(where, "22:00-30:00", holidays=feast),
        daily(where, "00:00-01:30", "02:15-02:45", "03:00-06:00"),
        daily(where, "01:30-02:00", "02:30-03:15"),
        daily(where, "20:00-44:00"),
    ]


@dataclass(frozen=True)
class MinuteCounter:
    """Which minutes of a window are open, found by looking at a clock on the wall minute by minute.

    An interval is open from the first minute at which the clock has ever shown its opening until the last
    after which it will never again show a time before its close.
    """

    start: int
    total: list[int]  # how many minutes are open before the n-th

    @classmethod
    def over(cls, calendar: Calendar, start: datetime) -> "MinuteCounter":
        margin = timedelta(days=4)  # what opened before the window may still be open
        count = (DAYS + 8) * 1440
        walls = _walls(calendar.zone, start - margin, count)
        latest, soonest = list(accumulate(walls, max)), list(accumulate(reversed(walls), min))[::-1]
        closed = {holiday.on for holiday in calendar.holidays}
        is_open = [False] * count
        for day in range(walls[0] // 1440 - 2, walls[-1] // 1440 + 1):
            on = (EPOCH + timedelta(days=day)).date()
            for opening in () if on in closed else calendar.week[on.weekday()]:
                first = bisect_left(latest, day * 1440 + opening.opens)
                last = bisect_left(soonest, day * 1440 + opening.closes)
                is_open[first:last] = [True] * (last - first)
        return cls(ticks(start - margin), [0, *accumulate(is_open)])

    def left(self, start: int) -> int:
        return self.total[-1] - self.total[self._at(start)]

    def elapsed(self, start: int, end: int) -> int:
        return (self.total[self._at(end)] - self.total[self._at(start)]) * MINUTE

    def add(self, start: int, minutes: int) -> int:
        at = self._at(start)
        wanted = self.total[at] + minutes
        while self.total[at] < wanted:
            at += 1
        return self.start + at * MINUTE

    def _at(self, instant: int) -> int:
        return (instant - self.start) // MINUTE


@cache
def _walls(where: str, start: datetime, count: int) -> tuple[int, ...]:
    """What the clock on the wall shows at each minute, in minutes since 1970."""
    place, epoch = zone(where), EPOCH.replace(tzinfo=None)
    shown = ((start + timedelta(minutes=at)).astimezone(place).replace(tzinfo=None) for at in range(count))
    return tuple((local - epoch) // timedelta(minutes=1) for local in shown)


@pytest.mark.parametrize(("where", "day"), WINDOWS)
def test_business_time_agrees_with_counting_minutes(where: str, day: str) -> None:
    start = utc(day)
    for calendar in _calendars(where, start):
        counter = MinuteCounter.over(calendar, start)
        for case in range(25):
            begin = ticks(start) + case * 691 % (DAYS * 1440) * MINUTE
            end = begin + case * 1013 % (3 * 1440) * MINUTE
            minutes = (0, 1, 30, 60, 240, 480, 37 * case)[case % 7]
            if counter.left(begin) < minutes:
                continue

            assert calendar.elapsed_ticks(begin, end) == counter.elapsed(begin, end)
            assert calendar.add_ticks(begin, minutes * MINUTE) == counter.add(begin, minutes)


_LAWFUL = [(calendar, utc(day)) for where, day in WINDOWS for calendar in _calendars(where, utc(day))]


@st.composite
def _moments(draw: st.DrawFn, count: int) -> tuple[Calendar, list[int]]:
    """A calendar and instants in its window, most of them at or a millisecond beside an edge of it."""
    calendar, start = draw(st.sampled_from(_LAWFUL))
    edges = _edges(calendar, start)
    instants = st.one_of(
        st.builds(int.__add__, st.sampled_from(edges), st.sampled_from([-MINUTE, -1, 0, 1, MINUTE])),
        st.integers(edges[0], edges[-1]),
    )
    return calendar, sorted(draw(st.lists(instants, min_size=count, max_size=count)))


@cache
def _edges(calendar: Calendar, start: datetime) -> tuple[int, ...]:
    pieces = calendar.stretches(start, start + timedelta(days=DAYS))
    return (ticks(start), *(ticks(piece.end) for piece in pieces))


_AMOUNTS = st.one_of(
    st.sampled_from([0, 1, MINUTE, HOUR - 1, HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR + 1, 24 * HOUR, 40 * HOUR]),
    st.integers(0, 100 * HOUR),
)


@given(_moments(1), _AMOUNTS, _AMOUNTS)
def test_two_amounts_one_after_the_other_are_their_sum(
    drawn: tuple[Calendar, list[int]], first: int, second: int
) -> None:
    calendar, (start,) = drawn

    assert calendar.add_ticks(calendar.add_ticks(start, first), second) == calendar.add_ticks(
        start, first + second
    )


@given(_moments(1), _AMOUNTS)
def test_what_was_added_is_what_has_elapsed(drawn: tuple[Calendar, list[int]], amount: int) -> None:
    calendar, (start,) = drawn
    due = calendar.add_ticks(start, amount)

    assert calendar.elapsed_ticks(start, due) == amount
    assert amount == 0 or calendar.elapsed_ticks(start, due - 1) == amount - 1


@given(_moments(2), _AMOUNTS, _AMOUNTS)
def test_a_later_start_and_a_larger_amount_are_never_due_earlier(
    drawn: tuple[Calendar, list[int]], one: int, other: int
) -> None:
    calendar, (earlier, later) = drawn
    less, more = sorted((one, other))

    assert calendar.add_ticks(earlier, less) <= calendar.add_ticks(later, less)
    assert calendar.add_ticks(earlier, less) <= calendar.add_ticks(earlier, more)


@given(_moments(3))
def test_time_that_has_elapsed_adds_up(drawn: tuple[Calendar, list[int]]) -> None:
    calendar, (first, second, third) = drawn

    together = calendar.elapsed_ticks(first, second) + calendar.elapsed_ticks(second, third)

    assert together == calendar.elapsed_ticks(first, third)


@given(_moments(1), _AMOUNTS.filter(bool))
def test_closed_time_has_no_effect(drawn: tuple[Calendar, list[int]], amount: int) -> None:
    calendar, (start,) = drawn
    opening = calendar.add_ticks(start, 1) - 1  # the start itself, while it is open

    assert calendar.elapsed_ticks(start, opening) == 0
    assert calendar.add_ticks(start, amount) == calendar.add_ticks(opening, amount)


@given(_moments(2))
def test_the_open_stretches_add_up_to_what_has_elapsed(drawn: tuple[Calendar, list[int]]) -> None:
    calendar, (start, end) = drawn
    pieces = list(calendar.stretches(from_ticks(start), from_ticks(end)))

    assert sum(ticks(one.end) - ticks(one.start) for one in pieces if one.counts) == calendar.elapsed_ticks(
        start, end
    )
    assert [one.start for one in pieces[1:]] == [one.end for one in pieces[:-1]]
    assert start == end or (pieces[0].start, pieces[-1].end) == (from_ticks(start), from_ticks(end))


_ANY_TIME = st.integers(-60_000_000_000_000, 250_000_000_000_000)
_THESE_DAYS = st.integers(ticks(utc("2026-03-20")), ticks(utc("2026-04-10")))


@pytest.mark.parametrize("instants", [_ANY_TIME, _THESE_DAYS], ids=["any time", "these days"])
@given(drawn=st.data(), amount=_AMOUNTS)
@settings(max_examples=30)
def test_what_was_asked_before_changes_no_answer(
    instants: st.SearchStrategy[int], drawn: st.DataObject, amount: int
) -> None:
    starts = drawn.draw(st.lists(instants, min_size=2, max_size=4))
    used, fresh = weekdays("Europe/Berlin", "20:00-44:00"), weekdays("Europe/Berlin", "20:00-44:00")
    for start in starts[:-1]:
        used.add_ticks(start, amount)

    assert used.add_ticks(starts[-1], amount) == fresh.add_ticks(starts[-1], amount)
