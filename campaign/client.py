"""Knows how one mail is handed to the desk over a connection of its own, well-behaved or not."""

import asyncio
import socket
import struct
from dataclasses import dataclass

from campaign.letters import Letter, Way

PATIENCE = 30.0  # seconds for one attempt
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, with RST


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client heard of one attempt.

    Args:
        code: of the last reply; 0 where the connection was lost first, or the client did not listen.
        handed_over: the final dot was written, and nothing said that it would not arrive.
    """

    code: int = 0
    handed_over: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the mail is the server's now."""
        return self.handed_over and 200 <= self.code < 300


async def hand_over(letter: Letter, port: int, way: Way = Way.PLAIN) -> Heard:
    """One attempt."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return await _talk(letter, way, reader, writer)
            finally:
                writer.close()
    except (OSError, EOFError, TimeoutError):
        return Heard()


async def _talk(
    letter: Letter, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Heard:
    await _reply(reader)
    for command in (
        b"EHLO client.example",
        b"MAIL FROM:<%s>" % letter.reverse_path.encode(),
        b"RCPT TO:<%s>" % letter.recipient.encode(),
        b"DATA",
    ):
        writer.write(command + b"\r\n")
        code = await _reply(reader)
        if code >= 400:
            return Heard(code)
    writer.write(letter.content + b".\r\n")
    await writer.drain()
    match way:
        case Way.HANGS_UP | Way.FORGETS:
            await asyncio.sleep(letter.pause)
            writer.write_eof()
            return Heard(handed_over=True)
        case Way.RESETS:
            await asyncio.sleep(letter.pause)
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return Heard()  # what was sent may be thrown away with the connection
        case Way.DEAF:
            await _reply(reader)
            return Heard()
        case Way.PLAIN | Way.TWICE:
            code = await _reply(reader)
            writer.write(b"QUIT\r\n")
            return Heard(code, handed_over=True)


async def _reply(reader: asyncio.StreamReader) -> int:
    while True:
        line = await reader.readuntil(b"\n")
        if line[3:4] != b"-":
            return int(line[:3])
