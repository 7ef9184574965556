"""Knows a client that sends many mails over parallel SMTP sessions, one mail each, as a mail server would.

A mail that gets no 250 is sent again, the same to the last byte, until it does.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_PATIENCE = 0.05  # seconds before a mail is sent again
_FILLER = b"The quick brown fox jumps over the lazy dog, again and again.\r\n" * 40


@dataclass(frozen=True, slots=True)
class Parcel:
    """A mail and its envelope; `key` stands in its subject."""

    key: str
    sender: str
    recipient: str
    content: bytes


@dataclass(slots=True)
class Flood:
    """What was sent.

    Args:
        acknowledged: keys of the mails that got their 250, in that order.
        attempts: how often a mail was handed over in all.
    """

    acknowledged: list[str] = field(default_factory=list)
    attempts: int = 0


def parcels(count: int, recipient: str = "acme@support.example.com", start: int = 0) -> Iterable[Parcel]:
    """So many mails of about 3 KB from as many senders of acme.example."""
    for number in range(start, start + count):
        key = f"flood-{number:06}"
        sender = f"person{number}@acme.example"
        head = (
            f"From: Person {number} <{sender}>\r\nTo: {recipient}\r\nSubject: [P3] {key}\r\n"
            f"Date: Fri, 20 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{key}@acme.example>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        )
        yield Parcel(key, sender, recipient, head.encode() + _FILLER)


async def pour(
    mails: Iterable[Parcel], port: int, sessions: int = 20, *, flood: Flood | None = None
) -> Flood:
    """Sends all of them; returns when each has its 250. `flood` is where it is counted meanwhile."""
    flood, waiting = flood or Flood(), deque(mails)

    async def work() -> None:
        while waiting:
            parcel = waiting.popleft()
            flood.attempts += 1
            if await delivered(parcel, port):
                flood.acknowledged.append(parcel.key)
            else:
                waiting.append(parcel)
                await asyncio.sleep(_PATIENCE)

    async with asyncio.TaskGroup() as group:
        for _ in range(sessions):
            group.create_task(work())
    return flood


async def delivered(parcel: Parcel, port: int) -> bool:
    """Whether the server took the mail over; False for a refusal, a lost connection, or nobody there."""
    commands: Sequence[bytes] = (
        b"EHLO client.example",
        b"MAIL FROM:<%s>" % parcel.sender.encode(),
        b"RCPT TO:<%s>" % parcel.recipient.encode(),
        b"DATA",
        parcel.content + b".",
    )
    try:
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await _reply(reader)
                for command in commands:
                    writer.write(command + b"\r\n")
                    if await _reply(reader) >= 400:
                        return False
                writer.write(b"QUIT\r\n")
            finally:
                writer.close()
    except (OSError, EOFError, TimeoutError):
        return False
    return True


async def _reply(reader: asyncio.StreamReader) -> int:
    while True:
        line = await reader.readuntil(b"\n")
        if line[3:4] != b"-":
            return int(line[:3])
