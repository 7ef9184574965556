"""Business time against a counter of minutes, which knows nothing of how it is built: 100,000 cases."""

from datetime import timedelta

import pytest

from mailgate.core.amount import Amount, Unit
from mailgate.core.calendar import Calendar
from mailgate.core.instant import from_ticks, ticks
from tests.core.minutes import SHAPES, WINDOWS, Count, MinuteCounter, Window, cases, counter

EACH = 210  # cases of a calendar in a window


def test_there_are_a_hundred_thousand_cases() -> None:
    assert len(WINDOWS) * len(SHAPES) * EACH >= 100_000
    assert len(set(WINDOWS)) == len(WINDOWS)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_business_time_agrees_with_counting_minutes(window: Window) -> None:
    for shape, calendar_in in SHAPES.items():
        calendar = calendar_in(window)
        counted = counter(window, calendar)
        wrong = [case for case in cases(counted, EACH) if not agrees(calendar, counted, case)]

        assert wrong == [], shape


def agrees(calendar: Calendar, counted: MinuteCounter, case: Count) -> bool:
    elapsed = counted.elapsed(case.start, case.end)
    due = counted.add(case.start, case.amount)
    return (
        calendar.elapsed_ticks(case.start, case.end) == elapsed
        and calendar.add_ticks(case.start, case.amount) == due
        and stretches_agree(calendar, counted, case)
        and amounts_agree(calendar, counted, case)
    )


def stretches_agree(calendar: Calendar, counted: MinuteCounter, case: Count) -> bool:
    """Whether they are without a gap, and each counts whole or not at all."""
    at = case.start
    for one in calendar.stretches(from_ticks(case.start), from_ticks(case.end)):
        begins, ends = ticks(one.start), ticks(one.end)
        if begins != at or counted.elapsed(begins, ends) != (ends - begins if one.counts else 0):
            return False
        at = ends
    return at == case.end


def amounts_agree(calendar: Calendar, counted: MinuteCounter, case: Count) -> bool:
    """Whether so many business minutes, and as many on the clock, are used up when they should be."""
    count, start = max(case.amount // 60_000, 1), from_ticks(case.start)
    if count * 60_000 > counted.left(case.start):
        return True
    business, wall = Amount(count, Unit.BUSINESS_MINUTE), Amount(count, Unit.MINUTE)
    return (
        ticks(business.after(start, calendar)) == counted.add(case.start, count * 60_000)
        and ticks(business.after(start, calendar, 75)) == counted.add(case.start, count * 45_000)
        and wall.after(start, calendar) == start + timedelta(minutes=count)
    )
