"""Mails accepted in a second: our door with its committed spool, next to a stock aiosmtpd that keeps nothing.

Both servers run in processes of their own; a third one sends. The runs alternate, so that whatever else the
machine does meets both alike; the ratio of the medians is what counts.

    python -m bench accept [--mails 2000] [--sessions 20] [--rounds 5] [--reuse] [--database URL]
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from aiosmtpd.smtp import SMTP

from mailgate import wallclock
from mailgate.core.listening import Place
from mailgate.core.reply import QUEUED
from mailgate.flows.bell import Bell
from mailgate.flows.spool import Spool
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener
from mailgate.logs import set_up
from mailgate.store.schema import metadata
from mailgate.store.unit import Database

BODY_LINES = 45
HOST = "127.0.0.1"
FLOOR = 0.6  # of the bare server


def mail(number: int) -> bytes:
    """A mail of about 3.7 KB with the header of a real one."""
    header = (
        f"Received: from mail{number}.acme.example (mail.acme.example [192.0.2.7])\r\n"
        f"\tby mx.support.example.com with ESMTPS id {number:016x}; Fri, 20 Nov 2026 12:00:00 +0000\r\n"
        f"From: Bob Baker {number} <bob{number}@acme.example>\r\n"
        "To: Acme Support <acme@support.example.com>\r\n"
        f"Subject: [P2] Device {number} does not connect\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\n"
        f"Message-ID: <{number}.{os.getpid()}@acme.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    line = "It worked yesterday; since this morning it blinks red and says nothing {:06d}.\r\n"
    return (header + "".join(line.format(number * 64 + n) for n in range(BODY_LINES))).encode()


class _Bare:
    """The handler of a stock server that takes everything and keeps nothing."""

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
        return "250 OK"


async def serve_bare(ready: Connection) -> None:
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(_Bare(), hostname=HOST, loop=loop), HOST, 0, backlog=100)
    ready.send(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


async def _serve_mailgate(ready: Connection, url: str) -> None:
    set_up(wallclock.now, stream=open(os.devnull, "w"))  # noqa: PTH123, SIM115, ASYNC230 - for as long as it runs
    database = Database(url)
    async with database.write() as unit:
        await unit.run_sync(metadata.create_all)
    spool = Spool(database, wallclock.now, Bell().ring)
    listener = Listener((Place(HOST, 0),), Rules("bench", lambda _recipient, _sender: QUEUED, spool.accept))
    await listener.start()
    ready.send(listener.listening[0].port)
    await asyncio.Event().wait()


def _run(serve: Callable[..., object], *arguments: object) -> None:
    asyncio.run(serve(*arguments))  # type: ignore[arg-type]


@contextmanager
def server(serve: Callable[..., object], *arguments: object) -> Iterator[int]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_run, args=(serve, there, *arguments), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


class _Sender(asyncio.Protocol):
    """Sends mails one after the other; each command waits for its answer."""

    def __init__(self, mails: Iterator[bytes], *, reuse: bool, done: asyncio.Future[None]) -> None:
        self._mails, self._reuse, self._done = mails, reuse, done
        self._steps: Iterator[bytes] = iter(())
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._steps = self._script()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        last = self._answer.rstrip(b"\r\n").rpartition(b"\n")[2]
        if not self._answer.endswith(b"\n") or last[3:4] == b"-":
            return
        assert last[:1] in b"23", last
        self._answer = b""
        step = next(self._steps, None)
        if step is not None:
            self._transport.write(step)

    def connection_lost(self, _fault: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def _script(self) -> Iterator[bytes]:
        yield b"EHLO client.example\r\n"
        for content in self._mails:
            yield b"MAIL FROM:<bob@acme.example>\r\n"
            yield b"RCPT TO:<acme@support.example.com>\r\n"
            yield b"DATA\r\n"
            yield content + b".\r\n"
            if not self._reuse:
                break
        yield b"QUIT\r\n"


async def send(port: int, mails: list[bytes], sessions: int, *, reuse: bool) -> float:
    queue = iter(mails)
    loop = asyncio.get_running_loop()
    left = len(mails)

    async def session() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            done = loop.create_future()
            sender = _Sender(queue, reuse=reuse, done=done)
            await loop.create_connection(lambda sender=sender: sender, HOST, port)  # type: ignore[misc]
            await done
            if reuse:
                return

    began = time.perf_counter()
    await asyncio.gather(*(session() for _ in range(sessions)))
    return len(mails) / (time.perf_counter() - began)


def fsync_probe(folder: Path) -> float:
    """Milliseconds of one fdatasync of 4 KB."""
    with (folder / "probe").open("wb") as file:
        began = time.perf_counter()
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) * 1000 / 50


def main() -> int:
    options = _options()
    mails = [mail(number) for number in range(options.mails)]
    rates: dict[str, list[float]] = {"bare aiosmtpd, stores nothing": [], "mailgate, committed": []}
    with tempfile.TemporaryDirectory() as name:
        url = options.database or f"sqlite:///{name}/bench.db"
        with server(serve_bare) as bare, server(_serve_mailgate, url) as ours:
            for _ in range(options.rounds):
                for kind, port in zip(rates, (bare, ours), strict=True):
                    rate = asyncio.run(send(port, mails, options.sessions, reuse=options.reuse))
                    rates[kind].append(rate)
        probe = fsync_probe(Path(name))
    how = "reused" if options.reuse else "of one mail each"
    print(f"{options.mails} mails of {len(mails[0])} bytes, {options.sessions} sessions {how}")
    print(f"{'fdatasync of 4 KB':32} {probe:8.2f} ms")
    for kind, seen in rates.items():
        print(f"{kind:32} {statistics.median(seen):8.0f} mails/s  ({min(seen):.0f} to {max(seen):.0f})")
    bare_rate, our_rate = (statistics.median(seen) for seen in rates.values())
    print(f"ratio {our_rate / bare_rate:.2f} (at least {FLOOR})")
    return 0 if our_rate >= FLOOR * bare_rate else 3


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--reuse", action="store_true", help="send all mails of a session over one connection"
    )
    parser.add_argument("--database", default="", help="instead of an SQLite file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
