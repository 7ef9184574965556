"""Knows a real SMTP or LMTP server on loopback that keeps every copy and fails wherever a test wants it to.

A copy counts as received once its final dot was read and the server did not refuse it, whether or not its
answer reached the client: that is what "arrived" means to a reader.
"""

import asyncio
import socket
import ssl
import struct
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NoReturn


class Stage(StrEnum):
    """Where in the dialog a fault is injected."""

    BANNER = "banner"
    EHLO = "EHLO"
    HELO = "HELO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "dot"
    RSET = "RSET"
    QUIT = "QUIT"


@dataclass(frozen=True, slots=True)
class Answers:
    """The server says this instead of what it should; after a 421 it hangs up."""

    reply: bytes


@dataclass(frozen=True, slots=True)
class HangsUp:
    """The server closes the connection without an answer; at the dot it has kept the mail or not."""

    kept: bool = False
    reset: bool = False  # by RST in place of FIN


@dataclass(frozen=True, slots=True)
class Hangs:
    """The server never answers, or not to the end."""

    reply: bytes = b""


@dataclass(frozen=True, slots=True)
class Drips:
    """The server says what it should, octet by octet, each after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Chatters:
    """The server says what it should, and in the same breath what nobody asked for."""

    more: bytes


Fault = Answers | HangsUp | Hangs | Drips | Chatters


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail that arrived."""

    reverse_path: str
    recipients: tuple[str, ...]
    content: bytes
    connection: int


@dataclass
class Sink:
    """What arrived, and what is to go wrong.

    Args:
        extensions: what it offers beside what its certificate and its passwords make it offer.
        credentials: the AUTH argument that it takes, or the answers to AUTH LOGIN.
        auth: the ways to give a password that it offers.
        lmtp: it answers the dot once for each recipient.
        socket: the path of a Unix socket to listen on, in place of a port.
        most: mails that it takes on one connection before it takes its leave.
        connections: how many were opened.
        commands: every line it was sent, in order.
    """

    port: int = 0
    tls: ssl.SSLContext | None = None
    extensions: tuple[str, ...] = ("SIZE 1000000", "8BITMIME", "SMTPUTF8")
    credentials: str = ""
    auth: str = "PLAIN"
    lmtp: bool = False
    socket: str = ""
    most: int = 0
    copies: list[Copy] = field(default_factory=list)
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    faults: dict[Stage, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, bytes] = field(default_factory=dict)
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def inject(self, stage: Stage, fault: Fault, times: int = 1) -> None:
        """Fails so many times at this stage."""
        self.faults[stage].extend([fault] * times)

    def hang_up_on_all(self) -> None:
        """Closes every connection, as a server does that was idle for long."""
        for writer in self.open:
            writer.close()


@asynccontextmanager
async def serving(sink: Sink, *, implicit_tls: bool = False) -> AsyncIterator[Sink]:
    """The sink, on a free port of loopback until the block ends."""
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sink.connections += 1
        session = asyncio.create_task(_Session(sink, reader, writer, sink.connections).run())
        tasks.add(session)
        session.add_done_callback(tasks.discard)

    if sink.socket:
        listening: asyncio.Server = await asyncio.start_unix_server(connected, sink.socket, limit=2**26)
    else:
        tls = sink.tls if implicit_tls else None
        listening = await asyncio.start_server(connected, "127.0.0.1", sink.port, limit=2**26, ssl=tls)
        sink.port = listening.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _HungUpError(Exception):
    """The session is over."""


class _Session:
    def __init__(
        self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        self._sink = sink
        self._reader = reader
        self._writer = writer
        self._number = number
        self._reverse_path = ""
        self._recipients: list[str] = []
        self._mails = 0

    async def run(self) -> None:
        self._sink.open.add(self._writer)
        try:
            with suppress(_HungUpError, OSError, asyncio.IncompleteReadError):
                await self._answer(Stage.BANNER, b"220 sink.example ESMTP")
                while True:
                    await self._command(await self._reader.readuntil(b"\r\n"))
        finally:
            self._sink.open.discard(self._writer)
            self._writer.close()

    async def _command(self, line: bytes) -> None:
        text = line.decode().rstrip("\r\n")
        self._sink.commands.append(text)
        verb, _, argument = text.partition(" ")
        match verb.upper():
            case "EHLO" | "LHLO":
                await self._answer(Stage.EHLO, self._greeting())
            case "STARTTLS":
                await self._secure()
            case "AUTH":
                await self._log_in(argument)
            case "MAIL" | "RCPT" | "DATA":
                await self._transaction(Stage(verb.upper()), argument)
            case "QUIT":
                await self._answer(Stage.QUIT, b"221 bye")
                raise _HungUpError
            case _:
                await self._answer(Stage(verb.upper()), b"250 ok")

    async def _log_in(self, argument: str) -> None:
        if argument == "LOGIN":
            said = []
            for asks in (b"334 VXNlcm5hbWU6", b"334 UGFzc3dvcmQ6"):
                await self._say(asks)
                said.append((await self._reader.readuntil(b"\r\n")).decode().strip())
            argument = f"LOGIN {' '.join(said)}"
        right = argument == self._sink.credentials
        await self._answer(Stage.AUTH, b"235 welcome" if right else b"535 5.7.8 no")

    async def _secure(self) -> None:
        if await self._answer(Stage.STARTTLS, b"220 go ahead"):
            assert self._sink.tls
            await self._writer.start_tls(self._sink.tls)

    async def _transaction(self, stage: Stage, argument: str) -> None:
        match stage:
            case Stage.MAIL:
                self._reverse_path, self._recipients = _path(argument), []
                self._mails += 1
                if 0 < self._sink.most < self._mails:
                    await self._say(b"421 4.7.0 too many")
                    raise _HungUpError
                await self._answer(Stage.MAIL, b"250 ok")
            case Stage.RCPT:
                await self._recipient(_path(argument))
            case _:
                await self._take()

    def _greeting(self) -> bytes:
        offered = list(self._sink.extensions)
        if self._sink.tls and self._writer.get_extra_info("sslcontext") is None:
            offered.append("STARTTLS")
        if self._sink.credentials:
            offered.append(f"AUTH {self._sink.auth}")
        lines = ["sink.example", *offered]
        last = len(lines) - 1
        return "\r\n".join(
            f"250{' ' if number == last else '-'}{line}" for number, line in enumerate(lines)
        ).encode()

    async def _recipient(self, recipient: str) -> None:
        refusal = self._sink.refused.get(recipient)
        if await self._answer(Stage.RCPT, refusal or b"250 ok") and not refusal:
            self._recipients.append(recipient)

    async def _take(self) -> None:
        if not await self._answer(Stage.DATA, b"354 go ahead"):
            return
        stuffed = await self._reader.readuntil(b"\r\n.\r\n")
        copy = Copy(
            self._reverse_path,
            tuple(self._recipients),
            stuffed.removesuffix(b".\r\n").removeprefix(b".").replace(b"\r\n.", b"\r\n"),
            self._number,
        )
        faults = self._sink.faults[Stage.DOT]
        if self._sink.lmtp:
            await self._answer_each(copy)
            return
        if not faults or _keeps(faults[0]):
            self._sink.copies.append(copy)
        await self._answer(Stage.DOT, b"250 2.0.0 queued as %d" % len(self._sink.copies))

    async def _answer_each(self, copy: Copy) -> None:
        """RFC 2033 section 4.2"""
        for recipient in copy.recipients:
            faults = self._sink.faults[Stage.DOT]
            fault = faults[0] if faults else None
            if fault is None or _keeps(fault):
                self._sink.copies.append(replace(copy, recipients=(recipient,)))
            await self._answer(Stage.DOT, f"250 2.0.0 {recipient} has it".encode())

    async def _answer(self, stage: Stage, reply: bytes) -> bool:
        """Whether it went as it should."""
        faults = self._sink.faults[stage]
        match faults.pop(0) if faults else None:
            case None:
                await self._say(reply)
            case Answers(wrong):
                await self._say(wrong)
                if wrong.startswith(b"421"):
                    raise _HungUpError
                return False
            case HangsUp(reset=reset):
                self._hang_up(reset=reset)
            case Hangs(begun):
                self._writer.write(begun)
                await asyncio.Event().wait()
            case Drips(seconds):
                await self._drip(reply, seconds)
            case Chatters(more):
                await self._say(reply + b"\r\n" + more)
        return True

    def _hang_up(self, *, reset: bool) -> NoReturn:
        if reset:
            line = self._writer.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._writer.transport.abort()
        raise _HungUpError

    async def _drip(self, reply: bytes, seconds: float) -> None:
        for octet in reply + b"\r\n":
            self._writer.write(bytes([octet]))
            await asyncio.sleep(seconds)

    async def _say(self, reply: bytes) -> None:
        self._writer.write(reply + b"\r\n")
        await self._writer.drain()


_NO_LINGER = struct.pack("ii", 1, 0)  # closing sends RST


def _keeps(fault: Fault) -> bool:
    """Whether a server that fails like this at the dot has the mail nevertheless."""
    match fault:
        case Answers(reply):
            return not reply.startswith((b"4", b"5"))
        case HangsUp(kept):
            return kept
        case Hangs() | Drips() | Chatters():
            return True


def _path(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]
