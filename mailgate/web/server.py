"""Knows how the pages are served inside the program's own loop: uvicorn, without its hold on signals."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

_GRACE = 3  # seconds for requests that are under way at the end


class CannotListenError(Exception):
    """Nothing can be served there. The message names the address and why."""


class Web:
    """Serves the application from `start` to `stop`.

    Args:
        port: 0 takes a free one.
    """

    def __init__(self, host: str, port: int, application: ASGIApp) -> None:
        self._host = host
        self._port = port
        self._server = _Embedded(
            uvicorn.Config(
                application,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    async def start(self) -> None:
        """Listens.

        Raises:
            CannotListenError: the port is in use, or the address is not ours.
        """
        try:
            listening = await asyncio.to_thread(_bound, self._host, self._port)
        except OSError as fault:
            reason = (fault.strerror or str(fault)).lower()
            raise CannotListenError(f"cannot listen on {self._host}:{self._port}: {reason}") from fault
        self._port = listening.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))

    async def stop(self) -> None:
        """Listens no more; requests that are under way may end."""
        if self._serving is not None:
            self._server.should_exit = True
            await self._serving


class _Embedded(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the program's, not the web server's."""
        yield


def _bound(host: str, port: int) -> socket.socket:
    (family, kind, *_, address) = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError:
        listening.close()
        raise
    listening.settimeout(0)  # asyncio's way: it waits, the socket does not
    return listening
