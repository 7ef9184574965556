"""Two hundred clients that send 25 MB at once: each is answered, and memory stays within its budget.

The door and its spool are a process of their own. What does not fit into `bytes_in_flight` is answered with
a 4xx after its dot; afterwards mail is accepted again. Beside the budget, each session may have sent a
quarter of a megabyte that nobody has read yet.

    python -m bench overload [--sessions 200] [--megabytes 25] [--budget 256]
"""

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from mailgate import wallclock
from mailgate.core.listening import Place
from mailgate.core.reply import QUEUED
from mailgate.flows.bell import Bell
from mailgate.flows.spool import Spool
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener
from mailgate.logs import set_up
from mailgate.store.schema import metadata
from mailgate.store.unit import Database

MEGABYTE = 1024 * 1024
AGAIN = 5  # mails in a row, afterwards
_LINE = b"It worked yesterday; since this morning it blinks red and says nothing at all any more.\r\n"
_PIECE = 65_536
_UNREAD = 262_144  # that a session may have sent ahead
_ANNOUNCED = b"EHLO c\r\nMAIL FROM:<bob@acme.example>\r\nRCPT TO:<acme@support.example.com>\r\nDATA\r\n"


@dataclass(frozen=True, slots=True)
class Levels:
    """What the process of the door holds, in bytes."""

    in_flight: int
    memory: int
    most_memory: int


@contextmanager
def served(folder: Path, limits: Limits) -> Iterator[tuple[int, Connection]]:
    """A door in another process: its port, and a pipe that asks for its levels."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_run, args=(there, folder, limits), daemon=True)
    process.start()
    try:
        yield here.recv(), here
    finally:
        process.kill()
        process.join()


def _run(pipe: Connection, folder: Path, limits: Limits) -> None:
    asyncio.run(_serve(pipe, folder, limits))


async def _serve(pipe: Connection, folder: Path, limits: Limits) -> None:
    set_up(wallclock.now, stream=(folder / "log").open("a"), as_json=True)
    database = Database(f"sqlite:///{folder}/overload.db")
    async with database.write() as unit:
        await unit.run_sync(metadata.create_all)
    spool = Spool(database, wallclock.now, Bell().ring)
    rules = Rules("bench", lambda _recipient, _sender: QUEUED, spool.accept, limits)
    listener = Listener((Place("127.0.0.1", 0),), rules)
    await listener.start()
    pipe.send(listener.listening[0].port)
    while True:
        await asyncio.to_thread(pipe.recv)
        pipe.send((listener.bytes_in_flight, *_memory()))


def _memory() -> tuple[int, ...]:
    """What this process holds now, and what it held at most."""
    status = Path("/proc/self/status").read_text()
    return tuple(int(status.partition(name)[2].split()[0]) * 1024 for name in ("VmRSS:", "VmHWM:"))


def levels(pipe: Connection) -> Levels:
    pipe.send(None)
    return Levels(*pipe.recv())


async def send(port: int, size: int, go: asyncio.Event) -> str:
    """Announces a mail, and sends all of it at the signal; the code of what its dot is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await reader.readline()
        writer.write(_ANNOUNCED)
        while not (heard := await reader.readline()).startswith(b"354"):
            if not heard or heard[:1] in b"45":
                return heard[:3].decode()
        await go.wait()
        piece = (_LINE * (_PIECE // len(_LINE) + 1))[: len(_LINE) * (_PIECE // len(_LINE))]
        for _ in range(size // len(piece)):
            writer.write(piece)
            await writer.drain()
        writer.write(b".\r\n")
        return (await reader.readline())[:3].decode()
    except ConnectionError:
        return "lost"
    finally:
        writer.close()


async def at_once(port: int, sessions: int, size: int) -> Counter[str]:
    """So many such mails at once; how often each code was the answer."""
    go = asyncio.Event()
    tasks = [asyncio.create_task(send(port, size, go)) for _ in range(sessions)]
    await asyncio.sleep(0.5)
    go.set()
    return Counter(await asyncio.gather(*tasks))


async def one_by_one(port: int, mails: int, size: int) -> Counter[str]:
    go = asyncio.Event()
    go.set()
    return Counter([await send(port, size, go) for _ in range(mails)])


async def _measured(port: int, pipe: Connection, options: argparse.Namespace) -> int:
    size, budget = options.megabytes * MEGABYTE, options.budget * MEGABYTE
    before = levels(pipe)
    began = time.perf_counter()
    answers = await at_once(port, options.sessions, size)
    took = time.perf_counter() - began
    after = levels(pipe)
    again = await one_by_one(port, AGAIN, size)
    last = levels(pipe)
    more = after.most_memory - before.memory
    print(f"{options.sessions} sessions of {options.megabytes} MB at once: {dict(answers)} in {took:.0f} s")
    print(f"{AGAIN} mails of {options.megabytes} MB one by one afterwards: {dict(again)}")
    for name, value in (
        ("before", before.memory),
        ("at most", after.most_memory),
        ("afterwards", last.memory),
        ("more than before, at most", more),
        ("budget of mail in flight", budget),
    ):
        print(f"{'memory: ' + name:36} {value / MEGABYTE:8.0f} MB")
    print(f"{'bytes in flight afterwards':36} {last.in_flight:8}")
    whole = not answers["lost"] and all(code[:1] in {"2", "4"} for code in answers)
    ok = whole and again == {"250": AGAIN} and last.in_flight == 0
    return 0 if ok and more <= budget + options.sessions * _UNREAD else 3


def main() -> int:
    options = _options()
    limits = Limits(message_bytes=26 * MEGABYTE, bytes_in_flight=options.budget * MEGABYTE, free_bytes=0)
    with tempfile.TemporaryDirectory() as name, served(Path(name), limits) as (port, pipe):
        return asyncio.run(_measured(port, pipe, options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=25)
    parser.add_argument("--budget", type=int, default=256)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
