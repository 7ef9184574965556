"""Knows how the desk signs its mail: From, Reply-To, reverse-path, Message-ID and thread for each reader.

A customer's reply comes back to a signed address of the customer's, a staff member's to one of their own.
A reader's References name only what that reader got before (`behaviour.md` 3.5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mailgate.core.account import Account, Desk
from mailgate.core.address import Keys, Token, TokenRole, message_id, principal, signed_address
from mailgate.core.message import Mailbox
from mailgate.core.notice import InternalNote, Link, StaffNotice
from mailgate.core.outgoing import AutoSubmitted, Care, Context, Draft
from mailgate.core.ticket import Ticket

_REFERENCES = 12  # RFC 5322 section 3.6.4 sets no end; the first and the newest keep a thread together


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is written to on a ticket.

    Args:
        thread: Message-IDs of what they wrote and got on it, oldest first.
        beside: who gets the same words in a mail of their own, and is shown in Cc.
    """

    mailbox: Mailbox
    thread: tuple[str, ...] = ()
    beside: tuple[Mailbox, ...] = ()


@dataclass(frozen=True, slots=True)
class Letterhead:
    """A desk that can sign."""

    desk: Desk
    keys: Keys

    def alias(self, account: Account) -> Mailbox:
        """The address that an account's mail comes from."""
        return Mailbox(f"{account.aliases[0]}@{self.desk.domain}", self.desk.name)

    def links(self, shown: Mapping[str, str]) -> tuple[Link, ...]:
        """The policy's links and the desk's own, the desk's winning."""
        return tuple(Link(name, address) for name, address in {**shown, **self.desk.links}.items())

    def to_customer(self, ticket: Ticket, reader: Reader, cause: str, at: datetime, says: Context) -> Draft:
        """An automatic mail to the customer (`behaviour.md` 5.2): null reverse-path, at most once."""
        return replace(
            self._to_reader(ticket, reader, cause, at, says),
            auto=AutoSubmitted.REPLIED,
            care=Care.AT_MOST_ONCE,
        )

    def as_staff(self, ticket: Ticket, reader: Reader, cause: str, at: datetime, says: Context) -> Draft:
        """A staff member's words to the customer: a signed bounce address as reverse-path, at least once."""
        token = Token(TokenRole.BOUNCE, ticket.id, principal(reader.mailbox.address))
        bounce = self._signed(self.desk.accounts[ticket.account], token)
        return replace(
            self._to_reader(ticket, reader, cause, at, says), reverse_path=bounce, cc=reader.beside
        )

    def to_staff(self, member: Mailbox, ticket: Ticket, cause: str, at: datetime, says: Context) -> Draft:
        """An automatic mail to one member of staff, with a signed address of their own (`behaviour.md` 4.1).

        What answers an internal note stays inside like it. The first mail on a ticket begins that reader's
        thread, and the later ones name it; what is written together with it names it before it is known.
        """
        account = self.desk.accounts[ticket.account]
        own = f"{cause}:{principal(member.address).hex()}"
        thread = ticket.seen_by(member.address)
        opens = not thread and isinstance(says, StaffNotice) and says.opened
        root = self._id(f"thread:{ticket.id}:{member.folded}")
        if not thread and not opens:
            thread = (root,)
        inside = isinstance(says, InternalNote) and says.stays_inside
        return Draft(
            cause=own,
            sender=self.alias(account),
            to=(member,),
            message_id=root if opens else self._id(own),
            date=at,
            context=says,
            reply_to=self._of_staff(member, ticket, TokenRole.COMMAND if inside else TokenRole.STAFF),
            in_reply_to=thread[-1] if thread else "",
            references=_shortened(thread),
            auto=AutoSubmitted.GENERATED,
            account=account.key,
            policy=account.policy,
        )

    def answers(self, member: Mailbox, ticket: Ticket) -> str:
        """The member's own address from which their words go to the customer."""
        return self._of_staff(member, ticket, TokenRole.STAFF)

    def to_notifier(self, name: str, ticket: Ticket, cause: str, at: datetime, says: Context) -> Draft:
        """A page to a notification service."""
        account = self.desk.accounts[ticket.account]
        own = f"{cause}:via:{name}"
        return Draft(
            cause=own,
            sender=self.alias(account),
            to=(Mailbox(name),),
            message_id=self._id(own),
            date=at,
            context=says,
            auto=AutoSubmitted.GENERATED,
            account=account.key,
            policy=account.policy,
            via=name,
        )

    def to_operators(self, cause: str, at: datetime, says: Context, account: str = "") -> Draft:
        """An automatic mail to the operators."""
        return Draft(
            cause=cause,
            sender=Mailbox(f"postmaster@{self.desk.domain}", self.desk.name),
            to=self.desk.operators,
            message_id=self._id(cause),
            date=at,
            context=says,
            auto=AutoSubmitted.GENERATED,
            account=account,
        )

    def to_writer(
        self, account: Account, to: Mailbox, answers: str, cause: str, at: datetime, says: Context
    ) -> Draft:
        """An automatic answer to who wrote a mail that is no ticket; `answers` is its Message-ID."""
        return Draft(
            cause=cause,
            sender=self.alias(account),
            to=(to,),
            message_id=self._id(cause),
            date=at,
            context=says,
            in_reply_to=answers,
            references=(answers,) if answers else (),
            auto=AutoSubmitted.REPLIED,
            care=Care.AT_MOST_ONCE,
            account=account.key,
            policy=account.policy,
            language=account.language,
        )

    def _to_reader(self, ticket: Ticket, reader: Reader, cause: str, at: datetime, says: Context) -> Draft:
        account, address = self.desk.accounts[ticket.account], reader.mailbox.address
        first = ticket.requester.is_at(address)
        own = cause if first else f"{cause}:{principal(address).hex()}"
        return Draft(
            cause=own,
            sender=self.alias(account),
            to=(reader.mailbox,),
            message_id=self._id(own),
            date=at,
            context=says,
            reply_to=self._signed(account, Token(TokenRole.CUSTOMER, ticket.id, principal(address))),
            in_reply_to=reader.thread[-1] if reader.thread else "",
            references=_shortened(reader.thread),
            account=account.key,
            policy=account.policy,
            language=account.language,
        )

    def _of_staff(self, member: Mailbox, ticket: Ticket, role: TokenRole) -> str:
        token = Token(role, ticket.id, principal(member.address))
        return self._signed(self.desk.accounts[ticket.account], token)

    def _signed(self, account: Account, token: Token) -> str:
        return signed_address(account.aliases[0], token, self.desk.domain, self.keys, self.desk.separator)

    def _id(self, cause: str) -> str:
        return message_id(cause, self.desk.domain, self.keys)


def _shortened(thread: tuple[str, ...]) -> tuple[str, ...]:
    if len(thread) <= _REFERENCES:
        return thread
    return thread[:1] + thread[1 - _REFERENCES :]
