"""What a calendar decides of the edge cases in docs/edge-cases.md."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailgate.core.calendar import Calendar, CalendarError
from mailgate.core.instant import HOUR, MINUTE
from tests.core.calendars import always, daily, exceptional, hours, local, utc, weekdays

BERLIN, NEW_YORK, LOS_ANGELES = "Europe/Berlin", "America/New_York", "America/Los_Angeles"
OFFICE = "09:00-17:00"
NIGHTS = "22:00-30:00"


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        pytest.param("2026-03-02 16:30:45", 60, "2026-03-03 09:30:45", id="1: seconds are kept"),
        pytest.param("2026-03-02 16:59:01", 30, "2026-03-03 09:29:01", id="2: seconds at the close"),
        pytest.param("2026-03-02 17:00:00", 30, "2026-03-03 09:30:00", id="18: the close is closed"),
        pytest.param("2026-03-02 16:00:00", 60, "2026-03-02 17:00:00", id="17: used up at the close"),
        pytest.param("2026-03-06 15:00:00", 180, "2026-03-09 10:00:00", id="41: 75 % of 4 hours"),
    ],
)
def test_open_time_counts_to_the_second_and_closed_time_does_not(start: str, minutes: int, due: str) -> None:
    """Edge cases 1, 2, 17, 18, 41"""
    office = weekdays(BERLIN, OFFICE)

    assert office.add(local(start, BERLIN), minutes * MINUTE) == local(due, BERLIN)


def test_a_week_of_24x5_closes_at_midnight_and_not_a_minute_before() -> None:
    """Edge case 3"""
    round_the_clock = weekdays(BERLIN, "00:00-24:00")

    assert round_the_clock.add(local("2026-03-02 00:00", BERLIN), 96 * HOUR) == local(
        "2026-03-06 00:00", BERLIN
    )
    assert round_the_clock.day_length == 24 * HOUR


def test_the_weekend_of_24x5_does_not_count() -> None:
    """Edge case 4"""
    round_the_clock = weekdays(BERLIN, "00:00-24:00")

    due = round_the_clock.add(local("2026-03-06 23:30", BERLIN), 4 * HOUR)

    assert due == local("2026-03-09 03:30", BERLIN)


def test_a_night_shift_runs_past_midnight() -> None:
    """Edge case 5"""
    due = weekdays(BERLIN, NIGHTS).add(local("2026-03-02 23:00", BERLIN), 8 * HOUR)

    assert due == local("2026-03-03 23:00", BERLIN)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-03-28 22:00", "2026-03-29 07:00", id="6: clocks go forward"),
        pytest.param("2026-10-24 22:00", "2026-10-25 05:00", id="7: clocks go back"),
    ],
)
def test_24x7_counts_real_hours_when_the_clocks_change(start: str, due: str) -> None:
    """Edge cases 6, 7"""
    assert always().add(local(start, BERLIN), 8 * HOUR) == local(due, BERLIN)
    assert daily(BERLIN, "00:00-24:00", holidays="2020-01-01").add(local(start, BERLIN), 8 * HOUR) == local(
        due, BERLIN
    )


@pytest.mark.parametrize(
    ("evening", "morning", "length"),
    [
        pytest.param("2026-03-28 22:00", "2026-03-29 06:00", 7, id="clocks go forward"),
        pytest.param("2026-10-24 22:00", "2026-10-25 06:00", 9, id="clocks go back"),
        pytest.param("2026-06-01 22:00", "2026-06-02 06:00", 8, id="an ordinary night"),
    ],
)
def test_a_night_shift_has_its_true_length(evening: str, morning: str, length: int) -> None:
    """Edge case 8"""
    nights = daily(BERLIN, NIGHTS)

    assert nights.elapsed(local(evening, BERLIN), local(morning, BERLIN)) == length * HOUR


def test_an_hour_that_happens_twice_counts_twice() -> None:
    """Edge case 9"""
    sundays = Calendar("test", NEW_YORK, ((), (), (), (), (), (), hours("00:00-06:00")))

    due = sundays.add(local("2026-11-01 00:30", NEW_YORK), 3 * HOUR)

    assert due == local("2026-11-01 02:30", NEW_YORK)


def test_an_opening_that_never_happens_is_when_the_clocks_jump() -> None:
    """Edge case 10"""
    sundays = Calendar("test", NEW_YORK, ((), (), (), (), (), (), hours("02:30-06:00")))

    assert sundays.add(local("2026-03-08 00:00", NEW_YORK), HOUR) == local("2026-03-08 04:00", NEW_YORK)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-03-06 21:30", "2026-03-09 13:30", id="16:30 in winter was open"),
        pytest.param("2026-03-13 21:30", "2026-03-16 14:00", id="17:30 in summer was closed"),
    ],
)
def test_the_zone_of_the_calendar_decides_when_its_clocks_change(start: str, due: str) -> None:
    """Edge case 11"""
    assert weekdays(NEW_YORK, OFFICE).add(utc(start), HOUR) == utc(due)


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        (BERLIN, "2026-03-16 13:00"),
        (NEW_YORK, "2026-03-16 13:00"),
        (LOS_ANGELES, "2026-03-16 10:30"),
    ],
)
def test_the_same_instant_is_due_by_the_calendar_of_the_contract(zone: str, due: str) -> None:
    """Edge case 12"""
    assert weekdays(zone, OFFICE).add(utc("2026-03-13 21:30"), 4 * HOUR) == local(due, zone)


def test_holidays_are_passed_over() -> None:
    """Edge case 13"""
    easter = weekdays(BERLIN, OFFICE, holidays="2026-04-03 2026-04-06")

    assert easter.add(local("2026-04-02 16:00", BERLIN), 2 * HOUR) == local("2026-04-07 10:00", BERLIN)


def test_a_holiday_is_a_local_date() -> None:
    """Edge case 14"""
    easter = weekdays(BERLIN, OFFICE, holidays="2026-04-03 2026-04-06")

    assert easter.add(utc("2026-04-02 23:30"), HOUR) == local("2026-04-07 10:00", BERLIN)


def test_a_date_may_have_hours_of_its_own() -> None:
    """Edge case 15"""
    office = weekdays(BERLIN, OFFICE, holidays="2026-12-24 2026-12-25")
    christmas = replace(office, exceptions=(exceptional("2026-12-24", "09:00-12:00"),))

    assert christmas.add(local("2026-12-24 10:00", BERLIN), 4 * HOUR) == local("2026-12-28 11:00", BERLIN)


def test_lunch_does_not_count() -> None:
    """Edge case 16"""
    office = weekdays(BERLIN, "09:00-12:00", "13:00-17:00")

    assert office.add(local("2026-03-02 11:30", BERLIN), HOUR) == local("2026-03-02 13:30", BERLIN)
    assert office.day_length == 7 * HOUR


def test_a_long_shutdown_is_no_limit() -> None:
    """Edge case 19"""
    closed = [utc("2026-12-19") + timedelta(days=day) for day in range(40)]
    office = weekdays(BERLIN, OFFICE, holidays=" ".join(day.date().isoformat() for day in closed))

    assert office.add(local("2026-12-18 16:45", BERLIN), 30 * MINUTE) == local("2027-01-28 09:15", BERLIN)


def test_a_calendar_that_never_opens_cannot_be_made() -> None:
    """Edge case 20"""
    with pytest.raises(CalendarError, match="never opens"):
        Calendar("test", "UTC", ((),) * 7)
