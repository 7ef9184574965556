"""Knows how a mail is read after DATA: in pieces, in linear time, within the limits.

Only CR LF dot CR LF ends it; a bare CR or LF never does (`behaviour.md` 1.5). What is refused is read on to
its end without being kept, so that the client hears why; a client that goes on far beyond that is left.
"""

import asyncio
import re
from dataclasses import dataclass

from mailgate.core.listening import COPIES, BareNewlines
from mailgate.core.reply import (
    BARE_NEWLINE,
    HEADER_TOO_BIG,
    NO_ROOM,
    ROUTING_LOOP,
    TEXT_LINE_TOO_LONG,
    TIMED_OUT,
    TOO_BIG,
    TOO_SLOW,
    Reply,
)
from mailgate.listener.limits import Limits
from mailgate.listener.turnstile import Turnstile
from mailgate.listener.wire import Wire

_END = b"\r\n.\r\n"
# Fields and the lines that continue them; the first other line begins the body, as Postfix sees it.
_HEADER = re.compile(rb"(?:[!-9;-~]++[ \t]*+:[^\n]*+\n|[ \t][^\n]*+\n)*+")
_RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)
_READ_ON = 1.5  # times the size limit


@dataclass(frozen=True, slots=True)
class Overrun:
    """The client goes on sending a mail that was refused; it is told why and left."""

    reply: Reply


class Reception:
    """One mail on its way in. Its bytes count as in flight from their arrival until `release`."""

    def __init__(self, wire: Wire, limits: Limits, turnstile: Turnstile) -> None:
        self._wire = wire
        self._limits = limits
        self._turnstile = turnstile
        self._held = 0
        self._received = 0
        self._kept = True

    async def read(self) -> bytes | Reply | Overrun:
        """What came before the final dot, still dot-stuffed; or why there is none.

        Raises:
            HungUpError: the client left before the end.
        """
        try:
            return await self._until_the_dot()
        except TimeoutError:
            return TIMED_OUT

    async def _until_the_dot(self) -> bytes | Reply | Overrun:
        loop = asyncio.get_running_loop()
        began = loop.time()
        content = bytearray(b"\r\n")  # so that a dot on the first line is seen as any other
        searched = 0
        while (end := content.find(_END, max(0, searched - len(_END) + 1))) < 0:
            if self._received > _READ_ON * self._limits.message_bytes:
                return Overrun(TOO_BIG if self._kept else NO_ROOM)
            if self._is_slow(loop.time() - began):
                return TOO_SLOW
            searched = len(content)
            piece = await self._wire.piece(self._limits.data_idle)
            self._received += len(piece)
            if not self._keep(len(piece)):
                del content[: 1 - len(_END)]
                searched = 0
            content += piece
        self._wire.put_back(bytes(content[end + len(_END) :]))
        return bytes(memoryview(content)[2 : end + 2]) if self._kept else NO_ROOM

    def release(self) -> None:
        """The bytes are in flight no more."""
        self._turnstile.bytes_in_flight -= self._held
        self._held = 0

    def _is_slow(self, seconds: float) -> bool:
        if seconds > self._limits.data_whole:
            return True
        return seconds > self._limits.data_rate_grace and self._received < seconds * self._limits.data_rate

    def _keep(self, more: int) -> bool:
        """Whether there is memory for the mail with so many bytes more; where there is not, none is held."""
        room = self._limits.bytes_in_flight - self._turnstile.bytes_in_flight
        cost = COPIES * more
        self._kept = self._kept and cost <= room
        if not self._kept:
            self.release()
            return False
        self._turnstile.bytes_in_flight += cost
        self._held += cost
        return True


def checked(stuffed: bytes, limits: Limits, bare_newlines: BareNewlines) -> bytes | Reply:
    """The content as it is kept, its lines ended by CR LF; or the reply that refuses it."""
    content = _unstuffed(stuffed)
    if len(content) > limits.message_bytes:
        return TOO_BIG
    if _has_bare_newlines(content):
        if bare_newlines is BareNewlines.REFUSE:
            return BARE_NEWLINE
        content = _normalised(content)
    if _has_longer_line(content, limits.text_line_bytes):
        return TEXT_LINE_TOO_LONG
    # Looks one line beyond the limit, and no further.
    header = _HEADER.match(content, 0, limits.header_bytes + limits.text_line_bytes + 1)
    fields = header[0] if header else b""
    if len(fields) > limits.header_bytes or fields.count(b"\n") > limits.header_lines:
        return HEADER_TOO_BIG
    if len(_RECEIVED.findall(fields)) > limits.hops:
        return ROUTING_LOOP
    return content


def _unstuffed(content: bytes) -> bytes:
    if content.startswith(b"."):  # RFC 5321 section 4.5.2
        content = content[1:]
    return content.replace(b"\r\n.", b"\r\n")


def _has_bare_newlines(content: bytes) -> bool:
    whole = content.count(b"\r\n")
    return content.count(b"\n") != whole or content.count(b"\r") != whole


def _normalised(content: bytes) -> bytes:
    """Every CR and every LF alone becomes CR LF; CR CR LF, a known slip of some senders, is one line end."""
    plain = content.replace(b"\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return plain.replace(b"\n", b"\r\n")


def _has_longer_line(content: bytes, longest: int) -> bool:
    start = 0
    while len(content) - start > longest + 2:
        end = content.rfind(b"\n", start, start + longest + 2)
        if end < 0:
            return True
        start = end + 1
    return False
