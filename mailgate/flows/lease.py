"""Knows the mails that the intake has claimed: their leases are renewed for as long as it works on them.

If its loop stood still for longer than a lease, another node may have taken them over. That is noticed here
where it can be, so that no work is wasted; that nothing is decided twice is seen to by the store, which
compares the number of the attempt.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from mailgate.core.change import SpooledMail
from mailgate.store.claims import lasting, move_leases
from mailgate.store.faults import StoreError
from mailgate.store.unit import Database, Unit

LEASE = timedelta(seconds=1)
"""How long the mails of a program that died wait for another, at first; one that lives renews it."""

_log = structlog.get_logger()


class Leases:
    """Those that this node holds now."""

    def __init__(self) -> None:
        self._attempts: dict[int, int] = {}  # by mail

    @asynccontextmanager
    async def kept(
        self, mails: Iterable[SpooledMail], database: Database, now: Callable[[], datetime]
    ) -> AsyncIterator[None]:
        """Renews those of the mails until the block ends, but for what is given back or lost meanwhile."""
        self._attempts = {mail.id: mail.attempts for mail in mails}
        done = asyncio.Event()
        renewing = asyncio.create_task(self._renew(done, database, now))
        try:
            yield
        finally:
            self._attempts = {}
            done.set()
            await renewing

    def holds(self, mail: SpooledMail) -> bool:
        """Whether the mail is ours still, as far as is known."""
        if mail.id in self._attempts:
            return True
        _log.warning("A mail was taken over by another node.", what="claim_lost", spool=mail.id)
        return False

    async def give_back(self, unit: Unit, mail: SpooledMail, until: datetime) -> None:
        """Lets it be claimed again, by anybody, at that instant at the soonest."""
        self._attempts.pop(mail.id, None)
        await move_leases(unit, {mail.id: mail.attempts}, until)

    async def _renew(self, done: asyncio.Event, database: Database, now: Callable[[], datetime]) -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LEASE.total_seconds() / 3):
                    await done.wait()
            if not self._attempts:
                continue
            try:
                await self._renew_once(database, now)
            except StoreError as fault:
                _log.warning("Leases could not be renewed.", what="renew_failed", reason=str(fault))

    async def _renew_once(self, database: Database, now: Callable[[], datetime]) -> None:
        attempts = dict(self._attempts)
        async with database.write() as unit:
            held = await move_leases(unit, attempts, now() + lasting(LEASE, max(attempts.values())))
        for gone in attempts.keys() - held:  # decided, or another's
            self._attempts.pop(gone, None)
