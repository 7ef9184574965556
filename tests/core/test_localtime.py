"""An instant as a person is told it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailgate.core.localtime import EVERYDAY, stretch, told, told_bare, told_brief

NOVEMBER = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        (NOVEMBER, "America/Los_Angeles", "Monday 23 November 2026, 11:00 Pacific"),
        (JULY, "America/Los_Angeles", "Wednesday 1 July 2026, 11:00 Pacific"),
        (JULY, "Europe/London", "Wednesday 1 July 2026, 19:00 UK time"),
        (NEW_YEAR, "Europe/Berlin", "Thursday 1 January 2026, 01:00 Central European time"),
        (NEW_YEAR, "Asia/Tokyo", "Thursday 1 January 2026, 09:00 Tokyo time"),
        (NEW_YEAR, "Asia/Kathmandu", "Thursday 1 January 2026, 05:45 Kathmandu time"),
        (NEW_YEAR, "America/Argentina/Buenos_Aires", "Wednesday 31 December 2025, 21:00 Buenos Aires time"),
        (NEW_YEAR, "UTC", "Thursday 1 January 2026, 00:00 UTC"),
        (NEW_YEAR, "CET", "Thursday 1 January 2026, 01:00 CET"),
        (NEW_YEAR, "UTC-08:00", "Wednesday 31 December 2025, 16:00 UTC-8"),
        (NEW_YEAR, "UTC+05:45", "Thursday 1 January 2026, 05:45 UTC+5:45"),
        (NEW_YEAR, "Etc/GMT+8", "Wednesday 31 December 2025, 16:00 UTC-8"),
    ],
)
def test_an_instant_is_told_with_its_day_and_what_people_there_call_their_time(
    instant: datetime, zone: str, words: str
) -> None:
    assert told(instant, zone) == words


def test_the_year_is_told_where_it_is_not_the_readers_own() -> None:
    pacific = "America/Los_Angeles"

    assert told(NOVEMBER, pacific, JULY) == "Monday 23 November, 11:00 Pacific"
    assert told(NEW_YEAR, pacific, JULY) == "Wednesday 31 December 2025, 16:00 Pacific"
    assert told(NEW_YEAR, pacific, NEW_YEAR) == "Wednesday 31 December, 16:00 Pacific"


def test_a_time_of_day_that_comes_twice_is_told_with_its_offset() -> None:
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (8, 9))

    assert [told(one, "America/Los_Angeles", first) for one in (first, second)] == [
        "Sunday 1 November, 01:30 Pacific (UTC-7)",
        "Sunday 1 November, 01:30 Pacific (UTC-8)",
    ]


def test_beside_another_time_the_zone_is_left_out() -> None:
    assert told_bare(NOVEMBER, "America/Los_Angeles", JULY) == "Monday 23 November, 11:00"


def test_a_minute_that_has_begun_is_not_told_as_over() -> None:
    assert told(datetime(2026, 11, 23, 19, 0, 59, 999000, tzinfo=UTC), "UTC") == (
        "Monday 23 November 2026, 19:00 UTC"
    )


def test_lists_get_a_shorter_form() -> None:
    assert told_brief(datetime(2026, 11, 23, 19, 0, tzinfo=UTC), "America/New_York") == "Mon 23 Nov 14:00 EST"


@pytest.mark.parametrize("zone", sorted(EVERYDAY))
def test_every_zone_with_a_name_of_its_own_exists(zone: str) -> None:
    assert ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=5, seconds=59), "5 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, hours=4, minutes=59), "2 days 4 h"),
        (-timedelta(hours=2), "2 h"),
    ],
)
def test_a_length_of_time_is_told_in_two_steps(amount: timedelta, words: str) -> None:
    assert stretch(amount) == words
