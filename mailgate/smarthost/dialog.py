"""Knows the dialog that hands one mail over, and what each answer and fault on the way says about the mail.

It goes command by command, so that the moment before the final dot is known. Whatever fails before the dot is
safe to try again; what fails after it without an answer is uncertain. LMTP answers the dot once for each
recipient (RFC 2033 section 4.2): what was answered holds, whatever happens to the others.
"""

import asyncio
import os
import re
from contextlib import suppress

from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Ending, Fate, attempt_of
from mailgate.failpoint import Failpoint, reach
from mailgate.smarthost.session import Session
from mailgate.smarthost.wire import GOING_AWAY, Answer, GoingAwayError, LineError

_LONGEST_REPLY = 400  # characters of a remote server's words that are kept
_LARGE = 1024 * 1024  # octets; preparing more would hold up the sessions
_GO_AHEAD = 354
# As asyncio says that nobody is there; several addresses of one host are several of these.
_NO_CONNECTION = re.compile(
    r"\[Errno (?P<errno>\d+)\] Connect call failed \('(?P<host>[^']+)', (?P<port>\d+)[\d, ]*\)"
)
_AUTHENTICATE_FIRST = 530  # RFC 4954 section 6, and RFC 3207 section 4 for TLS


class Dialog:
    """One mail in one session.

    Attributes:
        begun: the server answered MAIL; before that, a connection that was idle may just have been stale.
        is_clean: the connection may be used again.
        is_leaving: the server took its leave in the midst of it.
    """

    def __init__(self, session: Session, mail: Outgoing) -> None:
        self._session = session
        self._mail = mail
        self._fates: dict[str, Fate] = {}
        self._dot_sent = False
        self.begun = False
        self.is_clean = False
        self.is_leaving = False

    async def run(self, before_dot: BeforeDot) -> Attempt:
        """From MAIL to the answer to the final dot.

        Raises:
            LineError: the connection failed before the server answered MAIL.
        """
        if self._mail.needs_smtputf8 and "smtputf8" not in self._session.extensions:
            self.is_clean = True
            return Attempt(Ending.REFUSED, "the server does not take addresses beyond ASCII (SMTPUTF8)")
        answer = await self._session.ask(b"MAIL", b"FROM:" + _path(self._mail.reverse_path), *self._options())
        self.begun = True
        try:
            if answer.accepts:
                await self._hand_over(before_dot)
            else:
                self._decide_all(answer)
                await self._reset()
        except LineError as fault:
            self.is_clean, self.is_leaving = False, isinstance(fault, GoingAwayError)
            self.close_the_books(fault)
        return self.attempt

    @property
    def attempt(self) -> Attempt:
        """What came of it."""
        mail = self._mail.recipients
        return attempt_of({recipient: self._fates[recipient] for recipient in mail})

    def close_the_books(self, fault: Exception) -> None:
        """For whom nothing was answered: nothing is known after the dot, and nothing happened before it."""
        ending = Ending.UNCERTAIN if self._dot_sent else Ending.DEFERRED
        self._decide_rest(Fate(ending, in_words(fault)))

    async def _hand_over(self, before_dot: BeforeDot) -> None:
        for recipient in self._mail.recipients:
            answer = await self._session.ask(b"RCPT", b"TO:" + _path(recipient))
            if not answer.accepts:
                self._fates[recipient] = _fate(answer)
        taken = [one for one in self._mail.recipients if one not in self._fates]
        if not taken:
            await self._reset()
            return
        answer = await self._session.ask(b"DATA")
        if answer.code != _GO_AHEAD:
            self._decide_all(answer)
            await self._reset()
            return
        reach(Failpoint.AFTER_354)
        octets = await _on_the_wire(self._mail.content)
        await self._session.wire.pour(octets, self._session.timeouts.command)
        if await before_dot():
            await self._end(taken)
        else:
            self._decide_rest(Fate(Ending.DEFERRED, "the claim was lost before the end of data"))

    async def _end(self, taken: list[str]) -> None:
        """Sends the final dot, and hears what becomes of the mail for each of these."""
        reach(Failpoint.AFTER_MARK)
        self._session.wire.send(b".\r\n")  # raises if the connection is already gone
        self._dot_sent = True
        reach(Failpoint.AFTER_DOT)
        patience = self._session.timeouts.answer
        if not self._session.lmtp:
            self._heed(taken, await self._session.wire.answer(patience))
            return
        for recipient in taken:
            self._heed([recipient], await self._session.wire.answer(patience))

    def _heed(self, recipients: list[str], answer: Answer) -> None:
        """What an answer to the dot says for these."""
        self.is_leaving |= answer.code == GOING_AWAY
        if answer.code < 400 and not answer.accepts:  # noqa: PLR2004 - RFC 5321 section 4.2.1: it makes no sense here
            raise LineError(str(answer))
        self._fates |= dict.fromkeys(recipients, _fate(answer))
        self.is_clean = not self.is_leaving

    async def _reset(self) -> None:
        """Leaves the connection as it was before MAIL, if it lasts."""
        with suppress(LineError):
            self.is_clean = (await self._session.ask(b"RSET")).accepts

    def _decide_all(self, answer: Answer) -> None:
        """The server said no to the mail as a whole: to all that it did not say no to by name."""
        self._decide_rest(_fate(answer))

    def _decide_rest(self, fate: Fate) -> None:
        for recipient in self._mail.recipients:
            self._fates.setdefault(recipient, fate)

    def _options(self) -> list[bytes]:
        offered = self._session.extensions
        options = []
        if "size" in offered:
            options.append(b"SIZE=%d" % len(self._mail.content))
        if "8bitmime" in offered and not self._mail.content.isascii():
            options.append(b"BODY=8BITMIME")
        if self._mail.needs_smtputf8:
            options.append(b"SMTPUTF8")
        return options


def sayable(path: str) -> bool:
    """Whether an address can be said in a command; it must not end the path, nor the line."""
    return path.isprintable() and "<" not in path and ">" not in path


def in_words(fault: object) -> str:
    """A fault or an answer on one clean line: a remote server's words may hold anything."""
    text = _NO_CONNECTION.sub(_refused, str(fault)) or type(fault).__name__
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())[:_LONGEST_REPLY]


def _refused(found: re.Match[str]) -> str:
    return f"{found['host']} port {found['port']}: {os.strerror(int(found['errno']))}"


def _fate(answer: Answer) -> Fate:
    if answer.accepts:
        return Fate(Ending.SENT, in_words(answer))
    return Fate(Ending.REFUSED if _is_for_good(answer) else Ending.DEFERRED, in_words(answer))


def _is_for_good(answer: Answer) -> bool:
    """Whether the mail was refused for good; that we must authenticate first says nothing of the mail."""
    return answer.code >= 500 and answer.code != _AUTHENTICATE_FIRST  # noqa: PLR2004 - RFC 5321 section 4.2.1


def _path(address: str) -> bytes:
    return b"<" + address.encode() + b">"


async def _on_the_wire(content: bytes) -> bytes:
    if len(content) < _LARGE:
        return _stuffed(content)
    return await asyncio.to_thread(_stuffed, content)


def _stuffed(content: bytes) -> bytes:
    """The content with every line ended by CRLF and its dots stuffed (RFC 5321 sections 2.3.8 and 4.5.2)."""
    if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    stuffed = content.replace(b"\n.", b"\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
