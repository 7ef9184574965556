"""Knows the line to a mail server: octets go out, replies come in, each within bounds of size and of time.

A reply is never taken for the answer to another command: a server that speaks before it is asked, in the
clear before TLS, or what is no reply, is not listened to any further.
"""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

MOST_HEARD = 256 * 1024
"""Octets that a server may say before somebody listens; RFC 5321 section 4.5.3.1.5 allows 512 a line."""

GOING_AWAY = 421  # RFC 5321 section 3.8: it may come to any command

_SLOWEST = 10_000  # octets a second; a server that takes less is not waited for
_NOT_TAKEN = "the server did not take the mail"
_PIECE = 64 * 1024  # octets handed to the line at once, so that what is left in memory is known
_REPLY = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?\r?\n", re.DOTALL)  # RFC 5321 section 4.2


class LineError(Exception):
    """The line failed, or the server says what is no reply. It may quote the server: it is not clean."""


class GoingAwayError(LineError):
    """The server takes its leave (421), whatever it was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply; `text` is that of all its lines."""

    code: int
    text: str

    @property
    def accepts(self) -> bool:
        """Whether it is a yes (RFC 5321 section 4.2.1)."""
        return 200 <= self.code < 300  # noqa: PLR2004

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


def refusal(answer: Answer) -> LineError:
    """What it is as a fault of the line, where no other use of it can be made."""
    return (GoingAwayError if answer.code == GOING_AWAY else LineError)(str(answer))


class Wire(asyncio.Protocol):
    """One connection. Its methods are for one user at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._heard = bytearray()
        self._lines: list[bytes] = []
        self._octets = 0  # of what was heard and nobody took
        self._answers: deque[Answer] = deque()
        self._fault = ""  # why nothing goes any more
        self._congested = False
        self._stirred = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether it stands, and the server is silent."""
        return not self._fault and not self._octets

    @property
    def is_secure(self) -> bool:
        """Whether it is TLS."""
        return self._transport is not None and self._transport.get_extra_info("sslcontext") is not None

    async def answer(self, patience: float) -> Answer:
        """The next reply, whole within so many seconds.

        Raises:
            LineError: there is none.
        """
        await self._until(lambda: bool(self._answers), patience, "no answer")
        answer = self._answers.popleft()
        if not self._answers:
            self._octets = len(self._heard) + sum(map(len, self._lines))
        return answer

    def send(self, octets: bytes) -> None:
        """Hands these to the line; nothing waits for them to go.

        Raises:
            LineError: the line failed, or the server has spoken though nothing was asked of it.
        """
        if self._answers:
            raise refusal(self._answers[0])
        if self._fault or self._transport is None:
            raise LineError(self._fault)
        if self._octets:
            raise LineError("the server spoke before it was asked")
        self._transport.write(octets)

    async def pour(self, octets: bytes, patience: float) -> None:
        """Sends these, and returns when the line has taken them.

        Args:
            patience: seconds for a piece to be taken; for all of it, as many more as slowness may need.

        Raises:
            LineError: it was not.
        """
        async with _within(patience + len(octets) / _SLOWEST, _NOT_TAKEN):
            for start in range(0, len(octets), _PIECE):
                self.send(octets[start : start + _PIECE])
                await self._until(lambda: not self._congested, patience, _NOT_TAKEN)

    async def secure(self, context: ssl.SSLContext, host: str, patience: float) -> None:
        """Makes it TLS, once the server has said that it is ready.

        Raises:
            LineError, OSError: it did not come about.
        """
        if self._octets or self._fault or self._transport is None:
            # RFC 3207 section 4.2: what comes in the clear must not be believed once the line is secure.
            raise LineError(self._fault or "the server said more in the clear than that it is ready for TLS")
        try:
            secured = await asyncio.get_running_loop().start_tls(
                self._transport, self, context, server_hostname=host, ssl_handshake_timeout=patience
            )
        except ConnectionAbortedError:
            raise LineError("the TLS handshake came to no end") from None
        self._transport = cast("asyncio.Transport", secured)
        _keep_little(self._transport)

    def close(self) -> None:
        """Ends it at once; what was not sent yet never is."""
        self._fail("the connection was closed")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)
        _keep_little(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._fail(str(exc) if exc else "the server closed the connection")

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._fault:
            return
        self._octets += len(data)
        self._heard += data
        if self._octets > MOST_HEARD:
            self._fail("the server said too much")
            return
        *whole, rest = self._heard.split(b"\n")
        self._heard = rest
        for line in whole:
            if not self._fault:  # what follows nonsense may answer anything
                self._take(bytes(line) + b"\n")
        self._stirred.set()

    def pause_writing(self) -> None:
        """Called by the loop."""
        self._congested = True

    def resume_writing(self) -> None:
        """Called by the loop."""
        self._congested = False
        self._stirred.set()

    def _take(self, line: bytes) -> None:
        found = _REPLY.fullmatch(line)
        if found is None or (self._lines and not line.startswith(self._lines[0][:3])):
            self._fail(f"the server said what is no reply: {line[:100]!r}")
            return
        self._lines.append(line)
        if found[2] == b"-":
            return
        text = "\n".join(one[4:].strip().decode(errors="surrogateescape") for one in self._lines)
        self._answers.append(Answer(int(found[1]), text))
        self._lines = []

    def _fail(self, reason: str) -> None:
        self._fault = self._fault or reason
        self._heard.clear()
        self._lines.clear()
        self._stirred.set()
        if self._transport is not None:
            self._transport.abort()

    async def _until(self, holds: Callable[[], bool], patience: float, otherwise: str) -> None:
        async with _within(patience, otherwise):
            while not holds():
                if self._fault:
                    raise LineError(self._fault)
                self._stirred.clear()
                await self._stirred.wait()


def _keep_little(transport: asyncio.Transport) -> None:
    """The transport says that it is congested as soon as it has to keep anything."""
    transport.set_write_buffer_limits(high=1, low=0)


@asynccontextmanager
async def _within(patience: float, otherwise: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(patience):
            yield
    except TimeoutError:
        raise LineError(f"{otherwise} within {patience:g} seconds") from None
