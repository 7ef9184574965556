"""An even load for a long time, with random faults of relay, database and clients: is everything level?

Clients send so many mails a second, each again until it has its 250; some hang up after the final dot or amid
the mail, or close their side only. The smarthost answers 421 or 450, refuses, stalls, hangs up before the
final dot and after it. Another program holds the database's lock for seconds, or, on PostgreSQL, ends
connections. Every minute a line tells the server's memory, descriptors, tasks and what waits. At the end the
faults stop, what waits is sent, and every mail is accounted for: each 250 a ticket, no ticket twice, each
acknowledgement at the sink once, or shown as uncertain or failed.

    python -m bench soak [--minutes 60] [--rate 50] [--seed 1] [--database URL]
"""

import argparse
import asyncio
import multiprocessing
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random  # noqa: TID251 - a seed makes a run repeatable
from urllib.request import urlopen

from sqlalchemy import text

from bench.road import Sink
from mailgate.store.faults import StoreError
from mailgate.store.unit import Database
from tests.acceptance.installation import Installation, serving
from tests.flood import Parcel, delivered, parcels

_BELOW = 3
_LEVEL = {"memory": 32.0, "descriptors": 4.0, "tasks": 4.0}  # growth that an hour may show, in MB and numbers
_DRAIN = 1800.0  # seconds for what waits at the end
_NUMBER = r"^%s(?:\{.*\})? ([0-9.e+]+)$"
_SEND_FAULTS = 0.02  # of the answers of the sink
_CLIENT_FAULTS = 0.03  # of the mails
_BETWEEN_LOCKS = (10.0, 60.0)  # seconds
_LOCKED = (0.5, 8.0)  # seconds; SQLite waits for 5


class _Muzzle(asyncio.Transport):
    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Says nothing."""

    def close(self) -> None:
        """Nothing is open."""


class FaultySink(Sink):
    """The sink of the road, which fails now and then for as long as it is told to."""

    failing = True

    def __init__(self, acknowledged: Counter[bytes], chance: Random) -> None:
        super().__init__(acknowledged)
        self._chance = chance

    def data_received(self, received: bytes) -> None:
        """Takes it, or fails instead."""
        if not FaultySink.failing or self._chance.random() >= _SEND_FAULTS:
            super().data_received(received)
            return
        match self._chance.choice(("421", "450", "550", "hang up", "stall", "no answer")):
            case "450" if not self._in_mail:
                self._transport.write(b"450 4.2.0 come again\r\n")
            case "550" if received[:4].upper() == b"RCPT":
                self._transport.write(b"550 5.7.1 not here\r\n")
            case "stall":
                self._transport.pause_reading()
                asyncio.get_running_loop().call_later(2, self._resume, received)
            case "no answer" if self._in_mail and received.endswith(b".\r\n"):
                self._transport.abort()
                self._transport = _Muzzle()
                super().data_received(received)  # it has the mail, and what it says goes nowhere
            case "421":
                self._transport.write(b"421 4.3.2 going away\r\n")
                self._transport.close()
            case _:
                self._transport.abort()

    def _resume(self, received: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()
            super().data_received(received)


async def _serve_sink(ready: Connection, seed: int) -> None:
    """Tells its port; at the first question it stops failing, at the second it tells what came how often."""
    acknowledged: Counter[bytes] = Counter()
    chance = Random(seed)  # noqa: S311 - no secret
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: FaultySink(acknowledged, chance), "127.0.0.1", 0, backlog=100
    )
    ready.send(listening.sockets[0].getsockname()[1])
    await asyncio.to_thread(ready.recv)
    FaultySink.failing = False
    await asyncio.to_thread(ready.recv)
    ready.send(dict(acknowledged))


def _sink(ready: Connection, seed: int) -> None:
    asyncio.run(_serve_sink(ready, seed))


@dataclass(slots=True)
class Load:
    """What the clients did.

    Args:
        acknowledged: the keys of mails with a 250; `attempts` how often one was handed over.
        waiting: clients at work now; each of them has a mail without a 250.
    """

    chance: Random
    acknowledged: set[str] = field(default_factory=set)
    attempts: int = 0
    waiting: set[asyncio.Task[None]] = field(default_factory=set)

    async def pour(self, port: int, rate: float, seconds: float) -> None:
        """Sends mails at an even rate, whatever becomes of those before."""
        began = time.monotonic()
        for number, parcel in enumerate(parcels(int(rate * seconds))):
            await asyncio.sleep(began + number / rate - time.monotonic())
            client = asyncio.create_task(self._send(parcel, port))
            self.waiting.add(client)
            client.add_done_callback(self.waiting.discard)
        while self.waiting:
            await asyncio.wait(self.waiting)

    async def _send(self, parcel: Parcel, port: int) -> None:
        if self.chance.random() < _CLIENT_FAULTS:
            self.attempts += 1
            await _misbehave(parcel, port, self.chance)
        while True:
            self.attempts += 1
            if await delivered(parcel, port):
                self.acknowledged.add(parcel.key)
                return
            await asyncio.sleep(self.chance.uniform(0.5, 2))


async def _misbehave(parcel: Parcel, port: int, chance: Random) -> None:
    """Hands a mail over and is gone before the answer: after the dot, amid the mail, half-closed."""
    begun = (
        f"EHLO client.example\r\nMAIL FROM:<{parcel.sender}>\r\nRCPT TO:<{parcel.recipient}>\r\nDATA\r\n"
    ).encode()
    whole = begun + parcel.content + b".\r\n"
    with suppress(OSError, EOFError, TimeoutError):
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await reader.readuntil(b"\n")
            how = chance.choice(("after the dot", "amid", "half"))
            writer.write(whole[: chance.randrange(len(begun), len(whole))] if how == "amid" else whole)
            if how == "half":
                writer.write_eof()
                await reader.read()
            elif how == "amid":
                await writer.drain()
            else:
                await asyncio.sleep(chance.uniform(0, 0.01))
                writer.transport.abort()
            writer.close()


async def _hurt(database: Database, chance: Random) -> None:
    """Holds the database up, again and again, until it is cancelled."""
    while True:
        await asyncio.sleep(chance.uniform(*_BETWEEN_LOCKS))
        with suppress(StoreError):
            async with database.write() as unit:
                if database.is_sqlite:
                    await asyncio.sleep(chance.uniform(*_LOCKED))
                else:
                    await unit.execute(text(_END_ANOTHER))


_END_ANOTHER = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid != pg_backend_pid() ORDER BY random() LIMIT 2
"""


async def _sample(desk: Installation) -> dict[str, float]:
    """The server's own numbers."""
    with await asyncio.to_thread(urlopen, f"http://127.0.0.1:{desk.web}/metrics", None, 30) as page:
        told = page.read().decode()

    def number(name: str) -> float:
        return sum(float(one) for one in re.findall(_NUMBER % name, told, re.MULTILINE))

    return {
        "memory": number("process_resident_memory_bytes") / 2**20,
        "descriptors": number("process_open_fds"),
        "tasks": number("mailgate_tasks"),
        "undecided": number("mailgate_spool_waiting"),
        "unsent": number("mailgate_outbox"),
    }


async def _watched(desk: Installation, load: Load, seconds: float) -> list[dict[str, float]]:
    """A line and a sample for every minute, or for each tenth of a short run."""
    samples = []
    pause, began = min(60.0, seconds / 10), time.monotonic()
    print("minute  acknowledged  attempts  memory MB  descriptors  tasks  undecided  unsent")
    while time.monotonic() - began < seconds:
        await asyncio.sleep(pause)
        sample = await _sample(desk)
        samples.append(sample)
        print(
            f"{(time.monotonic() - began) / 60:6.1f}  {len(load.acknowledged):12}  {load.attempts:8}  "
            f"{sample['memory']:9.1f}  {sample['descriptors']:11.0f}  {sample['tasks']:5.0f}  "
            f"{sample['undecided']:9.0f}  {sample['unsent']:6.0f}",
            flush=True,
        )
    return samples


def growth(values: Sequence[float]) -> float:
    """How much the values grow from their first quarter to their last, by the least of each: a leak stays."""
    quarter = max(1, len(values) // 4)
    return min(values[-quarter:]) - min(values[:quarter])


async def _rows(database: Database, query: str) -> Sequence[tuple[object, ...]]:
    async with database.read() as unit:
        return [tuple(row) for row in await unit.execute(text(query))]


# Of what waits for its next attempt; what is due already is left alone, however much it is.
_TRY_NOW = (
    "UPDATE outbox SET next_at = created WHERE state = 'waiting' AND attempts > 0 AND next_at > created"
)


async def _settled(database: Database) -> None:
    """Returns when nothing waits to be decided or sent; what waits for its next attempt is tried now."""
    end = time.monotonic() + _DRAIN
    while await _rows(database, "SELECT 1 FROM spool WHERE state = 'waiting' LIMIT 1") or await _rows(
        database, "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending') LIMIT 1"
    ):
        assert time.monotonic() < end, "mail still waits"
        async with database.write() as unit:
            await unit.execute(text(_TRY_NOW))
        await asyncio.sleep(1)


async def _faults(database: Database, load: Load, came: dict[bytes, int]) -> list[str]:
    titles = Counter(str(title) for (title,) in await _rows(database, "SELECT title FROM tickets"))
    states = "SELECT state, count(*) FROM outbox WHERE kind = 'acknowledgement' GROUP BY state"
    ended = {str(state): int(str(number)) for state, number in await _rows(database, states)}
    print(f"{len(load.acknowledged)} mails got their 250 in {load.attempts} attempts; {len(titles)} tickets")
    print(f"acknowledgements: {ended}; {len(came)} came to the sink")
    found = {
        "mails with a 250 and no ticket": len(load.acknowledged - set(titles)),
        "mails with two tickets": sum(number - 1 for number in titles.values()),
        "tickets without an acknowledgement in the outbox": len(titles) - sum(ended.values()),
        "acknowledgements that came twice": sum(number - 1 for number in came.values()),
        "acknowledgements called sent that never came": max(0, ended.get("sent", 0) - len(came)),
    }
    return [f"{number} {what}" for what, number in found.items() if number]


async def _soaked(desk: Installation, sink: Connection, options: argparse.Namespace) -> list[str]:
    chance, seconds = Random(options.seed), options.minutes * 60  # noqa: S311 - no secret
    load, database = Load(chance), Database(desk.database.replace("../", f"{desk.folder}/"))
    hurting = asyncio.create_task(_hurt(database, chance))
    try:
        samples, _ = await asyncio.gather(
            _watched(desk, load, seconds), load.pour(desk.smtp, options.rate, seconds)
        )
    finally:
        hurting.cancel()
        await asyncio.gather(hurting, return_exceptions=True)
    sink.send("no more faults")
    await _settled(database)
    samples.append(await _sample(desk))
    sink.send("what came?")
    faults = await _faults(database, load, await asyncio.to_thread(sink.recv))
    await database.close()
    for name, most in _LEVEL.items():
        grown = growth([sample[name] for sample in samples[len(samples) // 6 :]])
        print(f"{name}: {grown:+.1f} from the first quarter of the samples to the last")
        if grown > most:
            faults.append(f"{name} grew by {grown:.1f}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=50, help="mails a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="sqlite:///../var/mailgate.db")
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    sink = multiprocessing.Process(target=_sink, args=(there, options.seed), daemon=True)
    sink.start()
    with tempfile.TemporaryDirectory() as name:
        desk = Installation(Path(name), relay=f"smtp://127.0.0.1:{here.recv()}", database=options.database)
        with serving(desk):
            faults = asyncio.run(_soaked(desk, here, options))
    sink.kill()
    print("\n".join(faults) or "everything is accounted for, and level")
    return _BELOW if faults else 0


if __name__ == "__main__":
    sys.exit(main())
