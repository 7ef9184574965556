"""Knows what the mails of a thread would have been to its ticket: the events of the service."""

from dataclasses import replace

from mailgate.core.event import (
    CustomerReplied,
    Event,
    StaffReplied,
    TicketReopened,
)
from mailgate.core.past import Writer
from mailgate.core.policy import Policy
from mailgate.core.promise import raised_by_tag
from mailgate.core.scenario import Scenario
from mailgate.core.staffmail import StaffMail
from mailgate.core.staffwork import staff_work
from mailgate.core.threads import Entry, EntryKind
from mailgate.core.ticket import Status, Ticket
from mailgate.core.undelivered import withdrawn

_WORDS = "words"  # of a reply, which the archive does not keep


def events(ticket: Ticket, entry: Entry, scenario: Scenario, answers: tuple[Entry, ...]) -> tuple[Event, ...]:
    """What a mail would have been to the ticket; `answers` are those of staff before it that arrived."""
    match entry.kind:
        case EntryKind.CUSTOMER:
            return _by_customer(ticket, entry, scenario)
        case EntryKind.FAILURE:
            return _withdrawn(ticket, entry, answers)
        case EntryKind.STAFF | EntryKind.NOTE:
            return _by_staff(ticket, entry, scenario.policy) if entry.mail.writer is Writer.STAFF else ()


def _by_customer(ticket: Ticket, entry: Entry, scenario: Scenario) -> tuple[Event, ...]:
    writer = entry.mail.sender.address
    replied = CustomerReplied(entry.at, writer, "it refers to a mail of the ticket")
    case = replace(ticket.case, launches=scenario.given.launches, options=scenario.given.options)
    change = raised_by_tag(ticket, case, scenario.policy, entry.mail.subject, entry.at)
    told: tuple[Event, ...] = (replied, change) if change else (replied,)
    if ticket.status is not Status.RESOLVED:
        return told
    return (TicketReopened(entry.at, writer, "a reply to a resolved ticket"), *told)


def _by_staff(ticket: Ticket, entry: Entry, policy: Policy) -> tuple[Event, ...]:
    """What staff wrote to the customer, and what their commands did; commands that fail are passed over."""
    mail = entry.mail
    if entry.kind is EntryKind.NOTE and not mail.commands:
        return ()
    said = [*map(str, mail.commands), *([_WORDS] if entry.kind is EntryKind.STAFF else ())]
    work = staff_work(StaffMail(mail.sender, entry.at, mail.message_id, "\n".join(said)), ticket, policy, {})
    if not work.faults:
        return work.events
    replied = StaffReplied(entry.at, mail.sender.address, "a reply to the customer")
    return (replied,) if entry.kind is EntryKind.STAFF else ()


def _withdrawn(ticket: Ticket, entry: Entry, answers: tuple[Entry, ...]) -> tuple[Event, ...]:
    """What a report of a failure takes back (`behaviour.md` 2.3)."""
    names = [answer.mail.message_id for answer in answers]
    place = next((names.index(name) for name in entry.mail.failed if name in names), None)
    if place is None:
        return ()
    answered = answers[place].at
    again = answers[place + 1].at if place + 1 < len(answers) else None
    return withdrawn(ticket, answered, again, entry.at)
