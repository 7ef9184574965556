"""Knows what staff may say about the people on a ticket: who works on it, who gets copies, who no more does.

An address of the customer's house, or a stranger's whom staff vouch for by naming them, joins as a colleague
of the customer; a member of staff joins as one who follows it. Our own addresses never do: they would answer.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from mailgate.core.command import Command, Fault, Verb
from mailgate.core.enumeration import either, listed
from mailgate.core.message import Mailbox, folded
from mailgate.core.participant import Participant, PeopleChanged, Side, present
from mailgate.core.staffmail import House, StaffMail
from mailgate.core.ticket import Ticket

MOST_PEOPLE = 40
"""So many people a ticket may have beside its requester; a mail can name any number."""

_ADDRESS = re.compile(
    r"[^\s<>@,;:\"()\[\]\\]{1,64}@[^\s<>@,;:\"()\[\]\\]{1,250}\.[^\s<>@,;:\"()\[\]\\.]{1,63}"
)
_LONGEST_NAME = 60


def addresses(argument: str) -> tuple[str, ...]:
    """The addresses that a command names, as written, once each; empty where a part of it names none."""
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, re.split("[,;]", argument))):
        named = _ADDRESS.findall(part)
        if not named:
            return ()
        for address in named:
            found.setdefault(folded(address), address)
    return tuple(found.values())


def assignee(command: Command, mail: StaffMail) -> Mailbox | None:
    """Whom `/assign` names; None for nobody, or for more than one."""
    found = _meant(command, mail)
    return found[0] if len(found) == 1 else None


def people_changed(ticket: Ticket, commands: tuple[Command, ...], mail: StaffMail) -> PeopleChanged | None:
    """Who is on the ticket after `/cc` and `/uncc`, and who is new or gone; None where nobody is."""
    now = {one.mailbox.folded: one for one in ticket.people}
    for command in commands:
        for address in addresses(command.argument) if command.verb in {Verb.CC, Verb.UNCC} else ():
            key = folded(address)
            if command.verb is Verb.UNCC:
                now[key] = replace(now.get(key, Participant(Mailbox(address))), side=Side.GONE)
            elif key not in present(now.values()):
                now[key] = _participant(address, mail.house)
    before, after = present(ticket.people), present(now.values())
    joined = tuple(after[key].mailbox.address for key in after if key not in before)
    left = tuple(before[key].mailbox.address for key in before if key not in after)
    if not (joined or left):
        return None
    said = listed(tuple(f"/{verb}" for verb, some in ((Verb.CC, joined), (Verb.UNCC, left)) if some))
    reason = f"{said} in {mail.name}"
    return PeopleChanged(mail.received, tuple(now.values()), joined, left, mail.staff.address, reason)


def together(ticket: Ticket, into: Ticket) -> tuple[Participant, ...]:
    """Who is on a ticket once another one goes on in it: its people first, then those who come along.

    Who was taken off it stays so, unless the other one was theirs: somebody has to answer them.
    """
    people = {one.mailbox.folded: one for one in into.people}
    if not into.serves(ticket.requester.address):
        people[ticket.requester.folded] = Participant(ticket.requester)
    for one in ticket.people:
        if not into.serves(one.mailbox.address):
            people.setdefault(one.mailbox.folded, one)
    return tuple(people.values())


def assign_faults(command: Command, ticket: Ticket, mail: StaffMail) -> Iterator[Fault]:
    """Why nobody, or nobody else, would work on the ticket."""
    found = _meant(command, mail)
    if not found:
        names = {one.name or one.address: one for one in mail.house.staff}
        near = get_close_matches(command.argument[:_LONGEST_NAME], list(names), n=1)
        meant = f"perhaps {near[0]} is meant; " if near else ""
        yield command.fault("names nobody of the staff", f"{meant}write a name, an address, or me")
    elif len(found) > 1:
        who = either(tuple(one.address for one in found))
        yield command.fault(f"could mean {who}", "write the address of one of them")
    elif found[0].is_at(ticket.assignee or ""):
        told = f"changes nothing: {found[0].name or found[0].address} works on {ticket.name} already"
        yield command.fault(told, "leave it out")


def cc_faults(command: Command, ticket: Ticket, house: House) -> Iterator[Fault]:
    """Why somebody does not join."""
    named = addresses(command.argument)
    if not named:
        yield command.fault("names no address", "write it as in /cc carol@acme.example")
    for address in named:
        if house.is_own(address):
            yield command.fault(f"names {address}, an address of our own", "name a person's address")
        elif _is_on(address, ticket):
            yield command.fault(f"changes nothing: {address} is on {ticket.name} already", "leave it out")


def crowd_faults(commands: tuple[Command, ...], ticket: Ticket, mail: StaffMail) -> Iterator[Fault]:
    """Why not all of those whom the commands name can join."""
    changed = people_changed(ticket, commands, mail)
    if changed and len(present(changed.people)) > MOST_PEOPLE:
        last = [command for command in commands if command.verb is Verb.CC][-1:]
        wrong = f"is too much: {ticket.name} may have {MOST_PEOPLE} people beside its requester"
        yield from (command.fault(wrong, "/uncc somebody first") for command in last)


def uncc_faults(command: Command, ticket: Ticket) -> Iterator[Fault]:
    """Why somebody does not leave."""
    named = addresses(command.argument)
    if not named:
        yield command.fault("names no address", "write it as in /uncc carol@acme.example")
    for address in named:
        if ticket.requester.is_at(address):
            yield command.fault(f"names {address}, who asked for {ticket.name}", "leave it out")
        elif not _is_on(address, ticket):
            yield command.fault(f"names {address}, who is not on {ticket.name}", "leave it out")


def _meant(command: Command, mail: StaffMail) -> tuple[Mailbox, ...]:
    return (mail.staff,) if command.argument.casefold() == "me" else mail.house.meant(command.argument)


def _is_on(address: str, ticket: Ticket) -> bool:
    return ticket.serves(address) or folded(address) in present(ticket.people)


def _participant(address: str, house: House) -> Participant:
    known = next((one for one in house.staff if one.is_at(address)), None)
    return Participant(known, Side.STAFF) if known else Participant(Mailbox(address))
