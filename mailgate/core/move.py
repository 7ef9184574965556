"""Knows what an event is to a ticket's status, priority and clocks: a move, which the journal gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mailgate.core import event as happened
from mailgate.core.clock import Clock
from mailgate.core.event import Event
from mailgate.core.ticket import Status, TicketId


@dataclass(frozen=True, slots=True)
class Move:
    """An event as far as status, priority and clocks care.

    Args:
        kind: which event it is.
        priority: the one that is in force after it; empty where it does not change.
        why: since which mail the ticket waits.
        answered, again, earlier: of a withdrawn reply, when it was accepted, a later one, and the first one.
        clocks: those that another ticket brings, or the one that was warned about or missed.
        into: the ticket in which this one goes on.
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


def move_of(event: Event) -> Move:
    """The move that an event is."""
    move = Move(type(event), event.at)
    match event:
        case happened.TicketOpened():
            move = replace(move, priority=event.ticket.priority)
        case happened.PriorityRaised() | happened.PriorityCorrected() | happened.TicketDeescalated():
            move = replace(move, priority=event.after)
        case happened.TicketSetWaiting():
            move = replace(move, why=event.why)
        case happened.ResponseWithdrawn():
            move = replace(move, answered=event.answered, again=event.again, earlier=event.earlier)
        case happened.TicketAbsorbed():
            move = replace(move, priority=event.after, clocks=event.brought)
        case happened.TicketMerged():
            move = replace(move, into=event.into_id)
        case happened.TargetWarned() | happened.TargetMissed():
            move = replace(move, clocks=(event.clock,))
        case _:
            pass
    return move


def arrows(move: Move) -> Mapping[Status, Status]:
    """How a move changes a ticket's status; one that is not there stays as it is."""
    if move.kind is happened.ResponseWithdrawn:
        leads_to = Status.OPEN if move.earlier else Status.NEW
        return {} if move.again else dict.fromkeys((Status.OPEN, Status.WAITING), leads_to)
    return _ARROWS.get(move.kind, {})


_ALIVE = (Status.NEW, Status.OPEN, Status.WAITING)
_ARROWS: Mapping[type[Event], Mapping[Status, Status]] = {
    happened.CustomerReplied: {Status.WAITING: Status.OPEN},
    happened.StaffReplied: {Status.NEW: Status.OPEN},
    happened.TicketSetWaiting: dict.fromkeys((Status.NEW, Status.OPEN), Status.WAITING),
    happened.TicketResolved: dict.fromkeys(_ALIVE, Status.RESOLVED),
    happened.TicketReopened: {Status.RESOLVED: Status.OPEN},
    happened.TicketMerged: dict.fromkeys((*_ALIVE, Status.RESOLVED), Status.CLOSED),
}
