"""Knows what an SMTP command is answered (RFC 5321 section 4.1): the state of a conversation, no socket.

Every answer is decided from memory, at once. A command that is refused leaves the state as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from mailgate.core import reply as replies
from mailgate.core.listening import COPIES, BareNewlines, Protocol
from mailgate.core.message import Envelope
from mailgate.core.reply import Reply
from mailgate.listener.answer import Answer, Each, Offers, reply_of
from mailgate.listener.budget import Budget
from mailgate.listener.path import MailFrom, mail_from, rcpt_to
from mailgate.listener.rules import Rules
from mailgate.listener.turnstile import Local, Peer, Turnstile

_FOREIGN_VERBS = frozenset({b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"HOST:"})
_BEFORE_TLS = frozenset({b"NOOP", b"EHLO", b"LHLO", b"STARTTLS", b"QUIT"})  # RFC 3207 section 4
_LONGEST_GREETING = 255  # a domain, RFC 5321 section 4.5.3.1.2
_log = structlog.get_logger()


@dataclass(slots=True)
class Door:
    """What all conversations share. `rules` is replaced as a whole on a reload."""

    rules: Rules
    turnstile: Turnstile
    closing: bool = False


@dataclass(slots=True)
class Transaction:
    """A mail that is being announced (RFC 5321 section 3.3).

    Args:
        accepted: how many RCPT were accepted; one that came twice is one recipient.
    """

    said: MailFrom
    recipients: list[str] = field(default_factory=list)
    accepted: int = 0
    overshoot: int = 0


class Conversation:
    """One client's side of the state.

    Args:
        peer: where the client is.
        protocol: what is spoken.
        moment: a monotonic clock, in seconds.
    """

    def __init__(self, door: Door, peer: Peer, protocol: Protocol, moment: Callable[[], float]) -> None:
        self.peer = peer
        self.protocol = protocol
        self.secure = False
        self.transaction: Transaction | None = None
        self.budget = Budget()
        self._greeting = ""
        self._door = door
        self._moment = moment

    @property
    def rules(self) -> Rules:
        """What holds now."""
        return self._door.rules

    def begin_anew(self) -> None:
        """After TLS nothing holds of what was said before (RFC 3207 section 4.2)."""
        self.secure = True
        self._greeting = ""
        self.transaction = None

    def is_foreign(self, line: bytes) -> bool:
        """Whether this is no SMTP at all, but a web browser's request or the start of a TLS handshake."""
        if line.partition(b" ")[0].rstrip().upper() in _FOREIGN_VERBS:
            return True
        first = line[:1].decode("latin-1")
        return not (first.isascii() and first.isprintable()) and first not in "\r\n"

    def envelope(self) -> Envelope:
        """The announced mail's."""
        assert self.transaction is not None  # noqa: S101 - data() has allowed it
        return Envelope(
            self.transaction.said.reverse_path,
            tuple(self.transaction.recipients),
            str(self.peer),
            self._greeting,
        )

    def refuses_line(self, line: bytes, verb: bytes) -> Reply | None:
        """The reply to a command that is not even looked at; None for one that is."""
        if len(line) > self.rules.limits.command_bytes:
            return replies.LINE_TOO_LONG
        if self.rules.bare_newlines is BareNewlines.REFUSE and not line.endswith(b"\r\n"):
            return replies.BARE_NEWLINE_IN_COMMAND
        if self._needs_tls and verb not in _BEFORE_TLS:
            return replies.TLS_REQUIRED
        return None

    def answer(self, verb: bytes, argument: bytes) -> Answer:
        """The answer to every verb that needs no more than the state."""
        decide = None if verb in _NOT_SPOKEN[self.protocol] else _ANSWERS.get(verb)
        return replies.UNKNOWN_COMMAND if decide is None else decide(self, argument)

    def ehlo(self, argument: bytes) -> Answer:
        """EHLO, and LHLO, which is the same in LMTP: what is offered."""
        refusal = self._greet(argument)
        if refusal is not None:
            return refusal
        offers = [self.rules.hostname, f"SIZE {self.rules.limits.message_bytes}", "8BITMIME", "SMTPUTF8"]
        offers += ["PIPELINING", "ENHANCEDSTATUSCODES"]
        if self._offers_tls and not self.secure:
            offers.append("STARTTLS")
        return Offers((*offers, "HELP"))

    def helo(self, argument: bytes) -> Answer:
        """HELO: the greeting of old."""
        return self._greet(argument) or Reply(250, "", self.rules.hostname)

    def mail(self, argument: bytes) -> Reply:
        """MAIL: begins a transaction."""
        if not self._greeting:
            is_smtp = self.protocol is Protocol.SMTP
            return replies.GREET_FIRST if is_smtp else replies.GREET_BY_LHLO_FIRST
        if self.transaction is not None:
            return replies.NESTED_MAIL
        said = mail_from(argument)
        if isinstance(said, Reply):
            return said
        refusal = self._has_no_room_for(said)
        if refusal is not None:
            return self.refused("A mail was refused at MAIL.", refusal, said.reverse_path)
        self.transaction = Transaction(said)
        return replies.SENDER_OK

    def rcpt(self, argument: bytes) -> Reply:
        """RCPT: the doorman decides (`behaviour.md` 1.1)."""
        transaction = self.transaction
        if transaction is None:
            return replies.MAIL_FIRST
        address = rcpt_to(argument, utf8=transaction.said.utf8)
        if isinstance(address, Reply):
            return address
        if address in transaction.recipients:
            transaction.accepted += 1
            return replies.RECIPIENT_OK
        reverse_path = transaction.said.reverse_path
        # A delivery report has one reader, the sender of what it reports.
        most = self.rules.limits.recipients if reverse_path else 1
        if len(transaction.recipients) >= most:
            transaction.overshoot += 1
            return replies.TOO_MANY_RECIPIENTS
        verdict = self.rules.doorman(address, reverse_path)
        self.budget.meet(known=verdict.accepted)
        if not verdict.accepted:
            return self.refused("A recipient was refused.", verdict, reverse_path, address)
        transaction.recipients.append(address)
        transaction.accepted += 1
        return replies.RECIPIENT_OK

    def data(self, argument: bytes) -> Reply | None:
        """Whether DATA may go on; the reply refuses it."""
        if self.transaction is None:
            return replies.MAIL_FIRST
        if not self.transaction.recipients:
            return replies.RECIPIENT_FIRST
        if argument:
            return replies.BAD_ARGUMENT
        if (
            self._door.turnstile.bytes_in_flight + COPIES * self.transaction.said.size
            > self.rules.limits.bytes_in_flight
        ):
            return replies.NO_ROOM
        return None

    def starttls(self, argument: bytes) -> Reply | None:
        """Whether TLS may begin; the reply refuses it."""
        if argument:
            return replies.BAD_ARGUMENT
        if self.secure:
            return replies.ALREADY_SECURE
        return None if self._offers_tls else replies.NOT_OFFERED

    def final(self, reply: Reply) -> Answer:
        """The answer to the announced mail once its dot has come: in LMTP one to each accepted recipient."""
        if self.protocol is Protocol.SMTP or self.transaction is None or reply.ends:
            return reply
        return Each(reply, self.transaction.accepted)

    def count(self, answer: Answer) -> Reply | None:
        """Counts it against the client's limits; a reply ends the conversation (`behaviour.md` 1.4)."""
        limits = self.rules.limits
        overshoot = 0 if self.transaction is None else self.transaction.overshoot
        excused = answer is replies.TOO_MANY_RECIPIENTS and overshoot <= limits.recipient_overshoot
        reply = reply_of(answer)
        if reply is not None and reply.refuses and not excused:
            self.budget.errors += 1
        ended = self.budget.overdrawn(limits)
        return None if ended is None else self.refused(*ended)

    def refused(
        self, sentence: str, answer: Reply, reverse_path: str | None = None, recipient: str = ""
    ) -> Reply:
        """Logs why something was refused, and gives the reply back."""
        more = {} if reverse_path is None else {"reverse_path": reverse_path}
        if recipient:
            more["recipient"] = recipient
        _log.info(
            sentence, what="refused", peer=str(self.peer), reply=answer.code, reason=answer.text, **more
        )
        return answer

    @property
    def _offers_tls(self) -> bool:
        """On a Unix socket there is nobody to hide from."""
        return self.rules.tls is not None and self.peer is not Local.UNIX

    @property
    def _needs_tls(self) -> bool:
        return self.rules.tls_required and self._offers_tls and not self.secure

    def _greet(self, argument: bytes) -> Reply | None:
        self.budget.idle_commands += 1
        if not argument or len(argument) > _LONGEST_GREETING or not argument.isascii():
            return replies.BAD_ARGUMENT
        name = argument.decode("ascii")
        if not name.isprintable() or " " in name:
            return replies.BAD_ARGUMENT
        self.transaction = None
        self._greeting = name
        return None

    def _has_no_room_for(self, said: MailFrom) -> Reply | None:
        if said.size > self.rules.limits.message_bytes:
            return replies.TOO_BIG
        if not self.rules.has_room:
            return replies.NO_ROOM
        return self._door.turnstile.begin_mail(self.peer, self.rules, self._moment())

    def _rset(self, argument: bytes) -> Reply:
        self.budget.idle_commands += 1
        if argument:
            return replies.BAD_ARGUMENT
        self.transaction = None
        return replies.OK

    def _auth(self) -> Reply:
        """It is not offered: who tries all the same guesses at passwords."""
        self.budget.logins += 1
        refusal = self._door.turnstile.log_in(self.peer, self.rules, self._moment())
        if refusal is not None:
            return self.refused("A client had too many logins.", refusal)
        return replies.NOT_OFFERED

    def _idle(self, answer: Reply) -> Reply:
        self.budget.idle_commands += 1
        return answer


_NOT_SPOKEN = {Protocol.SMTP: {b"LHLO"}, Protocol.LMTP: {b"EHLO", b"HELO"}}  # RFC 2033 section 4.1
_ANSWERS: dict[bytes, Callable[[Conversation, bytes], Answer]] = {
    b"EHLO": Conversation.ehlo,
    b"LHLO": Conversation.ehlo,
    b"HELO": Conversation.helo,
    b"MAIL": Conversation.mail,
    b"RCPT": Conversation.rcpt,
    b"RSET": Conversation._rset,  # noqa: SLF001 - our own class
    b"NOOP": lambda talk, _: talk._idle(replies.OK),  # noqa: SLF001
    b"VRFY": lambda talk, _: talk._idle(replies.CANNOT_VERIFY),  # noqa: SLF001
    b"HELP": lambda talk, _: talk._idle(replies.HELP),  # noqa: SLF001
    b"EXPN": lambda _talk, _: replies.NOT_OFFERED,
    b"AUTH": lambda talk, _: talk._auth(),  # noqa: SLF001
    b"QUIT": lambda _talk, argument: replies.BAD_ARGUMENT if argument else replies.BYE,
}
