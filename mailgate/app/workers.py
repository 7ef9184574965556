"""Knows the listener processes of `--workers N`: they share the port, take mail in, and do nothing else.

The kernel gives each connection to one of them: by SO_REUSEPORT, or by a socket that this process lends them.
One that ends is started again; all of them are told what this process is told, and end when it is gone: each
holds the end of a pipe from it.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
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
    """

    def __init__(self, count: int, config: Path, environment: dict[str, str]) -> None:
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
            process = await asyncio.create_subprocess_exec(
                *self._command,
                env={**self._environment, SHARED: json.dumps(dict(self._lent))},
                pass_fds=tuple(self._lent.values()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
            )
            self._processes[number] = process
            code = await process.wait()
            if not self._closing:
                _log.error(
                    "A listener process ended.", what="worker_ended", worker=number, reason=f"exit {code}"
                )
                await asyncio.sleep(_REST)


def lent(environment: Mapping[str, str]) -> dict[str, int] | None:
    """In a worker: the sockets that it is lent; None in a process that is no worker."""
    return json.loads(environment[SHARED]) if SHARED in environment else None


def when_orphaned(stop: Callable[[], object]) -> None:
    """In a worker: calls `stop` when the process that started it is gone."""

    def readable() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            loop.remove_reader(sys.stdin.fileno())
            stop()

    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), readable)
