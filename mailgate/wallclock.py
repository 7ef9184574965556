"""Knows what time it is. Nothing else in mailgate reads a clock: the time comes in as an argument."""

import time
from datetime import UTC, datetime

from mailgate.core.instant import whole


def now() -> datetime:
    """This instant, in whole milliseconds."""
    return whole(datetime.now(UTC))  # noqa: TID251 - the one place


def steady() -> float:
    """Seconds since some instant, by a clock that nobody sets."""
    return time.monotonic()
