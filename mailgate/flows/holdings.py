"""Knows which mails of the outbox this process has taken: their leases are renewed until it lets them go.

A lease that is not renewed in time ends, and another process takes the mail; whoever comes back late finds
its claim lost, for the number of the attempt fences it.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from mailgate.core.relay import Claim, Step, abandoned
from mailgate.failpoint import Failpoint, reach
from mailgate.store import outbox
from mailgate.store.faults import StoreError
from mailgate.store.unit import Database

_log = structlog.get_logger()

AFTER_AN_OUTAGE = timedelta(seconds=5)
"""So long after the store was away what others sent is left to them: they may know what came of it."""
_LOOK = timedelta(seconds=1)


class Holdings:
    """The claims of one process.

    Args:
        lease: how long a claim lasts that is not renewed.
    """

    def __init__(self, database: Database, now: Callable[[], datetime], lease: timedelta) -> None:
        self._database = database
        self._now = now
        self._lease = lease
        self._claims: dict[int, Claim] = {}
        self._away: datetime | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def take(self, limit: int, *, pages_only: bool) -> tuple[Sequence[Claim], datetime | None]:
        """What is due now, after what was left behind was sorted out; and when something will be due next."""
        async with self._database.write() as unit:
            now = self._now()
            until = now + self._lease
            lapsed = () if self._others_may_settle(now) else await outbox.lapsed(unit, now, limit)
            # Of ours: the process slept, or the clock leapt.
            await outbox.renew(unit, [claim.id for claim in lapsed if self.holds(claim)], until)
            left = [(claim, abandoned(claim, now)) for claim in lapsed if not self.holds(claim)]
            await outbox.settle(unit, [(claim, step, _LEFT_BEHIND) for claim, step in left], now)
            claims = await outbox.claim(unit, now, until, limit, pages_only=pages_only)
            next_at = await outbox.next_at(unit)
        reach(Failpoint.AFTER_OUTBOX_CLAIM)
        for claim, step in left:
            _report_left_behind(claim, step)
        self._claims |= {claim.id: claim for claim in claims}
        if not claims and next_at and self._others_may_settle(now):
            next_at = max(next_at, now + _LOOK)
        if claims and (self._renewing is None or self._renewing.done()):
            self._renewing = asyncio.create_task(self._renew())
        return claims, next_at

    def store_is_away(self) -> None:
        """Nobody's lease can be renewed now, and nothing that was sent can be settled."""
        self._away = self._now()

    def holds(self, claim: Claim) -> bool:
        """Whether this process has the mail, by this attempt."""
        held = self._claims.get(claim.id)
        return held is not None and held.attempt == claim.attempt

    def let_go(self, claim: Claim) -> None:
        """The mail is settled, or may be taken by another once the lease has ended."""
        if self.holds(claim):
            del self._claims[claim.id]

    async def give_back(self) -> None:
        """Makes due again what was taken and did not get to its final dot; nothing is renewed any more."""
        if self._renewing:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        claims, self._claims = self._claims, {}
        if not claims:
            return
        async with self._database.write() as unit:
            await outbox.give_back(unit, await outbox.ours(unit, claims.values()), self._now())

    def _others_may_settle(self, now: datetime) -> bool:
        return self._away is not None and self._away <= now < self._away + AFTER_AN_OUTAGE

    async def _renew(self) -> None:
        while self._claims:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                async with self._database.write() as unit:
                    ours = await outbox.ours(unit, self._claims.values())
                    await outbox.renew(unit, ours, self._now() + self._lease)
            except StoreError as fault:
                _log.warning("Leases could not be renewed.", what="renew_failed", reason=str(fault))


_LEFT_BEHIND = "the process that sent it ended"


def _report_left_behind(claim: Claim, step: Step) -> None:
    _log.warning(
        "A mail was left behind by a process that ended.",
        what="mail_left_behind",
        mail=claim.id,
        kind=claim.mail.kind,
        state=step.state,
        reason="its final dot may have gone out" if claim.dot_at else "its final dot had not gone out",
    )
