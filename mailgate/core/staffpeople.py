"""Knows what staff may say about the people on a ticket: who works on it, who gets copies, who no more does.

An address of the customer's house, or a stranger's whom staff vouch for by naming them, joins as a colleague
of the customer; a member of staff joins as one who follows it. Our own addresses never do: they would answer.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from mailgate.core.account import Account
from mailgate.core.command import Command, Fault, Orders, Verb
from mailgate.core.message import Mailbox
from mailgate.core.participant import Participant, Side
from mailgate.core.staffmail import House, StaffMail
from mailgate.core.ticket import Ticket

MOST_PEOPLE = 40
"""So many people a ticket may have beside its requester; a mail can name any number."""

_ADDRESS = re.compile(
    r"[^\s<>@,;:\"()\[\]\\]{1,64}@[^\s<>@,;:\"()\[\]\\]{1,250}\.[^\s<>@,;:\"()\[\]\\.]{1,63}"
)


def addresses(argument: str) -> tuple[str, ...]:
    """The addresses that a command names, in lower case, once each; empty where a part of it names none."""
    found: list[str] = []
    for part in filter(None, map(str.strip, re.split("[,;]", argument))):
        named = _ADDRESS.findall(part)
        if not named:
            return ()
        found += map(str.lower, named)
    return tuple(dict.fromkeys(found))


def assignee(command: Command, mail: StaffMail) -> Mailbox | None:
    """Whom `/assign` names; None for nobody, or for more than one."""
    return mail.staff if command.argument.casefold() == "me" else mail.house.colleague(command.argument)


def with_people(
    ticket: Ticket, commands: tuple[Command, ...], house: House
) -> tuple[tuple[Participant, ...], tuple[str, ...], tuple[str, ...]]:
    """Who is on the ticket after the commands, whose addresses are new among them, and whose are gone."""
    people: Mapping[str, Participant] = {one.mailbox.address.casefold(): one for one in ticket.people}
    before = dict(people)
    now = dict(people)
    for command in commands:
        for address in addresses(command.argument) if command.verb in {Verb.CC, Verb.UNCC} else ():
            if command.verb is Verb.UNCC:
                now.pop(address, None)
            elif address not in now:
                now[address] = _participant(address, house)
    joined = tuple(address for address in now if address not in before)
    left = tuple(address for address in before if address not in now)
    return tuple(now.values()), joined, left


def assign_faults(command: Command, ticket: Ticket, mail: StaffMail) -> Iterator[Fault]:
    """Why nobody, or nobody else, would work on the ticket."""
    member = assignee(command, mail)
    if member is None:
        near = get_close_matches(command.argument, [one.name or one.address for one in mail.house.staff], n=1)
        meant = f"perhaps {near[0]} is meant; " if near else ""
        yield command.fault("names no one member of staff", f"{meant}write a whole name, an address or me")
    elif (ticket.assignee or "").casefold() == member.address.casefold():
        told = f"changes nothing: {member.name or member.address} works on {ticket.name} already"
        yield command.fault(told, "leave it out")


def cc_faults(command: Command, ticket: Ticket, house: House) -> Iterator[Fault]:
    """Why somebody does not join."""
    named = addresses(command.argument)
    if not named:
        yield command.fault("names no address", "write it as in /cc carol@acme.example")
    for address in named:
        if address.rpartition("@")[2] == house.domain:
            yield command.fault(f"names {address}, which is our own address", "name a person's address")
        elif ticket.serves(address) or any(one.is_at(address) for one in ticket.people):
            yield command.fault(f"changes nothing: {address} is on {ticket.name} already", "leave it out")
    if len(ticket.people) + len(named) > MOST_PEOPLE:
        wrong = f"is too much: a ticket has at most {MOST_PEOPLE} people"
        yield command.fault(wrong, "/uncc somebody first")


def uncc_faults(command: Command, ticket: Ticket) -> Iterator[Fault]:
    """Why somebody does not leave."""
    named = addresses(command.argument)
    if not named:
        yield command.fault("names no address", "write it as in /uncc carol@acme.example")
    for address in named:
        if ticket.requester.address.casefold() == address:
            yield command.fault(f"names {address}, who asked for {ticket.name}", "leave it out")
        elif not any(one.is_at(address) for one in ticket.people):
            yield command.fault(f"names {address}, who is not on {ticket.name}", "leave it out")


def for_faults(read: Orders, account: Account, domain: str) -> Iterator[Fault]:
    """Why no ticket is opened in a customer's name."""
    if not read.has(Verb.FOR):
        right = f"write /for and the customer's address above the mail to open a ticket of {account.name}"
        yield Fault(
            "This mail", f"came from staff to an address of {account.name} and asks for nothing", right
        )
    for command in read.commands:
        if command.verb is not Verb.FOR:
            yield command.fault("cannot be: there is no ticket yet", "write it in a reply to its notice")
            continue
        named = addresses(command.argument)
        if len(named) != 1:
            yield command.fault("names no one address", "write it as in /for bob@acme.example")
        elif named[0].rpartition("@")[2] == domain or not account.knows(named[0]):
            right = (
                f"its people are at {', '.join(sorted(account.domains | account.contacts)) or 'no domain'}"
            )
            yield command.fault(f"names nobody of {account.name}", right)


def _participant(address: str, house: House) -> Participant:
    known = next((one for one in house.staff if one.address.casefold() == address), None)
    return Participant(known, Side.STAFF) if known else Participant(Mailbox(address))
