"""Knows what a decision about a mail needs from the store: the questions, and the answers as values.

Everything here is of one account: what another account's mails or tickets say is never an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailgate.core.instant import EPOCH
from mailgate.core.outgoing import MailKind
from mailgate.core.suppression import Suppressed
from mailgate.core.ticket import Ticket, TicketId

WITHDRAWN_REPLY = "withdrawn_reply"
"""What a mail of staff that was decided to be a reply is called once it turns out that nobody got it."""

UNREACHED_REPLY = "unreached_reply"
"""What a copy of it is called, out, that did not reach its reader."""


class Direction(StrEnum):
    """Which way a mail went."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for one mail to one account.

    Args:
        message_id: empty for a mail without one.
        references: Message-IDs of In-Reply-To and References, the nearest first.
        ticket_ids: tickets that its signed addresses name.
        numbers: tickets of the account that its subject and commands in it name, by their numbers.
        sender: who wrote, a person or a machine; what they wrote lately is asked for.
        fingerprint, received: what the mail is like, and when it was accepted.
        doubted: it is not from whom it says.
        speaks: it may be for the customer's people; which of them are suppressed is asked for.
        reported_ids: Message-IDs that a delivery report speaks of.
        reported_recipients: recipients that a delivery report speaks of; sought among what went out for
            `ticket_ids`.
    """

    account: str
    message_id: str
    identity: str
    references: tuple[str, ...] = ()
    ticket_ids: tuple[TicketId, ...] = ()
    numbers: tuple[int, ...] = ()
    reported_ids: tuple[str, ...] = ()
    reported_recipients: tuple[str, ...] = ()
    sender: str = ""
    fingerprint: int = 0
    received: datetime = EPOCH
    speaks: bool = False
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Recent:
    """A mail that the same sender wrote to the account shortly before: when, what it was like, on what.

    Args:
        doubted: or somebody else in the sender's name.
    """

    at: datetime
    fingerprint: int
    ticket: TicketId | None = None
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class KnownMail:
    """A mail that this account's people sent or got before.

    Args:
        kind: of a mail in, what was decided about it (`core.change.Outcome`), or `WITHDRAWN_REPLY`; of one
            out, its `MailKind`, or `UNREACHED_REPLY`.
        ticket: None for a mail that is on no ticket.
        identity: `core.message.Message.identity`; empty for a mail out.
        readers: as `core.ticket.Seen` has them.
        doubted: it was not from whom it said.
    """

    message_id: str
    direction: Direction
    kind: str
    at: datetime
    ticket: TicketId | None = None
    sender: str = ""
    identity: str = ""
    readers: tuple[str, ...] = ()
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours, out, that a delivery report speaks of."""

    message_id: str
    kind: MailKind
    recipients: tuple[str, ...]
    subject: str
    ticket: TicketId | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a mail is decided.

    Args:
        same_identity: the mail that this one is a copy of: the same Message-ID (or none) and content.
        same_message_id: mails in with its Message-ID and other content, oldest first.
        own: the mail of ours that has its Message-ID.
        referenced: mails that its References name, in the question's order.
        tickets: the tickets that signed addresses, copies, references, the subject and commands name, and
            those in which they go on, with clocks and thread; locked until the transaction ends.
        threads: the mails of each of those tickets, oldest first; of a long thread its beginning and its end.
        sent: what a delivery report speaks of.
        recent: what its sender wrote within the last day, the latest mails of it.
        suppressed: which people of the tickets get nothing for now; only asked where a mail may be for them.
    """

    same_identity: KnownMail | None = None
    same_message_id: tuple[KnownMail, ...] = ()
    own: KnownMail | None = None
    referenced: tuple[KnownMail, ...] = ()
    tickets: Mapping[TicketId, Ticket] = field(default_factory=dict)
    threads: Mapping[TicketId, tuple[KnownMail, ...]] = field(default_factory=dict)
    sent: tuple[SentMail, ...] = ()
    recent: tuple[Recent, ...] = ()
    suppressed: Suppressed = field(default_factory=dict)
