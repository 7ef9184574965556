"""`policies.md`, Business time; row numbers are those of the list of edge cases that the issue names."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from mailgate.core.calendar import Calendar, CalendarError, Opening, Stretch
from mailgate.core.instant import HOUR, MINUTE
from tests.core.calendars import WEEKEND, always, daily, exceptional, hours, local, utc, weekdays

BERLIN, NEW_YORK, LOS_ANGELES = "Europe/Berlin", "America/New_York", "America/Los_Angeles"
OFFICE = "09:00-17:00"
NIGHTS = "22:00-30:00"


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        pytest.param("2026-03-02 16:30:45", 60, "2026-03-03 09:30:45", id="row 1: seconds are kept"),
        pytest.param("2026-03-02 16:59:01", 30, "2026-03-03 09:29:01", id="row 2: seconds at the close"),
        pytest.param("2026-03-02 17:00:00", 30, "2026-03-03 09:30:00", id="row 18: the close is closed"),
        pytest.param("2026-03-02 16:00:00", 60, "2026-03-02 17:00:00", id="row 17: used up at the close"),
        pytest.param("2026-03-06 15:00:00", 240, "2026-03-09 11:00:00", id="over a weekend"),
        pytest.param("2026-03-07 11:00:00", 480, "2026-03-09 17:00:00", id="a day from Saturday"),
        pytest.param("2026-03-06 16:00:00", 480, "2026-03-09 16:00:00", id="a day from Friday 16:00"),
        pytest.param("2026-03-03 03:00:00", 60, "2026-03-03 10:00:00", id="before the opening"),
        pytest.param("2026-03-06 15:00:00", 180, "2026-03-09 10:00:00", id="row 41: 75 % of 4 hours"),
    ],
)
def test_time_counts_only_while_the_office_is_open(start: str, minutes: int, due: str) -> None:
    office = weekdays(BERLIN, OFFICE)

    assert office.add(local(start, BERLIN), minutes * MINUTE) == local(due, BERLIN)


def test_nothing_added_is_no_time_passed_even_while_closed() -> None:
    saturday = utc("2026-03-07 11:00")

    assert weekdays(BERLIN, OFFICE).add(saturday, 0) == saturday


def test_a_week_of_24x5_closes_at_midnight_and_not_a_minute_before() -> None:
    """Row 3."""
    round_the_clock = weekdays(BERLIN, "00:00-24:00")

    assert round_the_clock.add(local("2026-03-02 00:00", BERLIN), 96 * HOUR) == local(
        "2026-03-06 00:00", BERLIN
    )
    assert round_the_clock.day_length == 24 * HOUR


def test_the_weekend_of_24x5_does_not_count() -> None:
    """Row 4."""
    round_the_clock = weekdays(BERLIN, "00:00-24:00")

    due = round_the_clock.add(local("2026-03-06 23:30", BERLIN), 4 * HOUR)

    assert due == local("2026-03-09 03:30", BERLIN)


def test_a_night_shift_runs_past_midnight() -> None:
    """Row 5."""
    due = weekdays(BERLIN, NIGHTS).add(local("2026-03-02 23:00", BERLIN), 8 * HOUR)

    assert due == local("2026-03-03 23:00", BERLIN)


def test_an_interval_belongs_to_the_date_on_which_it_opens() -> None:
    nights = weekdays(BERLIN, NIGHTS, holidays="2026-03-04")

    due = nights.add(local("2026-03-03 22:00", BERLIN), 9 * HOUR)  # 8 h into the holiday, 1 h the day after

    assert due == local("2026-03-05 23:00", BERLIN)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-03-28 22:00", "2026-03-29 07:00", id="row 6: clocks go forward"),
        pytest.param("2026-10-24 22:00", "2026-10-25 05:00", id="row 7: clocks go back"),
    ],
)
def test_24x7_counts_real_hours_when_the_clocks_change(start: str, due: str) -> None:
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
    """Row 8."""
    nights = daily(BERLIN, NIGHTS)

    assert nights.elapsed(local(evening, BERLIN), local(morning, BERLIN)) == length * HOUR


def test_an_hour_that_happens_twice_counts_twice() -> None:
    """Row 9."""
    sundays = Calendar("test", NEW_YORK, ((), (), (), (), (), (), hours("00:00-06:00")))

    due = sundays.add(local("2026-11-01 00:30", NEW_YORK), 3 * HOUR)

    assert due == local("2026-11-01 02:30", NEW_YORK)


def test_an_opening_that_never_happens_is_when_the_clocks_jump() -> None:
    """Row 10."""
    sundays = Calendar("test", NEW_YORK, ((), (), (), (), (), (), hours("02:30-06:00")))

    assert sundays.add(local("2026-03-08 00:00", NEW_YORK), HOUR) == local("2026-03-08 04:00", NEW_YORK)


def test_an_ambiguous_opening_is_the_first_and_an_ambiguous_close_the_second() -> None:
    early = daily(NEW_YORK, "00:00-01:30")
    late = daily(NEW_YORK, "01:30-03:00")
    midnight, three = local("2026-11-01 00:00", NEW_YORK), local("2026-11-01 03:00", NEW_YORK)

    assert early.elapsed(midnight, three) == 150 * MINUTE
    assert late.elapsed(midnight, three) == 150 * MINUTE


def test_what_closes_as_the_clocks_go_back_closes_the_first_time() -> None:
    bar = daily(NEW_YORK, "00:00-01:00")  # 01:00 comes twice, 00:59 does not

    assert bar.elapsed(utc("2026-11-01 00:00"), utc("2026-11-02 00:00")) == HOUR


def test_an_interval_that_the_jump_swallows_does_not_open_that_day() -> None:
    swallowed = daily(NEW_YORK, "02:15-02:45")

    assert swallowed.elapsed(utc("2026-03-08 00:00"), utc("2026-03-09 00:00")) == 0
    assert swallowed.elapsed(utc("2026-03-09 00:00"), utc("2026-03-10 00:00")) == 30 * MINUTE


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-03-06 21:30", "2026-03-09 13:30", id="16:30 in winter was open"),
        pytest.param("2026-03-13 21:30", "2026-03-16 14:00", id="17:30 in summer was closed"),
    ],
)
def test_the_zone_of_the_calendar_decides_when_its_clocks_change(start: str, due: str) -> None:
    """Row 11."""
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
    """Row 12."""
    assert weekdays(zone, OFFICE).add(utc("2026-03-13 21:30"), 4 * HOUR) == local(due, zone)


def test_holidays_are_passed_over() -> None:
    """Row 13."""
    easter = weekdays(BERLIN, OFFICE, holidays="2026-04-03 2026-04-06")

    assert easter.add(local("2026-04-02 16:00", BERLIN), 2 * HOUR) == local("2026-04-07 10:00", BERLIN)


def test_a_holiday_is_a_local_date() -> None:
    """Row 14."""
    easter = weekdays(BERLIN, OFFICE, holidays="2026-04-03 2026-04-06")

    assert easter.add(utc("2026-04-02 23:30"), HOUR) == local("2026-04-07 10:00", BERLIN)


def test_a_date_may_have_hours_of_its_own() -> None:
    """Row 15."""
    office = weekdays(BERLIN, OFFICE, holidays="2026-12-24 2026-12-25")
    christmas = replace(office, exceptions=(exceptional("2026-12-24", "09:00-12:00"),))

    assert christmas.add(local("2026-12-24 10:00", BERLIN), 4 * HOUR) == local("2026-12-28 11:00", BERLIN)


def test_a_saturday_may_open_for_once() -> None:
    office = weekdays(BERLIN, OFFICE)
    sale = replace(office, exceptions=(exceptional("2026-03-07", "10:00-12:00"),))

    assert sale.add(local("2026-03-06 16:30", BERLIN), HOUR) == local("2026-03-07 10:30", BERLIN)


def test_lunch_does_not_count() -> None:
    """Row 16."""
    office = weekdays(BERLIN, "09:00-12:00", "13:00-17:00")

    assert office.add(local("2026-03-02 11:30", BERLIN), HOUR) == local("2026-03-02 13:30", BERLIN)
    assert office.day_length == 7 * HOUR


def test_a_long_shutdown_is_no_limit() -> None:
    """Row 19."""
    closed = [utc("2026-12-19") + timedelta(days=day) for day in range(40)]
    office = weekdays(BERLIN, OFFICE, holidays=" ".join(day.date().isoformat() for day in closed))

    assert office.add(local("2026-12-18 16:45", BERLIN), 30 * MINUTE) == local("2027-01-28 09:15", BERLIN)


def test_a_calendar_that_never_opens_cannot_be_made() -> None:
    """Row 20."""
    with pytest.raises(CalendarError, match="never opens"):
        Calendar("test", "UTC", ((),) * 7)


def test_days_of_different_length_need_a_declared_business_day() -> None:
    """`policies.md`, Business time 3."""
    week = (hours(OFFICE),) * 4 + (hours("09:00-15:00"),) + WEEKEND

    with pytest.raises(CalendarError, match="business day"):
        Calendar("test", "UTC", week)
    assert Calendar("test", "UTC", week, business_day=8 * HOUR).day_length == 8 * HOUR


@pytest.mark.parametrize(
    ("week", "wrong"),
    [
        (
            ((Opening(540, 720), Opening(700, 1020)),) * 7,
            "09:00-12:00 and 11:40-17:00 on Monday overlap or are out of order",
        ),
        (
            ((Opening(780, 1020), Opening(540, 720)),) * 7,
            "13:00-17:00 and 09:00-12:00 on Monday overlap or are out of order",
        ),
        (
            (hours("22:00-30:00"), hours("05:00-13:00"), (), (), (), (), ()),
            "22:00-30:00 on Monday runs into 05:00-13:00 on Tuesday",
        ),
        (
            (hours("05:00-13:00"), (), (), (), (), (), hours("22:00-30:00")),
            "22:00-30:00 on Sunday runs into 05:00-13:00 on Monday",
        ),
        ((hours(OFFICE),) * 6, "a week has seven days"),
    ],
)
def test_a_week_that_contradicts_itself_cannot_be_made(
    week: tuple[tuple[Opening, ...], ...], wrong: str
) -> None:
    with pytest.raises(CalendarError) as caught:
        Calendar("test", "UTC", week)

    assert str(caught.value) == wrong


@pytest.mark.parametrize(
    ("opens", "closes", "wrong"),
    [
        (1020, 540, "17:00-09:00 closes before it opens; past midnight write 22:00-30:00"),
        (540, 540, "09:00-09:00 closes before it opens; past midnight write 22:00-30:00"),
        (1440, 1500, "24:00-25:00 opens outside its date"),
        (-1, 60, "-1:59-01:00 opens outside its date"),
        (0, 2881, "00:00-48:01 closes later than 48:00"),
    ],
)
def test_an_interval_that_no_date_can_have_cannot_be_made(opens: int, closes: int, wrong: str) -> None:
    with pytest.raises(CalendarError) as caught:
        Opening(opens, closes)

    assert str(caught.value) == wrong


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CalendarError, match="there is no time zone 'Europe/Berlln'"):
        weekdays("Europe/Berlln", OFFICE)


def test_a_fixed_offset_knows_no_summer() -> None:
    pacific_standard = weekdays("UTC-08:00", "06:00-18:00")

    assert pacific_standard.add(utc("2026-07-01 00:00"), HOUR) == utc("2026-07-01 01:00")
    assert pacific_standard.add(utc("2026-07-01 02:00"), HOUR) == utc("2026-07-01 15:00")


def test_ten_years_of_business_hours_are_exact() -> None:
    office = weekdays("UTC", OFFICE)
    start = utc("2026-01-05 09:00")  # a Monday

    due = office.add(start, 522 * 40 * HOUR)  # 522 whole weeks

    assert due == start + timedelta(weeks=521, days=4, hours=8)
    assert office.elapsed(start, due) == 522 * 40 * HOUR


@pytest.mark.parametrize("year", [1, 1900, 1969, 2026, 2500, 9990])
def test_any_year_can_be_reckoned_with_in_any_order(year: int) -> None:
    office = weekdays("UTC", OFFICE)
    office.add(utc("2026-03-02 12:00"), HOUR)
    start = datetime.fromisoformat(f"{year:04}-06-01T00:00:00+00:00")

    due = office.add(start, 40 * HOUR)

    assert office.elapsed(start, due) == 40 * HOUR
    assert timedelta(days=4) < due - start < timedelta(days=7)


def test_what_would_be_due_after_the_last_year_says_so() -> None:
    with pytest.raises(OverflowError, match="after the year 9999"):
        weekdays("UTC", OFFICE).add(utc("9999-12-30 12:00"), 80 * HOUR)


def test_stretches_name_why_time_is_closed() -> None:
    office = replace(
        weekdays(LOS_ANGELES, OFFICE, holidays="2026-11-26"),
        exceptions=(
            exceptional("2026-11-27", "09:00-12:00", name="day after Thanksgiving"),
            exceptional("2026-11-30", name="inventory"),
        ),
    )
    start, end = local("2026-11-25 16:00", LOS_ANGELES), local("2026-12-01 10:00", LOS_ANGELES)

    def at(text: str) -> datetime:
        return local(text, LOS_ANGELES)

    short_day = "outside the hours of this date, day after Thanksgiving"
    assert list(office.stretches(start, end)) == [
        Stretch(start, at("2026-11-25 17:00"), counts=True, reason="business hours"),
        Stretch(
            at("2026-11-25 17:00"), at("2026-11-26 00:00"), counts=False, reason="outside business hours"
        ),
        Stretch(at("2026-11-26"), at("2026-11-27"), counts=False, reason="holiday: Feast of 2026-11-26"),
        Stretch(at("2026-11-27"), at("2026-11-27 09:00"), counts=False, reason=short_day),
        Stretch(at("2026-11-27 09:00"), at("2026-11-27 12:00"), counts=True, reason="business hours"),
        Stretch(at("2026-11-27 12:00"), at("2026-11-28 00:00"), counts=False, reason=short_day),
        Stretch(at("2026-11-28"), at("2026-11-30"), counts=False, reason="weekend"),
        Stretch(at("2026-11-30"), at("2026-12-01"), counts=False, reason="inventory"),
        Stretch(at("2026-12-01"), at("2026-12-01 09:00"), counts=False, reason="outside business hours"),
        Stretch(at("2026-12-01 09:00"), end, counts=True, reason="business hours"),
    ]


def test_open_time_that_touches_is_one_stretch() -> None:
    start, end = utc("2026-03-02 00:00"), utc("2026-03-07 00:00")

    assert list(weekdays("UTC", "00:00-24:00").stretches(start, end)) == [
        Stretch(start, end, counts=True, reason="business hours")
    ]


def test_an_opening_inside_a_longer_one_takes_nothing_from_it() -> None:
    office = replace(
        weekdays("UTC", OFFICE), exceptions=(exceptional("2026-03-02", "08:00-46:00", name="a long day"),)
    )

    assert office.elapsed(utc("2026-03-02 00:00"), utc("2026-03-04 00:00")) == 38 * HOUR


def test_an_opening_that_the_jump_swallows_cuts_no_stretch() -> None:
    swallowed = daily(NEW_YORK, "02:15-02:45")
    start, end = local("2026-03-08 01:00", NEW_YORK), local("2026-03-08 05:00", NEW_YORK)

    assert list(swallowed.stretches(start, end)) == [
        Stretch(start, end, counts=False, reason="outside business hours")
    ]


def test_stretches_of_no_time_are_none() -> None:
    noon = utc("2026-03-02 12:00")

    assert list(weekdays("UTC", OFFICE).stretches(noon, noon)) == []
    assert list(always().stretches(noon, noon)) == []
    assert list(weekdays("UTC", OFFICE).stretches(noon, noon - timedelta(days=3))) == []


def test_two_calendars_with_the_same_rules_are_equal() -> None:
    one, other = (
        weekdays(BERLIN, OFFICE, holidays="2026-04-03"),
        weekdays(BERLIN, OFFICE, holidays="2026-04-03"),
    )
    one.add(utc("2026-03-02 12:00"), HOUR)

    assert one == other
    assert one != weekdays(BERLIN, OFFICE)


def test_a_date_opens_by_its_own_hours_then_by_its_holiday_then_by_its_weekday() -> None:
    calendar = replace(
        weekdays("UTC", "09:00-17:00", holidays="2026-12-25 2026-12-28"),
        exceptions=(exceptional("2026-12-28", "10:00-12:00"),),
    )
    opened = [calendar.openings(date(2026, 12, day)) for day in (24, 25, 26, 28)]
    assert opened == [hours("09:00-17:00"), (), (), hours("10:00-12:00")]
