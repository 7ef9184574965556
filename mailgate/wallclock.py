"""Knows what time it is, and what chance says. Nothing else in mailgate asks: they come in as arguments."""

import secrets
import time
from datetime import UTC, datetime

from mailgate.core.instant import whole


def now() -> datetime:
    """This instant, in whole milliseconds."""
    return whole(datetime.now(UTC))  # noqa: TID251 - the one place


def steady() -> float:
    """Seconds since some instant, by a clock that nobody sets."""
    return time.monotonic()


def chance() -> float:
    """A number from 0 up to 1."""
    return secrets.randbits(53) / 2**53
