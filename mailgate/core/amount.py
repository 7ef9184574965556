"""Knows how much time a target gives, and how people say it: `1 hour`, `4 business hours`.

A day of wall-clock time is 24 hours, a business day the calendar's own (`policies.md`, Business time 2, 3).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mailgate.core.calendar import Calendar
from mailgate.core.instant import DAY, HOUR, MINUTE

_AMOUNT = re.compile(r"(?:(\d{1,4}) ?- ?)?(\d{1,4}) (business )?(minute|hour|day)s?", re.ASCII)


class Unit(StrEnum):
    """What an amount counts in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    BUSINESS_MINUTE = "business minute"
    BUSINESS_HOUR = "business hour"
    BUSINESS_DAY = "business day"

    @property
    def is_business(self) -> bool:
        """Whether it runs only while the calendar is open."""
        return self.value.startswith("business")


_MILLISECONDS = {
    Unit.MINUTE: MINUTE,
    Unit.HOUR: HOUR,
    Unit.DAY: DAY,
    Unit.BUSINESS_MINUTE: MINUTE,
    Unit.BUSINESS_HOUR: HOUR,
}


@dataclass(frozen=True, slots=True)
class Amount:
    """So much time. Of a range, `count` is the target and `least` from when on it is expected.

    Raises:
        ValueError: it is nothing, or a range that does not rise.
    """

    count: int
    unit: Unit
    least: int | None = None

    def __post_init__(self) -> None:
        """Refuses an amount that promises nothing."""
        if self.count < 1:
            raise ValueError("an amount is at least 1")
        if self.least is not None and not 0 < self.least < self.count:
            raise ValueError("a range rises: 1-2 business days")

    def __str__(self) -> str:
        counted = f"{self.count}" if self.least is None else f"{self.least}-{self.count}"
        return f"{counted} {self.unit}{'s' if self.count > 1 else ''}"

    def milliseconds(self, calendar: Calendar) -> int:
        """How much time that is: open time for a business unit."""
        return self.count * (_MILLISECONDS.get(self.unit) or calendar.day_length)

    @property
    def wall_milliseconds(self) -> int | None:
        """How much wall-clock time that is; None for a business unit."""
        return None if self.unit.is_business else self.count * _MILLISECONDS[self.unit]

    def after(self, start: datetime, calendar: Calendar, percent: int = 100) -> datetime:
        """The instant at which it, or a share of it, is used up, counted in its own time."""
        return self._added(start, self.milliseconds(calendar) * percent // 100, calendar)

    def expected_after(self, start: datetime, calendar: Calendar) -> datetime | None:
        """The instant from which on the end of a range is expected; None for a plain amount."""
        if self.least is None:
            return None
        return self._added(start, self.milliseconds(calendar) * self.least // self.count, calendar)

    def _added(self, start: datetime, milliseconds: int, calendar: Calendar) -> datetime:
        if self.unit.is_business:
            return calendar.add(start, milliseconds)
        return start + timedelta(milliseconds=milliseconds)


def amount(text: str) -> Amount:
    """The amount that a text names.

    Raises:
        ValueError: it names none.
    """
    found = _AMOUNT.fullmatch(" ".join(text.split()).lower())
    if not found:
        raise ValueError(f"'{text}' is no amount of time")
    unit = Unit(f"{found[3] or ''}{found[4]}")
    return Amount(int(found[2]), unit, int(found[1]) if found[1] else None)
