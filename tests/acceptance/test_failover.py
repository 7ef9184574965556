"""Two PostgreSQL servers of which one is lost: the other has all that had its 250, and the nodes go there."""

import asyncio
from pathlib import Path

import pytest

from mailgate.store import migrate
from mailgate.store.unit import Database
from tests.acceptance.nodes import Service, in_a_thread, letter, service
from tests.conftest import MIGRATIONS
from tests.flood import Flood, parcels, pour
from tests.replication import Pair, paired

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
MAILS = 40  # for each of two nodes
FINISHED = "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'uncertain')"
UNCERTAIN = "SELECT count(*) FROM outbox WHERE state = 'uncertain' AND kind = 'acknowledgement'"


async def flooded(desk: Service, pair: Pair) -> Flood:
    """All mails, through both nodes, while the first server is lost."""
    flood = Flood()
    sending = [
        asyncio.create_task(pour(parcels(MAILS, start=start), node.smtp, sessions=8, flood=flood))
        for node, start in zip(desk.nodes, (0, MAILS), strict=True)
    ]
    while len(flood.acknowledged) < MAILS // 2:  # noqa: ASYNC110 - until both work
        await asyncio.sleep(0.01)
    await asyncio.to_thread(pair.fail_over)
    async with asyncio.timeout(90):
        await asyncio.gather(*sending)
    return flood


async def test_when_a_standby_takes_over_nothing_is_lost_or_done_twice_and_nobody_restarts_a_node(
    tmp_path: Path,
) -> None:
    """behaviour.md 1.3, 5.3, 5.4"""
    with paired(fsync="on") as pair:
        database = Database(pair.url)
        await migrate.upgrade(database, MIGRATIONS)
        await database.close()
        with service(tmp_path, pair.url) as desk:
            nodes = [desk.node(), desk.node()]
            await asyncio.to_thread(desk.started, *nodes)
            flood = await flooded(desk, pair)
            await asyncio.to_thread(desk.until, "SELECT count(*) FROM spool WHERE state = 'waiting'", 0)
            await asyncio.to_thread(desk.until, FINISHED, 0)

            assert flood.attempts > len(flood.acknowledged) == 2 * MAILS
            assert desk.value("SELECT count(*) FROM tickets") == 2 * MAILS
            assert desk.value("SELECT count(DISTINCT title) FROM tickets") == 2 * MAILS
            sent = desk.sent()
            assert len(sent) == len(set(sent)) >= 2 * MAILS - desk.value(UNCERTAIN)

            await asyncio.to_thread(pair.rejoin)  # the first place is a standby's from now on
            assert nodes[0].stop() == 0
            await asyncio.to_thread(nodes[0].start)
            assert await in_a_thread(nodes[0], letter(1)) == 250
            assert [node.stop() for node in nodes] == [0, 0]
