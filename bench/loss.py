"""Nothing lost, nothing twice: ten thousand mails by twenty sessions, while the server is killed ten times.

Every sender has a mail of its own and sends it until it gets a 250. At the end each 250 is one ticket, each
ticket has at most one acknowledgement at a real SMTP sink, and what is missing there is shown as uncertain.
Without kills, every acknowledgement is there and memory is level.

    python -m bench loss [--mails 10000] [--kills 10] [--sessions 20] [--database URL]
"""

import argparse
import asyncio
import multiprocessing
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import text

from bench.road import Sink, memory
from mailgate.store.unit import Database
from tests.acceptance.installation import Installation, serving
from tests.flood import Flood, parcels, pour

_PATIENCE = 1800.0  # seconds for what is left after the last mail
_LOOK, _GLANCE = 1.0, 0.01  # seconds between two looks


async def _serve_sink(ready: Connection) -> None:
    """Tells its port, then at the end which acknowledgements came, and how often."""
    acknowledged: Counter[bytes] = Counter()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Sink(acknowledged), "127.0.0.1", 0, backlog=100)
    ready.send(listening.sockets[0].getsockname()[1])
    while True:
        await asyncio.to_thread(ready.recv)
        ready.send(dict(acknowledged))


def _sink(ready: Connection) -> None:
    asyncio.run(_serve_sink(ready))


async def _flooded(desk: Installation, options: argparse.Namespace) -> tuple[Flood, list[int]]:
    """Sends everything; kills the server at even steps of what was acknowledged, and starts it again."""
    flood = Flood()
    pouring = asyncio.create_task(pour(parcels(options.mails), desk.smtp, options.sessions, flood=flood))
    held: list[int] = []
    for kill in range(1, options.kills + 1):
        while len(flood.acknowledged) < options.mails * kill // (options.kills + 1):  # noqa: ASYNC110 - a count
            await asyncio.sleep(_GLANCE)
        held.append(memory(desk))
        await asyncio.to_thread(desk.stop, signal.SIGKILL)
        await asyncio.to_thread(desk.start)
        print(f"killed at {len(flood.acknowledged)} acknowledged mails, started again", flush=True)
    await pouring
    held.append(memory(desk))
    return flood, held


async def _rows(desk: Installation, query: str) -> Sequence[tuple[object, ...]]:
    url = desk.database.replace("../", f"{desk.folder}/")
    database = Database(url)
    try:
        async with database.read() as unit:
            return [tuple(row) for row in await unit.execute(text(query))]
    finally:
        await database.close()


async def _settled(desk: Installation) -> None:
    """Returns when nothing waits to be decided or sent."""
    end = time.monotonic() + _PATIENCE
    waiting = "SELECT 1 FROM spool WHERE state = 'waiting' LIMIT 1"
    unsent = "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending') LIMIT 1"
    while await _rows(desk, waiting) or await _rows(desk, unsent):
        assert time.monotonic() < end, "mail still waits"
        await asyncio.sleep(_LOOK)


async def _faults(desk: Installation, flood: Flood, acknowledged: dict[bytes, int]) -> list[str]:
    titles = Counter(str(title) for (title,) in await _rows(desk, "SELECT title FROM tickets"))
    lost = set(flood.acknowledged) - set(titles)
    uncertain = "SELECT recipients FROM outbox WHERE kind = 'acknowledgement' AND state = 'uncertain'"
    unknown = len(await _rows(desk, uncertain))
    found = {
        "mails with a 250 and no ticket": len(lost),
        "mails with two tickets": sum(number - 1 for number in titles.values()),
        "acknowledgements that came twice": sum(number - 1 for number in acknowledged.values()),
        "tickets without an acknowledgement and not shown as uncertain": max(
            0, len(titles) - len(acknowledged) - unknown
        ),
    }
    print(
        f"{len(flood.acknowledged)} mails got their 250 in {flood.attempts} attempts; {len(titles)} tickets"
    )
    print(f"{len(acknowledged)} acknowledgements came, {unknown} are uncertain")
    return [f"{number} {what}" for what, number in found.items() if number]


async def _run(options: argparse.Namespace) -> int:
    here, there = multiprocessing.Pipe()
    sink = multiprocessing.Process(target=_sink, args=(there,), daemon=True)
    sink.start()
    relay = f"smtp://127.0.0.1:{here.recv()}"
    with tempfile.TemporaryDirectory() as name:
        desk = Installation(Path(name), relay=relay, database=options.database)
        with serving(desk):
            began = time.perf_counter()
            flood, held = await _flooded(desk, options)
            accepted = time.perf_counter() - began
            await _settled(desk)
            held.append(memory(desk))
            here.send("which?")
            faults = await _faults(desk, flood, here.recv())
            print(f"accepted in {accepted:.0f} s, settled after {time.perf_counter() - began:.0f} s")
            print(f"memory: {', '.join(map(str, held))} MB")
    sink.kill()
    print("\n".join(faults) or "nothing lost, nothing twice")
    return 1 if faults else 0


def main() -> int:
    return asyncio.run(_run(_options()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--database", default="sqlite:///../var/mailgate.db")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
