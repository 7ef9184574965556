"""Knows when a server that cannot be reached is left alone, and when it is tried again.

A breaker is closed while mail goes, and opens when so many attempts in a row did not get as far as a mail.
While it is open nothing is sent to the server but a probe now and then; after one that succeeds, the breaker
is half open: mail goes, and the first that does not get through opens it again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mailgate.core.rest import shortened

FAILURES = 5
"""So many in a row open it; one alone may have been a stale address or a moment without a network."""

PROBE_RESTS = (
    *(timedelta(seconds=seconds) for seconds in (5, 15, 30)),
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5)),
)
"""How long the server is left alone before its first, second, ... probe; the last one for all that follow."""


class BreakerState(StrEnum):
    """Whether mail goes to a server."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of one server.

    Args:
        failures: attempts in a row that did not get as far as a mail.
        openings: how often it opened in a row, without a mail that went between.
        since: when it first opened in that row.
        probe_at: when it is probed next; only while it is open.
        reason: of the last failure, in words.
    """

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    openings: int = 0
    since: datetime | None = None
    probe_at: datetime | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether no mail goes to the server."""
        return self.state is BreakerState.OPEN


def after_failure(breaker: Breaker, reason: str, now: datetime, chance: float) -> Breaker:
    """After an attempt that did not get as far as a mail; one begun before it opened says nothing new."""
    if breaker.is_open:
        return breaker
    failed = replace(breaker, failures=breaker.failures + 1, reason=reason)
    if breaker.state is BreakerState.CLOSED and failed.failures < FAILURES:
        return failed
    return _opened(failed, now, chance)


def after_success(_breaker: Breaker) -> Breaker:
    """After the server answered for a mail, whatever it said of that mail."""
    return Breaker()


def after_probe(breaker: Breaker, fault: str, now: datetime, chance: float) -> Breaker:
    """After a probe; `fault` is what went wrong, empty where it succeeded."""
    if not breaker.is_open:
        return breaker
    if fault:
        return _opened(replace(breaker, failures=breaker.failures + 1, reason=fault), now, chance)
    return replace(breaker, state=BreakerState.HALF_OPEN, probe_at=None)


def _opened(breaker: Breaker, now: datetime, chance: float) -> Breaker:
    rest = PROBE_RESTS[min(breaker.openings, len(PROBE_RESTS) - 1)]
    return replace(
        breaker,
        state=BreakerState.OPEN,
        openings=breaker.openings + 1,
        since=breaker.since or now,
        probe_at=now + shortened(rest, chance),
    )
