"""Knows what time it is. Nothing else in mailgate reads a clock: the time comes in as an argument."""

from datetime import UTC, datetime

from mailgate.core.instant import whole


def now() -> datetime:
    """This instant, in whole milliseconds."""
    return whole(datetime.now(UTC))  # noqa: TID251 - the one place
