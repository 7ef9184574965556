"""Knows hostile SMTP dialogues: those of tests/dialogs mutated by a seed, and what a legal answer to them is.

The same seed makes the same octets in the same pieces; when they arrive is up to the machine.
"""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random  # noqa: TID251 - by a seed, so that a case comes again

from mailgate.core.listening import Address, Place, SocketFile
from tests.dialogs.door import CERTIFICATE
from tests.dialogs.written import DIALOGS, LINE, said, settings_of

TLS = b"\0<a TLS handshake>\0"
_MOST = 65_536  # octets of one line of a dialogue, however often it is sent
_PAUSE = 0.02  # seconds
_LONGEST_REPLY = 512  # RFC 5321 section 4.5.3.1.5
_REPLY = re.compile(rb"([2345])([0-5])([0-9])(?:([ -])(?:([245])(\.\d{1,3}\.\d{1,3})(?=[ \r]))?[ -~]*)?\r\n")
_READY = b"220 Ready to start TLS\r\n"
_ALERT = re.compile(rb"(?<=%b)[\x14-\x17]\x03" % _READY)
_TOKENS = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b".",
        b"\r\n.\r\n",
        b"\n.\n",
        b"<",
        b">",
        b"@",
        b'"',
        b"\\",
        b" ",
        b"=?utf-8?q?x?=",
    ),
    *(
        b"\xff\xfe",
        "ö".encode(),
        b"\x16\x03\x01",
        b"9" * 25,
        b"A" * 1100,
        b"x" * 5000,
        b"SIZE=",
        b"SMTPUTF8",
        b"[::1]",
    ),
    *(
        b"EHLO c\r\n",
        b"LHLO c\r\n",
        b"RSET\r\n",
        b"DATA\r\n",
        b"STARTTLS\r\n",
        b"QUIT\r\n",
        b"AUTH PLAIN AA==\r\n",
    ),
    *(
        b"MAIL FROM:<a@b>\r\n",
        b"RCPT TO:<acme@vendor.test>\r\n",
        b"MAIL FROM:<>\r\n",
        b"BDAT 5 LAST\r\nhello",
    ),
    b"PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n",
)


class Door(StrEnum):
    """Where a dialogue is held."""

    SMTP = "smtp"
    LMTP = "lmtp"
    UNIX = "unix"
    PROXY = "proxy"  # SMTP, from the address of a proxy


class Ending(StrEnum):
    """How a client leaves once all is said."""

    HALF_CLOSE = "half-close"
    CLOSE = "close"
    RESET = "reset"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Case:
    """One dialogue: what is sent, in which pieces, how it ends.

    Args:
        greeted: whether the client waits to be greeted; a proxy's says first who it is.
        waits: whether it waits for answers.
    """

    name: str
    door: Door
    pieces: tuple[bytes, ...]
    greeted: bool
    waits: bool
    ending: Ending


def case(seed: str, names: Sequence[str] = tuple(DIALOGS)) -> Case:
    """The dialogue of a seed."""
    chance = Random(seed)  # noqa: S311 - nothing secret
    name = chance.choice(names)
    lines = _client_lines(name)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 5, 8))):
        lines = chance.choice(_OF_LINES)(lines, chance)
    pieces = [_mutated(line, chance) if chance.random() < 0.3 else line for line in lines]
    if chance.random() < 0.5:
        pieces = _cut_anew(pieces, chance)
    greeted, waits = chance.random() < 0.95, chance.random() < 0.5
    return Case(name, _door(name), tuple(filter(None, pieces)), greeted, waits, chance.choice(tuple(Ending)))


def what_is_illegal(heard: bytes) -> str:
    """What of the server's octets is no SMTP (RFC 5321 section 4.2); empty where all of it is."""
    code = b""
    heard = _ALERT.split(heard)[0]  # the end of a handshake that was none
    for line in heard.splitlines(keepends=True):
        found = _REPLY.fullmatch(line)
        if found is None or len(line) > _LONGEST_REPLY:
            return f"no reply: {line!r}"
        if found[5] and found[5] != found[1]:
            return f"two classes in one: {line!r}"
        if code and not line.startswith(code):
            return f"a line of {code!r} expected: {line!r}"
        if line.startswith(b"451"):
            return f"a fault of ours: {line!r}"
        code = line[:3] if found[4] == b"-" else b""
    return f"{code!r} was not ended" if code else ""


async def hold(one: Case, address: Address, patience: float) -> bytes:
    """Holds the dialogue; returns all that the server said.

    Raises:
        TimeoutError: the server neither went on nor closed within `patience` seconds.
    """
    async with asyncio.timeout(patience):
        client = await _Client.to(one.door, address)
        try:
            for number, piece in enumerate(one.pieces):
                if one.greeted and number == (one.door is Door.PROXY):
                    await client.listen(1.0)
                await client.send(piece)
                if one.waits:
                    await client.listen(_PAUSE)
            await client.leave(one.ending)
        except OSError:  # the server has left before we were done; also what ssl raises
            await client.leave(Ending.CLOSE)
        finally:
            client.abort()
        heard = bytes(client.heard)
    if one.ending in {Ending.CLOSE, Ending.RESET}:  # who leaves first may miss the end of a line
        return heard[: heard.rfind(b"\n") + 1]
    return heard


class _Client:
    """One connection; hears while it talks, for a server whose words nobody takes waits."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = bytearray()
        self._reader, self._writer = reader, writer
        self._secure = False
        self._hearing = asyncio.create_task(self._hear())

    @classmethod
    async def to(cls, door: Door, address: Address) -> "_Client":
        match address:
            case Place(host, port):
                source = ("127.0.0.2", 0) if door is Door.PROXY else None
                return cls(*await asyncio.open_connection(host, port, local_addr=source))
            case SocketFile(path):
                return cls(*await asyncio.open_unix_connection(path))

    async def send(self, piece: bytes) -> None:
        if piece == TLS:
            await self._begin_tls()
            return
        self._writer.write(piece)
        await self._writer.drain()

    async def listen(self, seconds: float) -> None:
        """Returns when something was said, or it takes too long."""
        before, left = len(self.heard), int(seconds / 0.002)
        while len(self.heard) == before and left and not self._hearing.done():
            left -= 1
            await asyncio.sleep(0.002)

    async def leave(self, ending: Ending) -> None:
        """Leaves, and hears out what there is to hear."""
        match ending:
            case Ending.HALF_CLOSE if self._writer.can_write_eof():
                self._writer.write_eof()
            case Ending.WAIT:
                pass
            case Ending.RESET:
                await self.listen(_PAUSE)
                end = self._writer.get_extra_info("socket")
                if end is not None and end.family != socket.AF_UNIX and end.fileno() >= 0:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._writer.transport.abort()
            case _:
                await self.listen(_PAUSE)
                self._writer.close()
        await self._hearing

    def abort(self) -> None:
        """Leaves at once, whatever is to be heard."""
        self._hearing.cancel()
        self._writer.transport.abort()

    async def _hear(self) -> None:
        try:
            while piece := await self._reader.read(65_536):
                self.heard += piece
        except OSError:
            pass

    async def _begin_tls(self) -> None:
        """Only where the server has just said that it waits for it; what it says then is another stream."""
        await self.listen(_PAUSE)
        if self._secure or not self.heard.endswith(_READY) or self._hearing.done():
            return
        self._secure = True
        self._hearing.cancel()
        await asyncio.wait({self._hearing})
        context = ssl.create_default_context(cafile=CERTIFICATE)
        try:
            await self._writer.start_tls(context, server_hostname="localhost", ssl_handshake_timeout=2)
        finally:
            self._hearing = asyncio.create_task(self._hear())


def _client_lines(name: str) -> list[bytes]:
    lines: list[bytes] = []
    for line in DIALOGS[name]:
        if line == "C tls":
            lines.append(TLS)
        found = LINE.fullmatch(line)
        if found is not None and found["who"] == "C":
            octets, times = said(found)
            lines += [octets] * times if times <= 30 else [octets * min(times, _MOST // len(octets))]
    return lines


def _door(name: str) -> Door:
    settings = settings_of(DIALOGS[name])
    match settings.get("lmtp"):
        case "unix":
            return Door.UNIX
        case "tcp":
            return Door.LMTP
        case _:
            return Door.PROXY if "proxy_from" in settings else Door.SMTP


def _without(lines: list[bytes], chance: Random) -> list[bytes]:
    where = chance.randrange(len(lines) + 1)
    return lines[:where] + lines[where + 1 :]


def _twice(lines: list[bytes], chance: Random) -> list[bytes]:
    where = chance.randrange(len(lines) + 1)
    return lines[:where] + lines[where : where + 1] * chance.choice((2, 2, 3, 30)) + lines[where + 1 :]


def _swapped(lines: list[bytes], chance: Random) -> list[bytes]:
    if len(lines) < 2:
        return lines
    swapped = list(lines)
    one, other = chance.sample(range(len(lines)), 2)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return swapped


def _spliced(lines: list[bytes], chance: Random) -> list[bytes]:
    other = _client_lines(chance.choice(tuple(DIALOGS)))
    return lines[: chance.randrange(len(lines) + 1)] + other[chance.randrange(len(other) + 1) :]


def _truncated(lines: list[bytes], chance: Random) -> list[bytes]:
    return lines[: chance.randrange(len(lines) + 1)]


def _interrupted(lines: list[bytes], chance: Random) -> list[bytes]:
    where = chance.randrange(len(lines) + 1)
    return [*lines[:where], chance.choice(_TOKENS), *lines[where:]]


_OF_LINES: tuple[Callable[[list[bytes], Random], list[bytes]], ...] = (
    *(_without, _twice, _swapped, _spliced, _truncated, _interrupted, _interrupted),
)


def _mutated(octets: bytes, chance: Random) -> bytes:
    """The same with a few octets missing, doubled, changed or put in."""
    if octets == TLS:
        return octets
    for _ in range(chance.choice((1, 1, 2, 4))):
        one, other = sorted(chance.randrange(len(octets) + 1) for _ in range(2))
        other = min(other, one + chance.choice((1, 4, 64)))
        middle = octets[one:other]
        put = chance.choice(
            (b"", middle * 2, middle[::-1], chance.randbytes(len(middle)), middle + chance.choice(_TOKENS))
        )
        octets = octets[:one] + put + octets[other:]
    return octets


def _cut_anew(pieces: list[bytes], chance: Random) -> list[bytes]:
    """The same octets in other pieces; a TLS handshake stays where it is."""
    cut: list[bytes] = []
    run = b""
    for piece in [*pieces, TLS]:
        if piece != TLS:
            run += piece
            continue
        ends = sorted(chance.randrange(len(run) + 1) for _ in range(chance.choice((0, 0, 1, 3, 12))))
        cut += [run[one:other] for one, other in zip([0, *ends], [*ends, len(run)], strict=True)]
        cut.append(TLS)
        run = b""
    return cut[:-1]
