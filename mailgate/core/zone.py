"""Knows when a local time is, in milliseconds UTC, by the rules of an IANA zone or a fixed offset.

Each date is turned by the zone's own rules, so a day on which the clocks change has its true length
(`policies.md`, Business time 1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, reset_tzpath

from tzdata import IANA_VERSION

from mailgate.core.instant import DAY, EPOCH, MINUTE

RULES = f"tzdata {IANA_VERSION}"
"""Which rules of zones all instants are reckoned by."""

# Those of the library, whatever the machine has: a due instant is the same on every host, and can be proved.
reset_tzpath(())

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIXED = re.compile(r"UTC(?:([+-])(\d\d):([0-5]\d))?")
_FURTHEST = timedelta(hours=14)
_MILLISECOND = timedelta(milliseconds=1)
_MINUTES = 24 * 60  # of a date


@dataclass(frozen=True, slots=True)
class Gap:
    """Minutes of a date that no clock shows, for the clocks were put forward over them."""

    on: date
    start: int
    end: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (self.start, self.end))


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


def moment(where: tzinfo, day: int, minute: int) -> int:
    """The first instant at which the wall clock shows so many minutes after the midnight of a date, or more.

    So of a time that happens twice the first, and for one that never happens the jump of the clocks over it.
    The date is counted from 1970-01-01; from minute 1440 on it is a time of the next date.
    """
    wall, before, after = _wall(where, day, minute)
    return wall - before if before >= after else _jump(where, wall - after, wall - before)


def closing(where: tzinfo, day: int, minute: int) -> int:
    """The instant from which on the wall clock never again shows less than that.

    So of a time that happens twice the second, unless it is the very first of those: what closes at 02:00
    is closed at the first 02:00, for 01:59 does not come again.
    """
    wall, before, after = _wall(where, day, minute)
    if before < after:
        return _jump(where, wall - after, wall - before)
    begins_the_fold = before > after and _offset_at(where, wall - after - 1) == before
    return wall - before if begins_the_fold else wall - after


def day_of(where: tzinfo, at: int) -> int:
    """The local date of an instant, counted from 1970-01-01."""
    return (at + _offset_at(where, at)) // DAY


def day_number(day: date) -> int:
    """A date, counted from 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def gaps(where: tzinfo, first: date, last: date) -> Iterator[Gap]:
    """The times that never happen on the dates from one to another, date by date."""
    for day in range(day_number(first), day_number(last) + 1):
        if _wall(where, day, 0)[1] == _wall(where, day, _MINUTES)[2]:
            continue
        skipped = [
            at for at in range(_MINUTES) for _, before, after in [_wall(where, day, at)] if before < after
        ]
        if skipped:
            yield Gap(date.fromordinal(_EPOCH_DAY + day), skipped[0], skipped[-1] + 1)


def _fixed(name: str, found: re.Match[str]) -> tzinfo:
    if not found[1]:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if offset > _FURTHEST:
        raise ValueError(f"there is no offset '{name}'; no place is further than 14 hours from UTC")
    return timezone(-offset if found[1] == "-" else offset, name)


def _wall(where: tzinfo, day: int, minute: int) -> tuple[int, int, int]:
    """The wall time as if it were UTC, and its offsets by the rules before and after a change (PEP 495).

    They differ only near one: in a gap the second is the larger, in a fold the first.
    """
    local = datetime.fromordinal(_EPOCH_DAY + day) + timedelta(minutes=minute)
    before = _offset(local.replace(tzinfo=where))
    after = _offset(local.replace(tzinfo=where, fold=1))
    return day * DAY + minute * MINUTE, before, after


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
