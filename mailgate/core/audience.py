"""Knows who reads what on a ticket: the customer's people, each with a thread of their own, and the staff.

A colleague whom the customer copies joins, if they are of the account; nobody else does by being copied, for
whoever forges a mail could copy himself (`behaviour.md` 3.6).
"""

from collections.abc import Iterator

from mailgate.core.account import Account, Desk
from mailgate.core.hearing import Arrival
from mailgate.core.letterhead import Reader
from mailgate.core.message import Mailbox
from mailgate.core.participant import Participant, PeopleChanged
from mailgate.core.staffpeople import MOST_PEOPLE
from mailgate.core.ticket import Ticket


def customers(ticket: Ticket) -> tuple[Reader, ...]:
    """Who gets what staff write to the customer: the requester first, each told of the others."""
    everybody = ticket.customers
    return tuple(
        Reader(one, ticket.seen_by(one.address), tuple(other for other in everybody if other != one))
        for one in everybody
    )


def team(desk: Desk, ticket: Ticket) -> tuple[Mailbox, ...]:
    """The staff who read what happens on a ticket: the account's, who works on it, who follows it."""
    account = desk.accounts.get(ticket.account)
    wanted = (ticket.assignee or "").casefold()
    at_work = (one for one in desk.staff if one.address.casefold() == wanted)
    everybody = (*(account.staff if account else ()), *at_work, *ticket.watchers)
    return tuple({one.address.casefold(): one for one in everybody}.values())


def joining(ticket: Ticket, arrival: Arrival, desk: Desk) -> PeopleChanged | None:
    """The colleagues who join by a mail of somebody who may bring them; None where nobody does."""
    sender, account = arrival.message.sender, arrival.account
    if sender is None or not (account.knows(sender.address) or ticket.serves(sender.address)):
        return None
    known = {one.mailbox.address.casefold() for one in ticket.people} | {ticket.requester.address.casefold()}
    new = {
        one.address.casefold(): Participant(one)
        for one in (sender, *_copied(arrival))
        if account.knows(one.address) and not _is_ours(one.address, desk)
    }
    joined = [address for address in new if address not in known][: MOST_PEOPLE - len(ticket.people)]
    if not joined:
        return None
    people = (*ticket.people, *(new[address] for address in joined))
    reason = f"{sender.address} wrote to them as well"
    return PeopleChanged(arrival.received, people, tuple(joined), (), sender.address, reason)


def outsiders(arrival: Arrival, desk: Desk, ticket: Ticket) -> tuple[str, ...]:
    """Whom the mail went to as well who is neither of the account nor ours nor on the ticket."""
    account: Account = arrival.account
    return tuple(
        dict.fromkeys(
            one.address
            for one in _copied(arrival)
            if not (account.knows(one.address) or _is_ours(one.address, desk) or ticket.serves(one.address))
        )
    )


def _copied(arrival: Arrival) -> Iterator[Mailbox]:
    yield from arrival.message.to
    yield from arrival.message.cc


def _is_ours(address: str, desk: Desk) -> bool:
    lowered = address.casefold()
    of_staff = any(one.address.casefold() == lowered for one in desk.staff)
    return of_staff or lowered.rpartition("@")[2] == desk.domain
