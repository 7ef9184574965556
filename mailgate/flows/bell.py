"""Knows how a sweep is woken: by a bell when there is work, or at the instant it asked for.

A sweep claims what is due, carries it out, and answers when it wants to look again. The bell only makes that
sooner; no work is lost with it, for the rows know what is due.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

import structlog

Sweep = Callable[[], Awaitable[datetime | None]]
"""Does all that is due now; returns when something will be due next, or None for nothing in sight."""

REST_AFTER_FAULT = 1.0  # seconds
_log = structlog.get_logger()


class Bell:
    """Wakes one sweep."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._resting = False

    @property
    def is_silent(self) -> bool:
        """Whether its sweep rests, and nothing has rung since."""
        return self._resting and not self._rung.is_set()

    def ring(self) -> None:
        """There may be work."""
        self._rung.set()

    async def rest(self, seconds: float | None) -> None:
        """Returns when the bell rings or the time is over; None waits for the bell alone."""
        self._resting = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._resting = False
        self._rung.clear()


async def keep(
    name: str, sweep: Sweep, bell: Bell, now: Callable[[], datetime], closing: asyncio.Event
) -> None:
    """Runs the sweep whenever it is due, until closing; a fault of one round does not end the next ones.

    To end it, set `closing` and ring: the round that runs is finished.
    """
    while not closing.is_set():
        try:
            next_at = await sweep()
        except Exception:  # noqa: BLE001 - the one broad except of every sweep: a bad round is not the last
            _log.exception("A sweep failed and will be tried again.", what="sweep_failed", sweep=name)
            await bell.rest(REST_AFTER_FAULT)
            continue
        await bell.rest(None if next_at is None else max(0.0, (next_at - now()).total_seconds()))
