"""Knows how one client is served: who it is, its command loop, and how a mail is taken over.

The loop is our own: aiosmtpd's is silent on a timeout, has no end to errors, lines and memory, and loses a
mail whose sender hangs up after the final dot.
"""

import asyncio

import structlog

from mailgate.core import reply as replies
from mailgate.core.listening import Protocol
from mailgate.core.message import MailObject
from mailgate.core.reply import Reply
from mailgate.failpoint import Failpoint, reach
from mailgate.listener.answer import Answer
from mailgate.listener.connection import Connection
from mailgate.listener.conversation import Conversation, Door
from mailgate.listener.data import Overrun, Reception, checked
from mailgate.listener.proxy import MalformedHeaderError, announced
from mailgate.listener.rules import Rules
from mailgate.listener.turnstile import Peer, is_proxy
from mailgate.listener.wire import EndlessLineError, HungUpError

_WORTH_A_THREAD = 1_048_576  # bytes
_SPEAKS = {Protocol.SMTP: "ESMTP", Protocol.LMTP: "LMTP"}
_log = structlog.get_logger()


class SmtpSession(Connection):
    """One client's conversation, by SMTP or LMTP; it is in `sessions` while it talks."""

    def __init__(self, door: Door, sessions: "set[SmtpSession]", protocol: Protocol) -> None:
        super().__init__(door)
        self._sessions = sessions
        self._protocol = protocol
        self._inside: Peer | None = None
        self._in_data = False
        self._of_a_bug: Answer = replies.TEMPORARY_FAULT
        self._has_taken = False

    def dismiss(self) -> None:
        """The service ends: an idle client hears it now, one with a mail under way after its answer."""
        if not self._in_data:
            self.abort()

    async def _handle_client(self) -> None:
        peer = self._peer()
        if peer is None:
            self._writer.close()
            return
        self._talk = Conversation(self._door, peer, self._protocol, self.loop.time)
        if not self._enters(peer):
            self._writer.close()
            return
        self._sessions.add(self)
        try:
            if not is_proxy(peer, self._door.rules) or await self._is_announced():
                await self._converse()
                await self._linger()
        except (HungUpError, ConnectionError, TimeoutError) as end:
            _log.debug("A client hung up.", what="session_lost", peer=str(peer), reason=type(end).__name__)
        finally:
            self._sessions.discard(self)
            self._leave()
            self._hang_up()

    def _enters(self, peer: Peer) -> bool:
        """Whether there is room for the client; who finds none is told."""
        refusal = replies.SHUTTING_DOWN if self._door.closing else None
        refusal = refusal or self._door.turnstile.enter(peer, self._door.rules, self.loop.time())
        if refusal is not None:
            self._say_last(self._talk.refused("A client was turned away.", refusal))
            return False
        self._inside = peer
        return True

    def _leave(self) -> None:
        if self._inside is not None:
            self._door.turnstile.leave(self._inside)
        self._inside = None

    async def _is_announced(self) -> bool:
        """Whether the proxy has said who its client is, and there is room for that client."""
        try:
            async with asyncio.timeout(self._door.rules.limits.proxy_header):
                client = await announced(self._wire)
        except (MalformedHeaderError, TimeoutError) as fault:
            peer, reason = str(self._talk.peer), str(fault) or "nothing came"
            _log.warning(
                "A proxy did not say who its client is.", what="proxy_failed", peer=peer, reason=reason
            )
            return False
        self._talked = self._wire.has_unread  # what the client said, not the proxy
        if client is None:
            return True
        self._leave()
        self._talk.peer = client
        return self._enters(client)

    async def _converse(self) -> None:
        await asyncio.sleep(self._door.rules.limits.greeting_delay)
        if self._talked:
            self._say_last(self._talk.refused("A client did not wait to be greeted.", replies.TALKED_FIRST))
        else:
            await self._say(f"220 {self._door.rules.hostname} {_SPEAKS[self._protocol]} mailgate")
        while not self._over:
            limits = self._door.rules.limits
            idle = limits.idle_crowded if self._door.turnstile.is_crowded(limits) else limits.idle
            try:
                line = await self._wire.line(limits.command_bytes, idle)
            except TimeoutError:
                self._say_last(self._talk.refused("A client was silent.", replies.TIMED_OUT))
            except EndlessLineError:
                self._say_last(self._talk.refused("A client sent no commands.", replies.ENDLESS_LINE))
            else:
                await self._respond(await self._answer(line))

    async def _answer(self, line: bytes) -> Answer | None:
        """What the command is answered; None where that is done."""
        try:
            return await self._obey(line)
        except (HungUpError, ConnectionError):
            raise
        except Exception:  # noqa: BLE001 - the door's one broad except: a bug of ours is 451 (`behaviour.md` 1.3)
            _log.exception("A command failed.", what="command_failed", peer=str(self._talk.peer))
            self._talk.transaction = None
            return self._of_a_bug
        finally:
            self._of_a_bug = replies.TEMPORARY_FAULT

    async def _obey(self, line: bytes) -> Answer | None:
        if self._talk.is_foreign(line):
            self._say_last(self._talk.refused("A client does not speak SMTP.", replies.UNKNOWN_COMMAND))
            return None
        word, _, rest = line.rstrip(b"\r\n").partition(b" ")
        verb, argument = word.upper(), rest.strip(b" ")
        refusal = self._talk.refuses_line(line, verb)
        if refusal is not None:
            return refusal
        match verb:
            case b"DATA":
                return self._talk.data(argument) or await self._data()
            case b"STARTTLS":
                refusal = self._talk.starttls(argument)
                if refusal is None:
                    await self._begin_tls(self._talk.peer)
                    self._talk.begin_anew()
                return refusal
            case _:
                return self._talk.answer(verb, argument)

    async def _respond(self, answer: Answer | None) -> None:
        """Says it; who is refused again and again waits for it, and in the end is left."""
        if answer is None:
            return
        goodbye = self._talk.count(answer)
        if goodbye is None and isinstance(answer, Reply) and answer.ends:
            goodbye = answer
        limits = self._door.rules.limits
        if self._talk.budget.errors > limits.soft_errors:
            await asyncio.sleep(limits.error_delay)
        if goodbye is not None:
            self._say_last(goodbye)
            return
        await self._say(str(answer))
        if self._has_taken:
            self._has_taken = False
            reach(Failpoint.AFTER_REPLY)

    async def _data(self) -> Answer | None:
        """Takes the announced mail; whatever becomes of it, its transaction is over."""
        self._in_data = True
        self._of_a_bug = replies.FAULT_IN_MAIL  # and the end: what follows of the mail is no commands
        reception = Reception(self._wire, self._door.rules.limits, self._door.turnstile)
        try:
            await self._say(str(replies.SEND_CONTENT))
            reply = await self._take(reception)
            answer = self._talk.final(reply)
        finally:
            reception.release()
            self._in_data = False
            self._talk.transaction = None
        if self._door.closing and not reply.ends:
            await self._say(str(answer))
            return replies.SHUTTING_DOWN
        return answer if not self._over else None

    async def _take(self, reception: Reception) -> Reply:
        envelope = self._talk.envelope()
        read = await reception.read()
        self._of_a_bug = self._talk.final(replies.TEMPORARY_FAULT)
        if isinstance(read, Overrun):
            self._say_last(self._talk.final(read.reply))
            read = read.reply
        rules = self._door.rules
        content = read if isinstance(read, Reply) else await _checked(read, rules)
        if isinstance(content, Reply):
            return self._talk.refused("A mail was refused.", content, envelope.reverse_path)
        answer = await rules.accept(MailObject(envelope, content))
        if not answer.accepted:
            return self._talk.refused("A mail was not taken.", answer, envelope.reverse_path)
        self._talk.budget.renew()
        self._has_taken = True
        rules.accepted(self._protocol)
        _log.info(
            "A mail was accepted.",
            what="accepted",
            peer=envelope.peer,
            reverse_path=envelope.reverse_path,
            recipients=len(envelope.recipients),
            size=len(content),
            reason=answer.text,
        )
        return answer


async def _checked(stuffed: bytes, rules: Rules) -> bytes | Reply:
    if len(stuffed) > _WORTH_A_THREAD:
        return await asyncio.to_thread(checked, stuffed, rules.limits, rules.bare_newlines)
    return checked(stuffed, rules.limits, rules.bare_newlines)
