"""Knows how times and amounts are told in a language other than English.

Calendar words, zones, plurals and numbers are those of Unicode's CLDR; the sentences come from a phrase book.
Minutes are cut, never rounded up, as in `core/localtime.py`.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import inf

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_datetime,
    format_time,
    format_timedelta,
    get_timezone_location,
    get_timezone_name,
)
from babel.localedata import locale_identifiers
from babel.numbers import format_decimal

from mailgate.core import localtime
from mailgate.core.amount import Unit, amount
from mailgate.core.tongue import Phrase
from mailgate.mail.phrasebook import Phrasebook

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_AMOUNTS: Mapping[Unit, Phrase] = {
    Unit.MINUTE: Phrase.MINUTES,
    Unit.HOUR: Phrase.HOURS,
    Unit.DAY: Phrase.DAYS,
    Unit.BUSINESS_MINUTE: Phrase.BUSINESS_MINUTES,
    Unit.BUSINESS_HOUR: Phrase.BUSINESS_HOURS,
    Unit.BUSINESS_DAY: Phrase.BUSINESS_DAYS,
}


def known_tag(text: str) -> str | None:
    """The tag in its usual case, `pt-BR`; None for one whose calendar and plurals nobody has written down."""
    try:
        return str(Locale.parse(text, sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError, TypeError):
        return None


def known_tags() -> frozenset[str]:
    """Every tag that is known."""
    return frozenset(one.replace("_", "-") for one in locale_identifiers())


class Translated:
    """A language with its phrase book.

    Args:
        tag: one that is known.
    """

    def __init__(self, tag: str, book: Phrasebook) -> None:
        self.tag = tag
        self._locale = Locale.parse(tag, sep="-")
        self.direction = self._locale.text_direction
        self._book = book

    def told(self, instant: datetime, zone: str, now: datetime | None = None) -> str:  # noqa: ARG002 - as in English
        """`Montag, 23. November 2026, 11:00 Uhr (Mitteleuropäische Zeit)`; always with its year.

        To leave the year out of a date is a rule of its own in every language.
        """
        local = localtime.local_time(instant, zone)
        where = self._place(local, zone) + localtime.which(local)
        return self.say(Phrase.AT_PLACE, day=self.told_day(local), time=self._time(local), zone=where)

    def told_bare(self, instant: datetime, zone: str, now: datetime | None = None) -> str:  # noqa: ARG002 - as in English
        """The same without the zone."""
        local = localtime.local_time(instant, zone)
        return self.say(Phrase.AT, day=self.told_day(local), time=self._time(local))

    def told_brief(self, instant: datetime, zone: str) -> str:
        """`23.11.26, 11:00 MEZ`."""
        local = localtime.local_time(instant, zone)
        moment = local.replace(tzinfo=None)
        return f"{format_datetime(moment, 'short', locale=self._locale)} {localtime.abbreviation(local)}"

    def told_day(self, day: date) -> str:
        """`Montag, 23. November 2026`."""
        return format_date(date(day.year, day.month, day.day), "full", locale=self._locale)

    def stretch(self, amount: timedelta) -> str:
        """`3 Std. 20 Min.`, in two steps, cut; its sign is left out."""
        minutes = abs(amount) // _MINUTE
        days, hours, minutes = minutes // (24 * 60), minutes // 60 % 24, minutes % 60
        parts = ((Phrase.DAYS, days), (Phrase.SHORT_HOURS, hours), (Phrase.SHORT_MINUTES, minutes))
        first = next((at for at, (_, count) in enumerate(parts) if count), None)
        if first is None:
            return self.say(Phrase.MOMENT)
        return " ".join(self.say(phrase, count=count) for phrase, count in parts[first : first + 2] if count)

    def until(self, due: datetime, now: datetime) -> str:
        """`in 3 Stunden`: in one step, for a case follows the direction in many languages."""
        length = due - now
        unit, step = next(
            (unit, step)
            for unit, step in (("day", _DAY), ("hour", _HOUR), ("minute", _MINUTE))
            if abs(length) >= 2 * step or step is _MINUTE
        )
        cut = abs(length) // step * step
        return format_timedelta(
            cut if length >= timedelta() else -cut,
            granularity=unit,  # type: ignore[arg-type] # one of its own words
            threshold=inf,
            add_direction=True,
            locale=self._locale,
        )

    def amount(self, words: str) -> str:
        """`4 Geschäftsstunden`."""
        meant = amount(words)
        if _AMOUNTS[meant.unit] not in self._book.phrases:
            return words
        count = f"{meant.count}" if meant.least is None else f"{meant.least}\N{EN DASH}{meant.count}"
        return self._book.say(_AMOUNTS[meant.unit], self._plural(meant.count), {"count": count})

    def size(self, octets: int) -> str:
        """`12,3 kB`."""
        for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
            if octets >= factor:
                return f"{format_decimal(float(f'{octets / factor:.3g}'), locale=self._locale)} {unit}"
        return f"{octets} B"

    def say(self, phrase: Phrase, **values: object) -> str:
        """The phrase in this language, filled in; in English where the book has it not."""
        count = values.get("count")
        return self._book.say(phrase, self._plural(count if isinstance(count, int) else 0), values)

    def knows(self, sentence: str) -> bool:
        """Whether the book has the sentence."""
        return self._book.said(sentence) is not None

    def said(self, sentence: str) -> str:
        """A sentence that stands in English already, or in the words of a policy; as it is where unknown."""
        return self._book.said(sentence) or sentence

    def _plural(self, count: int) -> str:
        return str(self._locale.plural_form(count))

    def _time(self, local: datetime) -> str:
        return format_time(local.replace(tzinfo=None), "short", locale=self._locale)

    def _place(self, local: datetime, zone: str) -> str:
        """What people there call their time; that of the zone's city where CLDR has no name for it."""
        region, _, _ = zone.rpartition("/")
        if not region or region == "Etc":
            return localtime.abbreviation(local)
        name, is_place, city = _zone_names(zone, str(self._locale))
        return self.say(Phrase.CITY, city=city) if is_place else name


@lru_cache(maxsize=1024)
def _zone_names(zone: str, locale: str) -> tuple[str, bool, str]:
    """What the time of a zone is called, whether that is only the name of its place, and that of its city."""
    name = get_timezone_name(zone, "long", locale=locale, zone_variant="generic")
    return (
        name,
        name == get_timezone_location(zone, locale),
        get_timezone_location(zone, locale, return_city=True),
    )
