"""Knows a real SMTP server on loopback that keeps every copy it gets and fails wherever a test wants it to.

A copy counts as received once its final dot was read and the server did not refuse it, whether or not its
answer reached the client: that is what "arrived" means to a reader.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Hangs:
    """The server never answers, or not to the end."""

    reply: bytes = b""


Fault = Answers | HangsUp | Hangs


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
        credentials: the AUTH PLAIN argument that it takes.
        connections: how many were opened.
        commands: every line it was sent, in order.
    """

    port: int = 0
    tls: ssl.SSLContext | None = None
    extensions: tuple[str, ...] = ("SIZE 1000000", "8BITMIME", "SMTPUTF8")
    credentials: str = ""
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

    listening = await asyncio.start_server(
        connected, "127.0.0.1", sink.port, limit=2**26, ssl=sink.tls if implicit_tls else None
    )
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
            case "EHLO":
                await self._answer(Stage.EHLO, self._greeting())
            case "STARTTLS":
                await self._secure()
            case "AUTH":
                right = argument == self._sink.credentials
                await self._answer(Stage.AUTH, b"235 welcome" if right else b"535 5.7.8 no")
            case "MAIL" | "RCPT" | "DATA":
                await self._transaction(Stage(verb.upper()), argument)
            case "QUIT":
                await self._answer(Stage.QUIT, b"221 bye")
                raise _HungUpError
            case _:
                await self._answer(Stage(verb.upper()), b"250 ok")

    async def _secure(self) -> None:
        if await self._answer(Stage.STARTTLS, b"220 go ahead"):
            assert self._sink.tls
            await self._writer.start_tls(self._sink.tls)

    async def _transaction(self, stage: Stage, argument: str) -> None:
        match stage:
            case Stage.MAIL:
                self._reverse_path, self._recipients = _path(argument), []
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
            offered.append("AUTH PLAIN")
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
        if not faults or _keeps(faults[0]):
            self._sink.copies.append(copy)
        await self._answer(Stage.DOT, b"250 2.0.0 queued as %d" % len(self._sink.copies))

    async def _answer(self, stage: Stage, reply: bytes) -> bool:
        """Whether it went as it should."""
        faults = self._sink.faults[stage]
        match faults.pop(0) if faults else None:
            case None:
                await self._say(reply)
                return True
            case Answers(wrong):
                await self._say(wrong)
                if wrong.startswith(b"421"):
                    raise _HungUpError
                return False
            case HangsUp():
                raise _HungUpError
            case Hangs(begun):
                self._writer.write(begun)
                await asyncio.Event().wait()
                return False

    async def _say(self, reply: bytes) -> None:
        self._writer.write(reply + b"\r\n")
        await self._writer.drain()


def _keeps(fault: Fault) -> bool:
    """Whether a server that fails like this at the dot has the mail nevertheless."""
    match fault:
        case Answers(reply):
            return not reply.startswith((b"4", b"5"))
        case HangsUp(kept):
            return kept
        case Hangs():
            return True


def _path(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]
