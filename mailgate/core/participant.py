"""Knows the people on a ticket beside its requester: who they are, and how they come, go and are given it.

Colleagues of the customer get what staff write to the customer; staff who are here follow it from outside
the account's team (`behaviour.md` 3.6, 4.4). Whom staff took off is remembered: whoever is copied again by
habit, or writes by an old thread, does not come back before staff say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailgate.core.message import Mailbox


class Side(StrEnum):
    """Of which house a participant is, and so which mails they get; who is gone gets none."""

    CUSTOMER = "customer"
    STAFF = "staff"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on a ticket beside its requester, or somebody whom staff took off it."""

    mailbox: Mailbox
    side: Side = Side.CUSTOMER


def present(people: Iterable[Participant]) -> dict[str, Participant]:
    """Those who are on it, by their folded address."""
    return {one.mailbox.folded: one for one in people if one.side is not Side.GONE}


@dataclass(frozen=True, slots=True)
class PeopleChanged:  # no arrow
    """Somebody joined the ticket or left it.

    Args:
        people: everybody who is on it from now on, beside its requester, and who was taken off it.
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
