"""Calendars and instants that the tests of business time share."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from mailgate.core.calendar import MIDNIGHT, Calendar, Exceptional, Holiday, Opening

WEEKEND: tuple[tuple[Opening, ...], ...] = ((), ())


def hours(*written: str) -> tuple[Opening, ...]:
    """The openings of a day: `hours("09:00-12:00", "13:00-17:00")`."""
    return tuple(Opening(*(_minute(end) for end in one.split("-"))) for one in written)


def weekdays(zone: str, *written: str, holidays: str = "") -> Calendar:
    """A calendar with the same hours from Monday to Friday; holidays as dates with blanks between."""
    return Calendar("test", zone, (hours(*written),) * 5 + WEEKEND, _holidays(holidays))


def daily(zone: str, *written: str, holidays: str = "") -> Calendar:
    """A calendar with the same hours on every day."""
    return Calendar("test", zone, (hours(*written),) * 7, _holidays(holidays))


def always() -> Calendar:
    """The calendar that never closes."""
    return Calendar("24x7", "UTC", ((Opening(0, MIDNIGHT),),) * 7)


def exceptional(on: str, *written: str, name: str = "") -> Exceptional:
    """A date with hours of its own."""
    return Exceptional(date.fromisoformat(on), hours(*written), name)


def local(text: str, zone: str, fold: int = 0) -> datetime:
    """The instant at which clocks in a zone show a time: `local("2026-03-02 16:30:45", "Europe/Berlin")`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def utc(text: str) -> datetime:
    """The instant of a text without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _holidays(dates: str) -> tuple[Holiday, ...]:
    return tuple(Holiday(date.fromisoformat(one), f"Feast of {one}") for one in dates.split())
