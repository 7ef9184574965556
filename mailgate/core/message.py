"""Knows what a mail says once it has been read: values only, whatever bytes they came from.

Text here is clean: no NUL, no lone surrogate, no control or bidirectional characters in a one-line field.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LOOP_FIELD = "X-Mailgate-Loop"
"""The header field by which a mail of our own is known when it comes back; its value is our domain."""


def folded(address: str) -> str:
    """The address for comparing: no mail system tells two people apart by case (RFC 5321 section 2.4)."""
    local, at, _ = address.rpartition("@")
    return f"{local.casefold()}{at}{domain_of(address)}"


def domain_of(address: str) -> str:
    """What follows the last `@`, for comparing: in a domain, `ß` and `ss` are two letters (RFC 5890)."""
    return address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a mail arrived (RFC 5321 section 2.3.1).

    Args:
        reverse_path: the MAIL FROM address; empty for the null reverse-path `<>`.
        recipients: the RCPT TO addresses, in order.
        peer: the client's IP address; `unix` for one on a Unix socket.
        greeting: what it said in EHLO.
    """

    reverse_path: str
    recipients: tuple[str, ...]
    peer: str = ""
    greeting: str = ""


@dataclass(frozen=True, slots=True)
class MailObject:
    """A mail as the door took it in. `content` is dot-unstuffed; its lines end in CR LF."""

    envelope: Envelope
    content: bytes


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name before it (RFC 5322 section 3.4). `address` is bare: `bob@acme.example`."""

    address: str
    name: str = ""

    @property
    def folded(self) -> str:
        """The address for comparing."""
        return folded(self.address)

    @property
    def domain(self) -> str:
        """What follows the last `@`, for comparing."""
        return domain_of(self.address)

    def is_at(self, address: str) -> bool:
        """Whether it is the mailbox that has this address."""
        return self.folded == folded(address)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a mail that is a file. `size` and `sha256` are of the decoded bytes."""

    filename: str
    content_type: str
    size: int
    sha256: str
    inline: bool = False
    content_id: str = ""


class Origin(StrEnum):
    """Who a mail is from: the three-way verdict of `behaviour.md` 2.3 and 2.4."""

    PERSON = "person"
    MACHINE = "machine"
    DELIVERY_REPORT = "delivery_report"


class Protection(StrEnum):
    """Whether the container of a mail is signed or encrypted. Nothing of it is verified or opened."""

    NONE = ""
    SIGNED = "signed"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a person or a machine wrote, and the evidence in words (`why_auto` of `mail parse`)."""

    origin: Origin
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What a delivery report says of one recipient (RFC 3464 section 2.3).

    Args:
        recipient: the address that the mail was sent to, as far as the report tells; empty for none.
        action: `failed`, `delayed`, `relayed`, `expanded` or `delivered`.
        status: the enhanced status code, empty where none is given.
        diagnostic: the remote server's words, cut to one line.
        others: the addresses to which it was passed on, where the report gives them too.
    """

    recipient: str
    action: str
    status: str = ""
    diagnostic: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a delivery report says (RFC 3464, or an old plain form), of those who fared worst.

    Args:
        recipients: who they are; `action`, `status` and `diagnostic` as in their `Fate`.
        message_ids: Message-IDs of the mail that it speaks of, where it carries its header.
        fates: what it says of every recipient, one by one.
    """

    recipients: tuple[str, ...]
    action: str
    status: str = ""
    diagnostic: str = ""
    message_ids: tuple[str, ...] = ()
    fates: tuple[Fate, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every address that it gives for those who fared worst: by one of them we know the mail."""
        others = (name for fate in self.fates if fate.action == self.action for name in fate.others)
        return tuple(dict.fromkeys((*self.recipients, *others)))


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, read. Message-IDs are without angle brackets, addresses bare, the subject decoded and whole.

    Args:
        senders: every mailbox of every From field; `sender` is there only if it is exactly one.
        identity: a digest of what the sender wrote (From, Date, Subject, body), alike for copies of one mail
            that took different ways; with the Message-ID it tells a duplicate (`behaviour.md` 2.1).
        reply_text: what its writer added; the whole text where that is nothing.
        fingerprint: what its writer's words are like (core.fingerprint).
        only_quotes: it has text, and its writer added none of it: a quotation, a signature.
        markup: the text in the dress of its HTML, sanitised (mail.markup); empty for a mail of plain text.
        presumed: what it reports if its envelope is a delivery report's: words alone make no report.
        loop_marks: values of our own loop header field.
        hops: the number of Received fields; `stamps` are the dates in them, the last host's first, as far as
            they can be read.
        defects: what was wrong with it, in words; empty for a well-formed mail.
    """

    subject: str
    senders: tuple[Mailbox, ...]
    identity: str
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    reply_text: str = ""
    fingerprint: int = 0
    only_quotes: bool = False
    markup: str = ""
    attachments: tuple[Attachment, ...] = ()
    protection: Protection = Protection.NONE
    verdict: Verdict = field(default_factory=lambda: Verdict(Origin.PERSON))
    report: DeliveryReport | None = None
    presumed: DeliveryReport | None = None
    loop_marks: tuple[str, ...] = ()
    hops: int = 0
    stamps: tuple[datetime, ...] = ()
    defects: tuple[str, ...] = ()

    @property
    def sender(self) -> Mailbox | None:
        """The one mailbox in From; None where there is none or more than one (nobody is identified then)."""
        return self.senders[0] if len(self.senders) == 1 else None

    @property
    def readers(self) -> tuple[str, ...]:
        """Who has it: its writer, and who stands in To and Cc; folded for comparing without case."""
        everybody = (*self.senders, *self.to, *self.cc)
        return tuple(dict.fromkeys(one.folded for one in everybody))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A mail that could not be read within its limits; it is quarantined and shown to the operator."""

    reason: str


Reading = Message | Unreadable
