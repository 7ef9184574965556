"""The full circle: a backup under load, a server that dies, and another that goes on from the backup."""

import asyncio
import json
import shutil
import signal
from collections import Counter
from pathlib import Path

from tests.acceptance.installation import Installation, serving, wait_for
from tests.flood import Flood, parcels, pour

MAILS = 300
BEFORE = 100  # mails that have their 250 when the backup begins


async def backed_up_and_killed(desk: Installation, copy: Path) -> frozenset[str]:
    """What had its 250 before the backup was made, in the middle of a flood that ends with the server."""
    flood = Flood()
    pouring = asyncio.create_task(pour(parcels(MAILS), desk.smtp, sessions=10, flood=flood))
    while len(flood.acknowledged) < BEFORE:  # noqa: ASYNC110 - the flood rings no bell
        await asyncio.sleep(0.01)
    safe = frozenset(flood.acknowledged)
    made = await asyncio.to_thread(desk.run, "db", "backup", str(copy))
    assert (made.returncode, made.stderr) == (0, "")
    await asyncio.to_thread(desk.stop, signal.SIGKILL)
    pouring.cancel()
    await asyncio.wait([pouring])
    return safe


def another(folder: Path, first: Installation) -> Installation:
    """Another machine with the same configuration and the same signing keys."""
    desk = Installation(folder)
    folder.mkdir()
    desk.write()
    (folder / "var").mkdir()
    shutil.copy(first.folder / "var" / "secret.key", folder / "var" / "secret.key")
    return desk


def test_what_was_acknowledged_before_the_backup_is_there_after_it_was_put_back(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    with serving(Installation(tmp_path / "first")) as first:
        safe = asyncio.run(backed_up_and_killed(first, tmp_path / "copy.db"))
    second = another(tmp_path / "second", first)
    put_back = second.run("db", "restore", str(tmp_path / "copy.db"))
    assert (put_back.returncode, put_back.stderr) == (0, "")
    second.start()
    try:
        wait_for(lambda: not second.rows("SELECT id FROM spool WHERE state = 'waiting'"), 60, second.log)
        wait_for(
            lambda: not second.rows("SELECT id FROM outbox WHERE state IN ('waiting', 'sending')"),
            60,
            second.log,
        )
        titles = Counter(title for (title,) in second.rows("SELECT title FROM tickets"))
        proved = json.loads(second.run("sla", "verify", "--json").stdout)
        stopped = second.run("db", "restore", str(tmp_path / "copy.db"), "--force")
    finally:
        second.stop()
    assert (len(safe - titles.keys()), max(titles.values())) == (0, 1)
    assert (proved["wrong"], proved["tickets"]) == (0, titles.total())
    assert (stopped.returncode, "stop the service first" in stopped.stderr) == (2, True)
    assert not twice(first, second)


def twice(first: Installation, second: Installation) -> list[str]:
    """Tickets whose acknowledgement went out from both."""
    sent = [
        {mail["Message-ID"] for mail in desk.mails() if mail["Auto-Submitted"] == "auto-replied"}
        for desk in (first, second)
    ]
    return sorted(sent[0] & sent[1])
