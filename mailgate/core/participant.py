"""Knows the people on a ticket beside its requester: who they are, and how they come, go and are given it.

Colleagues of the customer get what staff write to the customer; staff who are here follow it from outside
the account's team (`behaviour.md` 3.6, 4.4).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailgate.core.message import Mailbox


class Side(StrEnum):
    """Of which house a participant is, and so which mails they get."""

    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on a ticket beside its requester."""

    mailbox: Mailbox
    side: Side = Side.CUSTOMER

    def is_at(self, address: str) -> bool:
        """Whether it is the person with this address, in any case."""
        return self.mailbox.address.casefold() == address.casefold()


@dataclass(frozen=True, slots=True)
class PeopleChanged:  # no arrow
    """Somebody joined the ticket or left it.

    Args:
        people: everybody who is on it from now on, beside its requester.
        joined, left: their addresses.
        by: who wrote the mail that did it.
    """

    at: datetime
    people: tuple[Participant, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class TicketAssigned:  # no arrow
    """One member of staff works on the ticket from now on; `assignee` and `before` are addresses."""

    at: datetime
    staff: str
    assignee: str
    before: str
    reason: str
