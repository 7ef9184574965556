"""Knows what falls due: when a running target is warned about, and when it is missed.

Both are strict: a stop at the due instant itself is in time (`policies.md`, Business time 5). A mail that was
accepted in time may still wait to be decided, and nothing un-misses a clock: so nothing is due from the time
on at which the oldest such mail was accepted.
"""

from datetime import datetime

from mailgate.core.clock import Clock, ClockState, lapsed, warned
from mailgate.core.event import TargetMissed, TargetWarned


def settled_until(now: datetime, oldest_waiting: datetime | None) -> datetime:
    """The instant before which everything is decided, given when the oldest undecided mail was accepted."""
    return now if oldest_waiting is None else min(now, oldest_waiting)


def due_event(clock: Clock, settled: datetime, now: datetime) -> TargetWarned | TargetMissed | None:
    """What befell the clock before `settled`, noticed `now`. A missed target is not warned about as well.

    The event is dated at the instant it was due, whenever it is noticed (`behaviour.md` 6.3).
    """
    if clock.state is not ClockState.RUNNING:
        return None
    if clock.due < settled:
        return TargetMissed(clock.due, lapsed(clock, now))
    if clock.warn_at is not None and clock.warned is None and clock.warn_at < settled:
        return TargetWarned(clock.warn_at, warned(clock, now))
    return None
