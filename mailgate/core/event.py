"""Knows what can happen to a ticket: past-tense facts, each with the arrow it draws.

One event value writes both the rows and the journal (store.apply), so the two cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailgate.core.clock import Clock
from mailgate.core.message import DeliveryReport
from mailgate.core.ticket import Status, Ticket


@dataclass(frozen=True, slots=True)
class TicketOpened:  # (nothing) → new
    """A mail became a ticket; its clocks, if any, run from `at`."""

    at: datetime
    ticket: Ticket
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerReplied:  # new | open → the same; waiting → open
    """The customer wrote on a known ticket."""

    at: datetime
    sender: str
    reason: str


@dataclass(frozen=True, slots=True)
class StaffReplied:  # new | waiting → open
    """A member of staff answered the customer; `clocks` are the response clocks that this stopped."""

    at: datetime
    staff: str
    clocks: tuple[Clock, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class PriorityRaised:  # no arrow
    """A more urgent tag in a customer's reply; `clocks` are those that moved."""

    at: datetime
    before: str
    after: str
    clocks: tuple[Clock, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class MailNoted:  # no arrow
    """A mail was kept on the ticket and moved nothing: a machine's, our own, a copy with other words."""

    at: datetime
    sender: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryFailed:  # no arrow
    """A delivery report, or the relay, says that somebody did not get a mail of ours."""

    at: datetime
    report: DeliveryReport
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryDelayed:  # no arrow
    """A delivery report says that a mail of ours is late."""

    at: datetime
    report: DeliveryReport
    reason: str


@dataclass(frozen=True, slots=True)
class ResponseWithdrawn:  # open → new
    """The staff reply that had stopped a clock was never delivered: the clock runs again, or was missed."""

    at: datetime
    clocks: tuple[Clock, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class TargetWarned:  # clock: running → running
    """The share of a target's time at which the policy warns is used up."""

    at: datetime
    clock: Clock


@dataclass(frozen=True, slots=True)
class TargetMissed:  # clock: running → missed
    """A target was missed. `at` is its due instant, `clock.detected` when that was noticed (6.3)."""

    at: datetime
    clock: Clock


Event = (
    TicketOpened
    | CustomerReplied
    | StaffReplied
    | PriorityRaised
    | MailNoted
    | DeliveryFailed
    | DeliveryDelayed
    | ResponseWithdrawn
    | TargetWarned
    | TargetMissed
)

ARROWS: Mapping[type[Event], tuple[tuple[Status, Status], ...]] = {
    CustomerReplied: ((Status.WAITING, Status.OPEN),),
    StaffReplied: ((Status.NEW, Status.OPEN), (Status.WAITING, Status.OPEN)),
    ResponseWithdrawn: ((Status.OPEN, Status.NEW),),
}
"""How an event moves a ticket's status; one that is not here, or from another status, leaves it."""


def moved_clocks(event: Event) -> tuple[Clock, ...]:
    """The clocks as the event left them; those that it did not touch are not among them."""
    match event:
        case TicketOpened():
            return event.ticket.clocks
        case StaffReplied() | PriorityRaised() | ResponseWithdrawn():
            return event.clocks
        case TargetWarned() | TargetMissed():
            return (event.clock,)
        case CustomerReplied() | MailNoted() | DeliveryFailed() | DeliveryDelayed():
            return ()
