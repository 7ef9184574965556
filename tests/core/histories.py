"""Tickets with a history, for the tests of what happens to their clocks."""

from collections.abc import Iterable
from datetime import datetime

from mailgate.core.clock import Clock, TargetKind, current
from mailgate.core.event import Event, TicketOpened
from mailgate.core.history import after, course
from mailgate.core.message import Mailbox
from mailgate.core.move import Move
from mailgate.core.policy import Policy
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.policies import VENDOR

SAM = "sam@example.com"
BOB = "bob@acme.example"


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
