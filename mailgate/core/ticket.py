"""Knows a ticket as the rest of the core sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from mailgate.core.case import Case
from mailgate.core.clock import Clock
from mailgate.core.message import Mailbox, folded
from mailgate.core.participant import Participant, Side

TicketId = NewType("TicketId", int)

_LONGEST_NUMBER = 9  # digits


class Status(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"


ENDED = frozenset({Status.RESOLVED, Status.CLOSED})
"""Of a ticket with which nobody is at work: nothing is promised on it any more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A mail of a ticket as people have it in their own programs.

    Args:
        readers: who wrote it, who got it from us, and its To and Cc; folded for comparing without case.
    """

    message_id: str
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket.

    Args:
        number: unique in its account, counted from 1; `name` is what people see, `ACME-42`.
        asked: the priority the customer asked for, empty without a tag; `priority` the one in force.
        policy: digest of the policy version it was opened under; its clocks follow that one.
        region, channel, role, environment, fields: what the promise was reckoned from.
        thread: its mails so far, oldest first; of a long one the beginning and the end.
        answered: when the first answer of staff that stands was accepted; None before it.
        resolved: when it was resolved; None while it is not.
        assignee: the address of the member of staff who works on it; None for nobody.
        merged_into: the ticket in which it goes on.
        people: who is on it beside the requester.
    """

    id: TicketId
    account: str
    number: int
    title: str
    priority: str
    status: Status
    requester: Mailbox
    opened: datetime
    policy: str
    plan: str
    asked: str = ""
    region: str = ""
    channel: str = "email"
    role: str = "support"
    environment: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    assignee: str | None = None
    clocks: tuple[Clock, ...] = ()
    thread: tuple[Seen, ...] = ()
    answered: datetime | None = None
    resolved: datetime | None = None
    merged_into: TicketId | None = None
    people: tuple[Participant, ...] = ()

    @property
    def case(self) -> Case:
        """What its promises are reckoned from."""
        return Case(
            plan=self.plan,
            region=self.region,
            asked=self.asked,
            channel=self.channel,
            role=self.role,
            environment=self.environment,
            fields=self.fields,
        )

    @property
    def customers(self) -> tuple[Mailbox, ...]:
        """The requester and the colleagues who are on it: who gets what staff write to the customer."""
        colleagues = (one.mailbox for one in self.people if one.side is Side.CUSTOMER)
        everybody = (self.requester, *colleagues)
        return tuple({one.folded: one for one in reversed(everybody)}.values())[::-1]

    @property
    def watchers(self) -> tuple[Mailbox, ...]:
        """Staff who follow it from outside the account's team."""
        return tuple(one.mailbox for one in self.people if one.side is Side.STAFF)

    def seen_by(self, address: str) -> tuple[str, ...]:
        """Message-IDs of what this reader wrote or got, oldest first (`behaviour.md` 3.5)."""
        reader = folded(address)
        return tuple(mail.message_id for mail in self.thread if reader in mail.readers)

    @property
    def is_spam(self) -> bool:
        """Whether it was closed as nobody's request."""
        return self.status is Status.CLOSED and self.merged_into is None

    def serves(self, address: str) -> bool:
        """Whether the address is the requester's or that of a colleague who is on it."""
        return any(one.is_at(address) for one in self.customers)

    @property
    def name(self) -> str:
        """The number as people see it: `ACME-42` (`behaviour.md` 3.1)."""
        return ticket_name(self.account, self.number)


def ticket_name(account: str, number: int) -> str:
    """`ACME-42` for account `acme` and number 42."""
    return f"{account.upper()}-{number}"


def named(text: str) -> tuple[str, int] | None:
    """Account and number of a name as people write it: `ACME-42`, `[acme-42]`; None where it is none."""
    account, _, digits = text.strip().strip("[]").rpartition("-")
    if not account or not (digits.isascii() and digits.isdigit()) or len(digits) > _LONGEST_NUMBER:
        return None
    return account.lower(), int(digits)
