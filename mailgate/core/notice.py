"""Knows what each kind of mail says, as values: what a template may name.

One dataclass for each folder in templates/ (`core.outgoing.Context` joins them).
Text is unescaped and as it was written, so everything that came from outside is hostile; mail.compose makes
it safe. `markup` is a mail in the dress of its HTML, sanitised: what says `text` of it is shown (mail.cut).
Instants are UTC; the zone beside them is the one in which the reader is told them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailgate.core.clock import Clock
from mailgate.core.command import USAGE, Fault
from mailgate.core.message import Attachment, DeliveryReport, Mailbox
from mailgate.core.promise import Promised
from mailgate.core.tickethead import TicketHead


@dataclass(frozen=True, slots=True)
class Link:
    """A place that a reader is pointed to: a status page, a knowledge base, a telephone number."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """To the customer, once: we have it, this is what we understood and what we promise.

    Args:
        ticket: its name, `ACME-42`.
        title: empty where the words of an unproven sender must not be sent back.
        received: when the mail was accepted.
        priority: the one in force; `priority_name` is the vendor's word for it, such as `urgent`.
        asked: what the tag named, empty for none; `because` says why another is in force.
        targets: what is promised; one without a due instant is best effort. None: no target applies.
        notes: sentences: an unknown tag, a cap, a channel without targets, a number that is asked for.
        availability: what the customer is asked to be ready for (a P1); empty for nothing.
        plan: what the vendor calls the plan; `scope` what support of it helps with, `scope_text` in full.
        zone: IANA zone in which `received` is told.
    """

    ticket: str
    title: str
    received: datetime
    priority: str
    priority_name: str = ""
    asked: str = ""
    because: str = ""
    targets: tuple[Promised, ...] = ()
    notes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    availability: str = ""
    zone: str = "UTC"
    plan: str = ""
    scope: str = ""
    scope_text: str = ""

    @property
    def first_due(self) -> Promised | None:
        """The first target that has a due instant."""
        return next((target for target in self.targets if target.due), None)


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """To one member of staff: a customer wrote (`behaviour.md` 4.1).

    Args:
        opened: whether this mail opened the ticket; otherwise it is a reply on it.
        text: the customer's words, whole; `asked` and `because` as in the acknowledgement.
        flags: warnings in words: the sender is not on the ticket, a copy went to a stranger.
    """

    ticket: TicketHead
    opened: bool
    writer: Mailbox
    received: datetime
    text: str
    attachments: tuple[Attachment, ...] = ()
    flags: tuple[str, ...] = ()
    asked: str = ""
    because: str = ""
    markup: str = ""


@dataclass(frozen=True, slots=True)
class RelayedReply:
    """To the customer: a staff member's words with their name, never an address (`behaviour.md` 4.2)."""

    ticket: str
    title: str
    staff: str
    text: str
    markup: str = ""


@dataclass(frozen=True, slots=True)
class ResolutionNote:
    """To the customer: somebody of the staff says that it is settled, and how it can be taken up again.

    Args:
        staff: the name; never an address.
        reopens_until: until then a reply reopens the ticket, told in `zone`; None: a reply opens a new one.
    """

    ticket: str
    title: str
    staff: str
    resolved: datetime
    reopens_until: datetime | None
    links: tuple[Link, ...] = ()
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """To the member of staff whose commands do not hold, or who asked what they would do (4.4).

    Args:
        ticket: None for a mail that would have opened one.
        faults: what is wrong, and what would be right; empty where all holds.
        would: what would happen, in sentences.
        text: what they wrote, so that it can be sent again.
        usage: how each command is written.
    """

    ticket: TicketHead | None
    faults: tuple[Fault, ...]
    received: datetime
    text: str
    would: tuple[str, ...] = ()
    zone: str = "UTC"
    usage: tuple[str, ...] = USAGE


@dataclass(frozen=True, slots=True)
class InternalNote:
    """To staff: words that stay inside; what changed for the reader; where theirs go to the customer."""

    ticket: TicketHead
    writer: Mailbox
    received: datetime
    text: str
    attachments: tuple[Attachment, ...] = ()
    told: tuple[str, ...] = ()
    answer_to: str = ""
    answered: bool = False
    markup: str = ""

    @property
    def stays_inside(self) -> bool:
        """Whether it holds words or files of the house; then a reply to it is a note as well."""
        return bool(self.text or self.attachments)


@dataclass(frozen=True, slots=True)
class TargetWarning:
    """To staff: most of a target's time is used up (`behaviour.md` 6.2)."""

    ticket: TicketHead
    clock: Clock


@dataclass(frozen=True, slots=True)
class MissedTarget:
    """To staff: a target was missed (`behaviour.md` 6.2)."""

    ticket: TicketHead
    clock: Clock


@dataclass(frozen=True, slots=True)
class Page:
    """To the person on call, read on a telephone in the night.

    Args:
        reason: why they are woken.
        text: what the customer wrote; empty where nothing new was.
        step: of the ladder, counted from 1; `steps`, how many it has.
        paged: names of everybody who is paged at this step.
        missing: names of the required fields that the customer did not give, such as a telephone number.
    """

    ticket: TicketHead
    reason: str
    text: str = ""
    step: int = 1
    steps: int = 1
    paged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotEntitled:
    """To a sender whose plan has no tickets, or who named no project: a courteous no (`behaviour.md` 2.8).

    Args:
        title: empty where the words of an unproven sender must not be sent back.
        plan: what the company bought, as its policy names it.
        reasons: sentences: what is missing and what the plan includes.
        includes: what else is part of the plan, by the vendor's names.
    """

    title: str
    received: datetime
    plan: str
    reasons: tuple[str, ...]
    links: tuple[Link, ...] = ()
    zone: str = "UTC"
    includes: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryProblem:
    """To staff: who did not get a mail of ours, and why (`behaviour.md` 2.3).

    Args:
        ticket: None for a mail that belongs to no ticket.
        what: which mail it was, in words: `an answer to the customer`, `the acknowledgement`.
        follows: what becomes of the address from now on, in a sentence; empty for nothing.
        withdrawn: clocks that the mail had stopped and that run again, or were missed.
    """

    ticket: TicketHead | None
    what: str
    subject: str
    report: DeliveryReport
    follows: str
    withdrawn: tuple[Clock, ...] = ()


class Matter(StrEnum):
    """What the operators are told of."""

    HELD = "held"  # a sender who is not allowed
    UNVERIFIED_STAFF = "unverified_staff"  # a staff address, of somebody who is not proven to be that person
    FORGED = "forged"  # a mail that its domain asks not to be taken for its own
    NOTHING_SAID = "nothing_said"  # a staff reply without a word for the customer
    QUARANTINED = "quarantined"  # a mail that cannot be read within its limits
    PAGE = "page"  # a page that reached nobody
    BRAKE = "brake"  # so much alike came from one sender that it is not answered, or not passed on
    FLOOD = "flood"  # so many tickets came from one sender that they wake nobody more
    LETTER = "letter"  # a mail to postmaster or abuse


@dataclass(frozen=True, slots=True)
class OperatorNotice:
    """To the operators: something waits for them.

    Args:
        sender: of a page, whom it was to reach.
        company: the account's name, empty for none.
        reason: why, in a sentence.
        remedy: the command that settles it, such as `mailgate held release 12`; empty for none.
        text: the words of the mail, only for a letter to postmaster or abuse.
    """

    matter: Matter
    at: datetime
    sender: str
    subject: str
    reason: str
    company: str = ""
    remedy: str = ""
    text: str = ""
    zone: str = "UTC"
