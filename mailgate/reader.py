"""Knows how mails are read so that one that is built to hurt never holds up another.

A small mail is read at once, for the reading of any bytes is linear and takes milliseconds at that size.
A large one goes to a child process with limits of processor time and memory; a child that is over its time
is killed and the mail is unreadable. Children are lent to one mail at a time and kept for the next.
"""

import asyncio
import resource
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from pydantic import TypeAdapter

from mailgate.core.message import Reading, Unreadable
from mailgate.mail.parse import parse

_log = structlog.get_logger()
_readings: TypeAdapter[Reading] = TypeAdapter(Reading)
_LENGTH = 8  # bytes before each mail and each answer, big-endian


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the reading of one mail may cost.

    Args:
        inline: bytes up to which a mail is read in this process.
        wall: seconds until a child is killed; `cpu` seconds of processor time that it may use for one mail.
        memory: bytes of address space of a child.
        children: mails that are read in children at the same time; `idle` children kept when there are none.
    """

    inline: int = 16 * 1024
    wall: float = 20.0
    cpu: int = 15
    memory: int = 1024 * 1024 * 1024
    children: int = 4
    idle: int = 1


class ReaderClosedError(Exception):
    """The reader was closed while it read a mail, which is as good as never begun."""


class Reader:
    """Reads mails.

    Args:
        at_once: how a small mail is read.
    """

    def __init__(self, bounds: Bounds | None = None, at_once: Callable[[bytes], Reading] = parse) -> None:
        self._bounds = bounds or Bounds()
        self._at_once = at_once
        self._turn = asyncio.Semaphore(self._bounds.children)
        self._idle: list[asyncio.subprocess.Process] = []
        self._lent: set[asyncio.subprocess.Process] = set()
        self._closed = False

    async def read(self, raw: bytes) -> Reading:
        """What the mail says; Unreadable if it could not be read within the limits.

        Raises:
            ReaderClosedError: the reader was closed meanwhile.
        """
        if len(raw) <= self._bounds.inline:
            return self._small(raw)
        async with self._turn:
            return await self._in_child(raw)

    async def close(self) -> None:
        """Ends all children."""
        self._closed = True
        children = [*self._idle, *self._lent]
        self._idle.clear()
        for child in children:
            await _end(child)

    def _small(self, raw: bytes) -> Reading:
        try:
            return self._at_once(raw)
        except Exception as bug:  # noqa: BLE001 - the broad except of this door: no mail is tried for ever
            _log.exception(
                "A mail brought out a bug of ours.", what="mail_unreadable", reason=type(bug).__name__
            )
            return Unreadable(f"a bug of ours, {type(bug).__name__}")

    async def _in_child(self, raw: bytes) -> Reading:
        if self._closed:
            raise ReaderClosedError
        try:
            async with self._lend() as child, asyncio.timeout(self._bounds.wall):
                answer = await _asked(child, raw)
        except TimeoutError:
            return _given_up(f"its reading took more than {self._bounds.wall:g} seconds")
        except (asyncio.IncompleteReadError, ConnectionError):
            if self._closed:
                raise ReaderClosedError from None
            return _given_up("its reading went beyond its limits of time or memory")
        return _readings.validate_json(answer)

    @asynccontextmanager
    async def _lend(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """A child for one mail; it is kept for the next if it did its work, and ended if not."""
        child = await self._child()
        self._lent.add(child)
        try:
            yield child
        except BaseException:
            await _end(child)
            raise
        finally:
            self._lent.discard(child)
        if self._closed or len(self._idle) >= self._bounds.idle:
            await _end(child)
        else:
            self._idle.append(child)

    async def _child(self) -> asyncio.subprocess.Process:
        while self._idle:
            child = self._idle.pop()
            if child.returncode is None:
                return child
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mailgate.reader", str(self._bounds.cpu), str(self._bounds.memory),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # an interrupt from the terminal is not meant for the mail
        )  # fmt: skip


def _given_up(reason: str) -> Unreadable:
    _log.warning("A mail could not be read within its limits.", what="mail_unreadable", reason=reason)
    return Unreadable(reason)


async def _asked(child: asyncio.subprocess.Process, raw: bytes) -> bytes:
    """Sends the mail to the child; returns its answer."""
    if child.stdin is None or child.stdout is None:
        raise ConnectionError("a child without pipes")
    child.stdin.write(len(raw).to_bytes(_LENGTH, "big") + raw)
    await child.stdin.drain()
    length = int.from_bytes(await child.stdout.readexactly(_LENGTH), "big")
    return await child.stdout.readexactly(length)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Kills the child and waits for its end, also if this task is cancelled meanwhile."""
    with suppress(ProcessLookupError):
        child.kill()
    await asyncio.shield(_gone(child))


async def _gone(child: asyncio.subprocess.Process) -> None:
    await child.wait()
    if child.stdin is not None:
        child.stdin.close()
        with suppress(ConnectionError):  # the rest of a mail; Python 3.11.2 logs it unless it is asked for
            await child.stdin.wait_closed()


def _serve(cpu: int, memory: int) -> None:
    """The child: reads mails from standard input until it ends, each within the limits."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while len(head := sys.stdin.buffer.read(_LENGTH)) == _LENGTH:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + 1 + cpu
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
        answer = _readings.dump_json(parse(sys.stdin.buffer.read(int.from_bytes(head, "big"))))
        sys.stdout.buffer.write(len(answer).to_bytes(_LENGTH, "big") + answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
