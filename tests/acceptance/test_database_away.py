"""A database that another program holds: mail waits a little, is refused for now and never for good."""

import asyncio
import smtplib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.acceptance.installation import Installation, serving, wait_for
from tests.acceptance.test_durability import spoken
from tests.acceptance.test_first_mail import SOON
from tests.flood import Flood, parcels, pour

TITLES = "SELECT title FROM tickets ORDER BY title"


@contextmanager
def held(desk: Installation) -> Iterator[None]:
    """The writer's lock, in other hands until the block ends."""
    with closing(sqlite3.connect(desk.folder / "var" / "mailgate.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_lock_that_is_soon_given_back_is_waited_for(tmp_path: Path) -> None:
    """behaviour.md 1.3"""

    async def meanwhile() -> int:
        with held(desk):
            answer = asyncio.create_task(asyncio.to_thread(spoken, desk, "patient"))
            await asyncio.sleep(1)
            assert not answer.done()
        return (await answer)[0]

    with serving(Installation(tmp_path)) as desk:
        assert asyncio.run(meanwhile()) == 250
        wait_for(lambda: desk.rows(TITLES) == [("patient",)], SOON, desk.log)


def test_a_lock_that_is_kept_refuses_mail_for_now_while_recipients_are_still_known(tmp_path: Path) -> None:
    """behaviour.md 1.1, 1.3"""
    with serving(Installation(tmp_path)) as desk:
        with held(desk):
            code, words = spoken(desk, "refused")
            assert (code, words[:5]) == (451, b"4.3.0")
            with smtplib.SMTP("127.0.0.1", desk.smtp, timeout=60) as client:
                client.ehlo("client.example")
                client.mail("bob@acme.example")
                assert client.rcpt("acme@support.example.com")[0] == 250
                assert client.rcpt("nobody@support.example.com")[0] == 550
        assert spoken(desk, "refused")[0] == 250
        wait_for(lambda: desk.rows(TITLES) == [("refused",)], SOON, desk.log)


def test_a_flood_against_a_lock_is_answered_and_all_of_it_taken_afterwards(tmp_path: Path) -> None:
    """behaviour.md 1.3"""

    async def flooded() -> int:
        flood = Flood()
        pouring = asyncio.create_task(pour(parcels(60), desk.smtp, sessions=20, flood=flood))
        with held(desk):
            async with asyncio.timeout(60):
                while flood.attempts <= 20:  # noqa: ASYNC110 - until somebody was refused, and comes again
                    await asyncio.sleep(0.05)
        return (await pouring).attempts

    with serving(Installation(tmp_path)) as desk:
        assert asyncio.run(flooded()) > 60
        wait_for(lambda: len(desk.rows(TITLES)) == 60, SOON, desk.log)
        wait_for(lambda: not desk.rows("SELECT 1 FROM spool WHERE state != 'done'"), SOON, desk.log)
        assert len(desk.rows(TITLES)) == 60
