"""Knows what one spooled mail does to one account: what follows from it, and what of that is written.

All of it is written, or nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailgate.core.authentication import Authentication
from mailgate.core.event import Event
from mailgate.core.message import Envelope
from mailgate.core.outgoing import Draft, Outgoing
from mailgate.core.suppression import Suppression
from mailgate.core.ticket import Ticket, TicketId


class Outcome(StrEnum):
    """What became of a mail (`mail explain` in `contract.md`)."""

    NEW_TICKET = "new_ticket"
    REPLY = "reply"
    STAFF_REPLY = "staff_reply"
    NOTE = "note"
    DELIVERY_REPORT = "delivery_report"
    DUPLICATE = "duplicate"
    HELD = "held"
    NOT_ENTITLED = "not_entitled"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class HoldKind(StrEnum):
    """Why a mail is kept aside for the operators."""

    HELD = "held"  # the sender is not allowed (behaviour.md 2.7)
    NOT_ENTITLED = "not_entitled"  # behaviour.md 2.8
    QUARANTINED = "quarantined"  # it could not be read or decided within its limits
    OPERATOR = "operator"  # to postmaster or abuse


@dataclass(frozen=True, slots=True)
class SpooledMail:
    """A mail as it was accepted, claimed for a decision.

    Args:
        content: the bytes exactly as they came.
        received: the moment of its 250: when every clock of it starts.
        attempts: how often it has been claimed, this time included.
        released: an operator let its sender in after it had been held.
    """

    id: int
    raw_id: int
    received: datetime
    envelope: Envelope
    content: bytes
    attempts: int
    released: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """An entry of the list of held mail."""

    kind: HoldKind
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """The identity that a new ticket gets."""

    id: TicketId
    number: int


@dataclass(frozen=True, slots=True)
class Also:
    """What follows for a second ticket of the account: the one merged into, the one that is continued."""

    ticket: Ticket
    events: tuple[Event, ...]
    drafts: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from one mail to one account, to be carried out in one transaction."""

    ticket: Ticket | None = None
    events: tuple[Event, ...] = ()
    drafts: tuple[Draft, ...] = ()
    beside: tuple[Also, ...] = ()
    hold: Hold | None = None
    suppressions: tuple[Suppression, ...] = ()


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is remembered of a mail that came in, so that later ones are recognised by it.

    Args:
        sender: the address in From, for comparing; empty where there is none or more than one.
        identity: `core.message.Message.identity`.
        readers: as `core.ticket.Seen` has them.
        fingerprint: `core.message.Message.fingerprint`.
        authentication: what proves who sent it; None where nobody looked.
    """

    sender: str
    subject: str
    message_id: str
    identity: str
    readers: tuple[str, ...] = ()
    fingerprint: int | None = None
    authentication: Authentication | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What a mail does to a second ticket of the account: one merged with it, or one that it continues."""

    ticket: TicketId
    events: tuple[Event, ...]
    mails: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A decision and everything that follows from it.

    Args:
        account: empty for mail to the operators.
        rule: the rule of `behaviour.md` 2 that held; `reason` says why, in a sentence.
        ticket: the ticket that the mail is on; of every event and every mail here, too. `ticket_name`
            is what people know it by, `ACME-42`.
        message: None for a duplicate, and for a mail that could not be read. The one of a mail that had been
            held and was released takes the place of the first.
        beside: what happens to other tickets with it.
        suppressions: addresses that it proves to be nobody's.
        braked: it was one too many, and was not answered, or not passed on.
        attempt: of the claim on the spooled mail; if another claim came after it, nothing is written.
        mails: what goes out because of it; one whose cause is already in the outbox is not queued again.
    """

    spool_id: int
    raw_id: int
    account: str
    received: datetime
    outcome: Outcome
    rule: str
    reason: str
    ticket: TicketId | None = None
    ticket_name: str = ""
    events: tuple[Event, ...] = ()
    message: Incoming | None = None
    mails: tuple[Outgoing, ...] = ()
    beside: tuple[Beside, ...] = ()
    hold: Hold | None = None
    suppressions: tuple[Suppression, ...] = ()
    braked: bool = False
    attempt: int = 0

    @property
    def queued(self) -> tuple[Outgoing, ...]:
        """All mails that go out, those of other tickets too."""
        return self.mails + tuple(mail for other in self.beside for mail in other.mails)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy as it was when a ticket was opened under it (`behaviour.md` 6.5); `content` is its file."""

    digest: str
    name: str
    content: str
