"""Knows what follows from a mail of staff: what happens to its ticket, and who reads of it (4)."""

from mailgate.core import correspondence as letters
from mailgate.core import staffletters
from mailgate.core.aftermath import Also, Consequence
from mailgate.core.audience import customers
from mailgate.core.correlate import may_be_told
from mailgate.core.event import MailNoted, TicketAbsorbed, TicketMerged, TicketResolved
from mailgate.core.foretold import foretold
from mailgate.core.hearing import Finding, Hearing
from mailgate.core.history import course
from mailgate.core.letterhead import Letterhead, Reader
from mailgate.core.message import Mailbox
from mailgate.core.outgoing import Draft
from mailgate.core.participant import Participant, PeopleChanged
from mailgate.core.ticket import Ticket


def worked(finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    """What a mail of staff brings about: its commands and its words."""
    ticket, work, staff = finding.ticket, finding.work, finding.staff
    if ticket is None or work is None or staff is None:
        return Consequence()
    now, events = course(ticket, hearing.versions[ticket.policy], work.events)
    if work.faults:
        return Consequence(
            now, events, staffletters.command_answer(head, hearing.arrival, staff, work, ticket)
        )
    if work.checked:
        return _checked(finding, hearing, head, Consequence(now, events))
    drafts = _letters(finding, hearing, head, Consequence(now, events))
    drafts += letters.missed_targets(head, now, events)
    if work.into is None:
        return Consequence(now, events, drafts)
    closed, also = _merged(now, work.into, hearing, head)
    return Consequence(closed.ticket, events + closed.events, drafts + closed.drafts, beside=(also,))


def _checked(finding: Finding, hearing: Hearing, head: Letterhead, would: Consequence) -> Consequence:
    """Nothing of it happens; its writer is told what would (`/check`)."""
    ticket, work, staff, arrival = finding.ticket, finding.work, finding.staff, hearing.arrival
    if ticket is None or work is None or staff is None:
        return Consequence()
    noted = MailNoted(arrival.received, staff.address, work.said)
    readers = tuple(one.mailbox.address for one in _readers(finding, ticket)) if work.speaks else ()
    told = foretold(would.events, work.into, readers)
    drafts = staffletters.command_answer(head, arrival, staff, work, ticket, told)
    return Consequence(ticket, (noted,), drafts)


def _letters(finding: Finding, hearing: Hearing, head: Letterhead, follows: Consequence) -> tuple[Draft, ...]:
    arrival, ticket, staff, work = hearing.arrival, finding.ticket, finding.staff, finding.work
    now = follows.ticket
    if ticket is None or now is None or staff is None or work is None:
        return ()
    drafts: tuple[Draft, ...] = ()
    if work.answers:
        readers = _readers(finding, now)
        drafts += staffletters.relayed_replies(head, arrival, now, staff, work.words, readers)
    told = staffletters.told_in_person(follows.events, staff)
    if work.internal or told:
        drafts += staffletters.internal_notes(head, arrival, now, staff, work, told)
    if any(isinstance(event, TicketResolved) for event in follows.events):
        policy = hearing.versions[ticket.policy]
        drafts += staffletters.resolution_notes(head, arrival, now, staff, policy, _may_be_told(now, hearing))
    return drafts


def _readers(finding: Finding, ticket: Ticket) -> tuple[Reader, ...]:
    """Who gets an answer: the people on the ticket, and who wrote to it before it went on in another one."""
    readers, wrote = customers(ticket), finding.merged
    if wrote is None or ticket.serves(wrote.requester.address):
        return readers
    return (Reader(wrote.requester, wrote.seen_by(wrote.requester.address)), *readers)


def _may_be_told(ticket: Ticket, hearing: Hearing) -> tuple[Reader, ...]:
    """The customer's people to whom automatic mail may go: a requester that is a machine is none."""
    readers = customers(ticket)
    return readers if may_be_told(ticket, hearing.facts) else readers[1:]


def _merged(ticket: Ticket, into: Ticket, hearing: Hearing, head: Letterhead) -> tuple[Consequence, Also]:
    """What closes the one ticket, and what the other one, in which it goes on, takes from it."""
    at, policy = hearing.arrival.received, hearing.versions[into.policy]
    names = [one.name for one in policy.priorities]
    more_urgent = min((one for one in names if one in (into.priority, ticket.priority)), key=names.index)
    absorbed = TicketAbsorbed(
        at, ticket.name, into.priority, more_urgent, ticket.clocks, f"{ticket.name} goes on in it"
    )
    merged = TicketMerged(at, into.name, into.id, f"it goes on in {into.name}")
    closed, events = course(ticket, hearing.versions[ticket.policy], (merged,))
    came = _coming_along(ticket, into, hearing)
    other, happened = course(into, policy, (absorbed, *came))
    drafts = letters.missed_targets(head, closed, events)
    return (
        Consequence(closed, events, drafts),
        Also(other, happened, letters.missed_targets(head, other, happened)),
    )


def _coming_along(ticket: Ticket, into: Ticket, hearing: Hearing) -> tuple[PeopleChanged, ...]:
    """The people of a merged ticket are people of the one in which it goes on."""
    people = {one.mailbox.address.casefold(): one for one in into.people}
    for one in (Participant(ticket.requester), *ticket.people):
        if not into.serves(one.mailbox.address):
            people.setdefault(one.mailbox.address.casefold(), one)
    joined = tuple(address for address in people if not any(one.is_at(address) for one in into.people))
    if not joined:
        return ()
    by = hearing.arrival.message.sender or Mailbox("")
    reason = f"{ticket.name} goes on in it"
    return (PeopleChanged(hearing.arrival.received, tuple(people.values()), joined, (), by.address, reason),)
