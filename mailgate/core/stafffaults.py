"""Knows what keeps a command of staff from holding on a ticket, and what would be right instead."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mailgate.core.clock import TargetKind
from mailgate.core.command import Command, Fault, Orders, Verb
from mailgate.core.correlate import survivor
from mailgate.core.participant import present
from mailgate.core.policy import Policy
from mailgate.core.promise import asked
from mailgate.core.staffmail import StaffMail
from mailgate.core.staffpeople import (
    MOST_PEOPLE,
    assign_faults,
    cc_faults,
    crowd_faults,
    together,
    uncc_faults,
)
from mailgate.core.ticket import ENDED, Ticket, TicketId, named, ticket_name

Tickets = Mapping[TicketId, Ticket]


@dataclass(frozen=True, slots=True)
class _Case:
    """A ticket on which commands are to hold, and all that they may speak of."""

    mail: StaffMail
    read: Orders
    ticket: Ticket
    policy: Policy
    known: Tickets

    @property
    def ended(self) -> bool:
        """Whether nobody is at work on it, nor will be after this mail."""
        return self.ticket.status in ENDED and not self.read.has(Verb.REOPEN)


def faults(mail: StaffMail, read: Orders, ticket: Ticket, policy: Policy, known: Tickets) -> Iterator[Fault]:
    """What keeps each command from holding on this ticket, under the policy that it was opened under.

    Args:
        known: tickets of the account, among them those that the mail names.
    """
    case = _Case(mail, read, ticket, policy, known)
    for command in read.commands:
        yield from _CHECKS.get(command.verb, _nothing)(command, case)
    yield from crowd_faults(read.commands, ticket, mail)


def wanted(command: Command, policy: Policy) -> str:
    """The priority that a command names, by its name or a tag of it; empty for none."""
    return asked(policy, (command.argument,)).priority


def lowering(ticket: Ticket, policy: Policy) -> str:
    """The priority to which a de-escalation may lower the ticket; empty for none."""
    targets = policy.targets(ticket.plan, ticket.role, ticket.priority)
    return next((one.met_by_lowering_to for one in targets if one.kind is TargetKind.RESOLUTION), "")


def other_ticket(command: Command, ticket: Ticket, known: Tickets) -> Ticket | None:
    """The ticket of the same account that a command names."""
    name = named(command.argument)
    if name is None or name[0] != ticket.account.lower():
        return None
    return next((one for one in known.values() if one.number == name[1]), None)


def _state(ticket: Ticket) -> str:
    """How it stands, in words."""
    return "marked as spam" if ticket.is_spam else ticket.status


def _nothing(_: Command, __: _Case) -> Iterator[Fault]:
    yield from ()


def _ended(command: Command, case: _Case) -> Iterator[Fault]:
    if case.ended:
        yield command.fault(
            f"cannot be: {case.ticket.name} is {_state(case.ticket)}", "write /reopen above it"
        )


def _ended_already(command: Command, case: _Case) -> Iterator[Fault]:
    if case.ended:
        told = f"cannot be: {case.ticket.name} is {_state(case.ticket)} already"
        yield command.fault(told, "leave it out")


def _reopen(command: Command, case: _Case) -> Iterator[Fault]:
    if case.ticket.status not in ENDED:
        yield command.fault(f"cannot be: {case.ticket.name} is not resolved", "leave it out")


def _priority(command: Command, case: _Case) -> Iterator[Fault]:
    ticket, name = case.ticket, wanted(command, case.policy)
    if case.ended:
        yield from _ended(command, case)
    elif not name:
        names = ", ".join(one.name for one in case.policy.priorities)
        yield command.fault("names no priority of this policy", f"its priorities are {names}")
    elif name == ticket.priority:
        yield command.fault(f"changes nothing: {ticket.name} is {name} already", "leave it out")


def _deescalate(command: Command, case: _Case) -> Iterator[Fault]:
    if case.ended:
        yield from _ended(command, case)
    elif not lowering(case.ticket, case.policy):
        wrong = f"cannot be: the policy defines no de-escalation from {case.ticket.priority}"
        yield command.fault(wrong, "/priority lowers it, as a correction")


def _merge(command: Command, case: _Case) -> Iterator[Fault]:
    ticket, known = case.ticket, case.known
    other = other_ticket(command, ticket, known)
    if other is None:
        right = f"name a ticket of the same account: {ticket_name(ticket.account, ticket.number)} is its kind"
        yield command.fault(f"names no ticket of the account {ticket.account}", right)
    elif other.id == ticket.id:
        yield command.fault(f"would merge {ticket.name} into itself", "name the ticket in which it goes on")
    elif (last := survivor(other, known)).id == ticket.id:
        yield command.fault(f"would go round: {other.name} goes on in {ticket.name}", "leave it out")
    elif last.status in ENDED:
        right = f"write /reopen to {last.name} first"
        yield command.fault(f"cannot be: {last.name} is {_state(last)}", right)
    elif len(present(together(ticket, last))) > MOST_PEOPLE:
        wrong = f"is too much: {last.name} may have {MOST_PEOPLE} people beside its requester"
        yield command.fault(wrong, "/uncc somebody first")


def _for(command: Command, case: _Case) -> Iterator[Fault]:
    right = "write it to the alias of the account, such as when you forward a mail there"
    yield command.fault(f"opens a ticket, and this is an address of {case.ticket.name}", right)


def _assign(command: Command, case: _Case) -> Iterator[Fault]:
    yield from assign_faults(command, case.ticket, case.mail)


def _cc(command: Command, case: _Case) -> Iterator[Fault]:
    yield from cc_faults(command, case.ticket, case.mail.house)


def _uncc(command: Command, case: _Case) -> Iterator[Fault]:
    yield from uncc_faults(command, case.ticket)


_CHECKS: Mapping[Verb, Callable[[Command, _Case], Iterator[Fault]]] = {
    Verb.WAIT: _ended,
    Verb.RESOLVE: _ended_already,
    Verb.SPAM: _ended_already,
    Verb.REOPEN: _reopen,
    Verb.PRIORITY: _priority,
    Verb.DEESCALATE: _deescalate,
    Verb.ASSIGN: _assign,
    Verb.CC: _cc,
    Verb.UNCC: _uncc,
    Verb.MERGE: _merge,
    Verb.FOR: _for,
}
