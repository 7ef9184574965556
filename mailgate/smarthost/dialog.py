"""Knows the dialog that hands one mail over, and what each answer and fault on the way says about the mail.

It goes command by command, so that the moment before the final dot is known. Whatever fails before the dot is
safe to try again; what fails after it without an answer is uncertain.
"""

import asyncio
from contextlib import suppress

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException, SMTPServerDisconnected

from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Ending
from mailgate.failpoint import Failpoint, reach

_LONGEST_REPLY = 400  # characters of a remote server's words that are kept
_LARGE = 1024 * 1024  # octets; preparing more would hold up the sessions
_GO_AHEAD = 354
_GOING_AWAY = 421
_AUTHENTICATE_FIRST = 530  # RFC 4954 section 6, and RFC 3207 section 4 for TLS


class Dialog:
    """One mail on one open connection.

    Args:
        patience: how many seconds to wait for the answer to the final dot.

    Attributes:
        begun: the server took MAIL; before that, a connection that was idle may just have been stale.
        dot_sent: the end of data went out.
        clean: the connection may be used again.
    """

    def __init__(self, client: SMTP, mail: Outgoing, patience: float) -> None:
        self._client = client
        self._mail = mail
        self._patience = patience
        self.begun = False
        self.dot_sent = False
        self.clean = False

    async def run(self, before_dot: BeforeDot) -> Attempt:
        """From MAIL to the answer to the final dot.

        Raises:
            SMTPException, OSError: the connection failed; `outcome_of` says what that means.
        """
        if self._mail.needs_smtputf8 and not self._client.supports_extension("smtputf8"):
            self.clean = True
            return Attempt(Ending.REFUSED, "the server does not take addresses beyond ASCII (SMTPUTF8)")
        answer = await self._command(b"MAIL", b"FROM:" + _path(self._mail.reverse_path), *self._options())
        self.begun = True
        if not _accepted(answer):
            return await self._turned_down(_outcome(answer))
        named = await self._name_recipients()
        if named.ending is not Ending.SENT:
            return await self._turned_down(named)
        answer = await self._command(b"DATA")
        if answer.code != _GO_AHEAD:
            return await self._turned_down(_outcome(answer))
        return await self._hand_over(before_dot, named)

    async def _name_recipients(self) -> Attempt:
        """How it stands after RCPT: `SENT` if the mail can go to at least one."""
        refused, deferred = [], []
        refusal = delay = ""
        for recipient in self._mail.recipients:
            answer = await self._command(b"RCPT", b"TO:" + _path(recipient))
            if _refused(answer):
                refused.append(recipient)
                refusal = _line(answer)
            elif not _accepted(answer):
                deferred.append(recipient)
                delay = _line(answer)
        if len(refused) + len(deferred) < len(self._mail.recipients):
            return Attempt(Ending.SENT, "", tuple(refused), tuple(deferred), refusal)
        if deferred:
            return Attempt(Ending.DEFERRED, delay, tuple(refused), refusal=refusal)
        return Attempt(Ending.REFUSED, refusal)

    async def _hand_over(self, before_dot: BeforeDot, named: Attempt) -> Attempt:
        protocol = self._client.protocol
        if protocol is None:
            raise SMTPServerDisconnected("the connection was lost")
        reach(Failpoint.AFTER_354)
        protocol.write(await _on_the_wire(self._mail.content))
        if not await before_dot():
            return Attempt(Ending.DEFERRED, "the claim was lost before the end of data")
        reach(Failpoint.AFTER_MARK)
        protocol.write(b".\r\n")  # raises if the connection is already gone
        self.dot_sent = True
        reach(Failpoint.AFTER_DOT)
        answer = await protocol.read_response(timeout=self._patience)
        self.clean = answer.code != _GOING_AWAY
        if _accepted(answer):
            return Attempt(Ending.SENT, _line(answer), named.refused, named.deferred, named.refusal)
        if 400 <= answer.code < 600:  # noqa: PLR2004 - RFC 5321 section 4.2.1
            return _outcome(answer)
        self.clean = False
        return Attempt(Ending.UNCERTAIN, _line(answer))

    async def _turned_down(self, outcome: Attempt) -> Attempt:
        """Leaves the connection as it was before MAIL, if it lasts."""
        with suppress(SMTPException, OSError):
            self.clean = _accepted(await self._command(b"RSET"))
        return outcome

    async def _command(self, *words: bytes) -> SMTPResponse:
        answer = await self._client.execute_command(*words)
        if answer.code == _GOING_AWAY:  # RFC 5321 section 3.8: it may come to any command
            raise SMTPServerDisconnected(_line(answer))
        return answer

    def _options(self) -> list[bytes]:
        options = []
        if self._client.supports_extension("size"):
            options.append(b"SIZE=%d" % len(self._mail.content))
        if self._client.supports_extension("8bitmime") and not self._mail.content.isascii():
            options.append(b"BODY=8BITMIME")
        if self._mail.needs_smtputf8:
            options.append(b"SMTPUTF8")
        return options


def sayable(path: str) -> bool:
    """Whether an address can be said in a command; it must not end the path, nor the line."""
    return path.isprintable() and "<" not in path and ">" not in path


def outcome_of(fault: Exception, *, dot_sent: bool) -> Attempt:
    """What a connection that failed means for its mail."""
    return Attempt(Ending.UNCERTAIN if dot_sent else Ending.DEFERRED, in_words(fault))


def in_words(fault: Exception) -> str:
    """A fault on one clean line, the server's own words where it said any."""
    if isinstance(fault, SMTPResponseException) and fault.code > 0:
        return _on_one_line(f"{fault.code} {fault.message}")
    return _on_one_line(str(fault) or type(fault).__name__)


def _outcome(answer: SMTPResponse) -> Attempt:
    return Attempt(Ending.REFUSED if _refused(answer) else Ending.DEFERRED, _line(answer))


def _accepted(answer: SMTPResponse) -> bool:
    return 200 <= answer.code < 300  # noqa: PLR2004 - RFC 5321 section 4.2.1


def _refused(answer: SMTPResponse) -> bool:
    """Whether the mail was refused for good; that we must authenticate first says nothing of the mail."""
    return 500 <= answer.code < 600 and answer.code != _AUTHENTICATE_FIRST  # noqa: PLR2004 - section 4.2.1


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


def _line(answer: SMTPResponse) -> str:
    return _on_one_line(f"{answer.code} {answer.message}")


def _on_one_line(text: str) -> str:
    """Clean text: a remote server's words may hold anything."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())[:_LONGEST_REPLY]
