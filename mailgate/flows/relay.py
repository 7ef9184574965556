"""Knows how mail leaves the outbox: claimed with a lease, sent outside any transaction, settled.

The moment before the final dot is committed first, so a restart knows what is uncertain. While no mail server
can be reached, no mail is claimed: it waits as it is.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from mailgate.core.relay import OPEN_WAY, UNWRITTEN, Claim, Courier, Outage, WayOut
from mailgate.failpoint import Failpoint, reach
from mailgate.flows.holdings import Holdings
from mailgate.flows.settlement import Settlement, Surroundings
from mailgate.store import outages, outbox
from mailgate.store.faults import StoreError, StoreUnavailableError
from mailgate.store.unit import Database

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """How the relay goes about it.

    Args:
        lease: how long a claim lasts; it is renewed while the mail is under way.
        slots: mails under way at once; fewer where they have more than so many octets together.
        batch: mails claimed at once.
        rest: after the store failed.
        look: how often it looks whether a server that was away is back.
    """

    lease: timedelta = timedelta(seconds=30)
    slots: int = 32
    octets: int = 64 * 1024 * 1024
    batch: int = 100
    rest: timedelta = timedelta(seconds=1)
    look: timedelta = timedelta(seconds=1)


class Relay:
    """Sends what is due in the outbox. One a process; any number of processes.

    Args:
        way_out: how it stands with the servers that mail goes out to.
        node: who tells of servers that are away: this process, and no other on any machine.
    """

    def __init__(
        self,
        database: Database,
        courier: Courier,
        surroundings: Surroundings,
        pace: Pace = Pace(),
        way_out: Callable[[], WayOut] = lambda: OPEN_WAY,
        node: str = "",
    ) -> None:
        self._database = database
        self._courier = courier
        self._now = surroundings.now
        self._pace = pace
        self._way_out = way_out
        self._node = node
        self._freed = asyncio.Event()
        self._holdings = Holdings(database, surroundings.now, pace.lease)
        self._settlement = Settlement(database, surroundings, pace.lease, pace.rest)
        self._under_way: dict[asyncio.Task[None], int] = {}  # to octets
        self._looked: datetime | None = None
        self._told: tuple[Outage, ...] | None = None  # None: nothing was written yet

    async def sweep(self) -> datetime | None:
        """Starts sending a batch of what is due; returns when more will be due, or a lease may have ended.

        Raises:
            StoreError: as `store.faults` says.
        """
        try:
            return await self._sweep()
        except StoreUnavailableError:
            self._holdings.store_is_away()
            raise

    async def _sweep(self) -> datetime | None:
        last, self._looked = self._looked, self._now()
        if last and self._looked < last:  # the clock was put back
            async with self._database.write() as unit:
                await outbox.pull_in(unit, self._looked, self._pace.lease)
        way_out = self._way_out()
        await self._tell(way_out.outages)
        async with self._database.read() as unit:  # holds up nobody who writes
            next_at = await outbox.next_at(unit)
        if next_at is None or next_at > self._now():
            return next_at
        claims, next_at = await self._holdings.take(self._pace.batch, pages_only=not way_out.is_open)
        for claim in claims:
            await self._start(claim)
        if way_out.is_open or next_at is None:
            return next_at
        return max(next_at, self._now() + self._pace.look)

    async def idle(self) -> None:
        """Returns when nothing is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def stop(self, grace: float) -> None:
        """Lets what is under way finish within so many seconds; the rest of the claims are given back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self.idle()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._settlement.finish()
        if self._told:
            with suppress(StoreError):  # it will be forgotten
                await self._tell(())
        await self._holdings.give_back()
        await self._courier.close()

    async def _tell(self, standing: tuple[Outage, ...]) -> None:
        """Writes which servers are left alone, where that has changed."""
        if standing == self._told:
            return
        async with self._database.write() as unit:
            await outages.write(unit, self._node, standing, self._now())
        self._told = standing

    async def _start(self, claim: Claim) -> None:
        octets = len(claim.mail.content)
        while not self._has_room(octets):
            self._freed.clear()
            await self._freed.wait()
        sending = asyncio.create_task(self._send(claim))
        self._under_way[sending] = octets
        sending.add_done_callback(self._ended)

    def _has_room(self, octets: int) -> bool:
        taken = self._under_way.values()
        return not taken or (len(taken) < self._pace.slots and sum(taken) + octets <= self._pace.octets)

    def _ended(self, sending: asyncio.Task[None]) -> None:
        del self._under_way[sending]
        self._freed.set()

    async def _send(self, claim: Claim) -> None:
        try:
            if claim.mail.content:
                outcome = await self._courier.carry(claim.mail, lambda: self._settlement.mark(claim))
            else:
                outcome = UNWRITTEN
            reach(Failpoint.AFTER_250)
            await self._settlement.settle(claim, outcome)
        except Exception:  # noqa: BLE001 - the one broad except of this sweep: a bad mail must not stop the rest
            # Its lease is no longer renewed: another attempt follows, or it is uncertain.
            _log.exception("A mail could not be sent.", what="relay_failed", mail=claim.id)
        self._holdings.let_go(claim)
