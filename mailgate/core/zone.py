"""Knows when a local time is, in milliseconds UTC, by the rules of an IANA zone or a fixed offset.

Each date is turned by the zone's own rules, so a day on which the clocks change has its true length
(`policies.md`, Business time 1).
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailgate.core.instant import EPOCH

DAY = 86_400_000
MINUTE = 60_000

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIXED = re.compile(r"UTC(?:([+-])(\d\d):([0-5]\d))?")
_FURTHEST = timedelta(hours=14)
_MILLISECOND = timedelta(milliseconds=1)


def zone(name: str) -> tzinfo:
    """The zone of an IANA name (`Europe/London`), or of a fixed offset (`UTC-08:00`).

    Raises:
        ValueError: there is no such zone.
    """
    fixed = _FIXED.fullmatch(name)
    if fixed:
        return _fixed(name, fixed)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a path outside, a folder, a file that is no zone
        raise ValueError(f"there is no time zone '{name}'") from None


def moment(where: tzinfo, day: int, minute: int, *, fold: int) -> int:
    """When the wall clock shows so many minutes after the midnight of a date.

    A time that happens twice is the first for fold 0 and the second for fold 1 (PEP 495).
    A time that never happens is the moment at which the clocks jump over it.

    The date is counted from 1970-01-01. From minute 1440 on it is a time of the next date.
    """
    local = datetime.fromordinal(_EPOCH_DAY + day) + timedelta(minutes=minute)
    wall = day * DAY + minute * MINUTE
    before = _offset(local.replace(tzinfo=where))
    after = _offset(local.replace(tzinfo=where, fold=1))
    if before < after:  # PEP 495: only in a gap is the offset of fold 1 the larger one
        return _jump(where, wall - after, wall - before)
    return wall - (after if fold else before)


def day_of(where: tzinfo, at: int) -> int:
    """The local date of an instant, counted from 1970-01-01."""
    return (at + _offset_at(where, at)) // DAY


def day_number(day: date) -> int:
    """A date, counted from 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def _fixed(name: str, found: re.Match[str]) -> tzinfo:
    if not found[1]:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if offset > _FURTHEST:
        raise ValueError(f"there is no offset '{name}'; no place is further than 14 hours from UTC")
    return timezone(-offset if found[1] == "-" else offset, name)


def _jump(where: tzinfo, before: int, after: int) -> int:
    """The first instant of the new offset, which lies after `before`, at `after` at the latest."""
    old = _offset_at(where, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_at(where, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset_at(where: tzinfo, at: int) -> int:
    return _offset((EPOCH + at * _MILLISECOND).astimezone(where))


def _offset(local: datetime) -> int:
    return (local.utcoffset() or timedelta()) // _MILLISECOND
