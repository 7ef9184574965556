"""An instant as a person is told it."""

from datetime import UTC, datetime, timedelta

import pytest

from mailgate.core.localtime import place, stretch, told, told_brief, told_short

NOVEMBER = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        (NOVEMBER, "America/Los_Angeles", "Monday 23 November 2026, 11:00 PST (Pacific)"),
        (JULY, "America/Los_Angeles", "Wednesday 1 July 2026, 11:00 PDT (Pacific)"),
        (JULY, "Europe/London", "Wednesday 1 July 2026, 19:00 BST (UK)"),
        (NEW_YEAR, "Europe/Berlin", "Thursday 1 January 2026, 01:00 CET (Berlin)"),
        (NEW_YEAR, "Asia/Kathmandu", "Thursday 1 January 2026, 05:45 UTC+5:45 (Kathmandu)"),
        (NEW_YEAR, "Asia/Dubai", "Thursday 1 January 2026, 04:00 UTC+4 (Dubai)"),
        (NEW_YEAR, "UTC", "Thursday 1 January 2026, 00:00 UTC"),
        (NEW_YEAR, "UTC-08:00", "Wednesday 31 December 2025, 16:00 UTC-08:00"),
    ],
)
def test_an_instant_is_told_with_its_day_its_zone_and_its_place(
    instant: datetime, zone: str, words: str
) -> None:
    assert told(instant, zone) == words


def test_a_minute_that_has_begun_is_not_told_as_over() -> None:
    assert told_short(datetime(2026, 11, 23, 19, 0, 59, 999000, tzinfo=UTC), "UTC") == (
        "Monday 23 November 2026, 19:00 UTC"
    )


def test_lists_get_a_shorter_form() -> None:
    assert told_brief(datetime(2026, 11, 23, 19, 0, tzinfo=UTC), "America/New_York") == "Mon 23 Nov 14:00 EST"


def test_a_zone_without_a_familiar_name_is_told_by_its_city() -> None:
    names = ("America/Argentina/Buenos_Aires", "Etc/GMT+8", "UTC-08:00")
    assert [place(name) for name in names] == ["Buenos Aires", "", ""]


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
