"""Knows how the pages are served inside the program's own loop: uvicorn, without its hold on signals."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from mailgate.core.listening import CannotListenError, Place

_GRACE = 3  # seconds for requests that are under way at the end


class Web:
    """Serves the application from `start` to `stop`."""

    def __init__(self, place: Place, application: ASGIApp) -> None:
        self._place = place
        self._server = _Embedded(
            uvicorn.Config(
                application,
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # who the client is, it does not say itself
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    @property
    def listening(self) -> Place:
        """Where it listens; once it has started, with the port that was free."""
        return self._place

    async def start(self) -> None:
        """Listens.

        Raises:
            CannotListenError: the port is in use, or the address is not ours.
        """
        try:
            listening = await asyncio.to_thread(_bound, self._place)
        except OSError as fault:
            raise CannotListenError(self._place, fault) from fault
        self._place = Place(self._place.host, listening.getsockname()[1])
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


def _bound(place: Place) -> socket.socket:
    (family, kind, *_, address) = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
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
