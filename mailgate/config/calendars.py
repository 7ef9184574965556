"""Knows how a policy file writes its calendars: zone, opening hours, holidays, dates with other hours."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, PlainValidator

from mailgate.config.amounts import Length
from mailgate.config.holidaysets import HolidaySet, UnknownHolidaysError, dates
from mailgate.config.locate import KeyPath
from mailgate.config.problem import Problem, suggestion
from mailgate.config.toml import Document, Section, reject
from mailgate.core.calendar import WEEKDAYS, Calendar, CalendarError, Exceptional, Holiday, Opening
from mailgate.core.zone import zone

_HOURS = re.compile(r"(\d\d):([0-5]\d) ?- ?(\d\d):([0-5]\d)")
_DATE_OR_DAY = re.compile(r"(?:\d{4}-)?\d\d-\d\d", re.ASCII)
_HOURS_TO_BE = 'opening hours, such as "09:00-17:00", "00:00-24:00", or past midnight "22:00-30:00"'
_DAYS_TO_BE = 'a day or days, such as "mon-fri", "sat" or "mon,wed"'
_SHORT = tuple(name[:3].lower() for name in WEEKDAYS)


def _zone(name: str) -> str:
    try:
        zone(name)
    except ValueError:
        otherwise = 'an IANA zone, such as "Europe/London", or an offset, such as "UTC-08:00"'
        right = suggestion(name, available_timezones(), else_say=otherwise)
        raise reject(f'"{name}" is no time zone', right) from None
    return name


def _opening(text: Any) -> Opening:
    found = _HOURS.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise reject(f'"{text}" are no opening hours', _HOURS_TO_BE)
    hours, minutes, closing_hours, closing_minutes = (int(digits) for digits in found.groups())
    try:
        return Opening(60 * hours + minutes, 60 * closing_hours + closing_minutes)
    except CalendarError as error:
        raise reject(str(error), _HOURS_TO_BE) from None


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise reject(f'"{text}" is no date', 'a date, such as "2026-12-24"') from None
    return text


def _days(text: str) -> str:
    try:
        weekdays(text)
    except ValueError:
        raise reject(f'"{text}" are no days of the week', _DAYS_TO_BE) from None
    return text


Hours = Annotated[Opening, PlainValidator(_opening)]
"""`"09:00-17:00"`."""


def _yearly(text: str) -> str:
    right = 'a date, such as "2026-12-24", or the same day each year, such as "12-24"'
    if not _DATE_OR_DAY.fullmatch(text):
        raise reject(f'"{text}" is no date', right)
    try:
        date.fromisoformat(text if len(text) > len("12-24") else f"2024-{text}")  # a leap year
    except ValueError:
        raise reject(f'"{text}" is no date', right) from None
    return text


DateKey = Annotated[str, AfterValidator(_date)]
"""`"2026-12-24"`."""

Yearly = Annotated[str, AfterValidator(_yearly)]
"""`"2026-12-24"`, or of each year `"12-24"`."""

Days = Annotated[str, AfterValidator(_days)]
"""`"mon-fri"`."""


class DateTable(Section):
    """A date with hours of its own; none at all close it."""

    hours: tuple[Hours, ...] = Field(default=(), description="its opening hours", examples=[["09:00-12:00"]])
    name: str = Field(default="", description="why", examples=["Christmas Eve"])


class CalendarTable(Section):
    """A calendar as its table says it."""

    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        description="an IANA zone or an offset", examples=["America/Los_Angeles"]
    )
    hours: dict[Days, tuple[Hours, ...]] = Field(
        description="opening hours by day", examples=[{"mon-fri": ["09:00-17:00"]}]
    )
    holidays: tuple[HolidaySet, ...] = Field(default=(), description="sets of public holidays")
    extra_holidays: dict[Yearly, str] = Field(
        default={}, description="more holidays, by date or yearly", examples=[{"12-24": "Christmas Eve"}]
    )
    dates: dict[DateKey, DateTable] = Field(default={}, description="dates with hours of their own")
    business_day: Length | None = Field(
        default=None, description="how long a business day is", examples=["8 hours"]
    )


def calendars(
    tables: Mapping[str, CalendarTable], years: tuple[int, int], document: Document
) -> tuple[dict[str, Calendar], list[Problem]]:
    """The calendars of a policy, and every mistake that only shows when they are put together."""
    made: dict[str, Calendar] = {}
    problems: list[Problem] = []
    for name, table in tables.items():
        holidays, mistakes = _holidays(name, table, years, document)
        problems += mistakes
        problems += _twice(name, table, document)
        try:
            made[name] = Calendar(
                name, table.timezone, _week(table), holidays, _exceptions(table), table.business_day
            )
        except CalendarError as error:
            path = ("calendars", name, *_place(error, table))
            problems.append(document.problem(path, str(error), _remedy(error)))
    return made, problems


def weekdays(text: str) -> tuple[int, ...]:
    """The days of the week that a key names, Monday 0: `mon-fri`, `sat`, `Monday, Wednesday`.

    Raises:
        ValueError: it names something else.
    """
    found: list[int] = []
    for part in text.lower().split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        start = _weekday(first)
        end = _weekday(last) if dash else start
        found += [(start + step) % 7 for step in range((end - start) % 7 + 1)]
    return tuple(found)


def _weekday(word: str) -> int:
    if word in _SHORT:
        return _SHORT.index(word)
    return [name.lower() for name in WEEKDAYS].index(word)


def _week(table: CalendarTable) -> tuple[tuple[Opening, ...], ...]:
    week: list[tuple[Opening, ...]] = [()] * 7
    for days, openings in table.hours.items():
        for day in weekdays(days):
            week[day] = tuple(sorted(openings))
    return tuple(week)


def _twice(name: str, table: CalendarTable, document: Document) -> Iterator[Problem]:
    known: set[int] = set()
    for days in table.hours:
        again = known.intersection(weekdays(days))
        if again:
            wrong = f"names {WEEKDAYS[min(again)]} a second time"
            yield document.problem(
                ("calendars", name, "hours", days), wrong, "each day once, all its hours in one list"
            )
        known.update(weekdays(days))


def _holidays(
    name: str, table: CalendarTable, years: tuple[int, int], document: Document
) -> tuple[tuple[Holiday, ...], list[Problem]]:
    found: set[Holiday] = set()
    problems: list[Problem] = []
    for place, wanted in enumerate(table.holidays):
        try:
            found.update(dates(wanted, years))
        except UnknownHolidaysError as error:
            path = ("calendars", name, "holidays", place, error.key)
            problems.append(document.problem(path, str(error), error.right))
    found.update(_extra(table, years))
    return tuple(sorted(found)), problems


def _extra(table: CalendarTable, years: tuple[int, int]) -> Iterator[Holiday]:
    for day, name in table.extra_holidays.items():
        if len(day) > len("12-24"):
            yield Holiday(date.fromisoformat(day), name)
            continue
        month, of_month = (int(digits) for digits in day.split("-"))
        for year in range(years[0], years[1] + 1):
            if of_month <= monthrange(year, month)[1]:  # 29 February
                yield Holiday(date(year, month, of_month), name)


def _exceptions(table: CalendarTable) -> tuple[Exceptional, ...]:
    return tuple(
        Exceptional(date.fromisoformat(on), tuple(sorted(one.hours)), one.name)
        for on, one in sorted(table.dates.items())
    )


def _place(error: CalendarError, table: CalendarTable) -> KeyPath:
    """The key of the hours that are wrong, where they are those of one day."""
    if error.on in WEEKDAYS:
        day = WEEKDAYS.index(error.on)
        return ("hours", *(days for days in table.hours if day in weekdays(days)))
    return ("dates", error.on) if error.on else ()


def _remedy(error: CalendarError) -> str:
    if "business day" in str(error):
        return 'business_day = "8 hours", or whatever a business day is'
    return 'hours such as { "mon-fri" = ["09:00-17:00"] }, in order and apart from each other'
