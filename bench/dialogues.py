"""Hostile SMTP dialogues, by random mutation of those in tests/dialogs, against a door in another process.

Each must be answered by legal replies or a close; now and then an ordinary mail must be accepted; in the end
there is no task, descriptor, session or byte in flight more than at the beginning. A dialogue that fails is
printed with its number, by which it comes again: the same octets in the same pieces.

    python -m bench dialogues [--count 10000] [--seed 1] [--parallel 20] [--only NUMBER]
"""

import argparse
import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path

from mailgate import wallclock
from mailgate.core.listening import Address, Place, SocketFile
from mailgate.flows.bell import Bell
from mailgate.flows.spool import Spool
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener
from mailgate.logs import set_up
from mailgate.store.schema import metadata
from mailgate.store.unit import Database
from tests.dialogs.door import HOSTNAME, doorman, tls
from tests.hostile import Case, Door, case, hold, what_is_illegal

LIMITS = Limits(
    idle=2.0, data_idle=2.0, proxy_header=1.0, tls_handshake=1.0, error_delay=0.001, greeting_delay=0.001
)
PATIENCE = 20.0  # seconds for one dialogue
EVERY = 250  # dialogues, an ordinary mail
MORE_MEMORY = 64 * 1024  # kilobytes that may be kept, for pools and caches of a process that was new
_CALM = 10.0  # seconds until the last session has ended
_ORDINARY = (
    b"EHLO client.example\r\nMAIL FROM:<bob@acme.example>\r\nRCPT TO:<acme@vendor.test>\r\nDATA\r\n",
    b"Subject: an ordinary mail\r\n\r\nHello.\r\n.\r\n",
    b"QUIT\r\n",
)


@dataclass(frozen=True, slots=True)
class Levels:
    """What the process of the door holds."""

    sessions: int
    bytes_in_flight: int
    tasks: int
    descriptors: int
    memory: int  # kilobytes


@dataclass(frozen=True, slots=True)
class Served:
    """A door in another process."""

    doors: dict[Door, Address]
    pipe: Connection
    log: Path

    def levels(self) -> Levels:
        self.pipe.send(None)
        return Levels(**self.pipe.recv())

    def faults(self) -> list[str]:
        """What it has logged that is no decision about a client."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [
            json.dumps(line)
            for line in lines
            if line["level"] in {"warning", "error", "critical"} and line.get("event") != "proxy_failed"
        ]


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_run, args=(there, folder), daemon=True)
    process.start()
    try:
        smtp, lmtp = here.recv()
        unix = SocketFile(str(folder / "lmtp.sock"))
        doors: dict[Door, Address] = {Door.SMTP: smtp, Door.PROXY: smtp, Door.LMTP: lmtp, Door.UNIX: unix}
        yield Served(doors, here, folder / "log")
    finally:
        process.kill()
        process.join()


def _run(pipe: Connection, folder: Path) -> None:
    asyncio.run(_serve(pipe, folder))


async def _serve(pipe: Connection, folder: Path) -> None:
    set_up(wallclock.now, stream=(folder / "log").open("a", buffering=1), as_json=True)
    database = Database(f"sqlite:///{folder}/dialogues.db")
    async with database.write() as unit:
        await unit.run_sync(metadata.create_all)
    spool = Spool(database, wallclock.now, Bell().ring)
    rules = Rules(
        HOSTNAME, doorman, spool.accept, LIMITS, tls=tls(), proxy_from=(ip_network("127.0.0.2/32"),)
    )
    anywhere = Place("127.0.0.1", 0)
    listener = Listener((anywhere,), rules, lmtp=(anywhere, SocketFile(str(folder / "lmtp.sock"))))
    await listener.start()
    pipe.send((listener.listening[0], listener.listening_lmtp[0]))
    while True:
        await asyncio.to_thread(pipe.recv)
        pipe.send(asdict(_levels(listener)))


def _levels(listener: Listener) -> Levels:
    status = Path("/proc/self/status").read_text()
    return Levels(
        sessions=listener.sessions,
        bytes_in_flight=listener.bytes_in_flight,
        tasks=len(asyncio.all_tasks()),
        descriptors=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        memory=int(status.partition("VmRSS:")[2].split()[0]),
    )


async def attack(there: Served, seed: int, numbers: range, parallel: int) -> list[str]:
    """What went wrong, in words; a word for each dialogue that did."""
    wrong: list[str] = []
    left = iter(numbers)

    async def keep_on() -> None:
        for number in left:
            one = case(f"{seed}:{number}")
            fault = await _tried(one, there.doors[one.door])
            if number % EVERY == EVERY - 1:
                fault = fault or await ordinary(there.doors[Door.SMTP])
            if fault:
                wrong.append(f"--seed {seed} --only {number}: {fault}")

    await asyncio.gather(*(keep_on() for _ in range(parallel)))
    return wrong


async def _tried(one: Case, address: Address) -> str:
    try:
        return what_is_illegal(await hold(one, address, PATIENCE))
    except TimeoutError:
        return "neither an answer nor a close"


async def ordinary(address: Address) -> str:
    """Why an ordinary mail was not accepted; empty where it was."""
    assert isinstance(address, Place)
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            await reader.readline()
            for octets in _ORDINARY:
                writer.write(octets)
                while (heard := await reader.readline()) and not heard.startswith(
                    (b"354", b"250 2.0.0", b"221")
                ):
                    pass
                if not heard:
                    return "an ordinary mail: the connection was closed"
            writer.close()
    except (TimeoutError, ConnectionError) as fault:
        return f"an ordinary mail: {type(fault).__name__}"
    return ""


async def calm(there: Served) -> Levels:
    """The levels once nobody is inside any more, or it takes too long."""
    end = time.monotonic() + _CALM
    while (levels := there.levels()).sessions and time.monotonic() < end:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(0.1)
    return levels


def leaks(before: Levels, after: Levels) -> list[str]:
    """What is held that was not held before."""
    found = [
        f"{name}: {value} before, {asdict(after)[name]} after"
        for name, value in asdict(before).items()
        if name != "memory" and asdict(after)[name] > value
    ]
    if after.memory > before.memory + MORE_MEMORY:
        found.append(f"memory: {before.memory} kB before, {after.memory} kB after")
    return found


async def _whole(there: Served, options: argparse.Namespace) -> list[str]:
    warm = min(200, options.count)
    wrong = await attack(there, options.seed, range(warm), options.parallel)
    before = await calm(there)
    wrong += await attack(there, options.seed, range(warm, options.count), options.parallel)
    last = await ordinary(there.doors[Door.SMTP])
    after = await calm(there)
    print(f"before: {before}\nafter:  {after}")
    return [*wrong, *filter(None, [last]), *leaks(before, after), *there.faults()]


async def _one(there: Served, options: argparse.Namespace) -> list[str]:
    one = case(f"{options.seed}:{options.only}")
    print(f"{one.name} at {one.door}, {'waits' if one.waits else 'does not wait'}, {one.ending}")
    for piece in one.pieces:
        print(f"C: {piece!r}")
    heard = await hold(one, there.doors[one.door], PATIENCE)
    for line in heard.splitlines(keepends=True):
        print(f"S: {line!r}")
    return [*filter(None, [what_is_illegal(heard)]), *there.faults()]


def main() -> int:
    options = _options()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as there:
        wrong = asyncio.run((_whole if options.only is None else _one)(there, options))
    for line in wrong:
        print(line)
    if options.only is None:
        took = time.perf_counter() - began
        print(f"{options.count} hostile dialogues in {took:.0f} s, seed {options.seed}: {len(wrong)} faults")
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parallel", type=int, default=20)
    parser.add_argument(
        "--only", type=int, default=None, help="one dialogue, by its number, and all of it in print"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
