"""Knows how mails are read so that one that is built to hurt never holds up another.

A small mail is read at once, for the reading of any bytes is linear and takes milliseconds at that size.
A large one goes to a child process with limits of processor time and memory; a child that is over its time
is killed and the mail is unreadable. Children are lent to one mail at a time and kept for the next.
"""

import asyncio
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass

import structlog
from pydantic import TypeAdapter

from mailgate.core.message import Reading, Unreadable
from mailgate.mail.parse import parse

_log = structlog.get_logger()
_readings: TypeAdapter[Reading] = TypeAdapter(Reading)
_LENGTH = 8  # bytes before each mail and each answer, big-endian


@dataclass(frozen=True, slots=True)
class Limits:
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


class Reader:
    """Reads mails."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._turn = asyncio.Semaphore(self._limits.children)
        self._idle: list[asyncio.subprocess.Process] = []
        self._lent: set[asyncio.subprocess.Process] = set()
        self._closed = False

    async def read(self, raw: bytes) -> Reading:
        """What the mail says; Unreadable if it could not be read within the limits."""
        if len(raw) <= self._limits.inline:
            return parse(raw)
        async with self._turn:
            return await self._in_child(raw)

    async def close(self) -> None:
        """Ends all children. A mail that is still being read is unreadable."""
        self._closed = True
        children = [*self._idle, *self._lent]
        self._idle.clear()
        for child in children:
            await _end(child)

    async def _in_child(self, raw: bytes) -> Reading:
        child = await self._child()
        self._lent.add(child)
        whole = False
        try:
            async with asyncio.timeout(self._limits.wall):
                answer = await _asked(child, raw)
            whole = True
            return _readings.validate_json(answer)
        except TimeoutError:
            return _given_up(f"its reading took more than {self._limits.wall:g} seconds")
        except (asyncio.IncompleteReadError, ConnectionError):
            return _given_up("its reading went beyond its limits of time or memory")
        finally:
            self._lent.discard(child)
            if whole and not self._closed and len(self._idle) < self._limits.idle:
                self._idle.append(child)
            else:
                await _end(child)

    async def _child(self) -> asyncio.subprocess.Process:
        while self._idle:
            child = self._idle.pop()
            if child.returncode is None:
                return child
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mailgate.reader", str(self._limits.cpu), str(self._limits.memory),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
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
    await asyncio.shield(child.wait())


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
