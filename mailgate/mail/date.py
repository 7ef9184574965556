"""Knows the date in a header (RFC 5322 sections 3.3 and 4.3); anything else is no date."""

import re
from datetime import UTC, datetime, timedelta

_DATE = re.compile(
    r"(?:[a-z]{3,9},?\s*)?(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{2,4}),?\s+(\d{1,2}):(\d\d)(?::(\d\d))?"
    r"(?:[.,]\d+)?\s*(?:([+-])(\d\d):?(\d\d)|([a-z]{1,5}))?",
    re.IGNORECASE,
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ZONES = {"edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8}
_PIVOT = 50  # a year of two digits; RFC 5322 section 4.3


def read(value: bytes) -> datetime | None:
    """The instant that a Date field names; None for none."""
    found = _DATE.search(" ".join(value[:200].decode("latin-1").split()))
    if not found or found[2].lower() not in _MONTHS:
        return None
    year = int(found[3])
    if len(found[3]) < 4:  # noqa: PLR2004 - RFC 5322 section 4.3
        year += 2000 if year < _PIVOT else 1900
    try:
        local = datetime(
            year,
            _MONTHS.index(found[2].lower()) + 1,
            int(found[1]),
            int(found[4]),
            int(found[5]),
            min(59, int(found[6] or 0)),  # a leap second is the one before it
            tzinfo=UTC,
        )
        return local - _offset(found)
    except (ValueError, OverflowError):
        return None


def _offset(found: re.Match[str]) -> timedelta:
    if found[7]:
        ahead = timedelta(hours=int(found[8]), minutes=int(found[9]))
        return ahead if found[7] == "+" else -ahead
    return timedelta(hours=_ZONES.get((found[10] or "").lower(), 0))
