"""A P1 in the night, in a real process that is killed between the steps of its ladder."""

import asyncio
import json
import signal
import smtplib
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.acceptance.installation import Installation, serving, wait_for, written
from tests.pager.receiver import Receiver, receiving

SOON = 60  # seconds; a second is what it takes, a busy machine is given more
PEOPLE = """
[[staff]]
name = "Kim Park"
email = "kim@example.com"
[rotas.on-call]
timezone = "Europe/London"
start = "2026-01-05"
people = ["sam@example.com"]
[rotas.backup]
timezone = "Europe/London"
start = "2026-01-05"
people = ["kim@example.com"]
[notify.telephone]
url_file = "telephone.url"
"""
LADDER = """
[ladders.urgent]
steps = [
  { page = ["on-call", "telephone"] },
  { after = "15 minutes", page = ["backup"] },
  { after = "30 minutes", page = ["team"] },
]
[paging]
priorities = { P1 = "urgent" }
"""


class Nightdesk(Installation):
    """An installation with rotas, a ladder and a telephone."""

    telephone: int = 0

    def write(self) -> None:
        super().write()
        folder = self.config.parent
        self.config.write_text(self.config.read_text() + PEOPLE)
        policy = folder / "policies" / "particle.toml"
        policy.write_text(policy.read_text() + LADDER)
        (folder / "telephone.url").touch(mode=0o600)
        (folder / "telephone.url").write_text(f"json://127.0.0.1:{self.telephone}/")

    def paged(self) -> list[str]:
        """To whom pages went by mail, in their order."""
        return [mail["To"] for mail in self.mails() if mail["Subject"].startswith("PAGE")]

    def asks(self, statement: str) -> list[tuple[object, ...]]:
        """What the database answers; a change is kept."""
        with closing(sqlite3.connect(self.folder / "var" / "mailgate.db", timeout=10)) as database, database:
            return database.execute(statement).fetchall()

    def is_quiet(self) -> bool:
        """Whether nothing is under way: a page that went out and was not settled would go out again."""
        return self.asks("SELECT id FROM outbox WHERE state IN ('waiting', 'sending')") == []

    def hurries(self) -> None:
        """A quarter of an hour in no time: all of the ladder is so much earlier."""
        self.asks(
            "UPDATE escalations SET started = started - 900000, next_at = next_at - 900000"
            " WHERE ended IS NULL"
        )


def send(desk: Installation, sender: str, to: str, subject: str) -> None:
    mail = written(sender, to, subject, "We are losing business.")
    with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
        client.send_message(mail)


def night(desk: Nightdesk, receiver: Receiver) -> None:
    send(desk, "bob@acme.example", "acme@support.example.com", "[P1] The fleet is down")
    wait_for(lambda: desk.paged() == ["sam@example.com"] and len(receiver.bodies) == 1, SOON, desk.log)
    wait_for(desk.is_quiet, SOON, desk.log)
    desk.stop(signal.SIGKILL)

    desk.hurries()
    desk.start()
    wait_for(lambda: len(desk.paged()) == 2, SOON, desk.log)
    wait_for(desk.is_quiet, SOON, desk.log)
    desk.stop(signal.SIGKILL)
    desk.start()

    (page,) = [mail for mail in desk.mails() if mail["To"] == "kim@example.com" and "PAGE" in mail["Subject"]]
    send(desk, "kim@example.com", page["Reply-To"], f"Re: {page['Subject']}")
    wait_for(lambda: desk.asks("SELECT 1 FROM escalations WHERE ended IS NOT NULL") == [(1,)], SOON, desk.log)
    desk.hurries()
    wait_for(lambda: len(desk.mails()) == 6, SOON, desk.log)  # Kim's words, to Bob


async def test_a_night_with_a_p1_wakes_each_once_and_ends_with_the_answer(tmp_path: Path) -> None:
    """behaviour.md 6.4, 7.1: page to who is on call, the backup after a kill -9, an answer, silence."""
    async with receiving(Receiver()) as receiver:
        desk = Nightdesk(tmp_path)
        desk.telephone = receiver.port

        def story() -> None:
            with serving(desk):
                night(desk, receiver)
                digest = desk.run("digest")
                events = [event["kind"] for event in desk.json("ticket", "ACME-1")["events"]]
                assert events == [
                    "ticket_opened",
                    "ticket_escalated",
                    "page_sent",
                    "page_sent",
                    "staff_replied",
                ]
                assert "PAGES" in digest.stdout
                assert all(who in digest.stdout for who in ("kim@example.com", "telephone"))

        await asyncio.to_thread(story)

    assert desk.paged() == ["sam@example.com", "kim@example.com"]
    (told,) = map(json.loads, receiver.bodies)
    assert told["title"] == "ACME-1 P1 Acme Corp: The fleet is down"
    assert "json://" not in desk.log()
