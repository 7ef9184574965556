"""Knows how a person is told an instant or a stretch of time, in English and in a zone; no locale is asked.

Minutes are cut, never rounded up: whoever keeps the minute they were told has kept the promise.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from mailgate.core.calendar import WEEKDAYS
from mailgate.core.zone import zone as zone_named

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MINUTE = timedelta(minutes=1)
_zone = lru_cache(maxsize=256)(zone_named)

# What people there call it; everybody else is told the zone's city.
_FAMILIAR = {
    "America/Los_Angeles": "Pacific",
    "America/Denver": "Mountain",
    "America/Chicago": "Central",
    "America/New_York": "Eastern",
    "Europe/London": "UK",
}


def told(instant: datetime, zone: str) -> str:
    """`Monday 23 November 2026, 11:00 PST (Pacific)`."""
    where = place(zone)
    return f"{told_short(instant, zone)} ({where})" if where else told_short(instant, zone)


@lru_cache(maxsize=1024)
def told_short(instant: datetime, zone: str) -> str:
    """`Monday 23 November 2026, 11:00 PST`, for where the place has been said."""
    local = instant.astimezone(_zone(zone))
    return f"{told_day(local)}, {local.hour:02}:{local.minute:02} {_abbreviation(local)}"


def told_brief(instant: datetime, zone: str) -> str:
    """`Mon 23 Nov 11:00 PST`, for lists."""
    local = instant.astimezone(_zone(zone))
    weekday, month = WEEKDAYS[local.weekday()][:3], MONTHS[local.month - 1][:3]
    return f"{weekday} {local.day} {month} {local.hour:02}:{local.minute:02} {_abbreviation(local)}"


def told_day(day: date) -> str:
    """`Monday 23 November 2026`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def place(zone: str) -> str:
    """The zone in a person's words: `Pacific`, `Berlin`; empty for UTC and for a fixed offset."""
    if zone in _FAMILIAR:
        return _FAMILIAR[zone]
    region, _, city = zone.rpartition("/")
    return city.replace("_", " ") if region and not region.startswith("Etc") else ""


def stretch(amount: timedelta) -> str:
    """`3 h 20 min`, `2 days 4 h`: a length of time in two steps, cut; its sign is left out."""
    minutes = abs(amount) // _MINUTE
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} {'day' if days == 1 else 'days'}" + (f" {hour} h" if hour else "")
    if hour:
        return f"{hour} h" + (f" {minute} min" if minute else "")
    return f"{minute} min" if minute else "less than a minute"


def _abbreviation(local: datetime) -> str:
    """`PST`; `UTC+3` where the zone has no letters of its own."""
    name = local.tzname() or "UTC"
    if name[0].isalpha():
        return name
    sign, hours, minutes = name[0], int(name[1:3]), name[3:5]
    return f"UTC{sign}{hours}" + (f":{minutes}" if minutes else "")
