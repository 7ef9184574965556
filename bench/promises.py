"""Promises are watched whatever dies: thousands fall due while one of two servers is killed at random.

Two servers share one PostgreSQL; each promise is to be warned of once and missed once, within two seconds; so
is a page, where a ladder is due with it.

    python -m bench promises [--promises 5000] [--within 20] [--pause 3] [--no-warnings] [--pages]
        [--mails N] [--database URL]

Without a URL of an empty database, a PostgreSQL of its own is started from the installed programs.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bench.__main__ import BELOW
from mailgate import shipped
from mailgate.store import migrate
from mailgate.store.unit import Database
from mailgate.wallclock import now
from tests import postgresql
from tests.promises import Plan, run

PATIENCE = timedelta(seconds=2)


def main() -> int:
    options = _options()
    with _database(options.database) as url, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_upgraded(url))
        lead = timedelta(seconds=20 + options.promises / 100)
        warned = None if options.no_warnings else timedelta(seconds=2)
        plan = Plan(
            promises=options.promises,
            first=now() + lead,
            within=timedelta(seconds=options.within),
            warned=warned,
            paged=options.pages,
            mails=options.mails,
            pause=options.pause,
        )
        outcome = run(Path(folder), url, plan, now)
    print(f"{plan.promises} promises due within {options.within} s, {outcome.kills} kills")
    for kind, (events, tickets) in outcome.events.items():
        print(f"{kind}: {events} events of {tickets} tickets")
    print(f"mails queued: {outcome.mails[0]} of {outcome.mails[1]} causes")
    print(f"detected after {outcome.latest} at the latest, committed after about {outcome.seen}")
    faults = outcome.faults(plan, PATIENCE)
    print("\n".join(faults) or "each once, none late")
    if not faults:
        return 0
    return BELOW if len(faults) == 1 and outcome.latest > PATIENCE else 1


@contextmanager
def _database(url: str) -> Iterator[str]:
    if url:
        yield url
        return
    with postgresql.serving(fsync="on") as own:
        yield own


async def _upgraded(url: str) -> None:
    database = Database(url)
    try:
        await migrate.upgrade(database, shipped.folder("migrations"))
    finally:
        await database.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--promises", type=int, default=5000)
    parser.add_argument("--within", type=float, default=20, help="seconds over which they fall due")
    parser.add_argument("--pause", type=float, default=3, help="seconds between two kills at most; 0: none")
    parser.add_argument("--no-warnings", action="store_true")
    parser.add_argument("--pages", action="store_true", help="a step of a ladder falls due with each")
    parser.add_argument("--mails", type=int, default=0, help="mails that come in meanwhile")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
