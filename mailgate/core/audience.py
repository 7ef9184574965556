"""Knows who reads what on a ticket: the customer's people, each with a thread of their own, and the staff.

A colleague whom the customer copies joins, if they are of the account; nobody else does by being copied, for
whoever forges a mail could copy himself (`behaviour.md` 3.6). Whom staff took off does not join again so.
"""

from collections.abc import Iterator, Mapping

from mailgate.core.account import Desk
from mailgate.core.correlate import survivor
from mailgate.core.hearing import Arrival
from mailgate.core.letterhead import Reader
from mailgate.core.message import Mailbox
from mailgate.core.participant import Participant, PeopleChanged, present
from mailgate.core.staffpeople import MOST_PEOPLE
from mailgate.core.ticket import Ticket, TicketId


def customers(ticket: Ticket, known: Mapping[TicketId, Ticket]) -> tuple[Reader, ...]:
    """Who gets what staff write to the customer: the requester first, each told of the others.

    Args:
        known: tickets of the account; what people got on those that were merged into it is in their threads.
    """
    everybody = ticket.customers
    merged = [one for _, one in sorted(known.items()) if survivor(one, known).id == ticket.id != one.id]
    return tuple(
        Reader(
            mailbox=one,
            thread=tuple(seen for each in (*merged, ticket) for seen in each.seen_by(one.address)),
            beside=tuple(other for other in everybody if other != one),
        )
        for one in everybody
    )


def team(desk: Desk, ticket: Ticket) -> tuple[Mailbox, ...]:
    """The staff who read what happens on a ticket: the account's, who works on it, who follows it."""
    account = desk.accounts.get(ticket.account)
    at_work = desk.member(ticket.assignee or "")
    everybody = (*(account.staff if account else ()), *((at_work,) if at_work else ()), *ticket.watchers)
    return tuple({one.folded: one for one in everybody}.values())


def following(desk: Desk, ticket: Ticket) -> frozenset[str]:
    """Who of the staff gets what colleagues answer, too: who works on it, who was brought in to follow it."""
    at_work = desk.member(ticket.assignee or "")
    return frozenset(one.folded for one in (*((at_work,) if at_work else ()), *ticket.watchers))


def joining(ticket: Ticket, arrival: Arrival, desk: Desk) -> PeopleChanged | None:
    """The colleagues who join by a mail of somebody who may bring them; None where nobody does."""
    sender, account = arrival.message.sender, arrival.account
    if sender is None or not (account.knows(sender.address) or _was_brought(sender, ticket)):
        return None
    known = {one.mailbox.folded for one in ticket.people} | {ticket.requester.folded}
    new: dict[str, Participant] = {}
    for one in (sender, *_copied(arrival)):
        if account.knows(one.address) and not _is_ours(one.address, desk):
            new.setdefault(one.folded, Participant(one))
    places = max(0, MOST_PEOPLE - len(present(ticket.people)))
    joined = [address for address in new if address not in known][:places]
    if not joined:
        return None
    people = (*ticket.people, *(new[address] for address in joined))
    written = tuple(new[address].mailbox.address for address in joined)
    reason = f"{sender.address} wrote to them as well"
    return PeopleChanged(arrival.received, people, written, (), sender.address, reason)


def outsiders(arrival: Arrival, desk: Desk, ticket: Ticket) -> tuple[str, ...]:
    """Whom the mail went to as well who is neither ours nor on the ticket."""
    return tuple(
        dict.fromkeys(
            one.address
            for one in _copied(arrival)
            if not (_is_ours(one.address, desk) or ticket.serves(one.address))
        )
    )


def _copied(arrival: Arrival) -> Iterator[Mailbox]:
    yield from arrival.message.to
    yield from arrival.message.cc


def _was_brought(sender: Mailbox, ticket: Ticket) -> bool:
    """Whether staff named them by `/cc`, or somebody of the account copied them."""
    return sender.folded in present(ticket.people)


def _is_ours(address: str, desk: Desk) -> bool:
    return desk.is_own(address) or desk.member(address) is not None
