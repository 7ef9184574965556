"""A database of the first schema, with tickets in it, becomes one of today's; what is old is told so."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.config.policies import restored
from mailgate.core.clock import ClockState
from mailgate.core.explanation import explained
from mailgate.core.ticket import Seen, TicketId
from mailgate.core.verification import Difference
from mailgate.store import migrate
from mailgate.store.histories import recorded_of
from mailgate.store.schema import metadata
from mailgate.store.tables import tickets
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database
from tests.conftest import MIGRATIONS
from tests.flows.offices import disproved
from tests.store.olddatabase import ANSWER, CONTENT, MAILS, OTHERS, make

CANNOT = "cannot be gone through again"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """The old database, brought up to date."""
    on_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'old.db'}" if on_sqlite else request.getfixturevalue("empty_postgresql_url")
    database = Database(url)
    await make(database, tmp_path)
    await migrate.upgrade(database, MIGRATIONS)
    yield database
    await database.close()


async def test_every_row_is_there_after_the_upgrade(upgraded: Database) -> None:
    filled = {*MAILS, "tickets", "clocks", "journal", *OTHERS}
    async with upgraded.read() as unit:
        counts = {
            name: len((await unit.execute(select(metadata.tables[name]))).all()) for name in sorted(filled)
        }

    assert counts == {**dict.fromkeys(filled, 1), "tickets": 3, "clocks": 3, "journal": 9}
    assert await migrate.differences(upgraded) == ()


async def test_when_a_ticket_was_answered_is_read_from_its_journal(upgraded: Database) -> None:
    async with upgraded.read() as unit:
        rows = await unit.execute(select(tickets.c.id, tickets.c.answered).order_by(tickets.c.id))
        assert [tuple(row) for row in rows] == [(1, ANSWER), (2, None), (3, None)]


async def test_whom_an_older_mail_went_to_is_read_from_the_outbox(upgraded: Database) -> None:
    """behaviour.md 3.5"""
    async with upgraded.read() as unit:
        ticket = (await tickets_by_id(unit, [TicketId(1)])).known[TicketId(1)]
    assert ticket.thread == (Seen("o1", ("bob@acme.example",)),)


async def test_an_old_ticket_is_proved_or_it_is_told_why_it_cannot_be(upgraded: Database) -> None:
    """behaviour.md 6.5"""
    raised = "its priority_raised of 2026-11-20T13:00:00Z was recorded by an older mailgate"
    withdrawn = "its response_withdrawn of 2026-11-20T15:30:00Z was recorded by an older mailgate"

    assert await disproved(upgraded) == [
        Difference("ACME-2", None, "journal", CANNOT, raised),
        Difference("ACME-3", None, "journal", CANNOT, withdrawn),
    ]


async def test_an_old_ticket_is_explained(upgraded: Database) -> None:
    """behaviour.md 6.5"""
    policy = restored(CONTENT)
    told = []
    for number in (1, 2, 3):
        async with upgraded.read() as unit:
            ticket = (await tickets_by_id(unit, [TicketId(number)])).known[TicketId(number)]
            recorded = await recorded_of(unit, ticket.id)
        explanation = explained(ticket, policy, recorded, ANSWER)
        told += [(one.clock.state, one.consumed, one.ended and one.ended.words) for one in explanation.clocks]

    assert told == [
        (ClockState.MET, timedelta(hours=3, minutes=30), "the reply of sam@example.com"),
        (ClockState.MISSED, timedelta(hours=2, minutes=30), None),
        (ClockState.RUNNING, timedelta(hours=3, minutes=30), None),
    ]
