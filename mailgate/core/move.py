"""Knows what an event is to a ticket's status, priority and clocks: a move, which the journal gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailgate.core import event as happened
from mailgate.core.clock import Clock
from mailgate.core.event import Event, TicketOpened
from mailgate.core.participant import Participant
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.core.ticket import Status, TicketId


@dataclass(frozen=True, slots=True)
class Move:
    """An event as far as status, priority and clocks care.

    Args:
        kind: which event it is.
        priority: the one that is in force after it; empty where it does not change.
        why: since which mail the ticket waits.
        answered, again, earlier: of a withdrawn reply, when it was accepted, a later one, and the first one;
            of a restored ticket, when it was answered first.
        clocks: those that another ticket brings, or the one that was warned about or missed.
        into: the ticket in which this one goes on.
        people: who is on it from now on; None where that does not change.
        assignee: who works on it from now on; empty where that does not change.
    """

    kind: type[Event]
    at: datetime
    priority: str = ""
    why: str = ""
    answered: datetime | None = None
    again: datetime | None = None
    earlier: datetime | None = None
    clocks: tuple[Clock, ...] = ()
    into: TicketId | None = None
    people: tuple[Participant, ...] | None = None
    assignee: str = ""


def move_of(event: Event) -> Move:
    """The move that an event is: of what it says, what is named alike."""
    about = getattr(event, "clock", None)
    return Move(
        kind=type(event),
        at=event.at,
        priority=event.ticket.priority if isinstance(event, TicketOpened) else getattr(event, "after", ""),
        why=getattr(event, "why", ""),
        answered=getattr(event, "answered", None),
        again=getattr(event, "again", None),
        earlier=getattr(event, "earlier", None),
        clocks=getattr(event, "brought", () if about is None else (about,)),
        into=getattr(event, "into_id", None),
        people=getattr(event, "people", None),
        assignee=getattr(event, "assignee", ""),
    )


def arrows(move: Move) -> Mapping[Status, Status]:
    """How a move changes a ticket's status; one that is not there stays as it is."""
    if move.kind is happened.ResponseWithdrawn:
        leads_to = Status.OPEN if move.earlier else Status.NEW
        return {} if move.again else dict.fromkeys((Status.OPEN, Status.WAITING), leads_to)
    if move.kind is TicketRestored:
        return {Status.CLOSED: Status.OPEN if move.answered else Status.NEW}
    return _ARROWS.get(move.kind, {})


_ALIVE = (Status.NEW, Status.OPEN, Status.WAITING)
_ARROWS: Mapping[type[Event], Mapping[Status, Status]] = {
    happened.CustomerReplied: {Status.WAITING: Status.OPEN},
    happened.StaffReplied: {Status.NEW: Status.OPEN},
    happened.TicketSetWaiting: dict.fromkeys((Status.NEW, Status.OPEN), Status.WAITING),
    happened.TicketResolved: dict.fromkeys(_ALIVE, Status.RESOLVED),
    happened.TicketReopened: {Status.RESOLVED: Status.OPEN},
    TicketMarkedSpam: dict.fromkeys(_ALIVE, Status.CLOSED),
    happened.TicketMerged: dict.fromkeys((*_ALIVE, Status.RESOLVED), Status.CLOSED),
}
