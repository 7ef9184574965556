"""The laws of business time, at and beside the edges of it; test_minutes.py counts it."""

from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.calendar import Calendar
from mailgate.core.instant import HOUR, MINUTE, from_ticks, ticks
from tests.core.calendars import utc, weekdays
from tests.core.minutes import SHAPES, WINDOWS

DAYS = 12
_LAWFUL = [(shape(window), window.begins) for window in WINDOWS for shape in SHAPES.values()]


@st.composite
def _moments(draw: st.DrawFn, count: int) -> tuple[Calendar, list[int]]:
    """A calendar and instants in its window, most of them at or a millisecond beside an edge of it."""
    calendar, start = _LAWFUL[draw(st.integers(0, len(_LAWFUL) - 1))]
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


@given(_moments(3), _AMOUNTS)
def test_a_pause_moves_what_is_due_by_its_open_time(drawn: tuple[Calendar, list[int]], more: int) -> None:
    """`policies.md`, Business time 8; edge cases 21 and 22."""
    calendar, (start, paused, resumed) = drawn
    left = more + 1  # what is due already is not moved
    due = calendar.add_ticks(start, calendar.elapsed_ticks(start, paused) + left)

    moved = calendar.add_ticks(resumed, left)

    assert moved == calendar.add_ticks(due, calendar.elapsed_ticks(paused, resumed))


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
