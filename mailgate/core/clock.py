"""Knows a clock: one target at work on one ticket, and how it moves.

A clock that was missed stays missed: nothing un-misses it (`policies.md`, Business time 10).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class TargetKind(StrEnum):
    """What a target promises."""

    RESPONSE = "response"
    ESCALATION = "escalation"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Clock:
    """A target at work.

    Args:
        priority: the priority whose target it follows.
        started: when its time began to count; `due` the last instant at which it is met.
        warn_at: when the share of business time that the policy warns at is used up; None for no warning.
        warned: when the warning was given.
        stopped: when the stopping action happened, also of a clock that had been missed before.
        detected: when a miss was noticed; the miss itself is dated at `due`.
    """

    kind: TargetKind
    priority: str
    state: ClockState
    started: datetime
    due: datetime
    warn_at: datetime | None = None
    warned: datetime | None = None
    stopped: datetime | None = None
    detected: datetime | None = None
    epoch: int = 1

    @property
    def next_at(self) -> datetime | None:
        """When the deadline sweep must look at this clock again; None for never."""
        if self.state is not ClockState.RUNNING:
            return None
        return self.warn_at if self.warn_at and not self.warned else self.due


def stopped(clock: Clock, at: datetime) -> Clock:
    """The clock after its stopping action: met at or before the due instant, missed after it (rule 5)."""
    if clock.stopped is not None:
        return clock
    if clock.state is ClockState.MISSED:
        return replace(clock, stopped=at)
    if at <= clock.due:
        return replace(clock, state=ClockState.MET, stopped=at)
    return replace(clock, state=ClockState.MISSED, stopped=at, detected=at)


def lapsed(clock: Clock, now: datetime) -> Clock:
    """The clock as it stands at `now`: missed from the first instant after its due instant."""
    if clock.state is ClockState.RUNNING and now > clock.due:
        return replace(clock, state=ClockState.MISSED, detected=now)
    return clock


def warned(clock: Clock, now: datetime) -> Clock:
    """The clock after its warning was given."""
    return replace(clock, warned=now)


def withdrawn(clock: Clock, now: datetime) -> Clock:
    """The clock once the action that had stopped it turns out never to have reached anybody."""
    if clock.stopped is None:
        return clock
    state = ClockState.RUNNING if clock.stopped <= clock.due else ClockState.MISSED
    return lapsed(replace(clock, state=state, stopped=None), now)


def retargeted(clock: Clock, target: Clock) -> Clock:
    """The clock under a raised priority's target, which runs from the change (rule 9).

    Its due instant never moves later for that: where it would, the clock stays what it was. So does one that
    has ended: a miss belongs to the priority under which it happened.
    """
    if clock.state is not ClockState.RUNNING or clock.due <= target.due:
        return clock
    return replace(target, epoch=clock.epoch)
