"""Wakes: a commit tells the other nodes what it left to do, once; what is rolled back tells nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.event import TicketEscalated
from mailgate.core.ladder import Escalation
from mailgate.core.message import Envelope, MailObject
from mailgate.core.ticket import TicketId
from mailgate.store import held, mailq, outbox, spool
from mailgate.store.faults import StoreUnavailableError
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.unit import Database, Unit
from mailgate.store.wakes import Ear, Wake, listening, wake
from tests.conftest import World
from tests.flows.test_relay import MAIL

pytestmark = pytest.mark.postgresql
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LETTER = MailObject(Envelope("bob@acme.example", ("acme@support.example.com",), "192.0.2.1", "mail"), b"\r\n")
CLOCK = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, AT, AT + timedelta(hours=1))


@pytest.fixture
async def node(postgresql_url: str) -> AsyncIterator[Database]:
    database = Database(postgresql_url)
    yield database
    await database.close()


@pytest.fixture
async def ear(postgresql_url: str) -> AsyncIterator[Ear]:
    """Another node."""
    database = Database(postgresql_url)
    async with listening(database) as ear:
        yield ear
    await database.close()


async def told(
    node: Database, ear: Ear, *acts: Callable[[Unit], Awaitable[object]], last: Wake = Wake.LADDERS
) -> set[Wake]:
    """What is heard of one transaction, before the last word, which another says."""
    async with node.write() as unit:
        for act in acts:
            await act(unit)
    async with node.write() as unit:
        await unit.execute(text("SELECT pg_notify('mailgate', 'unknown to this mailgate')"))
        await wake(unit, last)
    heard: set[Wake] = set()
    async with asyncio.timeout(30):
        while last not in heard:
            heard |= await ear.wakes()
    return heard - {last}


async def test_mail_that_is_spooled_wakes_the_intake(node: Database, ear: Ear) -> None:
    assert await told(node, ear, lambda unit: spool.put(unit, [spool.packed(LETTER)], AT)) == {Wake.INTAKE}


async def test_mail_that_is_queued_wakes_the_relay(node: Database, ear: Ear) -> None:
    assert await told(node, ear, lambda unit: post(unit, AT, [(None, MAIL)])) == {Wake.RELAY}
    assert await told(node, ear, lambda unit: post(unit, AT, [(None, MAIL)])) == set()  # it is there already
    assert await told(node, ear, lambda unit: mailq.retry(unit, 1, AT)) == {Wake.RELAY}
    assert await told(node, ear, lambda unit: outbox.give_back(unit, [1], AT)) == {Wake.RELAY}


async def test_a_ticket_that_is_opened_wakes_who_watches_its_clocks(node: Database, ear: Ear) -> None:
    ticket = await World(node).opened(AT, CLOCK)
    ladder = Escalation("missed:1", "urgent", "it was missed", AT)
    escalated = TicketEscalated(AT, ladder, "it is urgent")
    assert await told(node, ear) == {Wake.DEADLINES}
    happened = [(TicketId(ticket.id), escalated)]
    assert await told(node, ear, lambda unit: record(unit, AT, happened), last=Wake.INTAKE) == {Wake.LADDERS}


async def test_a_mail_that_is_not_held_is_not_released_and_wakes_nobody(node: Database, ear: Ear) -> None:
    assert await told(node, ear, lambda unit: held.release(unit, 1)) == set()


async def test_what_is_rolled_back_wakes_nobody(node: Database, ear: Ear) -> None:
    async def fail(unit: Unit) -> None:
        await wake(unit, Wake.INTAKE)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await told(node, ear, fail)
    assert await told(node, ear, lambda unit: wake(unit, Wake.RELAY)) == {Wake.RELAY}


async def test_a_transaction_tells_the_same_once(node: Database, ear: Ear) -> None:
    async with node.write() as unit:
        for _ in range(5):
            await wake(unit, Wake.INTAKE)
    assert await ear.wakes() == {Wake.INTAKE}
    assert await told(node, ear) == set()


async def test_an_ear_that_is_cut_off_says_so(node: Database, ear: Ear) -> None:
    async with node.write() as unit:
        await unit.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'mailgate, listening' AND datname = current_database()"
            )
        )
    with pytest.raises(StoreUnavailableError):
        await ear.wakes()
    with pytest.raises(StoreUnavailableError):
        await ear.time()
