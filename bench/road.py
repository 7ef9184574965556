"""The whole road: mails in by SMTP, tickets, acknowledgements out at an SMTP sink, next to a bare aiosmtpd.

`mailgate serve` runs as its users run it, with a smarthost that answers everything; a bare server takes the
same mails in turn with it. Every mail has a sender of its own, so every ticket has its acknowledgement.

    python -m bench road [--mails 2000] [--sessions 20] [--rounds 3] [--database URL]
"""

import argparse
import asyncio
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

from bench.accept import fsync_probe, send, serve_bare, server
from tests.acceptance.installation import Installation, serving
from tests.flood import parcels

ACCEPTED_FLOOR = 0.6  # of what the bare server takes
TICKETS_FLOOR = 0.25
_PATIENCE = 600.0  # seconds for the last acknowledgement


class Sink(asyncio.Protocol):
    """An SMTP server that takes everything and counts the acknowledgements by recipient."""

    def __init__(self, acknowledged: Counter[bytes]) -> None:
        self._acknowledged = acknowledged
        self._rest, self._mail = b"", b""
        self._recipient, self._in_mail, self._automatic = b"", False, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, received: bytes) -> None:
        lines = (self._rest + received).split(b"\r\n")
        self._rest = lines.pop()
        for line in lines:
            if self._in_mail:
                self._read(line)
            else:
                self._obey(line)

    def _read(self, line: bytes) -> None:
        self._automatic |= line == b"Auto-Submitted: auto-replied"
        if line != b".":
            return
        if self._automatic:
            self._acknowledged[self._recipient] += 1
        self._in_mail = self._automatic = False
        self._transport.write(b"250 2.0.0 taken\r\n")

    def _obey(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._recipient = line.partition(b"<")[2].partition(b">")[0]
        self._in_mail = verb == b"DATA"
        self._transport.write(b"354 go\r\n" if self._in_mail else b"250 ok\r\n")
        if verb == b"QUIT":
            self._transport.close()


async def _serve_sink(ready: Connection) -> None:
    """Tells its port, then at each question how many acknowledgements came and how many came twice."""
    acknowledged: Counter[bytes] = Counter()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Sink(acknowledged), "127.0.0.1", 0, backlog=100)
    ready.send(listening.sockets[0].getsockname()[1])
    while True:
        await asyncio.to_thread(ready.recv)
        ready.send((len(acknowledged), sum(number - 1 for number in acknowledged.values())))


def _sink(ready: Connection) -> None:
    asyncio.run(_serve_sink(ready))


def _wait_for(sink: Connection, wanted: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        sink.send("how many?")
        came, twice = sink.recv()
        assert not twice, f"{twice} acknowledgements came twice"
        if came >= wanted:
            return
        assert time.monotonic() < end, f"only {came} of {wanted} acknowledgements came"
        time.sleep(0.01)


def main() -> int:
    options = _options()
    rates: dict[str, list[float]] = {
        "bare aiosmtpd, accepted": [],
        "mailgate, accepted": [],
        "mailgate, 250 to acknowledgement": [],
    }
    here, there = multiprocessing.Pipe()
    sink = multiprocessing.Process(target=_sink, args=(there,), daemon=True)
    sink.start()
    relay = f"smtp://127.0.0.1:{here.recv()}"
    with tempfile.TemporaryDirectory() as name, server(serve_bare) as bare:
        workers = ("--workers", str(options.workers))
        desk = Installation(Path(name), relay=relay, database=options.database, options=workers)
        with serving(desk):
            for number in range(options.rounds):
                mails = list(parcels(options.mails, start=number * options.mails))
                contents = [parcel.content for parcel in mails]
                bare_rate = asyncio.run(send(bare, contents, options.sessions, reuse=False))
                began = time.perf_counter()
                accepted = asyncio.run(send(desk.smtp, contents, options.sessions, reuse=False))
                _wait_for(here, (number + 1) * options.mails)
                whole = options.mails / (time.perf_counter() - began)
                for seen, rate in zip(rates.values(), (bare_rate, accepted, whole), strict=True):
                    seen.append(rate)
                figures = f"{bare_rate:.0f}, {accepted:.0f}, {whole:.0f} a second"
                print(f"round {number + 1}: {figures}; the server holds {memory(desk)} MB")
        probe = fsync_probe(Path(name))
    sink.kill()
    return _told(rates, options, probe)


def memory(desk: Installation) -> int:
    """Megabytes that the server holds."""
    assert desk.process is not None
    pages = int(Path(f"/proc/{desk.process.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def _told(rates: dict[str, list[float]], options: argparse.Namespace, probe: float) -> int:
    print(f"{options.mails} mails, {options.sessions} sessions of one mail each; fdatasync {probe:.2f} ms")
    bare, accepted, whole = (statistics.median(seen) for seen in rates.values())
    for kind, seen in rates.items():
        rate = statistics.median(seen)
        span = f"({min(seen):.0f} to {max(seen):.0f})"
        print(f"{kind:34} {rate:8.0f} a second  {span}  {rate / bare:.2f} of bare")
    return 0 if accepted >= ACCEPTED_FLOOR * bare and whole >= TICKETS_FLOOR * bare else 3


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=0, help="listener processes beside the main one")
    parser.add_argument("--database", default="sqlite:///../var/mailgate.db")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
