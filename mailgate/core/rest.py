"""Knows how a rest between two attempts is scattered: what failed together must not come back together."""

from datetime import timedelta

SCATTER = 0.25
"""The share of a rest that chance may take off. It never adds: what is said of the longest rest holds."""


def shortened(rest: timedelta, chance: float) -> timedelta:
    """The rest less a share that chance decides, in whole milliseconds.

    Args:
        chance: from 0 (the whole rest) up to 1.
    """
    milliseconds = rest // timedelta(milliseconds=1)
    return timedelta(milliseconds=milliseconds - int(milliseconds * SCATTER * chance))
