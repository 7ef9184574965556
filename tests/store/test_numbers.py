"""Ids and numbers of tickets: each once, without a gap in an account, before the ticket is written."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from mailgate.store.numbers import numbers, reserve
from mailgate.store.tables import clocks, decisions, journal, messages, tickets
from mailgate.store.unit import Database

if TYPE_CHECKING:
    from tests.conftest import World

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def test_each_account_counts_from_one(database: Database) -> None:
    """behaviour.md 3.1"""
    async with database.write() as unit:
        assert await numbers(unit, {"globex": 2, "acme": 1}) == {"globex": 1, "acme": 1}
        assert await numbers(unit, {"globex": 1, "initech": 3}) == {"globex": 3, "initech": 1}
        assert await numbers(unit, {}) == {}


async def test_ids_and_numbers_are_reserved_together(database: Database) -> None:
    async with database.write() as unit:
        assert await reserve(unit, {"globex": 1, "acme": 2, "initech": 0}) == {
            "acme": ((1, 1), (2, 2)),
            "globex": ((3, 1),),
        }
        assert await reserve(unit, {}) == {}


async def test_a_number_is_not_used_up_by_a_transaction_that_failed(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as unit:
            await reserve(unit, {"acme": 1})
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.write() as unit:
        assert await numbers(unit, {"acme": 1}) == {"acme": 1}


async def test_an_id_is_never_used_again(database: Database, world: "World") -> None:
    """A signed address of the old ticket would be good for the new one."""
    ticket = await world.opened(AT)
    async with database.write() as unit:
        for table in (journal, clocks, messages, decisions, tickets):
            await unit.execute(delete(table))
    again = await world.opened(AT)
    assert (ticket.id, again.id, again.number) == (1, 2, 2)


async def test_tickets_that_are_opened_at_once_never_get_the_same(world: "World") -> None:
    tickets_opened = await asyncio.gather(*(world.opened(AT) for _ in range(8)))
    assert sorted(ticket.number for ticket in tickets_opened) == list(range(1, 9))
    assert len({ticket.id for ticket in tickets_opened}) == 8
