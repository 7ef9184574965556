"""Knows which known ticket a mail is on: by signed address, by references, and where a merged one goes on.

A subject's words never join two mails (`behaviour.md` 3.3).
"""

from collections.abc import Iterable, Mapping

from mailgate.core.address import ToAccount
from mailgate.core.change import Outcome
from mailgate.core.facts import Direction, Facts, KnownMail
from mailgate.core.outgoing import MailKind
from mailgate.core.ticket import Ticket, TicketId


def correlated(routes: Iterable[ToAccount], facts: Facts) -> Ticket | None:
    """The known ticket of a signed address of any role, else of the nearest reference."""
    for to in routes:
        if to.token and to.token.ticket in facts.tickets:
            return survivor(facts.tickets[to.token.ticket], facts.tickets)
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


def may_be_told(ticket: Ticket, facts: Facts) -> bool:
    """Whether automatic mail may go to the requester: no machine, for it was answered or has replied."""
    return any(
        known.kind == (Outcome.REPLY if known.direction is Direction.IN else MailKind.ACKNOWLEDGEMENT)
        for known in facts.threads.get(ticket.id, ())
    )
