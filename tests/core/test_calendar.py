"""`policies.md`, Business time; its edge cases are in test_edge_cases_of_calendars.py."""

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
        pytest.param("2026-03-06 15:00:00", 240, "2026-03-09 11:00:00", id="over a weekend"),
        pytest.param("2026-03-07 11:00:00", 480, "2026-03-09 17:00:00", id="a day from Saturday"),
        pytest.param("2026-03-06 16:00:00", 480, "2026-03-09 16:00:00", id="a day from Friday 16:00"),
        pytest.param("2026-03-03 03:00:00", 60, "2026-03-03 10:00:00", id="before the opening"),
    ],
)
def test_time_counts_only_while_the_office_is_open(start: str, minutes: int, due: str) -> None:
    office = weekdays(BERLIN, OFFICE)

    assert office.add(local(start, BERLIN), minutes * MINUTE) == local(due, BERLIN)


def test_nothing_added_is_no_time_passed_even_while_closed() -> None:
    saturday = utc("2026-03-07 11:00")

    assert weekdays(BERLIN, OFFICE).add(saturday, 0) == saturday


def test_an_interval_belongs_to_the_date_on_which_it_opens() -> None:
    nights = weekdays(BERLIN, NIGHTS, holidays="2026-03-04")

    due = nights.add(local("2026-03-03 22:00", BERLIN), 9 * HOUR)  # 8 h into the holiday, 1 h the day after

    assert due == local("2026-03-05 23:00", BERLIN)


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


def test_a_saturday_may_open_for_once() -> None:
    office = weekdays(BERLIN, OFFICE)
    sale = replace(office, exceptions=(exceptional("2026-03-07", "10:00-12:00"),))

    assert sale.add(local("2026-03-06 16:30", BERLIN), HOUR) == local("2026-03-07 10:30", BERLIN)


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
