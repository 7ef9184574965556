import zoneinfo
from datetime import date

import pytest
import tzdata

from mailgate.core.instant import from_ticks
from mailgate.core.zone import RULES, Gap, closing, day_number, day_of, gaps, moment, zone
from tests.core.calendars import utc


@pytest.mark.parametrize(
    "name",
    ["", "Europe/Berlln", "../etc/passwd", "/etc/localtime", "Europe", "UTC+15:00", "UTC-8", "UTC-08:60"],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no"):
        zone(name)


@pytest.mark.parametrize(
    ("name", "noon"),
    [
        ("UTC", "2026-07-01 12:00"),
        ("UTC-08:00", "2026-07-01 20:00"),
        ("UTC+05:45", "2026-07-01 06:15"),
        ("America/Los_Angeles", "2026-07-01 19:00"),
    ],
)
def test_noon_is_when_the_zone_says(name: str, noon: str) -> None:
    day = day_number(date(2026, 7, 1))

    assert from_ticks(moment(zone(name), day, 720)) == utc(noon)
    assert from_ticks(closing(zone(name), day, 720)) == utc(noon)


@pytest.mark.parametrize(
    ("name", "on", "minute", "opens", "closes"),
    [
        pytest.param(
            "Europe/Berlin", "2026-03-29", 150, "2026-03-29 01:00", "2026-03-29 01:00", id="jumped over"
        ),
        pytest.param(
            "Europe/Berlin", "2026-10-25", 150, "2026-10-25 00:30", "2026-10-25 01:30", id="comes twice"
        ),
        pytest.param(
            "Europe/Berlin", "2026-10-25", 120, "2026-10-25 00:00", "2026-10-25 00:00", id="begins the fold"
        ),
        pytest.param(
            "Europe/Berlin", "2026-10-25", 180, "2026-10-25 02:00", "2026-10-25 02:00", id="ends the fold"
        ),
        pytest.param(
            "Australia/Lord_Howe",
            "2026-10-04",
            135,
            "2026-10-03 15:30",
            "2026-10-03 15:30",
            id="half an hour",
        ),
        pytest.param(
            "Pacific/Apia", "2011-12-30", 720, "2011-12-30 10:00", "2011-12-30 10:00", id="a date left out"
        ),
        pytest.param(
            "Europe/Berlin",
            "2026-03-28",
            1440 + 150,
            "2026-03-29 01:00",
            "2026-03-29 01:00",
            id="past midnight",
        ),
    ],
)
def test_the_edges_of_a_change_of_the_clocks(
    name: str, on: str, minute: int, opens: str, closes: str
) -> None:
    day = day_number(date.fromisoformat(on))

    assert from_ticks(moment(zone(name), day, minute)) == utc(opens)
    assert from_ticks(closing(zone(name), day, minute)) == utc(closes)


def test_the_local_date_of_an_instant() -> None:
    just_before_midnight = utc("2026-11-26 07:59:59")
    milliseconds = int(just_before_midnight.timestamp() * 1000)

    assert day_of(zone("America/Los_Angeles"), milliseconds) == day_number(date(2026, 11, 25))
    assert day_of(zone("America/Los_Angeles"), milliseconds + 1000) == day_number(date(2026, 11, 26))


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        ("UTC", []),
        ("America/Los_Angeles", [Gap(date(2027, 3, 14), 120, 180)]),
        ("Africa/Cairo", [Gap(date(2027, 4, 30), 0, 60)]),
        ("Australia/Lord_Howe", [Gap(date(2027, 10, 3), 120, 150)]),
    ],
)
def test_the_times_that_no_clock_shows_are_told_date_by_date(name: str, skipped: list[Gap]) -> None:
    assert [*gaps(zone(name), date(2027, 1, 1), date(2027, 12, 31))] == skipped


def test_a_date_that_a_place_skipped_is_a_gap_as_a_whole() -> None:
    """Samoa went over the date line."""
    assert [str(one) for one in gaps(zone("Pacific/Apia"), date(2011, 12, 29), date(2011, 12, 31))] == [
        "00:00-24:00"
    ]


def test_the_rules_are_those_of_the_library_whatever_the_machine_has() -> None:
    """behaviour.md 6.5: two hosts never differ, and an explanation names what it was reckoned by."""
    assert zoneinfo.TZPATH == ()
    assert f"tzdata {tzdata.IANA_VERSION}" == RULES
