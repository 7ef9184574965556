"""Knows how a sweep is woken, and that a bad round is not the last."""

import asyncio
from datetime import UTC, datetime

from mailgate.flows.bell import Bell, keep

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def test_a_sweep_that_failed_is_run_again() -> None:
    bell, failed, again = Bell(), asyncio.Event(), asyncio.Event()

    async def sweep() -> datetime | None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("a bad row")
        again.set()
        return None

    keeping = asyncio.create_task(keep("example", sweep, bell, lambda: NOON, asyncio.Event()))
    async with asyncio.timeout(5):
        await failed.wait()
        bell.ring()
        await again.wait()
    keeping.cancel()

    assert again.is_set()


async def test_a_bell_that_rang_during_the_sweep_is_heard() -> None:
    bell = Bell()
    bell.ring()
    began = asyncio.get_running_loop().time()
    await bell.rest(seconds=5)

    assert asyncio.get_running_loop().time() - began < 5


async def test_a_sweep_ends_after_its_round_when_it_is_closed() -> None:
    bell, closing, rounds = Bell(), asyncio.Event(), []

    async def sweep() -> datetime | None:
        closing.set()
        await asyncio.sleep(0)
        rounds.append("whole")
        return None

    bell.ring()
    async with asyncio.timeout(5):
        await keep("example", sweep, bell, lambda: NOON, closing)

    assert rounds == ["whole"]
