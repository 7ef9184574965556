"""The clock under a real server is stepped an hour forward and back, by libfaketime where it is installed."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.wallclock import now
from tests.acceptance.installation import Installation, wait_for
from tests.promises import MISSED, PAGED, WARNED, Plan, promise

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
LIBRARIES = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]

pytestmark = pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not installed")


@pytest.fixture
def step(tmp_path: Path) -> Path:
    """The file that says by how much the server's clock is wrong."""
    file = tmp_path / "step"
    file.write_text("+0\n")
    return file


@pytest.fixture
def desk(tmp_path: Path, step: Path) -> Iterator[Installation]:
    faked = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(step),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # as on a machine whose clock is stepped
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # with it, threads that wait never wake
    }
    desk = Installation(tmp_path / "desk", surroundings=faked)
    desk.folder.mkdir()
    desk.write()
    desk.start()
    yield desk
    desk.stop()


def promised(desk: Installation, due: timedelta, warned: timedelta | None = None) -> None:
    plan = Plan(10, now() + due, SECOND, warned, paged=True)
    asyncio.run(promise(f"sqlite:///{desk.folder}/var/mailgate.db", desk, plan, now()))


def events(desk: Installation) -> list[tuple[int, str, int]]:
    with closing(sqlite3.connect(desk.folder / "var" / "mailgate.db")) as database:
        query = "SELECT ticket_id, kind, recorded - at FROM journal WHERE kind IN (?, ?, ?) ORDER BY id"
        return database.execute(query, (MISSED, WARNED, PAGED)).fetchall()


def test_steps_of_the_clock_make_nothing_happen_twice_and_nothing_late(
    desk: Installation, step: Path
) -> None:
    """behaviour.md 6.2"""
    promised(desk, HOUR / 2)
    step.write_text("+1h\n")
    wait_for(lambda: len(events(desk)) == 20, 20, desk.log)
    time.sleep(1.5)  # a tick comes each second: now the next ones are planned an hour ahead

    step.write_text("+0\n")
    promised(desk, 6 * SECOND, 2 * SECOND)
    wait_for(lambda: len(events(desk)) == 50, 30, desk.log)
    found = events(desk)
    assert Counter(kind for _, kind, _ in found) == {MISSED: 20, PAGED: 20, WARNED: 10}
    assert len({(ticket, kind) for ticket, kind, _ in found}) == 50
    assert max(late for _, _, late in found[20:]) < 2000
    assert "clock_put_back" in desk.log()
