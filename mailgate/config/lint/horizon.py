"""Knows the year that comes: starts all over it, and when an amount is used up from each of them on.

Amounts of different kinds, "2 days" and "2 business days", compare on instants alone. The starts lie every
six hours, and at each opening and closing of each calendar and a millisecond before it: that is where what is
due jumps.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from mailgate.core.amount import Amount
from mailgate.core.calendar import Calendar
from mailgate.core.instant import HOUR, ticks

YEAR = timedelta(days=366)
NEVER = 1 << 62  # later than every instant
_STEP = 6 * HOUR


class Horizon:
    """Instants of the coming year, in milliseconds since 1970, and what is due from them on."""

    def __init__(self, now: datetime, calendars: Iterable[Calendar]) -> None:
        self.now, self.end = now, now + YEAR
        edges = {edge for one in calendars for edge in _edges(one, now, self.end)}
        beside = {edge + step for edge in edges for step in (-1, 0)}
        self.starts = tuple(sorted(beside | set(range(ticks(now), ticks(self.end), _STEP))))
        self._dues: dict[tuple[Amount, str], tuple[int, ...]] = {}

    def dues(self, amount: Amount, calendar: Calendar) -> tuple[int, ...]:
        """When the amount is used up from each start on; `NEVER` where that is beyond all years."""
        key = (amount, calendar.name)
        if key not in self._dues:
            length = amount.milliseconds(calendar)
            if amount.unit.is_business:
                self._dues[key] = tuple(_added(calendar, start, length) for start in self.starts)
            else:
                self._dues[key] = tuple(start + length for start in self.starts)
        return self._dues[key]

    def closings(self, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
        """Each time in which the calendar is closed without a break."""
        if calendar.is_always_open:
            return
        since: datetime | None = None
        for stretch in calendar.stretches(self.now, self.end):
            if not stretch.counts:
                since = since or stretch.start
            elif since:
                yield since, stretch.start
                since = None

    def longest_opening(self, calendar: Calendar) -> timedelta:
        """How long the calendar is open without a break at most."""
        if calendar.is_always_open:
            return YEAR
        stretches = calendar.stretches(self.now, self.end)
        return max((one.length for one in stretches if one.counts), default=timedelta())


def _edges(calendar: Calendar, start: datetime, end: datetime) -> Iterator[int]:
    if calendar.is_always_open:
        return
    for stretch in calendar.stretches(start, end):
        if stretch.counts:
            yield ticks(stretch.start)
            yield ticks(stretch.end)


def _added(calendar: Calendar, start: int, length: int) -> int:
    try:
        return calendar.add_ticks(start, length)
    except OverflowError:
        return NEVER
