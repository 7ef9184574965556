"""Knows that ticks come, late ones once, and that a stopped metronome is silent."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from mailgate.flows.bell import Bell
from mailgate.scheduler import Scheduler
from mailgate.wallclock import now


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - there is nothing to be told by
            await asyncio.sleep(0.005)


async def test_a_tick_rings_a_bell_again_and_again() -> None:
    bell, scheduler = Bell(), Scheduler(now)
    scheduler.every(0.05, "example", bell.ring)
    scheduler.start()

    began = time.monotonic()
    for _ in range(3):
        await bell.rest(60)

    await scheduler.stop()
    assert time.monotonic() - began < 30  # it was rung, and did not wake by itself


async def test_ticks_missed_together_are_one_and_a_late_one_is_not_dropped() -> None:
    ticks: list[float] = []
    scheduler = Scheduler(now)
    scheduler.every(0.3, "example", lambda: ticks.append(time.monotonic()))
    scheduler.start()

    time.sleep(1.4)  # noqa: ASYNC251 - the loop is held up on purpose, past four ticks and a second
    await until(lambda: bool(ticks))
    at_once = len(ticks)
    await until(lambda: len(ticks) == 2)

    await scheduler.stop()
    assert at_once == 1


async def test_a_stopped_metronome_is_silent() -> None:
    ticks: list[None] = []
    scheduler = Scheduler(now)
    scheduler.every(0.02, "example", lambda: ticks.append(None))
    scheduler.start()
    await until(lambda: bool(ticks))

    await scheduler.stop()
    so_far = len(ticks)
    await asyncio.sleep(0.1)

    assert len(ticks) == so_far
    await scheduler.stop()


async def test_a_tick_that_fails_does_not_end_the_ticking() -> None:
    ticks: list[None] = []

    def fail() -> None:
        ticks.append(None)
        raise RuntimeError("a bug")

    scheduler = Scheduler(now)
    scheduler.every(0.02, "example", fail)
    scheduler.start()
    await until(lambda: len(ticks) >= 2)
    await scheduler.stop()
    assert len(ticks) >= 2


async def test_a_tick_of_the_same_name_is_replaced() -> None:
    ticks: list[str] = []
    scheduler = Scheduler(now)
    scheduler.every(0.02, "example", lambda: ticks.append("old"))
    scheduler.every(0.02, "example", lambda: ticks.append("new"))
    scheduler.start()
    scheduler.every(0.03, "example", lambda: ticks.append("newest"))
    await until(lambda: "newest" in ticks)
    await scheduler.stop()

    assert "old" not in ticks


async def test_when_the_clock_is_put_back_everything_ticks_at_once_and_goes_on() -> None:
    ticks: list[float] = []
    scheduler = Scheduler(now)
    scheduler.every(0.5, "seldom", lambda: ticks.append(time.monotonic()))
    scheduler.start()
    await until(lambda: bool(ticks))
    # As APScheduler sees it after a step back: what would come next lies an hour ahead.
    for job in scheduler._scheduler.get_jobs():
        job.modify(next_run_time=now() + timedelta(hours=1))
    before = len(ticks)

    await until(lambda: len(ticks) >= before + 2)

    await scheduler.stop()
    assert len(ticks) >= before + 2
