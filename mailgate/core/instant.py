"""Knows how an instant is written: an aware datetime in UTC that counts whole milliseconds.

Every time in mailgate is one of these.
Zones exist only inside calendars and where a reader is told a local time.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000  # milliseconds, as `ticks` counts
_MILLISECOND = timedelta(milliseconds=1)


def ticks(instant: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z: how the store and the calendars count."""
    return (instant - EPOCH) // _MILLISECOND


def from_ticks(milliseconds: int) -> datetime:
    """The instant so many milliseconds after 1970-01-01T00:00:00Z."""
    return EPOCH + milliseconds * _MILLISECOND


def whole(instant: datetime) -> datetime:
    """The same instant in UTC with what is below a millisecond cut off."""
    return from_ticks(ticks(instant))


def written(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z`; a fraction only where there is one: `2026-11-23T13:00:00Z`."""
    utc = instant.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


def read(text: str) -> datetime:
    """The instant that an RFC 3339 text names.

    Raises:
        ValueError: the text is no date and time, has no offset from UTC, or is in no year from 1 to 9999.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no instant; write one like 2026-11-20T23:30:00Z") from None
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC; write one like 2026-11-20T23:30:00Z")
    try:
        return whole(instant.astimezone(UTC))
    except OverflowError:
        raise ValueError(f"{text!r} is before the year 1 or after the year 9999") from None
