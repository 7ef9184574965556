"""Knows what every mail to staff says first: the ticket, where it stands, its clocks, whom answers reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailgate.core.clock import Clock, TargetKind
from mailgate.core.enumeration import listed
from mailgate.core.message import Mailbox
from mailgate.core.ticket import Status

_FEW = 3  # colleagues whom a sentence still names


@dataclass(frozen=True, slots=True)
class TicketHead:
    """What every mail to staff says first: the ticket, where it stands, and its clocks.

    Args:
        name: `ACME-42`.
        company: the account's name.
        priority_name: the vendor's word for the priority; empty where it is not known any more.
        assignee: a name, empty for nobody; `colleagues` of the requester who get copies.
        bought: the plan and its place in the queue, in words (core.queue).
        clocks: what is promised now, and what was missed and is still open.
        zone: IANA zone in which its times are told.
        amounts: how much time a target has, by kind and priority; empty where that is not known any more.
    """

    name: str
    title: str
    company: str
    priority: str
    status: Status
    requester: Mailbox
    priority_name: str = ""
    assignee: str = ""
    colleagues: tuple[Mailbox, ...] = ()
    clocks: tuple[Clock, ...] = ()
    zone: str = "UTC"
    bought: str = ""
    amounts: Mapping[tuple[TargetKind, str], str] = field(default_factory=dict)

    @property
    def answered(self) -> str:
        """Whom a reply goes to, in words; of many colleagues their number, for the head names them."""
        colleagues = [one.address for one in self.colleagues]
        if len(colleagues) > _FEW:
            colleagues = [f"the {len(colleagues)} colleagues named above"]
        return listed([self.requester.address, *colleagues])

    def amount(self, clock: Clock) -> str:
        """`4 business hours`; empty where it is not known any more."""
        return self.amounts.get((clock.kind, clock.priority), "")
