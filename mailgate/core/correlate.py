"""Knows which known ticket a mail is on: by signed address, by references, by the number in its subject.

They count in this order; each way goes on where a merged ticket does; a subject's words never join two mails
(`behaviour.md` 3.3, 3.4).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mailgate.core.account import Account
from mailgate.core.address import ToAccount, Token, TokenRole, principal
from mailgate.core.change import Outcome
from mailgate.core.facts import Direction, Facts, KnownMail
from mailgate.core.message import Message
from mailgate.core.outgoing import MailKind
from mailgate.core.subject import numbers
from mailgate.core.ticket import Ticket, TicketId


@dataclass(frozen=True, slots=True)
class Match:
    """A known ticket that a mail answers, or the one in which it goes on, and the evidence."""

    ticket: Ticket
    evidence: str


def replied_to(routes: Iterable[ToAccount], message: Message, account: Account, facts: Facts) -> Match | None:
    """The ticket that a mail of the customer's side answers, by the first evidence that holds.

    Whoever has a customer's signed address may use it. A Message-ID can be seen by others than the customer:
    it joins only what the account's own people write, or who is on the ticket. A number can be guessed: it
    joins only what somebody writes who is on the ticket.
    """
    return next(_matches(routes, message, account, facts), None)


def not_counted(routes: Iterable[ToAccount], message: Message, facts: Facts) -> str:
    """What names a ticket in a mail that joins none, and why it does not count; empty for nothing."""
    writer = message.sender.address if message.sender else "nobody"
    by_name = {ticket.name: ticket for ticket in facts.tickets.values()}
    names = [name for name in numbers(message.subject) if name in by_name]
    for to in routes:
        ticket = facts.tickets.get(to.token.ticket) if to.token else None
        if to.unbelieved:
            return "the signed address that it was sent to is not recognised"
        if ticket:
            return f"the signed address that it was sent to is of somebody who is not on {ticket.name}"
    return f"{writer} is not on {names[0]}, which its subject names" if names else ""


def correlated(routes: Iterable[ToAccount], facts: Facts) -> Ticket | None:
    """The ticket of a signed address of any role, else of the nearest reference: for what is no reply."""
    signed = next(_signed(routes, facts, frozenset(TokenRole)), None)
    if signed:
        return signed.ticket
    return next(filter(None, (ticket_of(known, facts) for known in facts.referenced)), None)


def ticket_of(known: KnownMail | None, facts: Facts) -> Ticket | None:
    """The ticket that a known mail is on."""
    ticket = facts.tickets.get(known.ticket) if known and known.ticket else None
    return survivor(ticket, facts.tickets) if ticket else None


def survivor(ticket: Ticket, known: Mapping[TicketId, Ticket]) -> Ticket:
    """The ticket in which it goes on, however often it was merged (`behaviour.md` 3.4)."""
    passed = {ticket.id}
    while ticket.merged_into is not None and ticket.merged_into not in passed:
        following = known.get(ticket.merged_into)
        if following is None:
            break
        ticket = following
        passed.add(ticket.id)
    return ticket


def _matches(
    routes: Iterable[ToAccount], message: Message, account: Account, facts: Facts
) -> Iterator[Match]:
    yield from _signed(routes, facts, frozenset({TokenRole.CUSTOMER}))
    if message.sender is None:
        return
    writer = message.sender.address
    for known in facts.referenced:
        named = facts.tickets.get(known.ticket) if known.ticket else None
        if named and (account.knows(writer) or survivor(named, facts.tickets).serves(writer)):
            yield _match(named, facts, "In-Reply-To or References name a mail of the ticket")
    by_name = {ticket.name: ticket for ticket in facts.tickets.values()}
    for name in numbers(message.subject):
        named = by_name.get(name)
        if named and survivor(named, facts.tickets).serves(writer):
            yield _match(named, facts, f"{name} in the subject, from somebody on the ticket")


def _signed(routes: Iterable[ToAccount], facts: Facts, roles: frozenset[TokenRole]) -> Iterator[Match]:
    for to in routes:
        ticket = facts.tickets.get(to.token.ticket) if to.token and to.token.role in roles else None
        if to.token and ticket and _counts(to.token, survivor(ticket, facts.tickets)):
            yield _match(ticket, facts, "the signed address of the ticket")


def _counts(token: Token, ticket: Ticket) -> bool:
    """Whether the address is still somebody's: a customer's only while that person is on the ticket."""
    people = (principal(one.address) for one in ticket.customers)
    return token.role is not TokenRole.CUSTOMER or token.principal in people


def _match(named: Ticket, facts: Facts, evidence: str) -> Match:
    going_on = survivor(named, facts.tickets)
    if going_on.id == named.id:
        return Match(named, evidence)
    return Match(going_on, f"{evidence}; {named.name} goes on in {going_on.name}")


def may_be_told(ticket: Ticket, facts: Facts) -> bool:
    """Whether automatic mail may go to the requester: no machine, for it was answered or has replied."""
    return any(
        known.kind == (Outcome.REPLY if known.direction is Direction.IN else MailKind.ACKNOWLEDGEMENT)
        for known in facts.threads.get(ticket.id, ())
    )
