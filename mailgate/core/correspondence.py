"""Knows who is written to after what, and what each letter says: drafts, before templates make them mail.

Whether who wrote may be answered at all is the finding's to say (`behaviour.md` 5.3, 5.5). Staff are told
each thing once each.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mailgate.core.account import Account
from mailgate.core.audience import team
from mailgate.core.clock import Clock, shown
from mailgate.core.event import Event, TargetMissed
from mailgate.core.hearing import Arrival
from mailgate.core.internal import unmarked
from mailgate.core.letterhead import Letterhead, Reader
from mailgate.core.message import Attachment, DeliveryReport, Mailbox, folded
from mailgate.core.notice import (
    Acknowledgement,
    DeliveryProblem,
    Link,
    Matter,
    MissedTarget,
    NotEntitled,
    OperatorNotice,
    StaffNotice,
    TargetWarning,
)
from mailgate.core.outgoing import Context, Draft, MailKind
from mailgate.core.paging import assigned
from mailgate.core.plan import Plan
from mailgate.core.policy import Policy
from mailgate.core.promise import Promise, Promised
from mailgate.core.queue import terms_told
from mailgate.core.suppression import Suppression
from mailgate.core.telling import amounts, priority_name
from mailgate.core.ticket import Ticket
from mailgate.core.tickethead import TicketHead
from mailgate.core.tongue import Phrase

CARRIES_FILES = frozenset({MailKind.STAFF_NOTICE, MailKind.INTERNAL_NOTE, MailKind.RELAYED_REPLY})
"""Kinds of mail that take along the files of the mail that caused them."""

_TO_CUSTOMER: Mapping[MailKind, str] = {
    MailKind.ACKNOWLEDGEMENT: "the acknowledgement",
    MailKind.RELAYED_REPLY: "an answer to the customer",
    MailKind.RESOLUTION_NOTE: "the note that it is resolved",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A mail of ours that did not arrive: which, when that was known, and what follows from it.

    Args:
        withdrawn: the clocks that it no longer stops.
        suppressed: the addresses to which nothing more goes.
        certain: as in `core.undelivered.Failed`.
    """

    kind: MailKind
    subject: str
    report: DeliveryReport
    at: datetime
    withdrawn: tuple[Clock, ...] = ()
    suppressed: tuple[Suppression, ...] = ()
    certain: bool = True


def acknowledgement(
    head: Letterhead, arrival: Arrival, ticket: Ticket, promise: Promise, policy: Policy
) -> tuple[Draft, ...]:
    """To the customer, once for a ticket: what was understood and what is promised.

    The words of a stranger, and of whom nothing proves, do not go back: whoever forges a From would have us
    write them to anybody.
    """
    targets, plan = _in_zone_of(arrival.account, promise.targets), policy.plans[ticket.plan]
    says = Acknowledgement(
        ticket=ticket.name,
        title=ticket.title if _may_be_quoted(arrival, ticket.requester) else "",
        received=arrival.received,
        priority=ticket.priority,
        priority_name=promise.priority_name,
        asked=promise.asked,
        because=promise.because,
        targets=targets,
        notes=promise.notes,
        links=head.links(policy.links),
        availability=promise.availability,
        zone=arrival.account.timezone or promise.zone,
        plan=plan.title,
        scope=plan.scope,
        scope_text=plan.scope_text,
    )
    cause = f"acknowledgement:{ticket.id}"
    reader = Reader(ticket.requester, ticket.seen_by(ticket.requester.address))
    return (head.to_customer(ticket, reader, cause, arrival.received, says),)


def staff_notices(
    head: Letterhead, arrival: Arrival, ticket: Ticket, promise: Promise | None, flags: tuple[str, ...]
) -> tuple[Draft, ...]:
    """To each member of the account's staff: the customer's words, whole. `promise` for a new ticket."""
    message = arrival.message
    says = StaffNotice(
        ticket=ticket_head(head, ticket),
        opened=promise is not None,
        writer=_unmarked(message.sender or Mailbox("")),
        received=arrival.received,
        text=unmarked(message.text),
        attachments=files_of(arrival),
        flags=flags,
        asked=promise.asked if promise else "",
        because=promise.because if promise else "",
        markup=message.markup,
    )
    return _to_team(head, ticket, f"staff_notice:{ticket.id}:{arrival.spool_id}", arrival.received, says)


def not_entitled(head: Letterhead, arrival: Arrival, promise: Promise, policy: Policy) -> tuple[Draft, ...]:
    """To the sender, once: the plan has no tickets, or something is missing (`behaviour.md` 2.8)."""
    account, message = arrival.account, arrival.message
    if message.sender is None:
        return ()
    plan = policy.plans[account.plan]
    says = NotEntitled(
        title=message.subject if _may_be_quoted(arrival, message.sender) else "",
        received=arrival.received,
        plan=plan.title,
        reasons=promise.notes,
        links=head.links(policy.links),
        zone=account.timezone or promise.zone,
        includes=tuple(Link(name, what) for name, what in _included(plan)),
    )
    cause = f"not_entitled:{account.key}:{arrival.spool_id}"
    return (head.to_writer(account, message.sender, message.message_id, cause, arrival.received, says),)


def operator_notice(
    head: Letterhead, arrival: Arrival, matter: Matter, reason: str, remedy: str = "mailgate held"
) -> tuple[Draft, ...]:
    """To the operators, once a day for a sender: something waits for them, or was not answered."""
    if not head.desk.operators:
        return ()
    message, account = arrival.message, arrival.account
    sender = message.sender.address if message.sender else arrival.envelope.reverse_path
    says = OperatorNotice(
        matter=matter,
        at=arrival.received,
        sender=sender,
        subject=message.subject,
        reason=reason,
        company=account.name,
        remedy=remedy,
        zone=head.desk.timezone,
    )
    cause = f"operator_notice:{matter}:{account.key}:{folded(sender)}:{arrival.received:%Y-%m-%d}"
    return (head.to_operators(cause, arrival.received, says, account.key),)


def delivery_problem(head: Letterhead, ticket: Ticket, failure: Failure, cause: str) -> tuple[Draft, ...]:
    """To each member of the account's staff: who did not get a mail of ours, and why.

    Only of mail to the customer: a failure to reach staff is never told to staff (it would go round).
    """
    if failure.kind not in _TO_CUSTOMER:
        return ()
    says = DeliveryProblem(
        ticket=ticket_head(head, ticket),
        what=_TO_CUSTOMER[failure.kind],
        subject=failure.subject,
        report=failure.report,
        follows="; ".join(_suppressed(failure)),
        withdrawn=failure.withdrawn,
    )
    return _to_team(head, ticket, f"delivery_problem:{ticket.id}:{cause}", failure.at, says)


def page_problem(head: Letterhead, ticket: Ticket, failure: Failure, cause: str) -> tuple[Draft, ...]:
    """To the operators: somebody was to be woken, and the page did not reach them (`behaviour.md` 6.4)."""
    if failure.kind is not MailKind.PAGE or not head.desk.operators:
        return ()
    account = head.desk.accounts.get(ticket.account)
    says = OperatorNotice(
        matter=Matter.PAGE,
        at=failure.at,
        sender=", ".join(failure.report.recipients),
        subject=failure.subject,
        reason=failure.report.diagnostic or failure.report.status,
        company=account.name if account else ticket.account,
        remedy="mailgate outbox",
        zone=head.desk.timezone,
    )
    return (head.to_operators(f"operator_notice:{Matter.PAGE}:{cause}", failure.at, says, ticket.account),)


def target_warning(head: Letterhead, ticket: Ticket, clock: Clock, at: datetime) -> tuple[Draft, ...]:
    """To the assignee or the team: most of a target's time is used up (`behaviour.md` 6.2)."""
    says = TargetWarning(ticket_head(head, ticket), clock)
    account = head.desk.accounts.get(ticket.account)
    people = assigned(account, head.desk, ticket) if account else ()
    cause = f"warning:{ticket.id}:{clock.kind}:{clock.epoch}"
    return tuple(head.to_staff(one, ticket, cause, at, says) for one in people)


def missed_target(head: Letterhead, ticket: Ticket, clock: Clock, at: datetime) -> tuple[Draft, ...]:
    """To the team: a target was missed (`behaviour.md` 6.2)."""
    says = MissedTarget(ticket_head(head, ticket), clock)
    return _to_team(head, ticket, f"missed_target:{ticket.id}:{clock.kind}:{clock.epoch}", at, says)


def missed_targets(head: Letterhead, ticket: Ticket, events: Iterable[Event]) -> tuple[Draft, ...]:
    """To the team: the misses among the events; `ticket` is as these leave it."""
    misses = [event for event in events if isinstance(event, TargetMissed)]
    return tuple(
        draft
        for miss in misses
        for draft in missed_target(head, ticket, miss.clock, miss.clock.detected or miss.at)
    )


def ticket_head(head: Letterhead, ticket: Ticket) -> TicketHead:
    """What every mail to staff says first."""
    account = head.desk.accounts.get(ticket.account)
    return TicketHead(
        name=ticket.name,
        title=unmarked(ticket.title),
        company=account.name if account else ticket.account,
        priority=ticket.priority,
        priority_name=priority_name(ticket, head.desk),
        status=ticket.status,
        requester=_unmarked(ticket.requester),
        assignee=_name_of(ticket.assignee or "", head),
        colleagues=tuple(_unmarked(one) for one in ticket.customers[1:]),
        clocks=shown(ticket.clocks),
        zone=head.desk.timezone,
        bought=terms_told(ticket, head.desk),
        amounts=amounts(ticket, head.desk),
    )


def files_of(arrival: Arrival) -> tuple[Attachment, ...]:
    """What came along with the mail, as staff are told of it."""
    return tuple(replace(file, filename=unmarked(file.filename)) for file in arrival.message.attachments)


def _may_be_quoted(arrival: Arrival, to: Mailbox) -> bool:
    return arrival.released or (arrival.account.knows(to.address) and not arrival.is_unproven)


def _suppressed(failure: Failure) -> Iterator[str]:
    if not failure.certain:
        yield "the report did not come to the address that only this mail had, so it withdraws nothing"
    for one in failure.suppressed:
        yield f"nothing more goes to {one.address} until {one.until:%Y-%m-%d}, or until it writes"


def _to_team(head: Letterhead, ticket: Ticket, cause: str, at: datetime, says: Context) -> tuple[Draft, ...]:
    return tuple(head.to_staff(one, ticket, cause, at, says) for one in team(head.desk, ticket))


def _name_of(address: str, head: Letterhead) -> str:
    """A member of staff as colleagues know them."""
    known = head.desk.member(address)
    return known.name if known and known.name else address


def _unmarked(writer: Mailbox) -> Mailbox:
    return replace(writer, name=unmarked(writer.name))


def _included(plan: Plan) -> Iterator[tuple[str, str]]:
    """What a plan without this still has."""
    if plan.scope:
        yield Phrase.SCOPE.value, f"{plan.scope}: {plan.scope_text}" if plan.scope_text else plan.scope
    yield from plan.includes.items()


def _in_zone_of(account: Account, targets: tuple[Promised, ...]) -> tuple[Promised, ...]:
    """The targets told in the customer's zone, where the account names one."""
    if not account.timezone:
        return targets
    return tuple(replace(target, zone=account.timezone) for target in targets)
