"""Knows how a node hears of the work that others give it, and by whose clock it goes.

A connection that is lost is opened again, less and less often while that fails, and then all bells ring once:
what was told meanwhile nobody heard.
"""

import asyncio
from collections.abc import Callable

import structlog

from mailgate.flows.sharedclock import SharedClock
from mailgate.store.faults import StoreError
from mailgate.store.unit import Database
from mailgate.store.wakes import QUIET, Ear, Wake, listening

_SOON, _LATE = 0.1, 5.0  # seconds between two attempts to connect, the first and the last
_log = structlog.get_logger()


async def keep_listening(database: Database, ring: Callable[[Wake], object], clock: SharedClock) -> None:
    """Listens until it is cancelled; `ring` wakes a sweep."""
    rest = _SOON
    while True:
        try:
            async with listening(database) as ear:
                await set_by(ear, clock)
                rest = _SOON
                _log.info("Wakes of other nodes are heard.", what="listening")
                for one in Wake:
                    ring(one)
                await _listen(ear, ring, clock)
        except StoreError as fault:
            _log.warning("Wakes of other nodes are not heard.", what="not_listening", reason=str(fault))
        await asyncio.sleep(rest)
        rest = min(2 * rest, _LATE)


async def set_by(ear: Ear, clock: SharedClock) -> None:
    """Sets the clock by that of the database.

    Raises:
        StoreUnavailableError: it does not answer.
    """
    asked = clock.steady()
    said = await ear.time()
    clock.set(said, asked, clock.steady())


async def _listen(ear: Ear, ring: Callable[[Wake], object], clock: SharedClock) -> None:
    asked = clock.steady()
    while True:
        for one in await ear.wakes():
            ring(one)
        if clock.steady() - asked >= QUIET:
            await set_by(ear, clock)
            asked = clock.steady()
