"""Knows what a mail of staff does to its ticket: its commands and its words, as events in their order.

All commands of a mail hold or none does (`behaviour.md` 4.4): one fault, and nothing happens. What the
commands say happens first, in an order of its own; then the words answer; waiting, the end, a merge are last.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailgate.core.clock import TargetKind
from mailgate.core.command import Command, Fault, Orders, Verb, orders, strays
from mailgate.core.correlate import survivor
from mailgate.core.event import (
    Event,
    MailNoted,
    PriorityCorrected,
    PriorityRaised,
    StaffReplied,
    TicketDeescalated,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
)
from mailgate.core.internal import for_customer
from mailgate.core.localtime import MONTHS
from mailgate.core.message import Mailbox
from mailgate.core.policy import Policy
from mailgate.core.promise import asked
from mailgate.core.ticket import ENDED, Status, Ticket, TicketId, named, ticket_name

Tickets = Mapping[TicketId, Ticket]


@dataclass(frozen=True, slots=True)
class StaffMail:
    """A mail of a member of staff: `text` is what they added, commands and all."""

    staff: Mailbox
    received: datetime
    message_id: str
    text: str

    @property
    def name(self) -> str:
        """The mail in words, for who asks later which one it was."""
        at = self.received
        day = f"{at.day} {MONTHS[at.month - 1]}, {at.hour:02}:{at.minute:02} UTC"
        which = f" <{self.message_id}>" if self.message_id else ""
        return f"the mail of {self.staff.name or self.staff.address} of {day}{which}"


@dataclass(frozen=True, slots=True)
class StaffWork:
    """What a staff mail does.

    Args:
        words: what is said; to the customer if it `answers`, else inside the house.
        internal: the mail stays there: `/note`.
        faults: why nothing happens; empty where all holds.
        events: what happens to the ticket, in order.
        into: the ticket that it is merged into, as it stands; None for no merge.
    """

    commands: tuple[Command, ...] = ()
    words: str = ""
    internal: bool = False
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    into: Ticket | None = None

    @property
    def answers(self) -> bool:
        """Whether its words go to the customer."""
        return not self.faults and not self.internal and bool(self.words or not self.commands)

    @property
    def said(self) -> str:
        """What it was, in a sentence for who asks why; it is logged, so it holds no words of the mail."""
        if self.faults:
            return f"nothing was done: a line {self.faults[0].wrong}"
        if self.internal:
            return f"an internal note, with {_listed(self.commands)}"
        return f"{'an answer' if self.words else 'no words'}, with {_listed(self.commands)}"


def staff_work(mail: StaffMail, ticket: Ticket, policy: Policy, known: Tickets) -> StaffWork:
    """What the mail does to the ticket, under the policy that this was opened under.

    Args:
        known: tickets of the account, among them those that the mail names.
    """
    read = orders(mail.text)
    words = for_customer(read.words, mail.staff.address)
    internal = read.has(Verb.NOTE)
    faults = read.faults or tuple(_faults(read, ticket, policy, known))
    if not internal:
        faults += strays(words)
    work = StaffWork(read.commands, words, internal, faults)
    if faults:
        noted = MailNoted(mail.received, mail.staff.address, work.said)
        return StaffWork(read.commands, words, internal, faults, (noted,))
    happened = tuple(_happens(mail, work, ticket, policy))
    if not happened and not read.has(Verb.MERGE):
        happened = (MailNoted(mail.received, mail.staff.address, work.said),)
    return StaffWork(read.commands, words, internal, (), happened, _into(read, ticket, known))


def lowering(ticket: Ticket, policy: Policy) -> str:
    """The priority to which a de-escalation may lower the ticket; empty for none."""
    targets = policy.targets(ticket.plan, ticket.role, ticket.priority)
    return next((one.met_by_lowering_to for one in targets if one.kind is TargetKind.RESOLUTION), "")


def _faults(read: Orders, ticket: Ticket, policy: Policy, known: Tickets) -> Iterator[Fault]:
    """What keeps each command from holding on this ticket."""
    ended = ticket.status is Status.RESOLVED and not read.has(Verb.REOPEN)
    for command in read.commands:
        match command.verb:
            case Verb.WAIT | Verb.PRIORITY | Verb.DEESCALATE if ended:
                yield _fault(command, f"cannot be: {ticket.name} is resolved", "write /reopen above it")
            case Verb.RESOLVE if ended:
                yield _fault(command, f"cannot be: {ticket.name} is resolved already", "leave it out")
            case Verb.REOPEN if ticket.status is not Status.RESOLVED:
                yield _fault(command, f"cannot be: {ticket.name} is not resolved", "leave it out")
            case Verb.PRIORITY:
                yield from _priority_faults(command, ticket, policy)
            case Verb.DEESCALATE if not lowering(ticket, policy):
                wrong = f"cannot be: the policy defines no de-escalation from {ticket.priority}"
                yield _fault(command, wrong, "/priority lowers it, as a correction")
            case Verb.MERGE:
                yield from _merge_faults(command, ticket, known)
            case _:
                pass


def _priority_faults(command: Command, ticket: Ticket, policy: Policy) -> Iterator[Fault]:
    wanted = _priority(command, policy)
    if not wanted:
        names = ", ".join(one.name for one in policy.priorities)
        yield _fault(command, "names no priority of this policy", f"its priorities are {names}")
    elif wanted == ticket.priority:
        yield _fault(command, f"changes nothing: {ticket.name} is {wanted} already", "leave it out")


def _merge_faults(command: Command, ticket: Ticket, known: Tickets) -> Iterator[Fault]:
    other = _named(command, ticket, known)
    if other is None:
        right = f"name a ticket of the same account: {ticket_name(ticket.account, ticket.number)} is its kind"
        yield _fault(command, f"names no ticket of the account {ticket.account}", right)
    elif other.id == ticket.id:
        yield _fault(command, f"would merge {ticket.name} into itself", "name the ticket in which it goes on")
    elif (last := survivor(other, known)).id == ticket.id:
        yield _fault(command, f"would go round: {other.name} goes on in {ticket.name}", "leave it out")
    elif last.status in ENDED:
        yield _fault(command, f"cannot be: {last.name} is {last.status}", f"/reopen {last.name} first")


def _happens(mail: StaffMail, work: StaffWork, ticket: Ticket, policy: Policy) -> Iterator[Event]:
    """What happens, a merge aside, in an order in which each step finds the ticket as it needs it."""
    by, at = mail.staff.address, mail.received
    orders_by_verb = {command.verb: command for command in work.commands}
    if Verb.REOPEN in orders_by_verb:
        yield TicketReopened(at, by, f"/reopen in {mail.name}")
    if Verb.PRIORITY in orders_by_verb:
        wanted = _priority(orders_by_verb[Verb.PRIORITY], policy)
        raises = policy.urgency(wanted) < policy.urgency(ticket.priority)
        kind = PriorityRaised if raises else PriorityCorrected
        yield kind(at, ticket.priority, wanted, f"/priority in {mail.name}")
    if Verb.DEESCALATE in orders_by_verb:
        lower = lowering(ticket, policy)
        yield TicketDeescalated(at, ticket.priority, lower, f"/deescalate in {mail.name}")
    if Verb.ACK in orders_by_verb:
        yield TicketTaken(at, by, f"/ack in {mail.name}")
    if work.answers:
        yield StaffReplied(at, by, "From is the person whom this address was made for")
    if Verb.WAIT in orders_by_verb and ticket.status is not Status.WAITING:
        yield TicketSetWaiting(at, by, mail.name, f"/wait in {mail.name}")
    if Verb.RESOLVE in orders_by_verb:
        yield TicketResolved(at, by, f"/resolve in {mail.name}")


def _into(read: Orders, ticket: Ticket, known: Tickets) -> Ticket | None:
    merges = [command for command in read.commands if command.verb is Verb.MERGE]
    other = _named(merges[0], ticket, known) if merges else None
    return survivor(other, known) if other else None


def _named(command: Command, ticket: Ticket, known: Tickets) -> Ticket | None:
    """The ticket of the same account that a command names."""
    name = named(command.argument)
    if name is None or name[0] != ticket.account.lower():
        return None
    return next((one for one in known.values() if one.number == name[1]), None)


def _priority(command: Command, policy: Policy) -> str:
    """The priority that a command names, by its name or a tag of it; empty for none."""
    return asked(policy, (command.argument,)).priority


def _fault(command: Command, wrong: str, right: str) -> Fault:
    return Fault(str(command), wrong, right)


def _listed(commands: tuple[Command, ...]) -> str:
    return ", ".join(map(str, commands))
