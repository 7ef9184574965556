"""The calendars of the shipped policies against a counter of minutes (tests/core/minutes.py)."""

import pytest

from mailgate.core.calendar import Calendar
from tests.config.shipped import NAMES, shipped
from tests.core.minutes import Window, cases, counter
from tests.core.test_minutes import agrees

EACH = 400
# The clocks change in America, then in Europe; Thanksgiving; Christmas and the new year.
FIRSTS = ("2026-03-03", "2026-10-20", "2026-11-20", "2026-12-21", "2028-02-24")
CALENDARS = [
    pytest.param(calendar, id=f"{name} {calendar.name}")
    for name in NAMES
    for calendar in shipped(name).calendars.values()
]


@pytest.mark.parametrize("calendar", CALENDARS)
def test_the_time_of_a_shipped_calendar_agrees_with_counting_minutes(calendar: Calendar) -> None:
    for first in FIRSTS:
        counted = counter(Window(calendar.zone, first), calendar)
        wrong = [case for case in cases(counted, EACH) if not agrees(calendar, counted, case)]

        assert wrong == [], first
