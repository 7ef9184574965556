"""Knows what a mail of an archive was, which has no envelope any more: when it came, and who wrote it.

No signed address tells staff from customers there, so an address or a domain must. Whether a machine wrote is
judged as in the intake (`behaviour.md` 2.3, 2.4).
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from mailgate.core.address import names_staff
from mailgate.core.command import Command, Orders, Verb, orders
from mailgate.core.fields import fields
from mailgate.core.instant import read, written
from mailgate.core.internal import for_customer, says_something
from mailgate.core.message import Mailbox, Message, Origin

_EARLIEST = read("1982-08-13T00:00:00Z")  # when the header of today was first laid down
_LONGEST_WAY = timedelta(days=7)  # RFC 5321 section 4.5.4.1: a sender gives up after four or five
_MOST_SUBJECT = 300  # characters that are remembered of each


class DatedBy(StrEnum):
    """Which header field told the moment of a mail."""

    RECEIVED = "Received"
    DATE = "Date"


class Writer(StrEnum):
    """Who wrote a mail."""

    CUSTOMER = "customer"
    STAFF = "staff"
    MACHINE = "machine"
    REPORT = "report"  # a mail system, of a delivery


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is staff, by address and by domain, all in lower case."""

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def has(self, address: str) -> bool:
        """Whether a mail from this address is staff's."""
        lowered = address.lower()
        return lowered in self.addresses or lowered.rpartition("@")[2] in self.domains


@dataclass(frozen=True, slots=True)
class PastMail:
    """A mail of an archive, as far as promises care: its words are not kept.

    Args:
        place: where it lies, for people.
        at: when it was accepted, by the field that `told`; the clocks start and stop there.
        sender: without an address where From names nobody, or more than one.
        references: Message-IDs of In-Reply-To and References, the nearest first.
        recipients: of a customer, the addresses in To and Cc, in lower case.
        fields: of a customer or a machine, the `Name: value` lines at its top.
        failed: of a delivery report, the Message-IDs of what did not arrive.
        for_customer: of staff, whether anything in it goes to somebody who is not staff.
        commands: of staff, those at its top.
    """

    place: str
    at: datetime
    dated_by: DatedBy
    writer: Writer
    sender: Mailbox
    subject: str
    identity: str
    message_id: str = ""
    references: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    for_customer: bool = False
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A mail that the replay does without, and why."""

    place: str
    reason: str


def past_mail(place: str, message: Message, staff: Staff, now: datetime) -> PastMail | LeftOut:
    """What the mail was; it is left out if nothing tells when it came.

    Args:
        now: no past mail came later.
    """
    came = accepted_at(message.stamps, message.date, now)
    if came is None:
        return LeftOut(place, _timeless(message, now))
    sender = message.sender or Mailbox("")
    writer = _writer(message, staff)
    report = message.report
    read = _orders(message) if writer is Writer.STAFF else Orders()
    onward = writer is Writer.STAFF and not read.has(Verb.NOTE) and _goes_on(message, staff)
    return PastMail(
        place=place,
        at=came[0],
        dated_by=came[1],
        writer=writer,
        sender=sender,
        subject=message.subject[:_MOST_SUBJECT],
        identity=message.identity,
        message_id=sys.intern(message.message_id),
        references=_references(message),
        recipients=_recipients(message) if writer is Writer.CUSTOMER else (),
        fields=fields(message.text) if writer in {Writer.CUSTOMER, Writer.MACHINE} else {},
        failed=report.message_ids if report and report.action == "failed" else (),
        for_customer=onward and _says_something(message, read, sender),
        commands=read.commands,
    )


def accepted_at(
    stamps: tuple[datetime, ...], date: datetime | None, now: datetime
) -> tuple[datetime, DatedBy] | None:
    """When a mail was accepted: by the last host's Received, or else by its Date; None where neither tells.

    A Received that is more than a week later than the one below it was written when the mail was moved into
    another archive.

    Args:
        stamps: the dates of the Received fields, the last host's first.
    """
    moved = [above - below > _LONGEST_WAY for above, below in pairwise(stamps)] + [False]
    for stamp, was_moved in zip(stamps, moved, strict=False):
        if not was_moved and _EARLIEST <= stamp <= now:
            return stamp, DatedBy.RECEIVED
    if date is not None and _EARLIEST <= date <= now:
        return date, DatedBy.DATE
    return None


def _timeless(message: Message, now: datetime) -> str:
    if not message.stamps and message.date is None:
        return "no Received and no Date that names an instant"
    named = message.stamps[0] if message.stamps else message.date
    when = written(named) if named else ""
    return f"its time {when} is {'later than now' if named and named > now else 'before there was such mail'}"


def _writer(message: Message, staff: Staff) -> Writer:
    match message.verdict.origin:
        case Origin.DELIVERY_REPORT:
            return Writer.REPORT
        case Origin.MACHINE:
            return Writer.MACHINE
        case Origin.PERSON:
            sender = message.sender
            return Writer.STAFF if sender and staff.has(sender.address) else Writer.CUSTOMER


def _references(message: Message) -> tuple[str, ...]:
    """The nearest first. Each Message-ID is one string, however many mails name it: there may be 100,000."""
    return tuple(map(sys.intern, dict.fromkeys((*message.in_reply_to, *reversed(message.references)))))


def _recipients(message: Message) -> tuple[str, ...]:
    return tuple(one.address.lower() for one in (*message.to, *message.cc))


def _goes_on(message: Message, staff: Staff) -> bool:
    """Whether staff's mail leaves the house: one to a signed address is passed on (`behaviour.md` 4.2)."""
    to = _recipients(message)
    return not to or any(not staff.has(one) or names_staff(one.encode()) for one in to)


def _says_something(message: Message, read: Orders, sender: Mailbox) -> bool:
    """Whether there is anything in it for a customer: an empty mail, or a mere quotation, is no answer."""
    words = for_customer(read.words, sender.address)
    return bool(message.attachments or (says_something(words, sender) and not message.only_quotes))


def _orders(message: Message) -> Orders:
    """The commands of a mail of staff, and its words; one with faulty commands went out as it is."""
    read = orders(message.reply_text)
    return Orders(words=message.reply_text) if read.faults else read
