"""Knows how a ticket is escalated: what begins a ladder, which step is due when, whom it wakes, what ends it.

A ladder runs until somebody of the staff is at work on the ticket. Each step is taken once; a new cause
begins anew (`behaviour.md` 6.4).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailgate.core.account import Desk
from mailgate.core.case import SUPPORT
from mailgate.core.correspondence import ticket_head
from mailgate.core.event import (
    Event,
    PageSent,
    PriorityCorrected,
    PriorityRaised,
    StaffReplied,
    TargetMissed,
    TicketDeescalated,
    TicketEscalated,
    TicketMerged,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
)
from mailgate.core.instant import ticks
from mailgate.core.ladder import Escalation, Ladder
from mailgate.core.letterhead import Letterhead
from mailgate.core.localtime import stretch
from mailgate.core.notice import Page
from mailgate.core.outgoing import Draft
from mailgate.core.paging import Paged, ladder_at_once, ladder_named, ladder_on_miss, paged
from mailgate.core.policy import Policy
from mailgate.core.requirement import missing
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.core.ticket import ENDED, Ticket

ENDS_ESCALATION = (
    StaffReplied,
    TicketTaken,
    TicketSetWaiting,
    TicketResolved,
    TicketMerged,
    TicketMarkedSpam,
    PriorityCorrected,
    TicketDeescalated,
)
"""By these somebody of the staff is at work on the ticket, and nobody else is woken for it."""


@dataclass(frozen=True, slots=True)
class Escalated:
    """What follows: the events, and the pages that go out."""

    events: tuple[Event, ...] = ()
    drafts: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class _Start:
    """A reason to begin a ladder."""

    ladder: Ladder
    cause: str
    reason: str
    at: datetime


def escalated(
    head: Letterhead, ticket: Ticket, policy: Policy, events: Iterable[Event], at: datetime, text: str = ""
) -> Escalated:
    """What begins with these events, which happened at once and left the ticket as it is.

    Args:
        policy: the version that the ticket was opened under.
        at: the present, by which it turns out who is on call.
        text: the customer's words, where these are what happened.
    """
    start = _last_start(head.desk, ticket, policy, events)
    if start is None or ticket.status in ENDED:
        return Escalated()
    fresh = Escalation(start.cause, start.ladder.name, start.reason, start.at)
    begun = replace(fresh, next_at=_due(fresh, start.ladder, ticket, policy))
    follows = Escalated((TicketEscalated(start.at, begun, start.reason),))
    if begun.next_at is None or begun.next_at > at:
        return follows
    first = step(head, ticket, policy, begun, at, text)
    return Escalated(follows.events + first.events, first.drafts)


def step(
    head: Letterhead, ticket: Ticket, policy: Policy, escalation: Escalation, at: datetime, text: str = ""
) -> Escalated:
    """The step that is due, taken; it is dated at the instant at which it was due."""
    ladder = ladder_named(policy, escalation.ladder)
    due = _due(escalation, ladder, ticket, policy)
    if due is None:
        return Escalated()
    who = paged(head.desk, ticket, ladder.steps[escalation.taken].page, at)
    number, steps = escalation.taken + 1, len(ladder.steps)
    taken = replace(escalation, taken=number)
    taken = replace(taken, next_at=_due(taken, ladder, ticket, policy))
    reason = f"step {number} of {steps}: {', '.join(who.names)}"
    sent = PageSent(due, taken, number, who.names, reason)
    told = _told(escalation.reason, due - escalation.started)
    lacks = missing(policy.requirements, policy.role(ticket.role), ticket.fields)
    names = tuple(one.name for one in lacks)
    says = Page(ticket_head(head, ticket), told, text, number, steps, who.names, names)
    cause = f"page:{ticket.id}:{escalation.cause}:{number}"
    return Escalated((sent,), tuple(_pages(head, ticket, who, cause, at, says)))


def _told(reason: str, unanswered: timedelta) -> str:
    """Why people are woken, and for how long nobody has answered."""
    return f"{reason}, and nobody has answered for {stretch(unanswered)}" if unanswered else reason


def _pages(
    head: Letterhead, ticket: Ticket, who: Paged, cause: str, at: datetime, says: Page
) -> Iterator[Draft]:
    for person in who.people:
        yield head.to_staff(person, ticket, cause, at, says)
    for name in who.notifiers:
        yield head.to_notifier(name, ticket, cause, at, says)


def _last_start(desk: Desk, ticket: Ticket, policy: Policy, events: Iterable[Event]) -> _Start | None:
    """What the events begin and do not end again; the last of several."""
    start = None
    for event in events:
        if isinstance(event, ENDS_ESCALATION):
            start = None
        start = _start(desk, ticket, policy, event) or start
    return start


def _start(desk: Desk, ticket: Ticket, policy: Policy, event: Event) -> _Start | None:
    ladder: Ladder | None = None
    cause = reason = ""
    match event:
        case TicketOpened():
            ladder = ladder_at_once(policy, ticket.role, event.ticket.priority)
            on_call = policy.role(ticket.role) != SUPPORT
            cause, reason = "opened", f"a new {'on-call' if on_call else event.ticket.priority} ticket"
        case PriorityRaised():
            ladder = ladder_at_once(policy, ticket.role, event.after)
            cause, reason = f"raised:{event.after}:{ticks(event.at)}", f"raised to {event.after}"
        case TicketReopened() | TicketRestored() if not _is_staff(event.by, desk):
            ladder = ladder_at_once(policy, ticket.role, ticket.priority)
            cause, reason = f"reopened:{ticks(event.at)}", "reopened by the customer"
        case TargetMissed(clock=clock):
            ladder = ladder_on_miss(policy, clock.kind)
            cause = f"missed:{clock.kind}:{clock.epoch}"
            reason = f"the {clock.kind.replace('_', ' ')} target was missed"
            return _Start(ladder, cause, reason, clock.detected or event.at) if ladder else None
        case _:
            pass
    return _Start(ladder, cause, reason, event.at) if ladder else None


def _is_staff(address: str, desk: Desk) -> bool:
    return desk.member(address) is not None


def _due(escalation: Escalation, ladder: Ladder, ticket: Ticket, policy: Policy) -> datetime | None:
    """When the next step is due; None after the last."""
    if escalation.taken >= len(ladder.steps):
        return None
    after = ladder.steps[escalation.taken].after
    if after is None:
        return escalation.started
    calendar = policy.calendars[ladder.calendar or policy.region(ticket.region).calendar]
    return after.after(escalation.started, calendar)
