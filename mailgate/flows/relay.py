"""Knows how mail leaves the outbox: claimed with a lease, sent outside any transaction, settled.

The moment before the final dot is committed first, so a restart knows what is uncertain. Mails that are under
way together share the commits of their marks and settlements. A claim that was lost changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from mailgate.core.relay import UNWRITTEN, Attempt, Claim, Courier, OutboxState, Step, abandoned, next_step
from mailgate.failpoint import Failpoint, reach
from mailgate.flows.shared import Shared
from mailgate.store import outbox
from mailgate.store.faults import StoreError
from mailgate.store.unit import Database, Unit, savepoint

Failed = Callable[[Unit, Claim, str], Awaitable[None]]
"""Told, inside the settling transaction, who will not get a mail (its recipients), and the server's words."""

Count = Callable[[str, str], None]
"""Counts an event under a label."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """How the relay goes about it.

    Args:
        lease: how long a claim lasts; it is renewed while the mail is under way.
        slots: mails under way at once; fewer where they have more than so many octets together.
        batch: mails claimed at once.
        rest: after the store failed.
    """

    lease: timedelta = timedelta(seconds=30)
    slots: int = 32
    octets: int = 64 * 1024 * 1024
    batch: int = 100
    rest: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Mark:
    claim: Claim


@dataclass(frozen=True, slots=True)
class _Settle:
    claim: Claim
    outcome: Attempt


class Relay:
    """Sends what is due in the outbox. One a process; any number of processes.

    Args:
        failed: told of every mail that somebody will not get.
        count: told `sent` and how each attempt ended.
    """

    def __init__(
        self,
        database: Database,
        courier: Courier,
        failed: Failed,
        count: Count,
        now: Callable[[], datetime],
        pace: Pace = Pace(),
    ) -> None:
        self._database = database
        self._courier = courier
        self._failed = failed
        self._count = count
        self._now = now
        self._pace = pace
        self._freed = asyncio.Event()
        self._commit = Shared(self._write)
        self._claims: dict[int, Claim] = {}
        self._under_way: dict[asyncio.Task[None], int] = {}  # to octets
        self._renewing: asyncio.Task[None] | None = None
        self._looked: datetime | None = None

    async def sweep(self) -> datetime | None:
        """Starts sending a batch of what is due; returns when more will be due, or a lease may have ended.

        Raises:
            StoreError: as `store.faults` says.
        """
        last, self._looked = self._looked, self._now()
        if last and self._looked < last:  # the clock was put back
            async with self._database.write() as unit:
                await outbox.pull_in(unit, self._looked, self._pace.lease)
        async with self._database.read() as unit:  # holds up nobody who writes
            next_at = await outbox.next_at(unit)
        if next_at is None or next_at > self._now():
            return next_at
        claims, next_at = await self._claim()
        for claim in claims:
            await self._start(claim)
        return next_at

    async def idle(self) -> None:
        """Returns when nothing is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def stop(self, grace: float) -> None:
        """Lets what is under way finish within so many seconds; the rest of the claims are given back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self.idle()
        tasks = [*self._under_way, *([self._renewing] if self._renewing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._commit.finish()
        await self._give_back()
        await self._courier.close()

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

    async def _claim(self) -> tuple[Sequence[Claim], datetime | None]:
        """What is due now, after what was left behind was sorted out; and when something will be due next."""
        async with self._database.write() as unit:
            now = self._now()
            until = now + self._pace.lease
            lapsed = await outbox.lapsed(unit, now, self._pace.batch)
            # Ours lapsed because the process slept, or the clock leapt.
            late = [claim.id for claim in lapsed if self._holds(claim)]
            await outbox.renew(unit, late, until)
            left = [(claim, abandoned(claim, now)) for claim in lapsed if not self._holds(claim)]
            await outbox.settle(unit, [(claim, step, _LEFT_BEHIND) for claim, step in left], now)
            claims = await outbox.claim(unit, now, until, self._pace.batch)
            next_at = await outbox.next_at(unit)
        reach(Failpoint.AFTER_OUTBOX_CLAIM)
        for claim, step in left:
            self._report_left_behind(claim, step)
        self._claims |= {claim.id: claim for claim in claims}
        if claims and (self._renewing is None or self._renewing.done()):
            self._renewing = asyncio.create_task(self._renew())
        return claims, next_at

    def _holds(self, claim: Claim) -> bool:
        held = self._claims.get(claim.id)
        return held is not None and held.attempt == claim.attempt

    def _let_go(self, claim: Claim) -> None:
        if self._holds(claim):
            del self._claims[claim.id]

    async def _send(self, claim: Claim) -> None:
        try:
            if claim.mail.content:
                outcome = await self._courier.carry(claim.mail, lambda: self._mark(claim))
            else:
                outcome = UNWRITTEN
            reach(Failpoint.AFTER_250)
            await self._settle(_Settle(claim, outcome))
            self._let_go(claim)
        except Exception:  # noqa: BLE001 - the one broad except of this sweep: a bad mail must not stop the rest
            # Its lease is no longer renewed: another attempt follows, or it is uncertain.
            self._let_go(claim)
            _log.exception("A mail could not be sent.", what="relay_failed", mail=claim.id)

    async def _mark(self, claim: Claim) -> bool:
        began = self._now()
        try:
            marked = await self._commit(_Mark(claim))
        except StoreError as fault:  # not marked, so not sent
            _log.warning("A mail waits for the store.", what="mark_failed", mail=claim.id, reason=str(fault))
            return False
        # Who was stopped meanwhile may have lost the claim again: no dot goes out on an old promise.
        return marked and self._now() < began + self._pace.lease

    async def _settle(self, settle: _Settle) -> None:
        while True:
            try:
                settled = await self._commit(settle)
            except StoreError as fault:  # what happened to the mail must be kept, however long it takes
                _log.warning(
                    "What came of a mail waits for the store.",
                    what="settle_failed",
                    mail=settle.claim.id,
                    reason=str(fault),
                )
                await asyncio.sleep(self._pace.rest.total_seconds())
                continue
            if not settled:
                _log.warning(
                    "A claim was lost; nothing was changed.", what="claim_lost", mail=settle.claim.id
                )
            return

    async def _write(self, requests: Sequence[_Mark | _Settle]) -> Sequence[bool]:
        """One transaction; each answer says whether the claim still held."""
        steps = []
        async with self._database.write() as unit:
            now = self._now()
            marks = [request.claim for request in requests if isinstance(request, _Mark)]
            marked = await outbox.mark_dots(unit, marks, now, now + self._pace.lease)
            settles = [request for request in requests if isinstance(request, _Settle)]
            ours = await outbox.ours(unit, [settle.claim for settle in settles])
            steps = [(one, next_step(one.outcome, one.claim, now)) for one in settles if one.claim.id in ours]
            await outbox.settle(unit, [(one.claim, step, _reply(one.outcome)) for one, step in steps], now)
            if steps:
                reach(Failpoint.IN_SETTLE)
            for request, step in steps:
                if step.undelivered:
                    await self._tell(unit, request, step)
        for request, step in steps:
            self._report(request, step)
        return [request.claim.id in (marked if isinstance(request, _Mark) else ours) for request in requests]

    async def _tell(self, unit: Unit, settle: _Settle, step: Step) -> None:
        mail = replace(settle.claim.mail, recipients=step.undelivered)
        reply = settle.outcome.refusal or settle.outcome.reply
        try:
            async with savepoint(unit):
                await self._failed(unit, replace(settle.claim, mail=mail), reply)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - a bug there must not keep the others of this commit from settling
            _log.exception("A failed delivery could not be told.", what="tell_failed", mail=settle.claim.id)

    def _report(self, settle: _Settle, step: Step) -> None:
        self._count("sent", settle.outcome.ending)
        log = _log.warning if step.undelivered or step.state is OutboxState.UNCERTAIN else _log.info
        log(
            _SENTENCES[step.state],
            what=f"mail_{step.state}",
            mail=settle.claim.id,
            kind=settle.claim.mail.kind,
            attempt=settle.claim.attempt,
            reason=_reply(settle.outcome),
        )

    def _report_left_behind(self, claim: Claim, step: Step) -> None:
        _log.warning(
            "A mail was left behind by a process that ended.",
            what="mail_left_behind",
            mail=claim.id,
            kind=claim.mail.kind,
            state=step.state,
            reason="its final dot may have gone out" if claim.dot_at else "its final dot had not gone out",
        )

    async def _renew(self) -> None:
        while self._claims:
            await asyncio.sleep(self._pace.lease.total_seconds() / 3)
            try:
                async with self._database.write() as unit:
                    ours = await outbox.ours(unit, self._claims.values())
                    await outbox.renew(unit, ours, self._now() + self._pace.lease)
            except StoreError as fault:
                _log.warning("Leases could not be renewed.", what="renew_failed", reason=str(fault))

    async def _give_back(self) -> None:
        """Makes due again what was claimed and did not get to its final dot."""
        claims, self._claims = self._claims, {}
        if not claims:
            return
        async with self._database.write() as unit:
            await outbox.give_back(unit, await outbox.ours(unit, claims.values()), self._now())


_LEFT_BEHIND = "the process that sent it ended"
_SENTENCES = {
    OutboxState.SENT: "Mail sent.",
    OutboxState.WAITING: "Mail put off.",
    OutboxState.UNCERTAIN: "Mail sent without an answer; nobody knows whether it arrived.",
    OutboxState.FAILED: "Mail not delivered.",
}


def _reply(outcome: Attempt) -> str:
    """The server's last line, and what it said of those that it refused."""
    if not outcome.refusal:
        return outcome.reply
    return f"{outcome.reply}; refused for {', '.join(outcome.refused)}: {outcome.refusal}"
