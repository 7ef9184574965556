"""Knows the date in a header (RFC 5322 sections 3.3 and 4.3), also as programs write it who never read that.

Anything else is no date; what could be two dates, such as 7/2/2012, is none.
"""

import re
from datetime import UTC, datetime, timedelta

_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:[.,]\d+)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_AHEAD = r"(?:\s*(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d))?"
_ZONE = rf"(?:\s*\(?(?P<name>[a-z]{{1,5}})?\)?{_AHEAD})"
_MONTH = r"(?P<month>[a-z]{3})[a-z]*\.?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # Mon, 2 Jul 2012 16:14:33 +0200
        rf"(?P<day>\d{{1,2}})[ -]?{_MONTH}[ -](?P<year>\d{{2,4}}),?\s+{_TIME}{_ZONE}",
        # Mon Jul  2 16:14:33 CEST 2012
        rf"{_MONTH} (?P<day>\d{{1,2}}) {_TIME}(?:\s+(?P<name>[a-z]{{3,5}}))?\s+(?P<year>\d{{4}})\b{_AHEAD}",
        # July 2, 2012 16:14:33 +0200
        rf"{_MONTH} (?P<day>\d{{1,2}}), (?P<year>\d{{4}}),?\s+(?:at )?{_TIME}{_ZONE}",
        # 2012-07-02T16:14:33+02:00, RFC 3339
        rf"\b(?P<year>\d{{4}})-(?P<number>\d\d)-(?P<day>\d\d)[T ]{_TIME}{_ZONE}",
    )
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ZONES = {
    "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
    "adt": -3, "ast": -4, "akdt": -8, "akst": -9, "hst": -10, "bst": 1, "west": 1, "cet": 1, "met": 1,
    "cest": 2, "mest": 2, "eet": 2, "sast": 2, "eest": 3, "msk": 3, "hkt": 8, "sgt": 8, "awst": 8, "jst": 9,
    "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_PIVOT = 50  # a year of two digits; RFC 5322 section 4.3


def read(value: bytes) -> datetime | None:
    """The instant that a Date field names; None for none."""
    text = " ".join(value[:200].decode("latin-1").split())
    for form in _FORMS:
        found = form.search(text)
        instant = _instant(found.groupdict()) if found else None
        if instant:
            return instant
    return None


def _instant(told: dict[str, str | None]) -> datetime | None:
    month = (told.get("month") or "").lower()
    if month and month not in _MONTHS:
        return None
    try:
        local = datetime(
            _year(told["year"] or ""),
            _MONTHS.index(month) + 1 if month else int(told["number"] or 0),
            int(told["day"] or 0),
            _hour(int(told["hour"] or 0), told["half"]),
            int(told["minute"] or 0),
            min(59, int(told["second"] or 0)),  # a leap second is the one before it
            tzinfo=UTC,
        )
        return local - _offset(told)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) < 4:  # noqa: PLR2004 - RFC 5322 section 4.3
        year += 2000 if year < _PIVOT else 1900
    return year


def _hour(hour: int, half: str | None) -> int:
    """The hour of the day; on a clock of twelve hours, 12 am is midnight and 12 pm is noon."""
    if not half or hour > 12:  # noqa: PLR2004 - `16:14 PM`
        return hour
    return hour % 12 + (12 if half in "pP" else 0)


def _offset(told: dict[str, str | None]) -> timedelta:
    if told["sign"]:
        ahead = timedelta(hours=int(told["hours"] or 0), minutes=int(told["minutes"] or 0))
        return ahead if told["sign"] == "+" else -ahead
    return timedelta(hours=_ZONES.get((told["name"] or "").lower(), 0))
