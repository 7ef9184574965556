"""Knows on which dates the holidays of a country fall, by the `holidays` library, and where its traps are.

Dates are expanded once into names on dates, so that a policy holds them itself: another release of the
library then makes another version of the policy, it does not change a promise that was given.
Importing the library takes a third of a second; it is done when the first set is read.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field

from mailgate.config.problem import suggestion
from mailgate.config.toml import Section
from mailgate.core.calendar import Holiday

if TYPE_CHECKING:
    from holidays import HolidayBase

_LANGUAGE = "en_US"
_SUBSTITUTE = " (observed)"  # what the library adds for a day in place of one on a weekend


class HolidaySet(Section):
    """Public holidays of a country or of a part of it; substitute days for those on a weekend are added."""

    country: str = Field(description="an ISO 3166 code", examples=["US"])
    subdivision: str = Field(default="", description="a part of the country", examples=["ENG"])
    nationwide: bool = Field(default=False, description="only the days that the whole country shares")
    without: tuple[str, ...] = Field(
        default=(),
        description="names or dates of days to leave out",
        examples=[["Columbus Day", "2026-10-12"]],
    )


class UnknownHolidaysError(ValueError):
    """A set that names no holidays; `key` is what is wrong in it, `right` what would be right."""

    def __init__(self, key: str, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.key, self.right = key, right


def dates(wanted: HolidaySet, years: tuple[int, int]) -> tuple[Holiday, ...]:
    """The holidays of a set from one year to another.

    Raises:
        UnknownHolidaysError: there is no such country, part or day, or it is not said which part is meant.
    """
    _check(wanted)
    named = _named(wanted.country, wanted.subdivision, years)
    known = {word for holiday in named for word in _words(holiday)}
    for word in wanted.without:
        if word not in known:
            right = suggestion(word, {holiday.name for holiday in named})
            raise UnknownHolidaysError("without", f'there is no "{word}"', right)
    return tuple(holiday for holiday in named if not _words(holiday).intersection(wanted.without))


def _words(holiday: Holiday) -> set[str]:
    """By what a set may name it: with its date, its name, and the name of the day that it stands for."""
    return {holiday.on.isoformat(), holiday.name, holiday.name.removesuffix(_SUBSTITUTE)}


def _check(wanted: HolidaySet) -> None:
    parts = _parts(wanted.country)
    if wanted.subdivision and wanted.subdivision not in parts:
        none = "leave it out: the country has no parts here"
        right = suggestion(wanted.subdivision, parts) if parts else none
        raise UnknownHolidaysError("subdivision", f'"{wanted.subdivision}" is not known', right)
    # Without a part the library gives what all parts share: of the United Kingdom no Easter Monday.
    if parts and not wanted.subdivision and not wanted.nationwide:
        right = f'subdivision = "{parts[0]}" or another part, or nationwide = true for those that all share'
        raise UnknownHolidaysError("country", f"the holidays of {wanted.country} differ by its parts", right)


@cache
def _parts(country: str) -> tuple[str, ...]:
    import holidays  # noqa: PLC0415 - it is slow to import

    try:
        found = holidays.country_holidays(country)
    except (NotImplementedError, TypeError):  # TypeError: it takes any name of its module for a country
        # Only now: to list the countries is to import every one of them.
        known = holidays.list_supported_countries(include_aliases=False)
        right = suggestion(country, known, else_say='an ISO 3166 code, such as "US"')
        raise UnknownHolidaysError("country", f'"{country}" is not known', right) from None
    return tuple(found.subdivisions)


@cache
def _named(country: str, subdivision: str, years: tuple[int, int]) -> tuple[Holiday, ...]:
    import holidays  # noqa: PLC0415 - it is slow to import

    # A look-up in another year must not add it. A substitute on 31 December belongs to the year it lies in.
    found = holidays.country_holidays(
        country,
        subdiv=subdivision or None,
        years=range(years[0], years[1] + 1),
        expand=False,
        language=_LANGUAGE,
    )
    return tuple(sorted(_each(found)))


def _each(found: "HolidayBase") -> Iterator[Holiday]:
    for on in found:
        for name in found.get_list(on):
            yield Holiday(date(on.year, on.month, on.day), name)
