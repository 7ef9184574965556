"""Knows what a client has sent and nobody has read yet: lines of commands, pieces of a mail.

Reading waits a bounded time for a bounded number of bytes. Input that was sent ahead is read on without
waiting, so after every few lines of it the other sessions get their turn.
"""

import asyncio

PIECE = 65_536
_LINES_IN_A_ROW = 32


class HungUpError(Exception):
    """The client has ended the connection."""


class EndlessLineError(Exception):
    """A line is far longer than it may be, with no end in sight."""


class Wire:
    """The client's side of the conversation."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._unread = bytearray()
        self._in_a_row = 0

    async def line(self, longest: int, seconds: float) -> bytes:
        """The next line with its line end.

        Raises:
            EndlessLineError: nothing sensible can follow.
            HungUpError: there is no next line; a last line without an end is none.
            TimeoutError: it did not come within `seconds`.
        """
        end = self._unread.find(b"\n")
        if end < 0:
            async with asyncio.timeout(seconds):
                end = await self._end_of_line(2 * longest)
        self._in_a_row += 1
        if self._in_a_row >= _LINES_IN_A_ROW:
            self._in_a_row = 0
            await asyncio.sleep(0)
        return self._take(end + 1)

    async def piece(self, seconds: float) -> bytes:
        """Whatever comes next, as soon as there is anything.

        Raises:
            HungUpError: nothing comes any more.
            TimeoutError: nothing came within `seconds`.
        """
        if self._unread:
            piece = bytes(self._unread)
            self._unread.clear()
            return piece
        async with asyncio.timeout(seconds):
            return await self._read()

    async def exactly(self, count: int) -> bytes:
        """The next so many bytes; the caller bounds the time.

        Raises:
            HungUpError: there are not so many.
        """
        while len(self._unread) < count:
            self._unread += await self._read()
        return self._take(count)

    async def short_line(self, longest: int) -> bytes:
        """The next line with its line end, whatever is in it; the caller bounds the time.

        Raises:
            EndlessLineError: it is longer.
            HungUpError: it has no end.
        """
        while (end := self._unread.find(b"\n", 0, longest)) < 0:
            if len(self._unread) >= longest:
                raise EndlessLineError
            self._unread += await self._read()
        return self._take(end + 1)

    @property
    def has_unread(self) -> bool:
        """Whether more has come than was read."""
        return bool(self._unread)

    def put_back(self, piece: bytes) -> None:
        """Gives back what was read too far."""
        self._unread[:0] = piece

    def discard(self) -> None:
        """Forgets what the client has sent ahead."""
        self._unread.clear()

    def _take(self, count: int) -> bytes:
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken

    async def _end_of_line(self, longest: int) -> int:
        searched = 0
        while (end := self._unread.find(b"\n", searched)) < 0:
            searched = len(self._unread)
            if searched > longest or (searched and not 0x20 <= self._unread[0] < 0x7F):  # noqa: PLR2004 - ASCII
                raise EndlessLineError
            self._unread += await self._read()
            self._in_a_row = 0
        return end

    async def _read(self) -> bytes:
        piece = await self._reader.read(PIECE)
        if not piece:
            raise HungUpError
        return piece
