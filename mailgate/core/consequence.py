"""Knows what follows from a finding: the events of the ticket, the letters to write, what is held.

Pure like the rules: flows.intake carries it out, `mail explain` only prints it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mailgate.core import correspondence as letters
from mailgate.core import staffletters
from mailgate.core.address import TokenRole, principal
from mailgate.core.audience import joining, outsiders
from mailgate.core.change import Also, Consequence, Fresh, Hold, Outcome
from mailgate.core.enumeration import listed
from mailgate.core.escalation import escalated
from mailgate.core.event import (
    CustomerReplied,
    DeliveryDelayed,
    Event,
    MailNoted,
    PriorityRaised,
    TicketOpened,
    TicketReopened,
)
from mailgate.core.facts import SentMail
from mailgate.core.hearing import Arrival, Finding, Hearing
from mailgate.core.history import after, course
from mailgate.core.internal import unmarked
from mailgate.core.letterhead import Letterhead
from mailgate.core.message import Mailbox, Message
from mailgate.core.move import Move
from mailgate.core.notice import Matter
from mailgate.core.outgoing import Draft
from mailgate.core.participant import PeopleChanged, Side
from mailgate.core.promise import Promise, raised_by_tag, titled
from mailgate.core.report import DELAYED, FAILED
from mailgate.core.spam import TicketRestored
from mailgate.core.staffconsequence import worked
from mailgate.core.ticket import Seen, Status, Ticket
from mailgate.core.undelivered import Failed, undelivered
from mailgate.core.unproven import doubt


def consequence(finding: Finding, hearing: Hearing, head: Letterhead, fresh: Fresh) -> Consequence:
    """What the finding means. `fresh` names the ticket that a new matter opens; nothing else uses it."""
    follows = Consequence()
    match finding.outcome:
        case Outcome.NEW_TICKET:
            follows = _opened(finding, hearing, head, fresh)
        case Outcome.REPLY:
            follows = _replied(finding, hearing, head)
        case Outcome.DELIVERY_REPORT:
            follows = _reported(finding, hearing, head)
        case Outcome.STAFF_REPLY:
            follows = worked(finding, hearing, head)
        case Outcome.NOTE:
            follows = worked(finding, hearing, head) if finding.work else _noted(finding, hearing)
        case Outcome.HELD | Outcome.NOT_ENTITLED | Outcome.QUARANTINED:
            follows = _held(finding, hearing, head)
        case Outcome.DUPLICATE | Outcome.REJECTED:
            pass
    return _escalated(follows, finding, hearing, head)


def _escalated(follows: Consequence, finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    """What follows, and who is woken by it at once, in the same transaction."""
    ticket, arrival = follows.ticket, hearing.arrival
    if ticket is None or not follows.events:
        return follows
    policy = hearing.versions.get(ticket.policy, hearing.policy)
    by_customer = finding.outcome in {Outcome.NEW_TICKET, Outcome.REPLY}
    text = unmarked(arrival.message.reply_text) if by_customer else ""
    woken = escalated(head, ticket, policy, follows.events, arrival.received, text)
    if finding.unpaged and woken.events:
        return _wakes_nobody(follows, finding, arrival, head)
    return replace(
        follows,
        events=follows.events + woken.events,
        drafts=follows.drafts + woken.drafts,
        beside=tuple(_escalated_too(other, hearing, head) for other in follows.beside),
    )


def _wakes_nobody(follows: Consequence, finding: Finding, arrival: Arrival, head: Letterhead) -> Consequence:
    """What follows without a page: the timeline says why, and the operators hear of it once a day (5.3)."""
    sender = arrival.message.sender
    reason = f"nobody was woken: {finding.unpaged}"
    noted = MailNoted(arrival.received, sender.address if sender else "", reason)
    told = letters.operator_notice(head, arrival, Matter.FLOOD, reason, remedy="")
    return replace(follows, events=(*follows.events, noted), drafts=(*follows.drafts, *told))


def _escalated_too(other: Also, hearing: Hearing, head: Letterhead) -> Also:
    policy = hearing.versions[other.ticket.policy]
    woken = escalated(head, other.ticket, policy, other.events, hearing.arrival.received)
    return replace(other, events=other.events + woken.events, drafts=other.drafts + woken.drafts)


def _opened(finding: Finding, hearing: Hearing, head: Letterhead, fresh: Fresh) -> Consequence:
    arrival, policy, promise = hearing.arrival, hearing.policy, finding.promise
    if finding.requester is not None:
        arrival = arrival.below_commands
    ticket, sender = _new(finding, hearing, fresh), arrival.message.sender
    if ticket is None or promise is None or sender is None:
        return Consequence()
    opened: tuple[Event, ...] = (TicketOpened(arrival.received, ticket, finding.reason),)
    joined = joining(ticket, arrival, head.desk)
    if joined is not None:
        ticket, opened = replace(ticket, people=joined.people), (*opened, joined)
    old = finding.continues
    told = (*doubt(arrival), *_strangers(hearing, ticket))
    if finding.staff is not None:
        told += (f"{finding.staff.name or sender.address} opened it for {ticket.requester.address}",)
    also: tuple[Also, ...] = ()
    if old is not None:
        goes_on = f"{ticket.name} continues {old.name}, which was resolved too long ago to be reopened"
        also = (Also(old, (MailNoted(arrival.received, sender.address, goes_on),)),)
        promise, told = replace(promise, notes=(*promise.notes, goes_on)), (goes_on, *told)
    drafts: tuple[Draft, ...] = ()
    if not finding.unanswered:
        drafts = letters.acknowledgement(head, arrival, ticket, promise, policy)
    if finding.matter is not None:
        drafts += letters.operator_notice(head, arrival, finding.matter, finding.unanswered, remedy="")
    drafts += letters.staff_notices(head, arrival, ticket, promise, told + _asked_for(promise))
    return Consequence(ticket, opened, drafts, beside=also)


def _new(finding: Finding, hearing: Hearing, fresh: Fresh) -> Ticket | None:
    """The ticket that the mail opens, with the clocks that begin with it."""
    arrival, policy, message = hearing.arrival, hearing.policy, hearing.arrival.message
    reckoned, promise = finding.case, finding.promise
    if reckoned is None or promise is None or message.sender is None:
        return None
    ticket = Ticket(
        id=fresh.id,
        account=arrival.account.key,
        number=fresh.number,
        title=titled(policy, message.subject, finding.continues),
        priority=promise.priority,
        status=Status.NEW,
        requester=finding.requester or message.sender,
        opened=arrival.received,
        policy=policy.digest,
        plan=reckoned.plan,
        asked=promise.asked,
        region=reckoned.region,
        channel=reckoned.channel,
        role=reckoned.role,
        environment=reckoned.environment,
        fields=reckoned.fields,
        thread=() if finding.requester else _begun(message),
    )
    return after(ticket, Move(TicketOpened, ticket.opened, ticket.priority), policy)


def _begun(message: Message) -> tuple[Seen, ...]:
    return (Seen(message.message_id, message.readers),) if message.message_id else ()


def _asked_for(promise: Promise) -> tuple[str, ...]:
    if not promise.missing:
        return ()
    return (f"Not said, and asked for in the acknowledgement: {', '.join(promise.missing)}.",)


def _replied(finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    arrival, ticket, sender = hearing.arrival, finding.ticket, hearing.arrival.message.sender
    if ticket is None or sender is None:
        return Consequence()
    policy = hearing.versions[ticket.policy]
    happened: list[Event] = [CustomerReplied(arrival.received, sender.address, finding.reason)]
    if ticket.status is Status.RESOLVED:
        happened.insert(0, TicketReopened(arrival.received, sender.address, "the customer wrote again"))
    if ticket.is_spam:
        let_in = "the operators let the customer's mail in"
        happened.insert(0, TicketRestored(arrival.received, "the operators", ticket.answered, let_in))
    joined = joining(ticket, arrival, head.desk)
    if joined is not None:
        happened.append(joined)
    account = arrival.account
    case = replace(ticket.case, launches=account.launches, options=account.options)
    change = raised_by_tag(ticket, case, policy, arrival.message.subject, arrival.received)
    if change is not None:
        happened.append(change)
    now, events = course(ticket, policy, happened)
    flags = (*doubt(arrival), *_changes(events), *_flags(now, hearing, sender), *_strangers(hearing, now))
    drafts = letters.staff_notices(head, arrival, now, None, flags)
    return Consequence(now, events, drafts + letters.missed_targets(head, now, events))


def _changes(events: Iterable[Event]) -> Iterator[str]:
    """What a customer's reply has changed, for who is to answer it."""
    for event in events:
        match event:
            case TicketReopened():
                yield "this mail has reopened the ticket"
            case PriorityRaised():
                yield f"this mail has raised the priority from {event.before} to {event.after}"
            case PeopleChanged():
                get = "gets" if len(event.joined) == 1 else "get"
                yield f"{listed(event.joined)} {get} what you answer, too: {event.reason}"
            case _:
                pass


def _strangers(hearing: Hearing, ticket: Ticket) -> Iterator[str]:
    others = outsiders(hearing.arrival, hearing.desk, ticket)
    if others:
        are = "is" if len(others) == 1 else "are"
        yield f"a copy went to {listed(others)}, who {are} not on the ticket and will not get your answers"


def _flags(ticket: Ticket, hearing: Hearing, sender: Mailbox) -> tuple[str, ...]:
    if any(one.side is Side.GONE and one.mailbox.is_at(sender.address) for one in ticket.people):
        back = f"/cc {sender.address} brings them back"
        return (f"{sender.address} was taken off this ticket and will not get your answers; {back}",)
    if hearing.arrival.account.knows(sender.address):
        return ()
    return (f"{sender.address} is not one of the company's people; the ticket's own address was used.",)


def _reported(finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    arrival, ticket, report = hearing.arrival, finding.ticket, hearing.arrival.message.report
    if ticket is None or report is None:
        return Consequence()
    if report.action == DELAYED:
        return Consequence(ticket, (DeliveryDelayed(arrival.received, report, finding.reason),))
    if report.action != FAILED:
        return _noted(finding, hearing)  # it arrived, or went on to where nobody reports
    thread = hearing.facts.threads.get(ticket.id, ())
    failed = Failed(finding.sent, report, arrival.received, certain=_came_back(arrival, finding.sent))
    follows = undelivered(ticket, hearing.versions[ticket.policy], thread, failed, head)
    return Consequence(follows.ticket, follows.events, follows.drafts, suppressions=follows.suppressions)


def _came_back(arrival: Arrival, sent: SentMail | None) -> bool:
    """Whether the report was sent to the reverse-path of that mail, which names its ticket and its reader."""
    if sent is None:
        return False
    tokens = [to.token for to in arrival.routes if to.token and to.token.role is TokenRole.BOUNCE]
    readers = {principal(one) for one in sent.recipients}
    return any(token.ticket == sent.ticket and {token.principal} == readers for token in tokens)


def _noted(finding: Finding, hearing: Hearing) -> Consequence:
    sender = hearing.arrival.message.sender
    if finding.ticket is None:
        return Consequence()
    noted = MailNoted(hearing.arrival.received, sender.address if sender else "", finding.reason)
    return Consequence(finding.ticket, (noted,))


def _held(finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    arrival = hearing.arrival
    sender = arrival.message.sender
    if finding.hold is None:
        return Consequence()
    hold = Hold(
        finding.hold, sender.address if sender else arrival.envelope.reverse_path, arrival.message.subject
    )
    drafts: tuple[Draft, ...] = ()
    if finding.work is not None and finding.staff is not None:
        drafts = staffletters.command_answer(head, arrival, finding.staff, finding.work, finding.ticket)
    if finding.matter is not None:
        drafts += letters.operator_notice(head, arrival, finding.matter, finding.unanswered or finding.reason)
    if finding.promise is not None and not finding.unanswered:
        drafts = letters.not_entitled(head, arrival, finding.promise, hearing.policy)
    return Consequence(drafts=drafts, hold=hold)
