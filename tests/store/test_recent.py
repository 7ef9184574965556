"""store/recent: what a sender wrote to the account within a day; a few mails, however many there are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from mailgate.core.facts import Question, Recent
from mailgate.store.recent import recent_mails
from mailgate.store.tables import messages
from mailgate.store.unit import Database
from tests.statements import explained, heard

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ASKED = Question("acme", "m1@acme.example", "1" * 64, sender="bob@acme.example", fingerprint=7, received=NOON)


def row(minutes: float, **changed: Any) -> dict[str, Any]:
    """A mail that came so many minutes before noon."""
    return {
        "account": "acme",
        "direction": "in",
        "kind": "reply",
        "at": NOON - timedelta(minutes=minutes),
        "sender": "bob@acme.example",
        "subject": "",
        "message_id": f"{minutes}@{len(changed)}",
        "identity": "0" * 64,
        "fingerprint": -5,
        **changed,
    }


async def known(database: Database, *rows: dict[str, Any]) -> None:
    async with database.write() as unit:
        await unit.execute(insert(messages), rows)


async def asked(database: Database, *questions: Question) -> list[tuple[Recent, ...]]:
    async with database.read() as unit:
        return await recent_mails(unit, questions)


async def test_what_the_sender_wrote_within_a_day_is_known(database: Database) -> None:
    """behaviour.md 5.3"""
    await known(
        database,
        row(1),
        row(24 * 60 - 1),
        row(24 * 60),
        row(-1),
        row(2, sender="kim@acme.example"),
        row(3, account="globex"),
    )
    await known(database, row(4, direction="out", identity=None), row(5, fingerprint=None))
    (found,) = await asked(database, ASKED)
    assert found == (
        Recent(NOON - timedelta(minutes=1), -5),
        Recent(NOON - timedelta(minutes=24 * 60 - 1), -5),
    )


async def test_mails_of_one_batch_know_of_those_before_them(database: Database) -> None:
    """Two mails of one transaction are not stored when they are decided."""
    later = replace(ASKED, received=NOON + timedelta(minutes=1), fingerprint=8)
    other = replace(ASKED, account="globex")
    nobody = replace(ASKED, sender="")
    assert await asked(database, ASKED, other, nobody, later) == [(), (), (), (Recent(NOON, 7),)]
    assert await asked(database, nobody) == [()]
    assert await asked(database) == []


async def test_of_many_mails_the_latest_few_are_read(database: Database) -> None:
    await known(database, *(row(minutes / 10) for minutes in range(1, 201)))
    (found,) = await asked(database, ASKED)
    assert len(found) == 50
    assert min(one.at for one in found) == NOON - timedelta(minutes=5)


async def test_it_is_answered_from_the_index_of_senders(sqlite_database: Database) -> None:
    """However much others wrote, and the sender long ago."""
    async with sqlite_database.read() as unit:
        with heard(unit) as statements:
            await recent_mails(unit, [ASKED])
        (steps,) = [await explained(unit, one) for one in statements]
    assert "SEARCH one USING INDEX ix_messages_sender (sender=? AND at>?)" in steps
