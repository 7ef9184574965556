"""Knows a clock: one target at work on one ticket, and how it moves.

A clock that was missed stays missed: nothing un-misses it (`policies.md`, Business time 10).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class TargetKind(StrEnum):
    """What a target promises."""

    RESPONSE = "response"
    NEXT_RESPONSE = "next_response"  # to what the customer writes after the first answer
    ESCALATION = "escalation"
    RESOLUTION = "resolution"

    @property
    def words(self) -> str:
        """`next response`, as people are told it."""
        return self.value.replace("_", " ")


class ClockState(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    VOID = "void"  # the promise no longer applies: replaced by another, merged away, never due


ClockName = tuple[TargetKind, int]
"""Which clock of a ticket: its kind, and its epoch."""


@dataclass(frozen=True, slots=True)
class Rest:
    """While a ticket waited for its customer: that time does not count. `end` is None as long as it lasts.

    Args:
        why: which mail began it, in words.
    """

    start: datetime
    end: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A target at work.

    Args:
        priority: the priority whose target it follows.
        started: when its time began to count; `due` the last instant at which it is met. While it is paused,
            `due` is what it was before.
        warn_at: when the share of business time that the policy warns at is used up; None for no warning.
        warned: when the warning was given.
        stopped: when the stopping action happened, also of a clock that had been missed before.
        detected: when a miss was noticed; the miss itself is dated at `due`.
        epoch: counts the clocks of this kind on the ticket: a change of target ends one and starts the next.
        rests: while it was paused, in order.
        carried: so many milliseconds of its amount were used up in the epochs before.
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
    rests: tuple[Rest, ...] = ()
    carried: int = 0

    @property
    def name(self) -> ClockName:
        """Which of its ticket's clocks it is."""
        return self.kind, self.epoch

    @property
    def is_open(self) -> bool:
        """Whether what it waits for has not happened, and is still promised."""
        return self.stopped is None and self.state is not ClockState.VOID

    @property
    def resting_since(self) -> datetime | None:
        """Since when it waits for the customer; None while it does not."""
        return self.rests[-1].start if self.rests and self.rests[-1].end is None else None

    @property
    def known_due(self) -> datetime | None:
        """When it is due; None while it rests: nobody knows before the customer has answered."""
        return None if self.state is ClockState.PAUSED else self.due

    @property
    def next_at(self) -> datetime | None:
        """When the deadline sweep must look at this clock again; None for never."""
        if self.state is not ClockState.RUNNING:
            return None
        return self.warn_at if self.warn_at and not self.warned else self.due


def not_before(clock: Clock, at: datetime) -> datetime:
    """That instant, or the last one that is known of the clock, if that is later.

    A mail that was accepted before others may be decided after them, where its node died with it, or it was
    held. What it does to a clock that they began or let rest, it does at the first instant it can; only what
    meets a target is dated when it was accepted, whatever was decided before it.
    """
    known = [clock.started, clock.stopped]
    for rest in clock.rests[-1:]:
        known += rest.start, rest.end
    return max(at, *filter(None, known))


def stopped(clock: Clock, at: datetime) -> Clock:
    """The clock after its stopping action: met at or before the due instant, missed after it (rule 5)."""
    if not clock.is_open:
        return clock
    if clock.state is ClockState.MISSED:
        return replace(clock, stopped=at)
    if clock.state is ClockState.PAUSED or at <= clock.due:
        return replace(clock, state=ClockState.MET, stopped=at, rests=_ended(clock.rests, at))
    return replace(clock, state=ClockState.MISSED, stopped=at, detected=at)


def lapsed(clock: Clock, now: datetime) -> Clock:
    """The clock as it stands at `now`: missed from the first instant after its due instant."""
    if clock.state is ClockState.RUNNING and now > clock.due:
        return replace(clock, state=ClockState.MISSED, detected=now)
    return clock


def warned(clock: Clock, now: datetime) -> Clock:
    """The clock after its warning was given."""
    return replace(clock, warned=now)


def withdrawn(clock: Clock) -> Clock:
    """The clock once the action that had stopped it turns out never to have reached anybody."""
    match clock.state:
        case ClockState.MET:
            return replace(clock, state=ClockState.RUNNING, stopped=None)
        case ClockState.MISSED:
            return replace(clock, stopped=None)
        case _:
            return clock


def paused(clock: Clock, at: datetime, why: str) -> Clock:
    """The clock once its ticket waits for the customer (rule 8). One that does not run is left alone."""
    if clock.state is not ClockState.RUNNING:
        return clock
    return replace(
        clock, state=ClockState.PAUSED, rests=(*clock.rests, Rest(not_before(clock, at), None, why))
    )


def resumed(clock: Clock, at: datetime) -> Clock:
    """The clock once the customer has answered; its due instant is yet to be reckoned anew."""
    if clock.state is not ClockState.PAUSED:
        return clock
    return replace(clock, state=ClockState.RUNNING, rests=_ended(clock.rests, at))


def void(clock: Clock, at: datetime) -> Clock:
    """The clock once its promise no longer applies. A miss stands for ever (rule 10)."""
    if not clock.is_open or clock.state is ClockState.MISSED:
        return clock
    at = not_before(clock, at)
    return replace(clock, state=ClockState.VOID, stopped=at, rests=_ended(clock.rests, at))


def current(clocks: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """Of each kind the latest epoch, in the order in which the kinds came."""
    latest: dict[TargetKind, Clock] = {}
    for clock in clocks:
        known = latest.get(clock.kind)
        if known is None or clock.epoch > known.epoch:
            latest[clock.kind] = clock
    return tuple(latest.values())


def shown(clocks: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """What people are told: what is promised now, and what was missed before and is still open."""
    latest = current(clocks)
    return tuple(
        clock
        for clock in clocks
        if clock.state is not ClockState.VOID
        and (clock in latest or (clock.state is ClockState.MISSED and clock.stopped is None))
    )


def _ended(rests: tuple[Rest, ...], at: datetime) -> tuple[Rest, ...]:
    if not rests or rests[-1].end is not None:
        return rests
    return (*rests[:-1], replace(rests[-1], end=max(at, rests[-1].start)))
