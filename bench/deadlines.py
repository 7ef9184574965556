"""How long the deadline sweep takes to find, and to tell, what is due among very many open clocks.

python -m bench deadlines [--open 1000000] [--due 1000] [--postgresql | --database URL of an empty database]

It shows first how the database goes about finding them.
"""

import argparse
import asyncio
import io
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text

from mailgate import logs, shipped, wallclock
from mailgate.core.instant import ticks
from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.ticket import Ticket
from mailgate.flows.announcement import Announced, Due
from mailgate.flows.deadline import sweep
from mailgate.store import migrate, tables
from mailgate.store.claims import claim_clocks, next_deadline
from mailgate.store.unit import Database, Unit
from tests import postgresql
from tests.statements import explained, heard

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
TICKETS = """
INSERT INTO tickets (id, account, number, title, priority, asked, status, requester, requester_name, opened,
    policy, plan, region, channel, role, environment, fields)
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :open)
SELECT n, 'acme', n, 'Help', 'P2', '', 'open', 'bob@acme.example', '', :now,
    'p', 'enterprise', 'emea', 'email', 'support', '', '{}' FROM counted
"""
CLOCKS = """
INSERT INTO clocks (ticket_id, kind, epoch, priority, state, started, due, next_at)
SELECT id, 'response', 1, 'P2', 'running', :now, at, at FROM (
    SELECT id, CASE WHEN id % :step = 0 THEN :now - id ELSE :now + 1000 * id END AS at FROM tickets
) AS numbered
"""


async def announced(_unit: Unit, ticket: Ticket, event: Due) -> Announced:
    cause = f"missed:{ticket.id}:{event.clock.kind}:{event.clock.epoch}"
    mail = Outgoing(
        kind=MailKind.MISSED_TARGET,
        cause=cause,
        care=Care.AT_LEAST_ONCE,
        reverse_path="",
        recipients=("sam@example.com",),
        message_id=f"{cause}@support.example.com",
        subject=f"[{ticket.name}] missed",
        content=b"Subject: missed\r\n\r\n" + b"This target was missed.\r\n" * 50,
        account=ticket.account,
    )
    return Announced(mails=(mail,))


async def fill(database: Database, clocks: int, due: int) -> None:
    policy = {"digest": "p", "name": "particle", "content": "", "first_used": NOW}
    async with database.alter() as unit:
        await unit.execute(insert(tables.policies), [policy])
        await unit.execute(text(TICKETS), {"open": clocks, "now": ticks(NOW)})
        await unit.execute(text(CLOCKS), {"now": ticks(NOW), "step": clocks // due})
    async with database.write() as unit:
        await unit.execute(text("ANALYZE"))


async def milliseconds(work: Callable[[], Awaitable[object]], times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)


async def measure(database: Database, due: int) -> None:
    async def idle() -> None:
        before = NOW - timedelta(days=1)
        assert await sweep(database, lambda: before, announced, lambda: None) is not None

    async def indexed() -> None:
        await counted(database, "next_at < :now", due)

    async def scanned() -> None:
        await counted(database, "next_at + 0 < :now", due)

    async def next_one() -> None:
        async with database.read() as unit:
            assert await next_deadline(unit) is not None

    async def claimed() -> None:
        async with database.write() as unit:
            assert len(await claim_clocks(unit, NOW, due)) == due

    async def told() -> None:
        while (await sweep(database, lambda: NOW, announced, lambda: None) or NOW) <= NOW:
            pass

    print(f"a sweep with nothing due       {await milliseconds(idle, 200):9.2f} ms")
    print(f"finding the next one           {await milliseconds(next_one, 200):9.2f} ms")
    print(f"counting what is due           {await milliseconds(indexed, 50):9.2f} ms")
    print(f"the same without the index     {await milliseconds(scanned, 5):9.2f} ms")
    print(f"claiming all that is due       {await milliseconds(claimed, 20):9.2f} ms")
    print(f"recording and telling all of it{await milliseconds(told, 1):9.2f} ms")


async def show_plans(database: Database, due: int) -> None:
    async with database.write() as unit:
        with heard(unit) as statements:
            await next_deadline(unit)
            await claim_clocks(unit, NOW, due)
        for name, statement in zip(("finding the next one", "claiming"), statements, strict=True):
            print(f"{name}:", *await explained(unit, statement), sep="\n    ")


async def counted(database: Database, condition: str, expected: int) -> None:
    async with database.read() as unit:
        found = await unit.execute(
            text(f"SELECT count(*) FROM clocks WHERE {condition}"),  # noqa: S608 - written above
            {"now": ticks(NOW)},
        )
        assert found.scalar() == expected


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--open", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1000)
    parser.add_argument("--database", default="", help="an empty one, instead of an SQLite file")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    options = parser.parse_args()
    logs.set_up(wallclock.now, io.StringIO(), as_json=True)
    own = postgresql.serving(fsync="on") if options.postgresql else nullcontext(options.database)
    with own as url, tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{folder}/bench.db")
        try:
            await migrate.upgrade(database, shipped.folder("migrations"))
            begun = time.perf_counter()
            await fill(database, options.open, options.due)
            print(f"{options.open} clocks, {options.due} due, made in {time.perf_counter() - begun:.0f} s")
            await show_plans(database, options.due)
            await measure(database, options.due)
        finally:
            await database.close()


if __name__ == "__main__":
    asyncio.run(main())
