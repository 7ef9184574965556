"""Tickets with a history, for the tests of what happens to their clocks."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from mailgate.core.clock import Clock, TargetKind, current
from mailgate.core.event import CustomerReplied, Event, StaffReplied, TicketOpened, TicketSetWaiting
from mailgate.core.history import after, course
from mailgate.core.message import Mailbox
from mailgate.core.move import Move
from mailgate.core.policy import Policy
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.calendars import local
from tests.core.policies import BERLIN, FULL, HIGH, VENDOR, target

SAM = "sam@example.com"
BOB = "bob@acme.example"
MONDAY = local("2026-11-23 09:00", BERLIN)
FRIDAY = local("2026-11-20 09:00", BERLIN)  # two business days end on Monday, two days on Sunday
NEXT = target(TargetKind.NEXT_RESPONSE, "2 business hours")
WITH_NEXT = replace(
    VENDOR,
    plans={"full": replace(FULL, targets={"support": {**FULL.targets["support"], "P2": (*HIGH, NEXT)}})},
)


def opened(
    at: datetime, priority: str, policy: Policy = VENDOR, plan: str = "full", role: str = "support"
) -> Ticket:
    """A ticket that was opened then, with the clocks that its policy gives it."""
    ticket = Ticket(
        id=TicketId(1),
        account="acme",
        number=42,
        title="It broke",
        priority=priority,
        status=Status.NEW,
        requester=Mailbox(BOB),
        opened=at,
        policy=policy.digest,
        plan=plan,
        asked=priority,
        role=role,
    )
    return after(ticket, Move(TicketOpened, at, priority), policy)


def lived(ticket: Ticket, *events: Event, policy: Policy = VENDOR) -> Ticket:
    """The ticket after that happened to it."""
    return course(ticket, policy, events)[0]


def clock(ticket: Ticket, kind: TargetKind = TargetKind.RESOLUTION) -> Clock:
    """Its clock of that kind, in the latest epoch."""
    (found,) = (one for one in current(ticket.clocks) if one.kind is kind)
    return found


def told(clocks: Iterable[Clock]) -> list[tuple[str, str, str, int]]:
    """Kind, priority, state and epoch of each."""
    return [(one.kind.value, one.priority, one.state.value, one.epoch) for one in clocks]


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def waits(when: timedelta) -> TicketSetWaiting:
    return TicketSetWaiting(MONDAY + when, SAM, "the mail s1@x of Sam", "/wait")


def customer(when: timedelta) -> CustomerReplied:
    return CustomerReplied(MONDAY + when, BOB, "a reply")


def staff(when: timedelta) -> StaffReplied:
    return StaffReplied(MONDAY + when, SAM, "a reply")


def friday(when: float) -> datetime:
    return FRIDAY + hours(when)
