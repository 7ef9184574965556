"""Knows a mail of staff to an alias: they open a ticket in a customer's name by it (`behaviour.md` 4.5).

Whoever forges a member of staff's From gains by it what forging the customer's would have given them: the
ticket is the customer's, who is of the account and gets every answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mailgate.core.account import Account, Desk
from mailgate.core.change import HoldKind, Outcome
from mailgate.core.command import Command, Fault, Orders, Verb, orders
from mailgate.core.enumeration import either
from mailgate.core.hearing import Arrival, Finding
from mailgate.core.message import Mailbox, Origin
from mailgate.core.staffmail import House
from mailgate.core.staffpeople import addresses
from mailgate.core.staffwork import StaffWork

RULE = "4.5"
_BESIDE = frozenset({Verb.FOR, Verb.CHECK})


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """What a member of staff wrote to an alias; `faults` are why it opens no ticket."""

    staff: Mailbox
    read: Orders
    faults: tuple[Fault, ...] = ()

    @property
    def command(self) -> Command:
        """The `/for` of it, where it has one."""
        return next((one for one in self.read.commands if one.verb is Verb.FOR), Command(Verb.FOR))

    @property
    def requester(self) -> Mailbox:
        """In whose name it is to open a ticket, where nothing is wrong with it."""
        return Mailbox(addresses(self.command.argument)[0])


def on_behalf(arrival: Arrival, desk: Desk, *, let_in: bool) -> OnBehalf | None:
    """The mail, if a member of staff wrote it to a plain alias.

    None without `/for` where whoever writes may open a ticket in their own name, be they staff or not.
    """
    sender, account = arrival.message.sender, arrival.account
    member = desk.member(sender.address) if sender else None
    signed = any(to.token for to in arrival.routes)  # on a ticket of theirs, they are its customer
    if member is None or signed or arrival.message.verdict.origin is not Origin.PERSON:
        return None
    read = orders(arrival.message.reply_text)
    if not read.has(Verb.FOR) and (let_in or account.knows(member.address)):
        return None
    wrong = (*read.faults, *_faults(read, account, House(desk.staff, desk.domain)))
    return OnBehalf(member, read, wrong)


def passed_on(asked: OnBehalf, opens: Finding) -> Finding:
    """What the mail is found to be; `opens` is what it would be, had the customer written it."""
    wrong = asked.faults
    if not wrong and opens.outcome is Outcome.NOT_ENTITLED:
        right = "answer them yourself, or ask the operators to change what the account has"
        wrong = (asked.command.fault(f"opens no ticket: {opens.reason}", right),)
    work = StaffWork(asked.read.commands, asked.read.words, checked=asked.read.has(Verb.CHECK), faults=wrong)
    if wrong:
        return Finding(Outcome.HELD, RULE, work.said, staff=asked.staff, work=work, hold=HoldKind.HELD)
    if work.checked:
        return replace(
            opens,
            outcome=Outcome.NOTE,
            rule=RULE,
            reason=work.said,
            staff=asked.staff,
            requester=asked.requester,
            work=work,
        )
    reason = f"{asked.staff.name or asked.staff.address} opens it in the name of {asked.requester.address}"
    return replace(opens, rule=RULE, reason=reason, staff=asked.staff, requester=asked.requester)


def _faults(read: Orders, account: Account, house: House) -> Iterator[Fault]:
    if not (read.has(Verb.FOR) or read.faults):
        wrong = f"is missing: your mail to {account.name} does not say whose ticket it is to open"
        right = "write it as the first line, as in /for bob@acme.example, and send the mail again"
        yield Fault("/for", wrong, right)
    for command in read.commands:
        if command.verb not in _BESIDE:
            yield command.fault("cannot be: there is no ticket yet", "write it in a reply to its notice")
    for command in read.commands:
        if command.verb is Verb.FOR:
            yield from _nobody(command, account, house)


def _nobody(command: Command, account: Account, house: House) -> Iterator[Fault]:
    """Why it names no customer of the account."""
    named = addresses(command.argument)
    if len(named) != 1:
        yield command.fault("names no one address", "write it as in /for bob@acme.example")
    elif house.is_own(named[0]) or not account.knows(named[0]):
        people = either(sorted(account.domains | account.contacts))
        right = f"its people are at {people}" if people else "it has neither domains nor contacts"
        yield command.fault(f"names nobody of {account.name}", right)
