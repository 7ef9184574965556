"""Knows what a mail is: the ordered rules of `behaviour.md` 2, of which the first that holds wins.

A rule looks at one mail as it concerns one account, with all that is known, and finds or passes. What follows
from a finding stands in core.consequence. A rule decides by address, Message-ID and signature, never by a
subject's words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mailgate.core.account import Account, AliasRole, Desk, UnknownSenders
from mailgate.core.address import Role, ToAccount, Token, principal
from mailgate.core.change import HoldKind, Outcome
from mailgate.core.facts import Direction, Facts, KnownMail, Question, SentMail
from mailgate.core.fields import field, fields
from mailgate.core.instant import written
from mailgate.core.internal import for_customer
from mailgate.core.message import Envelope, Mailbox, Message, Origin
from mailgate.core.notice import Matter
from mailgate.core.outgoing import MailKind
from mailgate.core.policy import Case, Policy, Promise
from mailgate.core.promise import asked, promised
from mailgate.core.subject import tags
from mailgate.core.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail as it concerns one account.

    Args:
        received: the moment of the 250; every clock starts there, never at a Date field.
        routes: its recipients that are this account's.
        released: an operator let it through: the sender counts as allowed.
    """

    spool_id: int
    received: datetime
    envelope: Envelope
    message: Message
    account: Account
    routes: tuple[ToAccount, ...]
    released: bool = False

    @property
    def role(self) -> AliasRole:
        """On call, if any alias that the mail named is."""
        return (
            AliasRole.ON_CALL
            if any(to.role is AliasRole.ON_CALL for to in self.routes)
            else AliasRole.SUPPORT
        )

    @property
    def staff_tokens(self) -> tuple[Token, ...]:
        """What its recipients that are addresses of staff say."""
        return tuple(to.token for to in self.routes if to.token and to.token.role is Role.STAFF)

    @property
    def question(self) -> Question:
        """What the store is asked before the rules are."""
        message, report = self.message, self.message.report
        return Question(
            account=self.account.key,
            message_id=message.message_id,
            identity=message.identity,
            references=tuple(dict.fromkeys((*message.in_reply_to, *reversed(message.references)))),
            ticket_ids=tuple(dict.fromkeys(to.token.ticket for to in self.routes if to.token)),
            reported_ids=report.message_ids if report else (),
            reported_recipients=report.recipients if report else (),
        )


@dataclass(frozen=True, slots=True)
class Hearing:
    """A mail before the rules, with all that is known.

    Args:
        policy: the account's policy today, for what is opened now.
        versions: by digest, the policies that the known tickets were opened under.
    """

    arrival: Arrival
    facts: Facts
    desk: Desk
    policy: Policy
    versions: Mapping[str, Policy]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a mail was found to be.

    Args:
        rule: the clause of `behaviour.md`; `reason` the evidence, in a sentence.
        ticket: the known ticket that it is on.
        case, promise: what a request is reckoned from, and what the policy promises for it.
        staff: who wrote, for a staff reply.
        sent: the mail of ours that a delivery report speaks of.
        hold: why it is kept aside; `matter` what the operators are told, None for nothing.
    """

    outcome: Outcome
    rule: str
    reason: str
    ticket: Ticket | None = None
    case: Case | None = None
    promise: Promise | None = None
    staff: Mailbox | None = None
    sent: SentMail | None = None
    hold: HoldKind | None = None
    matter: Matter | None = None


def found(hearing: Hearing) -> Finding:
    """What the mail is: the finding of the first rule that holds."""
    finding = next(filter(None, (rule(hearing) for rule in RULES)))
    if finding.ticket is None:
        return finding
    return replace(finding, ticket=replace(finding.ticket, thread=_seen(hearing, finding.ticket)))


def _duplicate(hearing: Hearing) -> Finding | None:
    same = hearing.facts.same_identity
    if same is not None and not (
        hearing.arrival.released and same.ticket is None
    ):  # itself, when it was held
        return Finding(Outcome.DUPLICATE, "2.1", f"the same mail was accepted at {written(same.at)}")
    if hearing.arrival.staff_tokens:
        return None  # a program that reuses its Message-ID makes no customer of a member of staff
    sender, origin = hearing.arrival.message.sender, hearing.arrival.message.verdict.origin
    for known in hearing.facts.same_message_id:
        ticket = _ticket(hearing, known)
        # Anybody may write somebody else's Message-ID; only the same person's second mail joins the first.
        if ticket and sender and sender.address.casefold() == known.sender.casefold():
            outcome = Outcome.REPLY if origin is Origin.PERSON else Outcome.NOTE
            return Finding(outcome, "2.1", "a known Message-ID with other content", ticket)
    return None


def _own_loop(hearing: Hearing) -> Finding | None:
    marked = hearing.desk.domain in (mark.casefold() for mark in hearing.arrival.message.loop_marks)
    own = hearing.facts.own
    if own is None and not marked:
        return None
    reason = "our own loop mark came back" if marked else "our own Message-ID came back"
    return Finding(Outcome.NOTE, "2.2", reason, _ticket(hearing, own) or _correlated(hearing))


def _delivery_report(hearing: Hearing) -> Finding | None:
    message = hearing.arrival.message
    if message.verdict.origin is not Origin.DELIVERY_REPORT:
        return None
    sent = hearing.facts.sent[0] if hearing.facts.sent else None
    ticket = hearing.facts.tickets.get(sent.ticket) if sent and sent.ticket else _correlated(hearing)
    return Finding(Outcome.DELIVERY_REPORT, "2.3", message.verdict.why, ticket, sent=sent)


def _automatic_reply(hearing: Hearing) -> Finding | None:
    verdict, ticket = hearing.arrival.message.verdict, _correlated(hearing)
    if verdict.origin is not Origin.MACHINE or ticket is None:
        return None
    return Finding(Outcome.NOTE, "2.4", verdict.why, ticket)


def _nobody(hearing: Hearing) -> Finding | None:
    if hearing.arrival.message.sender is not None:
        return None
    reason = "From names nobody, or more than one"
    return Finding(Outcome.QUARANTINED, "2", reason, hold=HoldKind.QUARANTINED, matter=Matter.QUARANTINED)


def _staff_reply(hearing: Hearing) -> Finding | None:
    tokens, sender = hearing.arrival.staff_tokens, hearing.arrival.message.sender
    for token in tokens:
        ticket = hearing.facts.tickets.get(token.ticket)
        member = next((one for one in hearing.desk.staff if principal(one.address) == token.principal), None)
        if ticket and member and sender and sender.address.casefold() == member.address.casefold():
            if _says_nothing(hearing.arrival, member):
                reason = "nothing in it is for the customer"
                return Finding(Outcome.HELD, "4.2", reason, hold=HoldKind.HELD, matter=Matter.NOTHING_SAID)
            return Finding(
                Outcome.STAFF_REPLY,
                "2.5",
                "From is the person whom this address was made for",
                ticket,
                staff=member,
            )
    if not tokens:
        return None
    reason = "a staff address was used by somebody it was not made for"
    return Finding(Outcome.HELD, "4.3", reason, hold=HoldKind.HELD, matter=Matter.UNVERIFIED_STAFF)


def _says_nothing(arrival: Arrival, member: Mailbox) -> bool:
    """An empty mail, or a mere quotation, is no answer and stops no clock, unless an operator says so."""
    message = arrival.message
    return not (arrival.released or message.attachments or for_customer(message.reply_text, member.address))


def _reply(hearing: Hearing) -> Finding | None:
    arrival, sender = hearing.arrival, hearing.arrival.message.sender
    for to in arrival.routes:
        ticket = hearing.facts.tickets.get(to.token.ticket) if to.token else None
        if ticket and to.token and to.token.role is Role.CUSTOMER:
            return Finding(Outcome.REPLY, "3.3", "the signed address of the ticket", ticket)
    ticket = _correlated(hearing)
    if ticket is None or sender is None:
        return None
    # A Message-ID can be seen by others than the customer: it joins only what the account's own people write.
    if (
        arrival.account.knows(sender.address)
        or sender.address.casefold() == ticket.requester.address.casefold()
    ):
        return Finding(Outcome.REPLY, "3.3", "In-Reply-To or References name a mail of the ticket", ticket)
    return None


def _stranger(hearing: Hearing) -> Finding | None:
    account, sender = hearing.arrival.account, hearing.arrival.message.sender
    if hearing.arrival.released or account.unknown_senders is UnknownSenders.ACCEPT:
        return None
    if sender is None or account.knows(sender.address):
        return None
    reason = "the sender is in none of the account's domains and contacts"
    return Finding(Outcome.HELD, "2.7", reason, hold=HoldKind.HELD, matter=Matter.HELD)


def _request(hearing: Hearing) -> Finding:
    """What no other rule found: a new ticket, or courteously none."""
    reckoned = case(hearing.arrival, hearing.policy)
    promise = promised(hearing.policy, reckoned, hearing.arrival.received)
    found_out = Finding(Outcome.NEW_TICKET, "2.9", "a new matter", case=reckoned, promise=promise)
    if not promise.entitled:
        reason = next(iter(promise.notes), "the plan does not include this")
        hold = HoldKind.NOT_ENTITLED
        return replace(found_out, outcome=Outcome.NOT_ENTITLED, rule="2.8", reason=reason, hold=hold)
    verdict = hearing.arrival.message.verdict
    if verdict.origin is not Origin.PERSON:
        return replace(found_out, reason=f"a new matter from a machine: {verdict.why}")
    return found_out


RULES: tuple[Callable[[Hearing], Finding | None], ...] = (
    _duplicate,
    _own_loop,
    _delivery_report,
    _automatic_reply,
    _nobody,
    _staff_reply,
    _reply,
    _stranger,
    _request,
)
"""`behaviour.md` 2 in its order; the last one always holds."""


def case(arrival: Arrival, policy: Policy) -> Case:
    """What the promise to this mail is reckoned from, if it opens a ticket."""
    wanted = asked(policy, tags(arrival.message.subject))
    named, account = fields(arrival.message.text), arrival.account
    return Case(
        plan=account.plan,
        region=account.region,
        asked=wanted.priority,
        role=wanted.role or arrival.role,
        environment=field(named, "Environment"),
        fields=named,
        unknown=wanted.unknown,
        projects=account.projects,
        launches=account.launches,
        options=account.options,
    )


def _correlated(hearing: Hearing) -> Ticket | None:
    """The known ticket of a signed address of any role, else of the nearest reference."""
    tickets = hearing.facts.tickets
    for to in hearing.arrival.routes:
        if to.token and to.token.ticket in tickets:
            return tickets[to.token.ticket]
    return next(filter(None, (_ticket(hearing, known) for known in hearing.facts.referenced)), None)


def _ticket(hearing: Hearing, known: KnownMail | None) -> Ticket | None:
    return hearing.facts.tickets.get(known.ticket) if known and known.ticket else None


def _seen(hearing: Hearing, ticket: Ticket) -> tuple[str, ...]:
    """Message-IDs of what the customer wrote and got, oldest first (`behaviour.md` 3.5)."""
    thread = hearing.facts.threads.get(ticket.id, ())
    return tuple(known.message_id for known in thread if known.message_id and _shown_to_customer(known))


def _shown_to_customer(known: KnownMail) -> bool:
    if known.direction is Direction.IN:
        return known.kind in {Outcome.NEW_TICKET, Outcome.REPLY}
    return known.kind in {MailKind.ACKNOWLEDGEMENT, MailKind.RELAYED_REPLY}
