"""Knows what happens at intervals: a metronome that rings bells.

It holds nothing that a restart could lose: what is due stands in rows, and a tick only makes a sweep look.
APScheduler reckons its ticks by the machine's clock: when that is put back, it would be silent until the old
time comes again. So somebody here looks for that by the loop's clock, which only goes forward.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

Tick = Callable[[], object]
"""Does at once what a tick is for, such as ringing a bell."""

_JITTER = 0.05  # seconds at most
_LOOK = 0.5  # seconds between two looks at the machine's clock
_JOB_DEFAULTS = {
    "coalesce": True,  # ticks that were missed together are one
    "max_instances": 1,
    "misfire_grace_time": None,  # however late, a tick is not dropped
}
_log = structlog.get_logger()


class Scheduler:
    """Ticks in the running loop from `start` to `stop`.

    Args:
        now: the machine's clock as APScheduler reads it, which may be put forward and back at any time.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._minding: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()}, job_defaults=_JOB_DEFAULTS, timezone=UTC
        )

    def every(self, seconds: float, name: str, tick: Tick) -> None:
        """Ticks at this interval, a moment more each time: nodes that start together need not look together.

        Another tick of the same name is replaced.
        """
        self._scheduler.add_job(
            _in_the_loop(tick),
            "interval",
            seconds=seconds,
            jitter=_JITTER,
            id=name,
            name=name,
            replace_existing=True,
        )

    def start(self) -> None:
        """Begins to tick."""
        self._scheduler.start()
        self._minding = asyncio.create_task(self._mind_the_clock())

    async def stop(self) -> None:
        """Ticks no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # it ends in the next round of the loop
        if self._minding:
            self._minding.cancel()
            with suppress(asyncio.CancelledError):
                await self._minding
            self._minding = None

    async def _mind_the_clock(self) -> None:
        """After a step back ticks everything at once, and from there on at its interval.

        It looks at what is planned, not at the clock: a step forward and back can fall between two looks.
        """
        while True:
            await asyncio.sleep(_LOOK)
            at, jobs = self._now(), self._scheduler.get_jobs()
            if any(job.next_run_time - at > 2 * job.trigger.interval for job in jobs):
                _log.warning("The machine's clock was put back.", what="clock_put_back", reason=f"to {at}")
                for job in jobs:
                    job.modify(next_run_time=at)


def _in_the_loop(tick: Tick) -> Callable[[], object]:
    """A plain function would be run in a thread, where no bell may be rung."""

    async def run() -> None:
        tick()

    return run
