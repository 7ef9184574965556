"""Knows what happens at intervals: a metronome that rings bells.

It holds nothing that a restart could lose: what is due stands in rows, and a tick only makes a sweep look.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

Tick = Callable[[], object]
"""Does at once what a tick is for, such as ringing a bell."""

_JOB_DEFAULTS = {
    "coalesce": True,  # ticks that were missed together are one
    "max_instances": 1,
    "misfire_grace_time": None,  # however late, a tick is not dropped
}


class Scheduler:
    """Ticks in the running loop from `start` to `stop`."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()}, job_defaults=_JOB_DEFAULTS, timezone=UTC
        )

    def every(self, seconds: float, name: str, tick: Tick) -> None:
        """Ticks at this interval. Another tick of the same name is replaced."""
        self._scheduler.add_job(
            _in_the_loop(tick), "interval", seconds=seconds, id=name, name=name, replace_existing=True
        )

    def start(self) -> None:
        """Begins to tick."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Ticks no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # it ends in the next round of the loop


def _in_the_loop(tick: Tick) -> Callable[[], object]:
    """A plain function would be run in a thread, where no bell may be rung."""

    async def run() -> None:
        tick()

    return run
