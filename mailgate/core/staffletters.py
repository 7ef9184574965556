"""Knows what a mail of staff makes others read: the customer its words or its end, colleagues a note.

Who wrote it reads something only where a command does not hold (`behaviour.md` 4.4).
"""

from dataclasses import replace

from mailgate.core.correspondence import files_of, ticket_head
from mailgate.core.hearing import Arrival
from mailgate.core.internal import unmarked
from mailgate.core.letterhead import Letterhead
from mailgate.core.message import Mailbox
from mailgate.core.notice import CommandAnswer, InternalNote, RelayedReply, ResolutionNote
from mailgate.core.outgoing import Draft
from mailgate.core.policy import Policy
from mailgate.core.staffwork import StaffWork
from mailgate.core.ticket import Ticket


def relayed_reply(
    head: Letterhead, arrival: Arrival, ticket: Ticket, staff: Mailbox, text: str
) -> tuple[Draft, ...]:
    """To the requester: the words of a member of staff, under their name and the account's alias."""
    says = RelayedReply(ticket.name, ticket.title, staff.name, text)
    cause = f"relayed_reply:{ticket.id}:{arrival.spool_id}"
    draft = head.as_staff(arrival.account, ticket, cause, arrival.received, says)
    sender = replace(draft.sender, name=f"{staff.name} ({head.desk.name})" if staff.name else head.desk.name)
    return (replace(draft, sender=sender),)


def resolution_note(
    head: Letterhead, arrival: Arrival, ticket: Ticket, staff: Mailbox, policy: Policy
) -> tuple[Draft, ...]:
    """To the requester: it is settled, and until when a reply takes it up again."""
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
    return (head.to_customer(account, ticket, cause, at, says),)


def command_answer(
    head: Letterhead, arrival: Arrival, ticket: Ticket, staff: Mailbox, work: StaffWork
) -> tuple[Draft, ...]:
    """To the member of staff, once: their commands do not hold, and nothing was done (`behaviour.md` 4.4)."""
    text = unmarked(arrival.message.reply_text)
    says = CommandAnswer(ticket_head(head, ticket), work.faults, arrival.received, text)
    cause = f"command_answer:{ticket.id}:{arrival.spool_id}"
    return (head.to_staff(staff, ticket, cause, arrival.received, says),)


def internal_note(
    head: Letterhead, arrival: Arrival, ticket: Ticket, staff: Mailbox, work: StaffWork
) -> tuple[Draft, ...]:
    """To the other members of the account's staff: words that stay in the house."""
    says = InternalNote(
        ticket=ticket_head(head, ticket),
        writer=replace(staff, name=unmarked(staff.name)),
        received=arrival.received,
        text=unmarked(work.words),
        attachments=files_of(arrival),
    )
    cause = f"internal_note:{ticket.id}:{arrival.spool_id}"
    others = (one for one in arrival.account.staff if one.address.casefold() != staff.address.casefold())
    return tuple(head.to_staff(one, ticket, cause, arrival.received, says) for one in others)
