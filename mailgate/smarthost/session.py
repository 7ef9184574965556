"""Knows how a session with a mail server begins and ends: greeting, TLS, password, goodbye.

What is asked of the line comes about or there is no session: a mail is never sent in the clear because TLS
failed where it was demanded, nor a password where the line is not secure.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from mailgate.core.route import SmarthostRoute, Tls
from mailgate.smarthost.wire import GOING_AWAY, Answer, LineError, Wire, refusal

_UNKNOWN_COMMAND = frozenset({500, 502, 504})  # RFC 5321 section 4.2.4
_GO_ON = 334  # RFC 4954 section 4


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of patience; `answer` is the one to the final dot (RFC 5321 section 4.5.3.2)."""

    connect: float = 60.0
    command: float = 300.0
    answer: float = 600.0
    goodbye: float = 2.0


class TlsError(LineError):
    """STARTTLS was wanted and did not come about."""


@dataclass(slots=True)
class Session:
    """An open connection on which the server has greeted us.

    Args:
        extensions: what it offers, by keyword in lower case, with parameters.
        mails: how many were begun on it.
        used: when the last one ended, by the loop's clock.
    """

    wire: Wire
    timeouts: Timeouts
    lmtp: bool = False
    extensions: Mapping[str, str] = field(default_factory=dict)
    mails: int = 0
    used: float = 0.0

    async def ask(self, *words: bytes, patience: float = 0.0) -> Answer:
        """The answer to a command, within so many seconds; by default those of any command.

        Raises:
            LineError: there is none, or the server takes its leave.
        """
        self.wire.send(b" ".join(words) + b"\r\n")
        return await self.heed(patience or self.timeouts.command)

    async def heed(self, patience: float) -> Answer:
        """The next answer, unless the server takes its leave.

        Raises:
            LineError: there is none, or it does.
        """
        answer = await self.wire.answer(patience)
        if answer.code == GOING_AWAY:
            raise refusal(answer)
        return answer

    async def leave(self) -> None:
        """Says goodbye; what is answered says nothing of any mail."""
        with suppress(LineError):
            await self.ask(b"QUIT", patience=self.timeouts.goodbye)
        self.wire.close()


async def opened(
    route: SmarthostRoute, name: str, timeouts: Timeouts, context: ssl.SSLContext, tls: Tls
) -> Session:
    """A session with the server of this route, as secure as `tls` demands.

    Args:
        name: what we say in EHLO.

    Raises:
        LineError, OSError: there is none; TlsError where it was for TLS.
    """
    session = Session(await _connected(route, timeouts, context, tls), timeouts, lmtp=route.lmtp)
    ready = False
    try:
        greeting = await session.heed(timeouts.connect)
        if not greeting.accepts:
            raise refusal(greeting)
        await _greet(session, name)
        if tls is Tls.REQUIRED or (tls is Tls.OFFERED and "starttls" in session.extensions):
            await _secure(session, route, name, context)
        if route.username:
            await _log_in(session, route, tls)
        ready = True
    finally:
        if not ready:
            session.wire.close()
    return session


async def _connected(route: SmarthostRoute, timeouts: Timeouts, context: ssl.SSLContext, tls: Tls) -> Wire:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeouts.connect):
            if route.socket:
                _, wire = await loop.create_unix_connection(Wire, route.socket)
            elif tls is Tls.IMPLICIT:
                _, wire = await loop.create_connection(
                    Wire, route.host, route.port, ssl=context, server_hostname=route.host
                )
            else:
                _, wire = await loop.create_connection(Wire, route.host, route.port)
    except TimeoutError:
        raise LineError(f"no connection within {timeouts.connect:g} seconds") from None
    return wire


async def _greet(session: Session, name: str) -> None:
    """Says who we are, and learns what the server offers."""
    patience = session.timeouts.connect
    answer = await session.ask(b"LHLO" if session.lmtp else b"EHLO", name.encode(), patience=patience)
    if answer.code in _UNKNOWN_COMMAND and not session.lmtp:  # RFC 5321 section 3.2
        answer = await session.ask(b"HELO", name.encode(), patience=patience)
    if not answer.accepts:
        raise refusal(answer)
    offers = (line.partition(" ") for line in answer.text.split("\n")[1:])
    session.extensions = {keyword.lower(): parameters for keyword, _, parameters in offers}


async def _secure(session: Session, route: SmarthostRoute, name: str, context: ssl.SSLContext) -> None:
    patience = session.timeouts.connect
    if "starttls" not in session.extensions:
        raise TlsError("TLS failed: the server offers no STARTTLS")
    try:
        answer = await session.ask(b"STARTTLS", patience=patience)
        if not answer.accepts:
            raise refusal(answer)
        await session.wire.secure(context, route.host, patience)
    except (LineError, OSError) as fault:
        raise TlsError(f"TLS failed: {fault}") from fault
    await _greet(session, name)  # RFC 3207 section 4.2: what was said before counts no more


async def _log_in(session: Session, route: SmarthostRoute, tls: Tls) -> None:
    """RFC 4954, by PLAIN (RFC 4616) or by LOGIN, which some servers know alone."""
    if tls is not Tls.OFF and not session.wire.is_secure:
        raise LineError("the server offers no TLS, and a password is not sent in the clear")
    patience = session.timeouts.connect
    ways = session.extensions.get("auth", "").upper().split()
    username, password = route.username.encode(), route.password.encode()
    if "PLAIN" in ways:
        proof = b64encode(b"\0" + username + b"\0" + password)
        answer = await session.ask(b"AUTH PLAIN", proof, patience=patience)
    elif "LOGIN" in ways:
        answer = await session.ask(b"AUTH LOGIN", patience=patience)
        for word in (username, password):
            if answer.code == _GO_ON:
                answer = await session.ask(b64encode(word), patience=patience)
    else:
        raise LineError(
            f"the server takes no password by PLAIN or LOGIN, but by {' '.join(ways) or 'nothing'}"
        )
    if not answer.accepts:
        raise refusal(answer)
