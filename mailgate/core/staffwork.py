"""Knows what a mail of staff does to its ticket: its commands and its words, as events in their order.

All commands of a mail hold or none does (`behaviour.md` 4.4): one fault, and nothing happens. What the
commands say happens first, in an order of its own; then the words answer; waiting, the end, a merge are last.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

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
from mailgate.core.internal import for_customer, says_something
from mailgate.core.participant import PeopleChanged, TicketAssigned
from mailgate.core.policy import Policy
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.core.stafffaults import Tickets, faults, lowering, other_ticket, wanted
from mailgate.core.staffmail import StaffMail
from mailgate.core.staffpeople import assignee, people_changed
from mailgate.core.suppression import Suppressed
from mailgate.core.ticket import Status, Ticket


@dataclass(frozen=True, slots=True)
class StaffWork:
    """What a staff mail does.

    Args:
        words: what is said; to the customer if it `answers`, else inside the house.
        internal: the mail stays there: `/note`, `/spam`.
        checked: nothing happens, and the writer is told what would: `/check`; `events` are what would.
        faults: why nothing happens; empty where all holds.
        events: what happens to the ticket, in order.
        into: the ticket that it is merged into, as it stands; None for no merge.
    """

    commands: tuple[Command, ...] = ()
    words: str = ""
    internal: bool = False
    checked: bool = False
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    into: Ticket | None = None

    @property
    def answers(self) -> bool:
        """Whether its words go to the customer."""
        return self.speaks and not self.checked

    @property
    def speaks(self) -> bool:
        """Whether its words are meant for the customer, be it only to check."""
        if self.faults or self.internal:
            return False
        return bool(self.words) or all(command.verb is Verb.CHECK for command in self.commands)

    @property
    def said(self) -> str:
        """What it was, in a sentence for who asks why; it is logged, so it holds no words of the mail."""
        if self.faults:
            return f"nothing was done: a line {self.faults[0].wrong}"
        if self.checked:
            return f"nothing was done: it was to be checked, with {_listed(self.commands)}"
        if self.internal:
            return f"an internal note{', with ' if self.commands else ''}{_listed(self.commands)}"
        return f"{'an answer' if self.words else 'no words'}, with {_listed(self.commands)}"


def staff_work(mail: StaffMail, ticket: Ticket, policy: Policy, known: Tickets) -> StaffWork:
    """What the mail does to the ticket, under the policy that this was opened under.

    Args:
        known: tickets of the account, among them those that the mail names.
    """
    read = orders(mail.text)
    words = for_customer(read.words, mail.staff.address)
    if read.commands and not says_something(words, mail.staff):
        words = ""  # what stands below commands is a signature, or what they answer
    internal = mail.inside or read.has(Verb.NOTE) or read.has(Verb.SPAM)
    wrong = (*read.faults, *faults(mail, read, ticket, policy, known))
    if not internal:
        wrong += strays(words)
    work = StaffWork(read.commands, words, internal, read.has(Verb.CHECK), wrong)
    if wrong:
        return replace(work, events=(MailNoted(mail.received, mail.staff.address, work.said),))
    happened = tuple(_happens(mail, work, ticket, policy))
    if not happened and not read.has(Verb.MERGE):
        happened = (MailNoted(mail.received, mail.staff.address, work.said),)
    return replace(work, events=happened, into=_into(read, ticket, known))


def reaching(mail: StaffMail, work: StaffWork, ticket: Ticket, suppressed: Suppressed) -> StaffWork:
    """The work, or what is wrong with it: words for people of whom nobody gets anything are no answer."""
    changes = (event.people for event in work.events if isinstance(event, PeopleChanged))
    readers = replace(ticket, people=next(changes, ticket.people)).customers
    bounced = [suppressed.get(one.folded) for one in readers]
    first = bounced[0]
    if not work.speaks or first is None or not all(bounced):
        return work
    right = f"/cc somebody else, or have it lifted: mailgate suppressed lift {first.address}"
    fault = Fault("your answer", f"reaches nobody: {first.told}", right)
    refused = replace(work, faults=(fault,), into=None)
    return replace(refused, events=(MailNoted(mail.received, mail.staff.address, refused.said),))


def _happens(mail: StaffMail, work: StaffWork, ticket: Ticket, policy: Policy) -> Iterator[Event]:
    """What happens, a merge aside, in an order in which each step finds the ticket as it needs it."""
    by, at = mail.staff.address, mail.received
    orders_by_verb = {command.verb: command for command in work.commands}
    if Verb.REOPEN in orders_by_verb:
        yield _reopened(mail, ticket)
    if Verb.PRIORITY in orders_by_verb:
        name = wanted(orders_by_verb[Verb.PRIORITY], policy)
        raises = policy.urgency(name) < policy.urgency(ticket.priority)
        kind = PriorityRaised if raises else PriorityCorrected
        yield kind(at, ticket.priority, name, f"/priority in {mail.name}")
    if Verb.DEESCALATE in orders_by_verb:
        lower = lowering(ticket, policy)
        yield TicketDeescalated(at, ticket.priority, lower, f"/deescalate in {mail.name}")
    yield from _people(mail, work, ticket)
    if Verb.ACK in orders_by_verb:
        yield TicketTaken(at, by, f"/ack in {mail.name}")
    if work.speaks:
        yield StaffReplied(at, by, "From is the person whom this address was made for")
    yield from _ends(mail, orders_by_verb.keys(), ticket)


def _ends(mail: StaffMail, verbs: Collection[Verb], ticket: Ticket) -> Iterator[Event]:
    """How the mail leaves the ticket: waiting, settled, set aside."""
    by, at = mail.staff.address, mail.received
    if Verb.WAIT in verbs and ticket.status is not Status.WAITING:
        yield TicketSetWaiting(at, by, mail.name, f"/wait in {mail.name}")
    if Verb.RESOLVE in verbs:
        yield TicketResolved(at, by, f"/resolve in {mail.name}")
    if Verb.SPAM in verbs:
        yield TicketMarkedSpam(at, by, f"/spam in {mail.name}")


def _reopened(mail: StaffMail, ticket: Ticket) -> Event:
    kind = f"/reopen in {mail.name}"
    if ticket.is_spam:
        return TicketRestored(mail.received, mail.staff.address, ticket.answered, kind)
    return TicketReopened(mail.received, mail.staff.address, kind)


def _people(mail: StaffMail, work: StaffWork, ticket: Ticket) -> Iterator[Event]:
    """Who joins, who leaves, who works on it from now on."""
    changed = people_changed(ticket, work.commands, mail)
    if changed:
        yield changed
    for command in work.commands:
        member = assignee(command, mail) if command.verb is Verb.ASSIGN else None
        if member:
            told = f"/assign in {mail.name}"
            yield TicketAssigned(
                mail.received, mail.staff.address, member.address, ticket.assignee or "", told
            )


def _into(read: Orders, ticket: Ticket, known: Tickets) -> Ticket | None:
    merges = [command for command in read.commands if command.verb is Verb.MERGE]
    other = other_ticket(merges[0], ticket, known) if merges else None
    return survivor(other, known) if other else None


def _listed(commands: tuple[Command, ...]) -> str:
    return ", ".join(map(str, commands))
