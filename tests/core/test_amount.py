from datetime import timedelta

import pytest

from mailgate.core.amount import Amount, Unit, amount
from mailgate.core.instant import HOUR, MINUTE
from tests.core.calendars import local, utc, weekdays

PACIFIC = "America/Los_Angeles"
OFFICE = weekdays(PACIFIC, "09:00-17:00")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("15 minutes", Amount(15, Unit.MINUTE)),
        ("1 hour", Amount(1, Unit.HOUR)),
        ("2 days", Amount(2, Unit.DAY)),
        ("30 business minutes", Amount(30, Unit.BUSINESS_MINUTE)),
        ("4 business hours", Amount(4, Unit.BUSINESS_HOUR)),
        ("1 business day", Amount(1, Unit.BUSINESS_DAY)),
        ("1-2 business days", Amount(2, Unit.BUSINESS_DAY, least=1)),
    ],
)
def test_an_amount_is_read_and_said_in_the_same_words(text: str, read: Amount) -> None:
    assert amount(text) == read
    assert str(read) == text


def test_blanks_and_capitals_do_not_matter() -> None:
    assert amount("  4  Business   HOURS ") == Amount(4, Unit.BUSINESS_HOUR)
    assert amount("1 - 2 business days") == Amount(2, Unit.BUSINESS_DAY, least=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "4",
        "hours",
        "-4 hours",
        "4 weeks",
        "1.5 hours",
        "99999 days",
        "4 hours 30 minutes",
        "٤ hours",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no amount of time"):
        amount(text)


@pytest.mark.parametrize("text", ["0 hours", "2-1 days", "2-2 days", "0-2 days"])
def test_an_amount_that_promises_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"at least 1|a range rises"):
        amount(text)


def test_wall_clock_time_always_runs() -> None:
    """`policies.md`, Business time 2."""
    saturday = utc("2026-11-21 11:00")

    assert amount("2 days").after(saturday, OFFICE) == saturday + timedelta(hours=48)


def test_a_business_day_is_the_calendars_own() -> None:
    """`policies.md`, Business time 3."""
    long_days = weekdays("UTC-08:00", "06:00-18:00")

    assert amount("1 business day").milliseconds(OFFICE) == 8 * HOUR
    assert amount("1 business day").milliseconds(long_days) == 12 * HOUR
    assert amount("30 business minutes").milliseconds(long_days) == 30 * MINUTE


@pytest.mark.parametrize(
    ("text", "start", "due"),
    [
        ("4 business hours", "2026-11-20 15:00", "2026-11-23 11:00"),
        ("1 business day", "2026-11-21 11:00", "2026-11-23 17:00"),
        ("1 business day", "2026-11-20 16:00", "2026-11-23 16:00"),
    ],
)
def test_the_due_instants_of_the_specification(text: str, start: str, due: str) -> None:
    """`policies.md`, Business time 4."""
    assert amount(text).after(local(start, PACIFIC), OFFICE) == local(due, PACIFIC)


def test_a_range_is_expected_from_its_lower_end_on() -> None:
    friday = local("2026-11-20 16:00", PACIFIC)

    assert amount("1-2 business days").expected_after(friday, OFFICE) == local("2026-11-23 16:00", PACIFIC)
    assert amount("2 business days").expected_after(friday, OFFICE) is None


def test_a_share_is_counted_in_the_amounts_own_time() -> None:
    """Edge case 41"""
    friday = local("2026-11-20 15:00", PACIFIC)

    assert amount("4 business hours").after(friday, OFFICE, percent=75) == local("2026-11-23 10:00", PACIFIC)
