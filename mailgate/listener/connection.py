"""Knows one client's connection: words out, bytes in, TLS, and how it ends.

aiosmtpd gives the connection, its streams and the change to TLS. The client cancels nothing here: a lost
connection ends its input, and what came before is taken.
"""

import asyncio
import socket

import structlog
from aiosmtpd.smtp import SMTP, TLSSetupException

from mailgate.core import reply as replies
from mailgate.listener.answer import Answer
from mailgate.listener.conversation import Door
from mailgate.listener.turnstile import Local, Peer, peer_at
from mailgate.listener.wire import PIECE, HungUpError, Wire

_LINGER = 1.0  # seconds
_log = structlog.get_logger()


class Connection(SMTP):
    """One client's connection; what is said on it is a subclass's.

    Args:
        door: its turnstile hears when the client talks; its rules bound how long anything takes.
    """

    def __init__(self, door: Door) -> None:
        # SMTP.__init__ looks for handlers and authenticators by introspection, at each connection;
        # this is all of its state that what we inherit needs.
        self.loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=PIECE, loop=self.loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, self.loop)
        self._handle_hooks = {}
        self.enable_SMTPUTF8 = False
        self._tls_protocol = self._original_transport = self._handler_coroutine = None
        self.transport = self.session = self.envelope = None

        self._door = door
        self._wire = Wire(reader)
        self._talked = False
        self._ended = False
        self._over = False
        self._said_bye = False

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """The running conversation."""
        return self._handler_coroutine

    def data_received(self, data: bytes) -> None:
        """Notes that the client has talked."""
        self._talked = True
        self._door.turnstile.last_heard = self.loop.time()
        super().data_received(data)

    def eof_received(self) -> bool:
        """What came before the end is still answered: the client may only have closed its side."""
        asyncio.StreamReaderProtocol.eof_received(self)
        self._ended = True
        return self._tls_protocol is None  # TLS has no half-closed connection

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - however it was lost
        """Ends the input."""
        if self._original_transport is not None:
            self._original_transport.close()
        asyncio.StreamReaderProtocol.connection_lost(self, None)
        self.transport = None

    def abort(self) -> None:
        """The service ends now."""
        self._say_last(replies.SHUTTING_DOWN)
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Nothing: aiosmtpd's timer closes without a word, also amid a mail; ours is in the wire."""

    def _peer(self) -> Peer | None:
        """Where the client is; None for one that has gone again already."""
        if self._writer.get_extra_info("socket").family == socket.AF_UNIX:
            return Local.UNIX
        name = self._writer.get_extra_info("peername")
        return peer_at(name[0]) if name else None

    async def _begin_tls(self, peer: Peer) -> None:
        if self._ended:  # no handshake will come, and nothing would say so once TLS has begun
            raise HungUpError
        self.tls_context = self._door.rules.tls
        try:
            async with asyncio.timeout(self._door.rules.limits.tls_handshake):
                await super().smtp_STARTTLS("")
        except (TLSSetupException, TimeoutError) as failure:
            cause = failure.__cause__ if isinstance(failure, TLSSetupException) else failure
            reason = type(cause).__name__
            _log.info("TLS could not be set up.", what="tls_failed", peer=str(peer), reason=reason)
            raise HungUpError from None
        self._wire.discard()  # RFC 3207 section 4.2: what was sent ahead in the clear is not believed

    @property
    def _is_heard(self) -> bool:
        """Whether words may still arrive. TLS does not know that the connection under it is gone."""
        transports = (self._writer.transport, self._original_transport)
        return not any(one is not None and one.is_closing() for one in transports)

    async def _say(self, text: str) -> None:
        if self._over or not self._is_heard:  # what he has sent is still taken
            return
        self._writer.write(text.encode("ascii") + b"\r\n")
        if self._writer.transport.get_write_buffer_size():  # else all of it is on its way
            try:
                async with asyncio.timeout(self._door.rules.limits.idle):
                    await self._writer.drain()
            except TimeoutError:
                raise HungUpError from None

    def _say_last(self, answer: Answer) -> None:
        """The last words; after them the conversation is over."""
        if not self._over and self._is_heard:
            self._writer.write(str(answer).encode("ascii") + b"\r\n")
        self._over = True
        self._said_bye = answer is replies.BYE

    def _hang_up(self) -> None:
        transport = self._writer.transport
        if not transport.is_closing():  # a TLS transport that is closed twice answers nothing any more
            transport.close()
        if transport.get_write_buffer_size():  # he does not read, and might never
            transport.abort()

    async def _linger(self) -> None:
        """Hears out for a moment who still talks: to close on him would undo the last words."""
        if self._said_bye or self._door.closing or not self._writer.can_write_eof():
            return
        try:
            self._writer.write_eof()
        except OSError:  # he is gone, and the loop has not looked yet
            return
        async with asyncio.timeout(_LINGER):
            while True:
                await self._wire.piece(_LINGER)
