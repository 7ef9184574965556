"""Knows the listener processes of `--workers N`: they share the port, take mail in, and do nothing else.

The kernel gives each connection to one of them: by SO_REUSEPORT, or by a socket that this process lends them.
One that ends is started again; all of them are told what this process is told, and end when it is gone: each
holds the end of a line to it. On that line a worker says which door has accepted a mail. What is lost there
is a count and a moment, never a mail.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import structlog

SHARED = "MAILGATE_SHARED"
"""In a worker's environment: its addresses are shared with other workers, and the sockets that it is lent."""

_REST = 1.0  # seconds before a worker that ended is started again
_log = structlog.get_logger()


class Workers:
    """So many listener processes of one configuration.

    Args:
        environment: of each worker, beside the mark that its addresses are shared.
        accepted: told of each mail that one of them accepts, by which door.
    """

    def __init__(
        self, count: int, config: Path, environment: dict[str, str], accepted: Callable[[str], object]
    ) -> None:
        self._count = count
        self._command = (
            sys.executable,
            "-m",
            "mailgate",
            "--config",
            str(config),
            "serve",
            "--roles",
            "listener",
        )
        self._environment = environment
        self._accepted = accepted
        self._lent: Mapping[str, int] = {}
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    def start(self, lent: Mapping[str, int]) -> None:
        """Starts them; each is lent these sockets, by the path of their files."""
        self._lent = lent
        self._tasks = [asyncio.create_task(self._keep(number)) for number in range(1, self._count + 1)]

    def tell(self, number: signal.Signals) -> None:
        """Sends each a signal."""
        for process in self._processes.values():
            if process.returncode is None:
                process.send_signal(number)

    async def stop(self) -> None:
        """Ends them; each finishes what is under way."""
        self._closing = True
        self.tell(signal.SIGTERM)
        await asyncio.gather(*self._tasks)

    async def _keep(self, number: int) -> None:
        while not self._closing:
            ours, theirs = socket.socketpair()
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *self._command,
                    env={**self._environment, SHARED: json.dumps(dict(self._lent))},
                    pass_fds=tuple(self._lent.values()),
                    stdin=theirs.fileno(),
                    stdout=asyncio.subprocess.DEVNULL,
                )
            self._processes[number] = process
            await self._hear(ours)
            code = await process.wait()
            if not self._closing:
                _log.error(
                    "A listener process ended.", what="worker_ended", worker=number, reason=f"exit {code}"
                )
                await asyncio.sleep(_REST)

    async def _hear(self, line: socket.socket) -> None:
        """Tells of each mail until the worker is gone."""
        said, end = await asyncio.open_connection(sock=line)
        with suppress(ConnectionError):
            async for door in said:
                self._accepted(door.decode().strip())
        end.close()


def lent(environment: Mapping[str, str]) -> dict[str, int] | None:
    """In a worker: the sockets that it is lent; None in a process that is no worker."""
    return json.loads(environment[SHARED]) if SHARED in environment else None


class Uplink:
    """In a worker: its end of the line to the process that started it."""

    def __init__(self) -> None:
        self._line: asyncio.StreamWriter | None = None
        self._minding: asyncio.Task[None] | None = None

    async def open(self, orphaned: Callable[[], object]) -> None:
        """Opens the line; `orphaned` is called when that process is gone."""
        line = socket.socket(fileno=os.dup(sys.stdin.fileno()))
        heard, self._line = await asyncio.open_connection(sock=line)
        self._minding = asyncio.create_task(_mind(heard, orphaned))

    def tell(self, door: str) -> None:
        """That door has accepted a mail."""
        if self._line is not None:
            self._line.write(f"{door}\n".encode())


async def _mind(heard: asyncio.StreamReader, orphaned: Callable[[], object]) -> None:
    with suppress(ConnectionError):
        await heard.read()
    orphaned()
