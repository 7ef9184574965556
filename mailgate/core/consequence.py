"""Knows what follows from a finding: the events of the ticket, the letters to write, what is held.

Pure like the rules: flows.intake carries it out, `mail explain` only prints it.
"""

from dataclasses import dataclass, replace

from mailgate.core import correspondence as letters
from mailgate.core.change import Hold, Outcome
from mailgate.core.escalation import escalated
from mailgate.core.event import (
    CustomerReplied,
    DeliveryDelayed,
    Event,
    MailNoted,
    StaffReplied,
    TicketOpened,
)
from mailgate.core.history import after, course
from mailgate.core.intake import Finding, Hearing
from mailgate.core.internal import for_customer, unmarked
from mailgate.core.letterhead import Letterhead
from mailgate.core.message import Mailbox
from mailgate.core.move import Move
from mailgate.core.outgoing import Draft
from mailgate.core.policy import Policy, Promise
from mailgate.core.promise import Asked, asked, raised_by_tag
from mailgate.core.subject import tags, title
from mailgate.core.ticket import Status, Ticket, TicketId
from mailgate.core.undelivered import Failed, undelivered


@dataclass(frozen=True, slots=True)
class Fresh:
    """The identity that a new ticket gets."""

    id: TicketId
    number: int


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from one mail to one account, to be carried out in one transaction."""

    ticket: Ticket | None = None
    events: tuple[Event, ...] = ()
    drafts: tuple[Draft, ...] = ()
    hold: Hold | None = None


def consequence(finding: Finding, hearing: Hearing, head: Letterhead, fresh: Fresh) -> Consequence:
    """What the finding means. `fresh` names the ticket that a new matter opens; nothing else uses it."""
    follows = Consequence()
    match finding.outcome:
        case Outcome.NEW_TICKET:
            follows = _opened(finding, hearing, head, fresh)
        case Outcome.REPLY:
            follows = _replied(finding, hearing, head)
        case Outcome.STAFF_REPLY:
            follows = _answered(finding, hearing, head)
        case Outcome.DELIVERY_REPORT:
            follows = _reported(finding, hearing, head)
        case Outcome.NOTE:
            follows = _noted(finding, hearing)
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
    return replace(follows, events=follows.events + woken.events, drafts=follows.drafts + woken.drafts)


def _opened(finding: Finding, hearing: Hearing, head: Letterhead, fresh: Fresh) -> Consequence:
    arrival, policy, message = hearing.arrival, hearing.policy, hearing.arrival.message
    reckoned, promise = finding.case, finding.promise
    if reckoned is None or promise is None or message.sender is None:
        return Consequence()
    ticket = Ticket(
        id=fresh.id,
        account=arrival.account.key,
        number=fresh.number,
        title=_title(message.subject, policy),
        priority=promise.priority,
        status=Status.NEW,
        requester=message.sender,
        opened=arrival.received,
        policy=policy.digest,
        plan=reckoned.plan,
        asked=promise.asked,
        region=reckoned.region,
        channel=reckoned.channel,
        role=reckoned.role,
        environment=reckoned.environment,
        fields=reckoned.fields,
        thread=(message.message_id,) if message.message_id else (),
    )
    ticket = after(ticket, Move(TicketOpened, ticket.opened, ticket.priority), policy)
    drafts = letters.acknowledgement(head, arrival, ticket, promise, policy)
    drafts += letters.staff_notices(head, arrival, ticket, promise, _asked_for(promise))
    return Consequence(ticket, (TicketOpened(arrival.received, ticket, finding.reason),), drafts)


def _asked_for(promise: Promise) -> tuple[str, ...]:
    if not promise.missing:
        return ()
    return (f"Not said, and asked for in the acknowledgement: {', '.join(promise.missing)}.",)


def _title(subject: str, policy: Policy) -> str:
    """The subject without what the policy takes for a tag."""
    known = [tag for tag in tags(subject) if asked(policy, (tag,)) != Asked()]
    return title(subject, known) or "(no subject)"


def _replied(finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    arrival, ticket, sender = hearing.arrival, finding.ticket, hearing.arrival.message.sender
    if ticket is None or sender is None:
        return Consequence()
    policy = hearing.versions[ticket.policy]
    replied = CustomerReplied(arrival.received, sender.address, finding.reason)
    account = arrival.account
    case = replace(ticket.case, launches=account.launches, options=account.options)
    change = raised_by_tag(ticket, case, policy, arrival.message.subject, arrival.received)
    now, events = course(ticket, policy, (replied, change) if change else (replied,))
    drafts = letters.staff_notices(head, arrival, now, None, _flags(hearing, sender))
    return Consequence(now, events, drafts + letters.missed_targets(head, now, events))


def _flags(hearing: Hearing, sender: Mailbox) -> tuple[str, ...]:
    if hearing.arrival.account.knows(sender.address):
        return ()
    return (f"{sender.address} is not one of the company's people; the ticket's own address was used.",)


def _answered(finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    arrival, ticket, staff = hearing.arrival, finding.ticket, finding.staff
    if ticket is None or staff is None:
        return Consequence()
    text = for_customer(arrival.message.reply_text, staff.address)
    replied = StaffReplied(arrival.received, staff.address, finding.reason)
    now, events = course(ticket, hearing.versions[ticket.policy], (replied,))
    drafts = letters.relayed_reply(head, arrival, ticket, staff, text)
    return Consequence(now, events, drafts + letters.missed_targets(head, now, events))


def _reported(finding: Finding, hearing: Hearing, head: Letterhead) -> Consequence:
    arrival, ticket, report = hearing.arrival, finding.ticket, hearing.arrival.message.report
    if ticket is None or report is None:
        return Consequence()
    if report.action != "failed":
        return Consequence(ticket, (DeliveryDelayed(arrival.received, report, finding.reason),))
    thread = hearing.facts.threads.get(ticket.id, ())
    failed = Failed(finding.sent, report, arrival.received)
    follows = undelivered(ticket, hearing.versions[ticket.policy], thread, failed, head)
    return Consequence(follows.ticket, follows.events, follows.drafts)


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
    if finding.matter is not None:
        drafts = letters.operator_notice(head, arrival, finding.matter, finding.reason)
    if finding.promise is not None:
        drafts = letters.not_entitled(head, arrival, finding.promise, hearing.policy)
    return Consequence(drafts=drafts, hold=hold)
