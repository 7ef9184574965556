"""Knows the connections to a smarthost: how they are opened, secured, used again and closed.

A connection is used again only after a clean end; after a fault, and when its user was cancelled, it is
closed.
"""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass

import structlog
from aiosmtplib import SMTP, SMTPException, SMTPHeloError

from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Ending
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.smarthost.dialog import Dialog, in_words, outcome_of, sayable

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of patience; `answer` is the one to the final dot (RFC 5321 section 4.5.3.2)."""

    connect: float = 60.0
    command: float = 300.0
    answer: float = 600.0
    goodbye: float = 2.0


class Smarthost:
    """A courier over a few reused connections to one server.

    Args:
        name: what we say in EHLO: our own host or mail domain.
        connections: how many are open at most.
        trust: what a certificate is checked against; by default the system's authorities.
    """

    def __init__(
        self,
        route: SmarthostRoute,
        name: str,
        connections: int = 8,
        timeouts: Timeouts = Timeouts(),
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._route = route
        self._name = name
        self._timeouts = timeouts
        self._context = _context(route.tls, trust)
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[SMTP] = []  # the last one used is the first to be used again
        self._closed = False

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        """Hands the mail over; every fault ends it."""
        for path in (mail.reverse_path, *mail.recipients):
            if not sayable(path):
                return Attempt(Ending.REFUSED, f"{path!a} cannot be said in SMTP")
        async with self._slots:
            client = self._reusable()
            if client and (outcome := await self._talk(client, mail, before_dot, reused=True)):
                return outcome
            try:
                client = await self._connected()
            except (SMTPException, OSError, ValueError) as fault:
                # A 5xx here, too, speaks of us or of the line, not of this mail.
                return Attempt(Ending.DEFERRED, in_words(fault))
            outcome = await self._talk(client, mail, before_dot, reused=False)
            return outcome or Attempt(Ending.DEFERRED, "the server closed the connection")

    async def fault(self) -> str:
        """What keeps mail from the server: the line, TLS, the password; empty if nothing does."""
        try:
            self._idle.append(await self._connected())
        except (SMTPException, OSError, ValueError) as fault:
            return in_words(fault)
        return ""

    async def close(self) -> None:
        """Says goodbye on every idle connection; those in use are closed when they come back."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_say_goodbye(client, self._timeouts.goodbye) for client in idle))

    def _reusable(self) -> SMTP | None:
        while self._idle:
            client = self._idle.pop()
            if client.is_connected:
                return client
            client.close()
        return None

    async def _talk(
        self, client: SMTP, mail: Outgoing, before_dot: BeforeDot, *, reused: bool
    ) -> Attempt | None:
        """Hands the mail over on this connection; None: it was stale, and nothing had begun."""
        dialog = Dialog(client, mail, self._timeouts.answer)
        try:
            return await dialog.run(before_dot)
        except (SMTPException, OSError) as fault:
            stale = reused and not dialog.begun
            return None if stale else outcome_of(fault, dot_sent=dialog.dot_sent)
        except Exception as fault:  # noqa: BLE001 - the one broad except of this door: a courier never raises
            _log.exception("A mail could not be handed over.", what="carry_failed", cause=mail.cause)
            return outcome_of(fault, dot_sent=dialog.dot_sent)
        finally:  # also when cancelled
            if dialog.clean and client.is_connected and not self._closed:
                self._idle.append(client)
            else:
                client.close()

    async def _connected(self) -> SMTP:
        try:
            return await self._open(self._route.tls)
        except _TlsError as fault:
            if self._route.tls is not Tls.OFFERED or self._route.username:
                raise
            _log.warning(
                "The smarthost offers TLS that does not work; mail goes to it in the clear.",
                what="tls_failed",
                reason=in_words(fault),
            )
            return await self._open(Tls.OFF)

    async def _open(self, tls: Tls) -> SMTP:
        client = SMTP(
            hostname=self._route.host,
            port=self._route.port,
            local_hostname=self._name,
            timeout=self._timeouts.connect,
            use_tls=tls is Tls.IMPLICIT,
            start_tls=False,
            tls_context=self._context,
        )
        ready = False
        try:
            await client.connect()
            await _greet(client)
            await self._secure(client, tls)
            client.timeout = self._timeouts.command
            ready = True
        finally:
            if not ready:
                client.close()
        return client

    async def _secure(self, client: SMTP, tls: Tls) -> None:
        if tls is Tls.REQUIRED or (tls is Tls.OFFERED and client.supports_extension("starttls")):
            try:
                await client.starttls()
            except (SMTPException, OSError) as fault:
                raise _TlsError(f"TLS failed: {in_words(fault)}") from fault
            await _greet(client)  # RFC 3207 section 4.2: what was said before counts no more
        if not self._route.username:
            return
        if tls is not Tls.OFF and client.get_transport_info("sslcontext") is None:
            raise SMTPException("the server offers no TLS, and a password is not sent in the clear")
        await client.login(self._route.username, self._route.password)


class _TlsError(SMTPException):
    """STARTTLS was wanted and did not come about."""


def _context(tls: Tls, trust: ssl.SSLContext | None) -> ssl.SSLContext:
    if tls in {Tls.REQUIRED, Tls.IMPLICIT}:
        return trust or ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # RFC 7435: where TLS is only offered, an unknown certificate is still better than none.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _greet(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


async def _say_goodbye(client: SMTP, seconds: float) -> None:
    with suppress(SMTPException, OSError):
        await client.quit(timeout=seconds)
    client.close()
