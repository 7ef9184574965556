"""Knows in words what an event was to a clock: what began it, and what became of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailgate.core import event as happened
from mailgate.core.clock import Clock, ClockName, ClockState
from mailgate.core.event import Event


@dataclass(frozen=True, slots=True)
class Cause:
    """An event as far as its clocks are told by it.

    Args:
        by: who did it; empty where nobody is named.
        before, after: the priorities around it, where it is about them.
        other: the ticket that was merged into this one, or into which this one went.
        clocks: those that it touched, as it left them.
    """

    kind: type[Event]
    at: datetime
    clocks: tuple[Clock, ...]
    by: str = ""
    reason: str = ""
    before: str = ""
    after: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something happened to a clock, and what, in words."""

    at: datetime
    words: str


def beginnings(causes: Iterable[Cause]) -> Mapping[ClockName, Occasion]:
    """What began each clock: the first event that names it."""
    found: dict[ClockName, Occasion] = {}
    for cause in causes:
        for clock in cause.clocks:
            if clock.name not in found:
                found[clock.name] = Occasion(cause.at, _words(cause))
    return found


def endings(causes: Iterable[Cause]) -> Mapping[ClockName, Occasion]:
    """What ended each clock: the event that left it ended, and none after it that took that back."""
    found: dict[ClockName, Occasion] = {}
    for cause in causes:
        for clock in cause.clocks:
            if clock.is_open:
                found.pop(clock.name, None)
            elif clock.name not in found:
                found[clock.name] = Occasion(clock.stopped or cause.at, _ending(cause, clock))
    return found


def _ending(cause: Cause, clock: Clock) -> str:
    if clock.state is ClockState.VOID and cause.kind is not happened.TicketMerged:
        return f"replaced by {_words(cause)}"
    return _words(cause)


def _words(cause: Cause) -> str:
    made = _WORDS.get(cause.kind)
    words = made(cause) if made else happened.kind_of(cause.kind).replace("_", " ")
    return f"{words} ({cause.reason})" if cause.reason and cause.kind in _SAYS_WHY else words


def _by(cause: Cause) -> str:
    return f" of {cause.by}" if cause.by else ""


_WORDS: Mapping[type[Event], Callable[[Cause], str]] = {
    happened.TicketOpened: lambda cause: f"the first mail{_by(cause)}",
    happened.CustomerReplied: lambda cause: f"the mail{_by(cause)}",
    happened.StaffReplied: lambda cause: f"the reply{_by(cause)}",
    happened.TicketTaken: lambda cause: f"taken by {cause.by}",
    happened.TicketSetWaiting: lambda cause: f"set waiting by {cause.by}",
    happened.TicketResolved: lambda cause: f"resolved by {cause.by}",
    happened.TicketReopened: lambda cause: f"reopened by the mail{_by(cause)}",
    happened.PriorityRaised: lambda cause: f"the raise from {cause.before} to {cause.after}",
    happened.PriorityCorrected: lambda cause: f"the correction from {cause.before} to {cause.after}",
    happened.TicketDeescalated: lambda cause: f"the de-escalation from {cause.before} to {cause.after}",
    happened.TicketMerged: lambda cause: f"merged into {cause.other}",
    happened.TicketAbsorbed: lambda cause: f"the promise of {cause.other}, merged into this one",
    happened.ResponseWithdrawn: lambda _: "a reply that was never delivered",
}
_SAYS_WHY = frozenset({happened.PriorityRaised, happened.PriorityCorrected, happened.TicketDeescalated})
