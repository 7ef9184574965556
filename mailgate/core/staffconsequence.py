"""Knows what follows from a mail of staff: what happens to its ticket, and who reads of it (4)."""

from mailgate.core import correspondence as letters
from mailgate.core import staffletters
from mailgate.core.audience import customers
from mailgate.core.change import Also, Consequence
from mailgate.core.command import Verb
from mailgate.core.correlate import may_be_told
from mailgate.core.correspondence import Failure
from mailgate.core.escalation import escalated
from mailgate.core.event import MailNoted, TicketAbsorbed, TicketMerged, TicketResolved
from mailgate.core.foretold import NOTHING, foretold, opening_foretold
from mailgate.core.hearing import Finding, Hearing
from mailgate.core.history import course
from mailgate.core.letterhead import Letterhead, Reader
from mailgate.core.message import Fate, Mailbox
from mailgate.core.outgoing import Draft, MailKind
from mailgate.core.participant import PeopleChanged, present
from mailgate.core.promise import titled
from mailgate.core.report import FAILED, summary
from mailgate.core.staffpeople import together
from mailgate.core.staffwork import StaffWork
from mailgate.core.ticket import Ticket


def worked(finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    """What a mail of staff brings about: its commands and its words, or an answer to its writer alone."""
    ticket, work, staff, arrival = finding.ticket, finding.work, finding.staff, hearing.arrival
    if work is None or staff is None:
        return Consequence()
    if ticket is None:
        told = _opening(finding, hearing) if work.checked else ()
        return Consequence(drafts=staffletters.command_answer(head, arrival, staff, work, None, told))
    if work.faults:
        now, events = course(ticket, hearing.versions[ticket.policy], work.events)
        return Consequence(now, events, staffletters.command_answer(head, arrival, staff, work, ticket))
    follows = _done(ticket, work, staff, hearing, head)
    if not work.checked:
        return follows
    noted = MailNoted(arrival.received, staff.address, work.said)
    told = _would(work, hearing, head, follows)
    return Consequence(
        ticket, (noted,), staffletters.command_answer(head, arrival, staff, work, ticket, told)
    )


def _done(ticket: Ticket, work: StaffWork, staff: Mailbox, hearing: Hearing, head: Letterhead) -> Consequence:
    """What happens, and who reads of it; of a mail to be checked, what would."""
    now, events = course(ticket, hearing.versions[ticket.policy], work.events)
    drafts = _letters(work, staff, hearing, head, Consequence(now, events))
    drafts += letters.missed_targets(head, now, events)
    if work.into is None:
        return Consequence(now, events, drafts)
    closed, also = _merged(now, work.into, staff, hearing, head)
    return Consequence(closed.ticket, events + closed.events, drafts + closed.drafts, beside=(also,))


def _letters(
    work: StaffWork, staff: Mailbox, hearing: Hearing, head: Letterhead, follows: Consequence
) -> tuple[Draft, ...]:
    arrival, now = hearing.arrival, follows.ticket
    if now is None:
        return ()
    drafts: tuple[Draft, ...] = ()
    if work.speaks:
        readers = customers(now, hearing.facts.tickets)
        drafts += staffletters.relayed_replies(head, arrival, now, staff, work.words, readers)
        drafts += _unreached(readers, now, hearing, head)
    told = staffletters.told_in_person(follows.events, staff)
    drafts += staffletters.internal_notes(head, arrival, now, staff, work, told)
    if any(isinstance(event, TicketResolved) for event in follows.events):
        policy = hearing.versions[now.policy]
        drafts += staffletters.resolution_notes(head, arrival, now, staff, policy, _may_be_told(now, hearing))
    return drafts


def _unreached(
    readers: tuple[Reader, ...], ticket: Ticket, hearing: Hearing, head: Letterhead
) -> tuple[Draft, ...]:
    """To staff: which of those who should read their answer do not get it, for they have bounced before."""
    at, message = hearing.arrival.received, hearing.arrival.message
    known = [hearing.facts.suppressed.get(one.mailbox.folded) for one in readers]
    fates = [Fate(one.address, FAILED, one.status, one.told) for one in known if one]
    if not fates:
        return ()
    failure = Failure(MailKind.RELAYED_REPLY, message.subject, summary(fates), at)
    return letters.delivery_problem(head, ticket, failure, f"suppressed:{hearing.arrival.spool_id}")


def _may_be_told(ticket: Ticket, hearing: Hearing) -> tuple[Reader, ...]:
    """The customer's people to whom automatic mail may go: a requester that is a machine is none."""
    readers = customers(ticket, hearing.facts.tickets)
    return readers if may_be_told(ticket, hearing.facts) else readers[1:]


def _merged(
    ticket: Ticket, into: Ticket, staff: Mailbox, hearing: Hearing, head: Letterhead
) -> tuple[Consequence, Also]:
    """What closes the one ticket, and what the other one, in which it goes on, takes from it."""
    at, policy = hearing.arrival.received, hearing.versions[into.policy]
    names = [one.name for one in policy.priorities]
    more_urgent = min((one for one in names if one in (into.priority, ticket.priority)), key=names.index)
    goes_on = f"{ticket.name} goes on in it"
    absorbed = TicketAbsorbed(at, ticket.name, into.priority, more_urgent, ticket.clocks, goes_on)
    merged = TicketMerged(at, into.name, into.id, f"it goes on in {into.name}")
    closed, events = course(ticket, hearing.versions[ticket.policy], (merged,))
    people = together(ticket, into)
    before = present(into.people)
    came = tuple(one.mailbox.address for key, one in present(people).items() if key not in before)
    joined = (PeopleChanged(at, people, came, (), staff.address, goes_on),) if came else ()
    other, happened = course(into, policy, (absorbed, *joined))
    return (
        Consequence(closed, events, letters.missed_targets(head, closed, events)),
        Also(other, happened, letters.missed_targets(head, other, happened)),
    )


def _would(work: StaffWork, hearing: Hearing, head: Letterhead, follows: Consequence) -> tuple[str, ...]:
    """What would happen, in sentences (`/check`)."""
    alone = all(command.verb is Verb.CHECK for command in work.commands)
    if follows.ticket is None or (alone and not work.words and not hearing.arrival.message.attachments):
        return (NOTHING,)
    policy, at = hearing.versions[follows.ticket.policy], hearing.arrival.received
    woken = escalated(head, follows.ticket, policy, follows.events, at)
    mails = ((draft.kind, draft.to[0].address) for draft in follows.drafts + woken.drafts)
    return foretold(follows.events, mails, work.into)


def _opening(finding: Finding, hearing: Hearing) -> tuple[str, ...]:
    """What `/for` would do, in sentences."""
    if finding.requester is None or finding.promise is None:
        return ()
    title = titled(hearing.policy, hearing.arrival.message.subject, finding.continues)
    return opening_foretold(finding.requester, title, finding.promise, hearing.arrival.account.name)
