"""Knows in words what an event was to a clock: what began it, and what became of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailgate.core import event as happened
from mailgate.core.clock import Clock, ClockName, ClockState
from mailgate.core.event import Event
from mailgate.core.spam import TicketMarkedSpam, TicketRestored


@dataclass(frozen=True, slots=True)
class Recorded:
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


def beginnings(recorded: Iterable[Recorded]) -> Mapping[ClockName, Occasion]:
    """What began each clock: the first event that names it."""
    found: dict[ClockName, Occasion] = {}
    for event in recorded:
        for clock in event.clocks:
            if clock.name not in found:
                found[clock.name] = Occasion(event.at, _words(event))
    return found


def endings(recorded: Iterable[Recorded]) -> Mapping[ClockName, Occasion]:
    """What ended each clock: the event that left it ended, and none after it that took that back."""
    found: dict[ClockName, Occasion] = {}
    for event in recorded:
        for clock in event.clocks:
            if clock.is_open:
                found.pop(clock.name, None)
            elif clock.name not in found:
                found[clock.name] = Occasion(clock.stopped or event.at, _ending(event, clock))
    return found


def _ending(event: Recorded, clock: Clock) -> str:
    if clock.state is ClockState.VOID and event.kind not in _END_OF_ALL:
        return f"replaced by {_words(event)}"
    return _words(event)


def _words(event: Recorded) -> str:
    made = _WORDS.get(event.kind)
    words = made(event) if made else happened.kind_of(event.kind).replace("_", " ")
    return f"{words} ({event.reason})" if event.reason and event.kind in _SAYS_WHY else words


def _by(event: Recorded) -> str:
    return f" of {event.by}" if event.by else ""


_WORDS: Mapping[type[Event], Callable[[Recorded], str]] = {
    happened.TicketOpened: lambda event: f"the first mail{_by(event)}",
    happened.CustomerReplied: lambda event: f"the mail{_by(event)}",
    happened.StaffReplied: lambda event: f"the reply{_by(event)}",
    happened.TicketTaken: lambda event: f"taken by {event.by}",
    happened.TicketSetWaiting: lambda event: f"set waiting by {event.by}",
    happened.TicketResolved: lambda event: f"resolved by {event.by}",
    happened.TicketReopened: lambda event: f"reopened by the mail{_by(event)}",
    happened.PriorityRaised: lambda event: f"the raise from {event.before} to {event.after}",
    happened.PriorityCorrected: lambda event: f"the correction from {event.before} to {event.after}",
    happened.TicketDeescalated: lambda event: f"the de-escalation from {event.before} to {event.after}",
    happened.TicketMerged: lambda event: f"merged into {event.other}",
    TicketMarkedSpam: lambda event: f"marked as spam by {event.by}",
    TicketRestored: lambda event: f"restored by {event.by}: it was no spam",
    happened.TicketAbsorbed: lambda event: f"the promise of {event.other}, merged into this one",
    happened.ResponseWithdrawn: lambda _: "a reply that was never delivered",
}
_END_OF_ALL = frozenset({happened.TicketMerged, TicketMarkedSpam})
_SAYS_WHY = frozenset({happened.PriorityRaised, happened.PriorityCorrected, happened.TicketDeescalated})
