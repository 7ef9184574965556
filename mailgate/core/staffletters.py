"""Knows what a mail of staff makes others read: the customer its words or its end, colleagues a note.

Who wrote it reads something only where a command does not hold, or was to be checked (`behaviour.md` 4.4).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mailgate.core.audience import following, team
from mailgate.core.correspondence import files_of, ticket_head
from mailgate.core.event import Event
from mailgate.core.hearing import Arrival
from mailgate.core.internal import unmarked
from mailgate.core.letterhead import Letterhead, Reader
from mailgate.core.message import Mailbox, folded
from mailgate.core.notice import CommandAnswer, InternalNote, RelayedReply, ResolutionNote
from mailgate.core.outgoing import Care, Draft
from mailgate.core.participant import PeopleChanged, TicketAssigned
from mailgate.core.policy import Policy
from mailgate.core.staffwork import StaffWork
from mailgate.core.ticket import Ticket

Told = Mapping[str, tuple[str, ...]]
"""By the address of a member of staff in lower case, what changed for them, in sentences."""


def relayed_replies(
    head: Letterhead,
    arrival: Arrival,
    ticket: Ticket,
    staff: Mailbox,
    text: str,
    readers: Iterable[Reader],
) -> tuple[Draft, ...]:
    """To each of the customer's people: the words of a member of staff, under their name and the alias."""
    says = RelayedReply(ticket.name, ticket.title, staff.name, text, arrival.message.markup)
    cause = f"relayed_reply:{ticket.id}:{arrival.spool_id}"
    name = f"{staff.name} ({head.desk.name})" if staff.name else head.desk.name
    drafts = (head.as_staff(ticket, reader, cause, arrival.received, says) for reader in readers)
    return tuple(replace(draft, sender=replace(draft.sender, name=name)) for draft in drafts)


def resolution_notes(
    head: Letterhead,
    arrival: Arrival,
    ticket: Ticket,
    staff: Mailbox,
    policy: Policy,
    readers: Iterable[Reader],
) -> tuple[Draft, ...]:
    """To each of the customer's people: it is settled, and until when a reply takes it up again."""
    account, at = arrival.account, arrival.received
    says = ResolutionNote(
        ticket=ticket.name,
        title=ticket.title,
        staff=staff.name,
        resolved=at,
        reopens_until=policy.reopens_until(at) if policy.reopen_days else None,
        links=head.links(policy.links),
        zone=account.timezone or policy.calendars[policy.region(ticket.region).calendar].zone,
    )
    cause = f"resolution_note:{ticket.id}:{arrival.spool_id}"
    return tuple(head.to_customer(ticket, reader, cause, at, says) for reader in readers)


def command_answer(
    head: Letterhead,
    arrival: Arrival,
    staff: Mailbox,
    work: StaffWork,
    ticket: Ticket | None,
    would: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """To the member of staff, once: what does not hold, or what would happen; nothing was done.

    Args:
        ticket: None for a mail to an alias, which would have opened one.
    """
    says = CommandAnswer(
        ticket=ticket_head(head, ticket) if ticket else None,
        faults=work.faults,
        received=arrival.received,
        text=unmarked(arrival.message.reply_text),
        would=would,
        zone=head.desk.timezone,
    )
    if ticket is None:
        cause = f"command_answer:{arrival.account.key}:{arrival.spool_id}"
        answers = arrival.message.message_id
        draft = head.to_writer(arrival.account, staff, answers, cause, arrival.received, says)
        return (replace(draft, care=Care.AT_LEAST_ONCE, language=""),)  # it is no customer who reads it
    cause = f"command_answer:{ticket.id}:{arrival.spool_id}"
    return (head.to_staff(staff, ticket, cause, arrival.received, says),)


def internal_notes(
    head: Letterhead, arrival: Arrival, ticket: Ticket, staff: Mailbox, work: StaffWork, told: Told
) -> tuple[Draft, ...]:
    """To other members of staff: what stays in the house, what was answered, what changed for them."""
    note = InternalNote(
        ticket=ticket_head(head, ticket),
        writer=replace(staff, name=unmarked(staff.name)),
        received=arrival.received,
        text="",
    )
    files = files_of(arrival)
    said = replace(note, text=unmarked(work.words), attachments=files, markup=arrival.message.markup)
    noted = work.internal and said.stays_inside
    readers = following(head.desk, ticket) if work.speaks else frozenset()
    cause = f"internal_note:{ticket.id}:{arrival.spool_id}"
    drafts: list[Draft] = []
    for one in team(head.desk, ticket):
        mine, answered = told.get(one.folded, ()), one.folded in readers
        if one.folded != staff.folded and (mine or noted or answered):
            says = replace(said if noted or answered else note, told=mine, answered=answered)
            theirs = replace(says, answer_to=head.answers(one, ticket))
            drafts.append(head.to_staff(one, ticket, cause, arrival.received, theirs))
    return tuple(drafts)


def told_in_person(events: Iterable[Event], staff: Mailbox) -> Told:
    """Who of the staff is told that something changed for them; who did it knows."""
    told: dict[str, tuple[str, ...]] = defaultdict(tuple)
    who = staff.name or staff.address
    for event in events:
        if isinstance(event, TicketAssigned):
            told[folded(event.assignee)] += (f"{who} has given you this ticket: it is yours now",)
        if isinstance(event, PeopleChanged):
            sentence = f"{who} has added you to this ticket: you get what is written on it"
            for address in map(folded, event.joined):
                told[address] += (sentence,)
    told.pop(staff.folded, None)
    return told
