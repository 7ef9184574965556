"""Knows what a mail is: the ordered rules of `behaviour.md` 2, of which the first that holds wins.

A rule looks at one mail as it concerns one account, with all that is known, and finds or passes. What follows
from a finding stands in core.consequence. A rule decides by address, Message-ID and signature, never by a
subject's words.
"""

from collections.abc import Callable
from dataclasses import replace

from mailgate.core.account import UnknownSenders
from mailgate.core.address import Token, TokenRole, principal
from mailgate.core.brake import braked, crowded, reordered, repeated
from mailgate.core.case import Case
from mailgate.core.change import HoldKind, Outcome
from mailgate.core.command import Fault
from mailgate.core.correlate import correlated, not_counted, replied_to, survivor, ticket_of
from mailgate.core.fields import field, fields
from mailgate.core.hearing import Arrival, Finding, Hearing
from mailgate.core.instant import written
from mailgate.core.internal import says_something
from mailgate.core.message import Mailbox, Origin
from mailgate.core.notice import Matter
from mailgate.core.onbehalf import on_behalf, passed_on
from mailgate.core.policy import Policy
from mailgate.core.promise import asked, promised
from mailgate.core.staffmail import House, StaffMail
from mailgate.core.staffwork import StaffWork, reaching, staff_work
from mailgate.core.subject import tags
from mailgate.core.ticket import Status, Ticket
from mailgate.core.unproven import contradiction, forged, is_forbidden, not_of_staff, proves_more


def found(hearing: Hearing) -> Finding:
    """What the mail is: the finding of the first rule that holds."""
    finding = next(filter(None, (rule(hearing) for rule in RULES)))
    if finding.work is not None and (finding.work.faults or finding.work.checked):
        return _answered_to_staff(finding, hearing)
    if finding.outcome in _WAKING and not hearing.arrival.released and finding.requester is None:
        finding = replace(finding, unpaged=crowded(hearing, finding.ticket))
    if finding.outcome not in _ANSWERED:
        return finding
    silence = "" if finding.requester else _silence(hearing)  # staff wrote, and a customer is answered
    brake = "" if silence or hearing.arrival.released else braked(hearing)
    matter = Matter.BRAKE if brake else finding.matter
    return replace(finding, unanswered=silence or brake, matter=matter)


def _answered_to_staff(finding: Finding, hearing: Hearing) -> Finding:
    """What is only answered to the staff who wrote it, unless nobody may be reading the answers (5.3)."""
    brake = "" if hearing.arrival.released else reordered(hearing)
    if not brake:
        return finding
    return Finding(Outcome.HELD, "5.3", brake, hold=HoldKind.HELD, matter=Matter.BRAKE)


def _silence(hearing: Hearing) -> str:
    """Why no automatic answer may go to who wrote (RFC 3834 section 2); empty if one may."""
    arrival, verdict = hearing.arrival, hearing.arrival.message.verdict
    if verdict.origin is not Origin.PERSON:
        return f"a machine wrote it: {verdict.why}"
    if not arrival.envelope.reverse_path:
        return "null reverse-path"
    if hearing.desk.marked(arrival.message.loop_marks):
        return "it bears our own loop mark"
    sender = arrival.message.sender
    ours = sender is not None and sender.domain == hearing.desk.domain
    return "it comes from an address of our own" if ours else ""


def _duplicate(hearing: Hearing) -> Finding | None:
    same = hearing.facts.same_identity
    is_itself = hearing.arrival.released and same is not None and same.ticket is None  # it was held
    if same is not None and not is_itself and not proves_more(hearing.arrival, same):
        return Finding(Outcome.DUPLICATE, "2.1", f"the same mail was accepted at {written(same.at)}")
    if hearing.arrival.staff_tokens or is_forbidden(hearing.arrival):
        return None  # a program that reuses its Message-ID makes no customer of a member of staff
    sender, origin = hearing.arrival.message.sender, hearing.arrival.message.verdict.origin
    for known in hearing.facts.same_message_id:
        ticket = ticket_of(known, hearing.facts)
        # Anybody may write somebody else's Message-ID; only the same person's second mail joins the first.
        same_writer = sender is not None and _is(sender, Mailbox(known.sender))
        if ticket and same_writer and not _too_late(hearing, ticket):
            outcome = Outcome.REPLY if origin is Origin.PERSON else Outcome.NOTE
            return Finding(outcome, "2.1", "a known Message-ID with other content", ticket)
    return None


def _own_loop(hearing: Hearing) -> Finding | None:
    own, sender = hearing.facts.own, hearing.arrival.message.sender
    # Some desks copy our fields into mail of their own: with their name on it, the mark alone proves nothing.
    unchanged = sender is None or hearing.desk.is_own(sender.address)
    marked = unchanged and hearing.desk.marked(hearing.arrival.message.loop_marks)
    if own is None and not marked:
        return None
    reason = "our own loop mark came back" if marked else "our own Message-ID came back"
    return Finding(Outcome.NOTE, "2.2", reason, ticket_of(own, hearing.facts) or _correlated(hearing))


def _delivery_report(hearing: Hearing) -> Finding | None:
    message = hearing.arrival.message
    if message.verdict.origin is not Origin.DELIVERY_REPORT:
        return None
    sent = hearing.facts.sent[0] if hearing.facts.sent else None
    named = hearing.facts.tickets.get(sent.ticket) if sent and sent.ticket else None
    ticket = survivor(named, hearing.facts.tickets) if named else _correlated(hearing)
    return Finding(Outcome.DELIVERY_REPORT, "2.3", message.verdict.why, ticket, sent=sent)


def _automatic_reply(hearing: Hearing) -> Finding | None:
    verdict, ticket = hearing.arrival.message.verdict, _correlated(hearing) or _replied_to(hearing)[0]
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
        if ticket and member and sender and _is(sender, member):
            against = contradiction(hearing.arrival, hearing.desk)
            if against:
                return not_of_staff(against)
            return _staff_mail(hearing, member, ticket, inside=_stays_inside(tokens))
    if not tokens:
        return None
    return not_of_staff("a staff address was used by somebody it was not made for")


def _stays_inside(tokens: tuple[Token, ...]) -> bool:
    """Whether it answers an internal note, whatever it answers besides (`behaviour.md` 3.2)."""
    return any(token.role is TokenRole.COMMAND for token in tokens)


def _staff_mail(hearing: Hearing, member: Mailbox, sent_to: Ticket, *, inside: bool) -> Finding:
    """What a member of staff does to the ticket, or to the one in which it goes on."""
    arrival, message = hearing.arrival, hearing.arrival.message
    ticket = survivor(sent_to, hearing.facts.tickets)
    house = House(hearing.desk.staff, hearing.desk.domain)
    mail = StaffMail(member, arrival.received, message.message_id, message.reply_text, house, inside)
    work = staff_work(mail, ticket, hearing.versions[ticket.policy], hearing.facts.tickets)
    if _says_nothing(arrival, work, member):
        reason = "nothing in it is for the customer"
        return Finding(Outcome.HELD, "4.2", reason, hold=HoldKind.HELD, matter=Matter.NOTHING_SAID)
    repeat = repeated(hearing, ticket) if work.answers and not arrival.released else ""
    if repeat:
        held = StaffWork(words=work.words, faults=(Fault("your answer", f"is held: {repeat}", _LET_IT_GO),))
        braked_one = Finding(Outcome.HELD, "5.3", repeat, ticket, hold=HoldKind.HELD, matter=Matter.BRAKE)
        return replace(braked_one, staff=member, work=held)
    work = reaching(mail, work, ticket, hearing.facts.suppressed)
    reason = "From is the person whom this address was made for"
    if work.commands or work.faults or work.internal:
        reason = work.said
    if work.answers:
        return Finding(Outcome.STAFF_REPLY, "2.5", reason, ticket, staff=member, work=work)
    return Finding(Outcome.NOTE, "4.4", reason, ticket, staff=member, work=work)


def _says_nothing(arrival: Arrival, work: StaffWork, member: Mailbox) -> bool:
    """An empty mail, a mere quotation or signature stops no clock, unless an operator says so."""
    words = says_something(work.words, member) and not arrival.message.only_quotes
    return not (arrival.released or arrival.message.attachments or words or work.commands or work.faults)


def _passed_on(hearing: Hearing) -> Finding | None:
    """A member of staff writes to an alias: to open a ticket in a customer's name (`behaviour.md` 4.5)."""
    asked_for = on_behalf(hearing.arrival, hearing.desk, let_in=_is_let_in(hearing.arrival))
    if asked_for is None:
        return None
    against = contradiction(hearing.arrival, hearing.desk)
    if against:
        return not_of_staff(against)
    return passed_on(asked_for, _request(replace(hearing, arrival=hearing.arrival.below_commands)))


def _is_let_in(arrival: Arrival) -> bool:
    return arrival.released or arrival.account.unknown_senders is UnknownSenders.ACCEPT


def _reply(hearing: Hearing) -> Finding | None:
    ticket, evidence = _replied_to(hearing)
    if ticket is None or _too_late(hearing, ticket):
        return None
    if ticket.is_spam and not hearing.arrival.released:
        reason = f"{ticket.name} was marked as spam"
        return Finding(Outcome.HELD, "4.4", reason, hold=HoldKind.HELD, matter=Matter.HELD)
    return Finding(Outcome.REPLY, "3.3", evidence, ticket)


def _replied_to(hearing: Hearing) -> tuple[Ticket | None, str]:
    """The known ticket that the mail answers, and the evidence."""
    arrival = hearing.arrival
    match = replied_to(arrival.routes, arrival.message, arrival.account, hearing.facts)
    return (match.ticket, match.evidence) if match else (None, "")


def _continued(hearing: Hearing) -> Ticket | None:
    """The resolved ticket that the mail answers too late to reopen it (`behaviour.md` 3.4)."""
    ticket, _ = _replied_to(hearing)
    return ticket if ticket and _too_late(hearing, ticket) else None


def _too_late(hearing: Hearing, ticket: Ticket) -> bool:
    """Whether the ticket was resolved so long ago that a reply opens another one (`behaviour.md` 3.4)."""
    if ticket.status is not Status.RESOLVED or ticket.resolved is None:
        return False
    return hearing.arrival.received > hearing.versions[ticket.policy].reopens_until(ticket.resolved)


def _stranger(hearing: Hearing) -> Finding | None:
    account, sender = hearing.arrival.account, hearing.arrival.message.sender
    if _is_let_in(hearing.arrival):
        return None
    if sender is None or account.knows(sender.address):
        return None
    old = _continued(hearing)
    if old is not None and old.serves(sender.address):
        return None
    reason = "the sender is in none of the account's domains and contacts"
    return Finding(Outcome.HELD, "2.7", reason, hold=HoldKind.HELD, matter=Matter.HELD)


def _request(hearing: Hearing) -> Finding:
    """What no other rule found: a new ticket, or courteously none."""
    reckoned = case(hearing.arrival, hearing.policy)
    promise = promised(hearing.policy, reckoned, hearing.arrival.received)
    found_out = Finding(Outcome.NEW_TICKET, "2.9", "a new matter", case=reckoned, promise=promise)
    unproved = not_counted(hearing.arrival.routes, hearing.arrival.message, hearing.facts)
    if unproved:
        found_out = replace(found_out, reason=f"a new matter: {unproved}")
    old = _continued(hearing)
    if old is not None:
        reason = f"{old.name} was resolved too long ago to be reopened: it goes on here"
        found_out = replace(found_out, rule="3.4", reason=reason, continues=old)
    if not promise.entitled:
        reason = next(iter(promise.notes), "the plan does not include this")
        hold = HoldKind.NOT_ENTITLED
        return replace(found_out, outcome=Outcome.NOT_ENTITLED, rule="2.8", reason=reason, hold=hold)
    verdict = hearing.arrival.message.verdict
    if verdict.origin is not Origin.PERSON:
        return replace(found_out, reason=f"a new matter from a machine: {verdict.why}")
    return found_out


_LET_IT_GO = "your operators can release it with mailgate held; or say it in other words"
_WAKING = frozenset({Outcome.NEW_TICKET, Outcome.REPLY})
_ANSWERED = frozenset({Outcome.NEW_TICKET, Outcome.NOT_ENTITLED})

RULES: tuple[Callable[[Hearing], Finding | None], ...] = (
    _duplicate,
    _own_loop,
    _delivery_report,
    _automatic_reply,
    _nobody,
    _staff_reply,
    _passed_on,
    forged,
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
    return correlated(hearing.arrival.routes, hearing.facts)


def _is(one: Mailbox, other: Mailbox) -> bool:
    return one.is_at(other.address)
