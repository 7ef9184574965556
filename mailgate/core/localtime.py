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

_ZONES = {
    "Pacific": ("America/Los_Angeles", "America/Vancouver", "America/Tijuana"),
    "Mountain": ("America/Denver", "America/Boise", "America/Edmonton"),
    "Central": ("America/Chicago", "America/Winnipeg", "America/Menominee"),
    "Eastern": ("America/New_York", "America/Toronto", "America/Detroit"),
    "Atlantic": ("America/Halifax", "America/Moncton"),
    "Newfoundland time": ("America/St_Johns",),
    "Alaska time": ("America/Anchorage", "America/Juneau"),
    "Hawaii time": ("Pacific/Honolulu",),
    "Arizona time": ("America/Phoenix",),
    "UK time": ("Europe/London", "Europe/Belfast", "GB"),
    "Irish time": ("Europe/Dublin",),
    "Indian time": ("Asia/Kolkata", "Asia/Calcutta"),
    "Central European time": tuple(
        f"Europe/{city}"
        for city in (
            *("Amsterdam", "Belgrade", "Berlin", "Bratislava", "Brussels", "Budapest", "Copenhagen"),
            *("Ljubljana", "Luxembourg", "Madrid", "Malta", "Monaco", "Oslo", "Paris", "Prague", "Rome"),
            *("Sarajevo", "Skopje", "Stockholm", "Tirane", "Vaduz", "Vienna", "Warsaw", "Zagreb", "Zurich"),
        )
    ),
    "Eastern European time": tuple(
        f"Europe/{city}"
        for city in ("Athens", "Bucharest", "Helsinki", "Kyiv", "Riga", "Sofia", "Tallinn", "Vilnius")
    ),
}
EVERYDAY = {zone: name for name, zones in _ZONES.items() for zone in zones}
"""What people there call their time; elsewhere it is that of the zone's city."""


@lru_cache(maxsize=1024)
def told(instant: datetime, zone: str, now: datetime | None = None) -> str:
    """`Monday 23 November, 11:00 Pacific`; the year too where it is not that of `now`, and without a `now`.

    A time of day that comes twice, as the clocks go back, is told with its offset: `01:30 Pacific (UTC-7)`.
    """
    local = local_time(instant, zone)
    return f"{told_bare(instant, zone, now)} {_everyday(local, zone)}{which(local)}"


def told_bare(instant: datetime, zone: str, now: datetime | None = None) -> str:
    """`Monday 23 November, 11:00`, beside another time that says the zone."""
    local, here = local_time(instant, zone), now and now.astimezone(_zone(zone))
    day = told_day(local)
    if here and here.year == local.year:
        day = day.removesuffix(f" {local.year}")
    return f"{day}, {local.hour:02}:{local.minute:02}"


def told_brief(instant: datetime, zone: str) -> str:
    """`Mon 23 Nov 11:00 PST`, for lists."""
    local = local_time(instant, zone)
    weekday, month = WEEKDAYS[local.weekday()][:3], MONTHS[local.month - 1][:3]
    return f"{weekday} {local.day} {month} {local.hour:02}:{local.minute:02} {abbreviation(local)}"


def told_day(day: date) -> str:
    """`Monday 23 November 2026`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


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


def local_time(instant: datetime, zone: str) -> datetime:
    """The instant by the clocks of a zone."""
    return instant.astimezone(_zone(zone))


def which(local: datetime) -> str:
    """` (UTC-7)` behind a time of day that comes twice; empty behind any other."""
    comes_twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f" ({_offset(local)})" if comes_twice else ""


def abbreviation(local: datetime) -> str:
    """`PST`; `UTC+3` where the zone has no letters of its own."""
    name = local.tzname() or "UTC"
    return name if name.isalpha() else _offset(local)


def _everyday(local: datetime, zone: str) -> str:
    """`Pacific`, `Tokyo time`; `UTC-8` where nobody has a name for it."""
    if zone in EVERYDAY:
        return EVERYDAY[zone]
    region, _, city = zone.rpartition("/")
    if not region or region == "Etc":
        return abbreviation(local)
    return f"{city.replace('_', ' ')} time"


def _offset(local: datetime) -> str:
    """`UTC-8`, `UTC+5:45`."""
    minutes = (local.utcoffset() or timedelta()) // _MINUTE
    if not minutes:
        return "UTC"
    hours, minute = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{minute:02}" if minute else "")
