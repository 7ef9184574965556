"""Knows the mail server that mailgate sends to: it records every copy, and now and then hides its answer.

To hide it is to take the mail over and to close the connection without a word: nobody can know then whether
it arrived.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail that arrived.

    Args:
        life: which life of the server sent it.
        at: when it was here.
        answered: the server was told that it arrived; otherwise that was hidden.
    """

    message_id: str
    recipients: tuple[str, ...]
    subject: str
    reply_to: str
    automatic: bool
    sha256: str
    life: int
    answered: bool
    at: datetime


@dataclass
class Sink:
    """What arrived.

    Args:
        life: tells which life of the server is talking now.
        now: the time.
        hides: decides of each mail whether its answer is hidden.
    """

    life: Callable[[], int]
    now: Callable[[], datetime]
    hides: Callable[[], bool]
    copies: list[Copy] = field(default_factory=list)
    port: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def first(self, fits: Callable[[Copy], bool], seconds: float) -> Copy | None:
        """The first copy that fits, as soon as there is one; None if there is none within the time."""
        seen = 0

        def found() -> Copy | None:
            nonlocal seen
            fresh, seen = self.copies[seen:], len(self.copies)
            return next((copy for copy in fresh if fits(copy)), None)

        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self.changed:
                return await self.changed.wait_for(found)
        return None

    async def take(self, recipients: list[str], content: bytes, life: int) -> bool:
        """Keeps a mail; whether its sender is told."""
        head = message_from_bytes(content)
        copy = Copy(
            _text(head, "Message-ID").strip("<>"),
            tuple(recipients),
            _text(head, "Subject"),
            _text(head, "Reply-To"),
            _text(head, "Auto-Submitted") not in {"", "no"},
            hashlib.sha256(content).hexdigest(),
            life,
            not self.hides(),
            self.now(),
        )
        async with self.changed:
            self.copies.append(copy)
            self.changed.notify_all()
        return copy.answered


@asynccontextmanager
async def serving(sink: Sink) -> AsyncIterator[Sink]:
    """The sink, on a free port of loopback until the block ends."""
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.create_task(_talk(sink, reader, writer))
        tasks.add(session)
        session.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, limit=2**22)
    sink.port = listening.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _talk(sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    life = sink.life()
    recipients: list[str] = []
    try:
        with suppress(OSError, EOFError):
            writer.write(b"220 sink.example ESMTP\r\n")
            while True:
                command = (await reader.readuntil(b"\r\n")).decode().rstrip()
                match command[:4].upper():
                    case "MAIL" | "RSET":
                        recipients = []
                    case "RCPT":
                        recipients.append(command.partition("<")[2].partition(">")[0])
                    case "DATA":
                        writer.write(b"354 go ahead\r\n")
                        stuffed = await reader.readuntil(b"\r\n.\r\n")
                        if not await sink.take(recipients, _unstuffed(stuffed), life):
                            return
                    case _:
                        pass
                writer.write(b"221 bye\r\n" if command[:4].upper() == "QUIT" else b"250 ok\r\n")
    finally:
        writer.close()


def _unstuffed(stuffed: bytes) -> bytes:
    return stuffed.removesuffix(b".\r\n").removeprefix(b".").replace(b"\r\n.", b"\r\n")


def _text(head: "Message[str, str]", name: str) -> str:
    return " ".join(str(head.get(name, "")).split())
