"""Knows a mail before and after the rules: as it arrived, what is known of it, what it was found to be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from mailgate.core.account import Account, AliasRole, Desk
from mailgate.core.address import STAFF_ROLES, ToAccount, Token, spellings
from mailgate.core.authentication import Authentication, Proof
from mailgate.core.case import Case
from mailgate.core.change import HoldKind, Outcome
from mailgate.core.command import Verb, orders
from mailgate.core.facts import Facts, Question, SentMail
from mailgate.core.message import Envelope, Mailbox, Message, Origin
from mailgate.core.notice import Matter
from mailgate.core.policy import Policy
from mailgate.core.promise import Promise
from mailgate.core.staffwork import StaffWork
from mailgate.core.subject import numbers
from mailgate.core.ticket import Ticket, named

_NAMES = 20  # of tickets in one mail; nobody answers more at once


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail as it concerns one account.

    Args:
        received: the moment of the 250; every clock starts there, never at a Date field.
        routes: its recipients that are this account's.
        released: an operator let it through: the sender counts as allowed.
        authentication: what proves who sent it; None where nobody looked.
    """

    spool_id: int
    received: datetime
    envelope: Envelope
    message: Message
    account: Account
    routes: tuple[ToAccount, ...]
    released: bool = False
    authentication: Authentication | None = None

    @property
    def role(self) -> AliasRole:
        """On call, if any alias that the mail named is."""
        return (
            AliasRole.ON_CALL
            if any(to.role is AliasRole.ON_CALL for to in self.routes)
            else AliasRole.SUPPORT
        )

    @property
    def is_unproven(self) -> bool:
        """Whether a proof of its sender was looked for and not found."""
        return self.authentication is not None and self.authentication.proof is not Proof.PASSED

    @property
    def is_doubted(self) -> bool:
        """Whether it is not from whom it says, as far as that domain tells."""
        return self.authentication is not None and self.authentication.proof is Proof.FAILED

    @property
    def staff_tokens(self) -> tuple[Token, ...]:
        """What its recipients that are addresses of staff say."""
        return tuple(to.token for to in self.routes if to.token and to.token.role in STAFF_ROLES)

    @property
    def below_commands(self) -> "Arrival":
        """The mail without the commands at its top: what staff pass on in a customer's name."""
        message = self.message
        text, reply_text = (orders(one).words.lstrip("\n") for one in (message.text, message.reply_text))
        passed_on = replace(message, text=text, reply_text=reply_text)
        return replace(self, message=passed_on)

    @property
    def _named_tickets(self) -> tuple[int, ...]:
        """The numbers of the account's tickets that its subject names, and commands of staff."""
        names = list(numbers(self.message.subject))
        if self.staff_tokens:
            commands = orders(self.message.reply_text).commands
            names += [command.argument for command in commands if command.verb is Verb.MERGE]
        found = (named(name) for name in names[:_NAMES])
        own = (one[1] for one in found if one and one[0] == self.account.key.lower())
        return tuple(dict.fromkeys(own))

    @property
    def question(self) -> Question:
        """What the store is asked before the rules are."""
        message, report = self.message, self.message.report
        wrote = message.verdict.origin in {Origin.PERSON, Origin.MACHINE}
        answered = (*message.in_reply_to, *reversed(message.references))
        nearest = tuple(dict.fromkeys(chain.from_iterable(map(spellings, answered))))
        return Question(
            account=self.account.key,
            message_id=message.message_id,
            identity=message.identity,
            references=nearest,
            ticket_ids=tuple(dict.fromkeys(to.token.ticket for to in self.routes if to.token)),
            numbers=self._named_tickets,
            reported_ids=tuple(dict.fromkeys((*report.message_ids, *nearest))) if report else (),
            reported_recipients=report.names if report else (),
            sender=message.sender.folded if message.sender and wrote else "",
            fingerprint=message.fingerprint,
            received=self.received,
            speaks=bool(self.staff_tokens),
            doubted=self.is_doubted,
        )


@dataclass(frozen=True, slots=True)
class Hearing:
    """A mail before the rules, with all that is known.

    Args:
        policy: the account's policy today, for what is opened now.
        versions: by digest, the policies that the known tickets were opened under.
    """

    arrival: Arrival
    facts: Facts
    desk: Desk
    policy: Policy
    versions: Mapping[str, Policy]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a mail was found to be.

    Args:
        rule: the clause of `behaviour.md`; `reason` the evidence, in a sentence.
        ticket: the known ticket that it is on.
        case, promise: what a request is reckoned from, and what the policy promises for it.
        staff: who wrote, for a mail of staff; `work` what it does.
        requester: in whose name staff open a ticket (4.5).
        continues: the resolved ticket that a reply came for too late to reopen it (3.4).
        sent: the mail of ours that a delivery report speaks of.
        hold: why it is kept aside; `matter` what the operators are told, None for nothing.
        unanswered: why no automatic answer goes to who wrote; empty where one may.
        unpaged: why nobody is woken by it; empty where somebody may be.
    """

    outcome: Outcome
    rule: str
    reason: str
    ticket: Ticket | None = None
    case: Case | None = None
    promise: Promise | None = None
    staff: Mailbox | None = None
    requester: Mailbox | None = None
    work: StaffWork | None = None
    continues: Ticket | None = None
    sent: SentMail | None = None
    hold: HoldKind | None = None
    matter: Matter | None = None
    unanswered: str = ""
    unpaged: str = ""
