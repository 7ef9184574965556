"""Who is let in, under which address, and what is said to those who are not."""

import asyncio
import smtplib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.installation import ACCOUNT, Installation
from tests.acceptance.stage import BOB, Stage, letter, playing, to

QUESTION = letter(BOB, "A question", "How?", "Message-ID: <1@acme.example>")
REFUSE = "CREATE TRIGGER full BEFORE INSERT ON spool BEGIN SELECT RAISE(ABORT, 'there is no room'); END"


def changed(stage: Stage, statement: str) -> None:
    """The database, under the feet of the server."""
    with closing(sqlite3.connect(stage.installation.folder / "var" / "mailgate.db", timeout=30)) as database:
        database.execute(statement)
        database.commit()


async def test_what_cannot_be_kept_is_not_taken_and_taken_once_when_it_can(stage: Stage) -> None:
    """Scenario 1 of the classic peers; behaviour.md 1.3"""
    await asyncio.to_thread(changed, stage, REFUSE)
    assert await stage.hands_over(QUESTION) == 451
    assert await stage.hands_over(QUESTION) == 451
    assert (await stage.sent(), stage.outcomes()) == ([], [])
    await asyncio.to_thread(changed, stage, "DROP TRIGGER full")
    mails = await stage.sends(QUESTION)
    assert sorted(mail["To"] for mail in mails) == ["bob@acme.example", "sam@example.com"]
    assert await stage.sends(QUESTION) == []
    assert stage.outcomes() == ["new_ticket 2.9", "duplicate 2.1"]


@pytest.mark.parametrize(
    "recipient",
    [
        "acme+bad value@support.example.com",
        '"acme+bad value"@support.example.com',
        "acme+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@support.example.com",
        "acm@support.example.com",
        "acme2@support.example.com",
        "x-acme@support.example.com",
    ],
)
async def test_an_address_that_is_none_of_ours_is_refused_at_once(stage: Stage, recipient: str) -> None:
    """Scenarios 6 and 17 of the classic peers; behaviour.md 1.1, 1.2"""
    (place,) = stage.house.listener.listening
    assert 500 <= await asyncio.to_thread(reply_to, (place.host, place.port), recipient) < 600


def reply_to(place: tuple[str, int], recipient: str) -> int:
    """What is said to RCPT, whatever stands in it."""
    with smtplib.SMTP(*place) as client:
        client.ehlo()
        client.mail("bob@acme.example")
        return client.docmd("RCPT", f"TO:<{recipient}>")[0]


@pytest.mark.parametrize(
    ("alias", "sender", "account"),
    [
        ("acme", "bob@acme.example", "acme"),
        ("ACME", "BOB@ACME.EXAMPLE", "acme"),
        ("acme2", "USER1@bar.example", "beta"),
        ("Acme2", "user1@Bar.Example", "beta"),
        ("acme2", "x-user1@bar.example", ""),
        ("acme2", "user1@foo.bar.example", ""),
        ("acme", "user1@bar.example", ""),
    ],
)
async def test_addresses_are_compared_whole_and_without_case(
    tmp_path: Path, alias: str, sender: str, account: str
) -> None:
    """Scenario 17 of the classic peers; behaviour.md 1.2, 2.7"""
    beta = ACCOUNT.replace("[acme]", "[beta]").replace('["acme"]', '["acme2"]')
    beta = beta.replace('domains = ["acme.example"]', 'contacts = ["user1@bar.example"]')
    async with playing(Installation(tmp_path, account=ACCOUNT + beta)) as stage:
        mails = await stage.sends(
            letter(sender, "A question", "How?"), f"{alias}@support.example.com", sender
        )
        tickets = [name for (name,) in stage.installation.rows("SELECT account FROM tickets")]
        assert tickets == ([account] if account else [])
        assert to(mails, sender if account else "ops@example.com")
