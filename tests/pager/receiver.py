"""A notification service on loopback: keeps every request and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass
class Receiver:
    """What came, and what is answered, one after another; in the end 204."""

    port: int = 0
    answers: list[Response] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    certificate: Path | None = None  # with its key; where there is one, it speaks TLS
    gate: asyncio.Event | None = None  # where there is one, every answer waits for it

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.headers.append(dict(request.headers))
        if self.gate:
            await self.gate.wait()
        return self.answers.pop(0) if self.answers else Response(status_code=204)


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[Receiver]:
    """The receiver, on a port of loopback until the block ends."""
    app = Starlette(routes=[Route("/{path:path}", receiver.take, methods=["POST"])])
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=receiver.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        ssl_certfile=receiver.certificate,
        ssl_keyfile=receiver.certificate,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - a look is all that tells
        await asyncio.sleep(0.01)
    receiver.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        if receiver.gate:
            receiver.gate.set()
        server.should_exit = True
        await serving
