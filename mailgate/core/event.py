"""Knows what can happen to a ticket: past-tense facts, each with the arrow it draws.

One event value writes both the rows and the journal (store.apply), so the two cannot disagree.
"""

from dataclasses import dataclass
from datetime import datetime
from re import compile as pattern

from mailgate.core.clock import Clock
from mailgate.core.ladder import Escalation
from mailgate.core.message import DeliveryReport
from mailgate.core.participant import PeopleChanged, TicketAssigned
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.core.ticket import Ticket, TicketId

Clocks = tuple[Clock, ...]
"""In an event: the clocks that it touched, as it left them (`core.history.course` fills them in)."""

_CAPITAL = pattern(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class TicketOpened:  # (nothing) → new
    """A mail became a ticket; its clocks, if any, run from `at`."""

    at: datetime
    ticket: Ticket
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerReplied:  # waiting → open
    """The customer wrote on a known ticket: what rested runs again, and an answer is awaited."""

    at: datetime
    sender: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class StaffReplied:  # new → open
    """A member of staff answered the customer."""

    at: datetime
    staff: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class TicketTaken:  # no arrow
    """Somebody on call took the ticket: `/ack`."""

    at: datetime
    staff: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class TicketSetWaiting:  # new | open → waiting
    """The ticket waits for the customer; `why` says since which mail, for who asks about the time."""

    at: datetime
    staff: str
    why: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class TicketResolved:  # new | open | waiting → resolved
    """The matter is settled, and the customer is told so."""

    at: datetime
    staff: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class TicketReopened:  # resolved → open
    """A resolved ticket goes on (`behaviour.md` 3.4); `by` wrote the mail that did it."""

    at: datetime
    by: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class PriorityRaised:  # no arrow
    """A more urgent priority from now on, by a customer's tag or by staff."""

    at: datetime
    before: str
    after: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class PriorityCorrected:  # no arrow
    """Staff say that it never was so urgent: targets count anew from the original start."""

    at: datetime
    before: str
    after: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class TicketDeescalated:  # no arrow
    """The worst is over: the resolution of the higher priority is met, that of the lower one begins."""

    at: datetime
    before: str
    after: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class TicketMerged:  # new | open | waiting | resolved → closed
    """The matter goes on in another ticket, `into` by its name, which takes the promises along."""

    at: datetime
    into: str
    into_id: TicketId
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class TicketAbsorbed:  # no arrow
    """Another ticket of the same account goes on in this one, with the clocks that it brings.

    Args:
        other: its name.
        after: the more urgent of the two priorities.
        brought: its clocks as they stood.
    """

    at: datetime
    other: str
    before: str
    after: str
    brought: Clocks
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class MailNoted:  # no arrow
    """A mail was kept on the ticket and moved nothing: a machine's, our own, a copy with other words."""

    at: datetime
    sender: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryFailed:  # no arrow
    """A delivery report, or the relay, says that somebody did not get a mail of ours.

    Args:
        answered: of a staff reply that nobody got, when it had been accepted.
        message_id: of the mail that failed; empty where nobody can tell.
    """

    at: datetime
    report: DeliveryReport
    kind: str
    reason: str
    answered: datetime | None = None
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryDelayed:  # no arrow
    """A delivery report says that a mail of ours is late."""

    at: datetime
    report: DeliveryReport
    reason: str


@dataclass(frozen=True, slots=True)
class ResponseWithdrawn:  # open | waiting → new, or → open where an earlier reply stands
    """A staff reply was never delivered: what it had stopped runs again, or was missed.

    Args:
        answered: when that reply was accepted.
        again: when a later one was that stands, and leaves the status as it is; None where there is none.
        earlier: when the first one was, if it is another, and stands.
    """

    at: datetime
    answered: datetime
    again: datetime | None
    reason: str
    clocks: Clocks = ()
    earlier: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class TicketEscalated:  # escalation: (nothing) → running
    """A ladder begins: people are paged until somebody of the staff is at work on the ticket."""

    at: datetime
    escalation: Escalation
    reason: str


@dataclass(frozen=True, slots=True)
class PageSent:  # escalation: running → the same, one step further
    """A step of the ladder was taken. `at` is when it was due; `paged` are names of people and notifiers."""

    at: datetime
    escalation: Escalation
    step: int
    paged: tuple[str, ...]
    reason: str


Event = (
    TicketOpened
    | CustomerReplied
    | StaffReplied
    | TicketTaken
    | TicketSetWaiting
    | TicketResolved
    | TicketReopened
    | PriorityRaised
    | PriorityCorrected
    | TicketDeescalated
    | TicketMerged
    | TicketAbsorbed
    | TicketMarkedSpam
    | TicketRestored
    | TicketAssigned
    | PeopleChanged
    | MailNoted
    | DeliveryFailed
    | DeliveryDelayed
    | ResponseWithdrawn
    | TargetWarned
    | TargetMissed
    | TicketEscalated
    | PageSent
)

WITHOUT_CLOCKS = (
    TicketOpened,
    TargetWarned,
    TargetMissed,
    TicketAssigned,
    PeopleChanged,
    MailNoted,
    DeliveryFailed,
    DeliveryDelayed,
    TicketEscalated,
    PageSent,
)
"""Events that do not name the clocks they touched: they touch none, or just the one that they are about."""


def kind_of(event: type[Event]) -> str:
    """What the journal calls an event: `ticket_opened`."""
    return _CAPITAL.sub("_", event.__name__).lower()


def moved_clocks(event: Event) -> Clocks:
    """The clocks as the event left them; those that it did not touch are not among them."""
    if isinstance(event, TicketOpened):
        return event.ticket.clocks
    if isinstance(event, TargetWarned | TargetMissed):
        return (event.clock,)
    return () if isinstance(event, WITHOUT_CLOCKS) else event.clocks
