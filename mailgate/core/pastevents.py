"""Knows what the mails of a thread would have been to its ticket: the events of the service."""

from dataclasses import replace

from mailgate.core.event import (
    CustomerReplied,
    Event,
    ResponseWithdrawn,
    StaffReplied,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
)
from mailgate.core.instant import written
from mailgate.core.past import Order, Writer
from mailgate.core.promise import raised_by_tag
from mailgate.core.setting import Setting
from mailgate.core.threads import Entry, Part
from mailgate.core.ticket import Status, Ticket


def events(ticket: Ticket, entry: Entry, setting: Setting, answers: tuple[Entry, ...]) -> tuple[Event, ...]:
    """What a mail would have been to the ticket; `answers` are those of staff before it."""
    match entry.part:
        case Part.CUSTOMER:
            return _by_customer(ticket, entry, setting)
        case Part.FAILURE:
            return _withdrawn(ticket, entry, answers)
        case Part.STAFF | Part.NOTE:
            return _by_staff(ticket, entry) if entry.mail.writer is Writer.STAFF else ()


def _by_customer(ticket: Ticket, entry: Entry, setting: Setting) -> tuple[Event, ...]:
    writer = entry.mail.sender.address
    replied = CustomerReplied(entry.at, writer, "it refers to a mail of the ticket")
    case = replace(ticket.case, launches=setting.given.launches, options=setting.given.options)
    change = raised_by_tag(ticket, case, setting.policy, entry.mail.subject, entry.at)
    told: tuple[Event, ...] = (replied, change) if change else (replied,)
    if ticket.status is not Status.RESOLVED:
        return told
    return (TicketReopened(entry.at, writer, "a reply to a resolved ticket"), *told)


def _by_staff(ticket: Ticket, entry: Entry) -> tuple[Event, ...]:
    """What staff wrote to the customer, and what their commands say (`behaviour.md` 4.4)."""
    at, staff, orders = entry.at, entry.mail.sender.address, entry.mail.orders
    told: list[Event] = []
    if entry.part is Part.STAFF:
        told.append(StaffReplied(at, staff, "a reply to the customer"))
    if Order.ACK in orders:
        told.append(TicketTaken(at, staff, "/ack"))
    if Order.WAIT in orders:
        told.append(TicketSetWaiting(at, staff, f"the mail of {written(at)}", "/wait"))
    if Order.REOPEN in orders and ticket.status is Status.RESOLVED:
        told.append(TicketReopened(at, staff, "/reopen"))
    if Order.RESOLVE in orders:
        told.append(TicketResolved(at, staff, "/resolve"))
    return tuple(told)


def _withdrawn(ticket: Ticket, entry: Entry, answers: tuple[Entry, ...]) -> tuple[Event, ...]:
    """What a report of a failure takes back (`behaviour.md` 2.3)."""
    names = [answer.mail.message_id for answer in answers]
    place = next((names.index(name) for name in entry.mail.failed if name in names), None)
    if place is None:
        return ()
    answered = answers[place].at
    again = answers[place + 1].at if place + 1 < len(answers) else None
    if ticket.answered != answered and all(clock.stopped != answered for clock in ticket.clocks):
        return ()
    return (ResponseWithdrawn(entry.at, answered, again, "the reply was never delivered"),)
