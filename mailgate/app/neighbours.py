"""Knows what the nodes of one PostgreSQL server have of each other: one clock, and word of new work."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from mailgate import wallclock
from mailgate.flows.sharedclock import SharedClock
from mailgate.flows.wakes import keep_listening, set_by
from mailgate.store.unit import Database
from mailgate.store.wakes import Wake, listening


class Neighbours:
    """Of this node, from `start` to `stop`. Its clock is the machine's own until then."""

    def __init__(self, database: Database) -> None:
        self.clock = SharedClock(wallclock.now, wallclock.steady)
        self._database = database
        self._listening: asyncio.Task[None] | None = None

    async def start(self, ring: Callable[[Wake], object]) -> None:
        """Sets the clock, then listens.

        Raises:
            StoreUnavailableError: the server does not answer.
        """
        async with listening(self._database) as ear:
            await set_by(ear, self.clock)
        self._listening = asyncio.create_task(keep_listening(self._database, ring, self.clock))

    async def stop(self) -> None:
        """Listens no more."""
        if self._listening:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
