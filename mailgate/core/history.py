"""Knows how a ticket comes to stand as it does: a fold over what happened to it, under its policy's version.

One step, `after`, is used both to decide what happens now (`course`) and to go through the journal again
(`folded`), so what is stored can be proved: `mailgate sla verify` (`behaviour.md` 6.5).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from mailgate.core import event as happened
from mailgate.core import retarget, standing
from mailgate.core.clock import Clock, ClockState, lapsed
from mailgate.core.event import WITHOUT_CLOCKS, Event, ResponseWithdrawn, TargetMissed
from mailgate.core.move import Move, arrows, move_of
from mailgate.core.policy import Policy
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.core.standing import Standing
from mailgate.core.ticket import Status, Ticket

Step = Callable[[Standing, Move], tuple[Clock, ...]]

_STEPS: Mapping[type[Event], Step] = {
    happened.TicketOpened: standing.opened,
    happened.CustomerReplied: standing.customer_replied,
    happened.StaffReplied: standing.staff_replied,
    happened.TicketTaken: standing.taken,
    happened.TicketSetWaiting: standing.set_waiting,
    happened.TicketResolved: standing.resolved,
    happened.ResponseWithdrawn: standing.response_withdrawn,
    happened.TicketMerged: standing.merged,
    TicketMarkedSpam: standing.merged,
    happened.TargetWarned: standing.target_warned,
    happened.TargetMissed: standing.target_missed,
    happened.PriorityRaised: retarget.raised,
    happened.PriorityCorrected: retarget.corrected,
    happened.TicketDeescalated: retarget.deescalated,
    happened.TicketReopened: retarget.reopened,
    happened.TicketAbsorbed: retarget.absorbed,
    TicketRestored: retarget.restored,
}


def course(ticket: Ticket, policy: Policy, events: Iterable[Event]) -> tuple[Ticket, tuple[Event, ...]]:
    """The ticket after what happens to it now, and the events with the clocks as each left them.

    Among them are the misses that no sweep has noticed yet: what comes late is late, and is told so.
    """
    told: list[Event] = []
    for event in events:
        ticket, misses = _noticed(ticket, policy, event.at)
        moved = after(ticket, move_of(event), policy)
        told += [*misses, _with_clocks(event, ticket, moved), *_come_to_light(event, ticket, moved)]
        ticket, misses = _noticed(moved, policy, event.at)
        told += misses
    return ticket, tuple(told)


def folded(ticket: Ticket, policy: Policy, moves: Iterable[Move]) -> Ticket:
    """The ticket as everything that happened to it leaves it, from its opening on.

    Of `ticket` only that counts which never changes: whose it is, and what its promises are reckoned from.

    Raises:
        OverflowError: something would be due after the year 9999.
    """
    now = unmoved(ticket)
    for move in moves:
        now = after(now, move, policy)
    return now


def unmoved(ticket: Ticket) -> Ticket:
    """The ticket before anything happened to it: where a fold begins."""
    return replace(
        ticket,
        status=Status.NEW,
        clocks=(),
        answered=None,
        resolved=None,
        merged_into=None,
        people=(),
        assignee=None,
    )


def after(ticket: Ticket, move: Move, policy: Policy) -> Ticket:
    """The ticket after one move.

    Raises:
        OverflowError: something would be due after the year 9999.
    """
    step = _STEPS.get(move.kind)
    moved = replace(
        ticket,
        clocks=step(Standing(ticket, policy), move) if step else ticket.clocks,
        status=arrows(move).get(ticket.status, ticket.status),
        priority=move.priority or ticket.priority,
        people=ticket.people if move.people is None else move.people,
        assignee=move.assignee or ticket.assignee,
    )
    if move.kind is happened.StaffReplied:
        return replace(moved, answered=ticket.answered or move.at)
    if move.kind is happened.ResponseWithdrawn and ticket.answered == move.answered:
        return replace(moved, answered=move.again)
    if move.kind is happened.TicketResolved:
        return replace(moved, resolved=move.at)
    if move.kind is happened.TicketReopened:
        return replace(moved, resolved=None)
    return replace(moved, merged_into=move.into) if move.into else moved


def _noticed(ticket: Ticket, policy: Policy, at: datetime) -> tuple[Ticket, list[TargetMissed]]:
    """The ticket once it is noticed what was due before that instant and is not flagged yet."""
    misses = [
        TargetMissed(clock.due, lapsed(clock, at))
        for clock in ticket.clocks
        if clock.state is ClockState.RUNNING and clock.due < at
    ]
    for miss in misses:
        ticket = after(ticket, move_of(miss), policy)
    return ticket, misses


def _come_to_light(event: Event, before: Ticket, now: Ticket) -> list[TargetMissed]:
    """What turns out to have been missed: the answer that was in time never arrived, the next was late."""
    if not isinstance(event, ResponseWithdrawn):
        return []
    known = {clock.name: clock.state for clock in before.clocks}
    return [
        TargetMissed(clock.due, clock)
        for clock in now.clocks
        if clock.state is ClockState.MISSED is not known.get(clock.name)
    ]


def _with_clocks(event: Event, before: Ticket, now: Ticket) -> Event:
    """The event with the clocks that it touched."""
    if isinstance(event, WITHOUT_CLOCKS):
        return event
    known = {clock.name: clock for clock in before.clocks}
    touched = tuple(clock for clock in now.clocks if known.get(clock.name) != clock)
    return replace(event, clocks=touched)
