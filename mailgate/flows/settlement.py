"""Knows what is written about a mail under way: that its final dot is about to go out, and what came of it.

Mails that are under way together share the commits of their marks and settlements. A claim that was lost
changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from mailgate.core.relay import Attempt, Claim, OutboxState, Step, next_step
from mailgate.failpoint import Failpoint, reach
from mailgate.flows.shared import Shared
from mailgate.store import outbox
from mailgate.store.faults import StoreError
from mailgate.store.unit import Database, Unit, savepoint

Failed = Callable[[Unit, Claim, str], Awaitable[None]]
"""Told, inside the settling transaction, who will not get a mail (its recipients), and the server's words."""

Count = Callable[[str, str], None]
"""Counts an event under a label."""

Chance = Callable[[], float]
"""A number from 0 up to 1, never the same for long."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Mark:
    claim: Claim


@dataclass(frozen=True, slots=True)
class _Settle:
    claim: Claim
    outcome: Attempt


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What settling goes by.

    Args:
        failed: told of every mail that somebody will not get.
        count: told `sent` and how each attempt ended.
        chance: scatters the rests.
    """

    failed: Failed
    count: Count
    now: Callable[[], datetime]
    chance: Chance


class Settlement:
    """Writes for all mails under way in one process.

    Args:
        lease: how long a mail whose dot is about to go out stays ours.
        rest: after the store failed.
    """

    def __init__(
        self, database: Database, surroundings: Surroundings, lease: timedelta, rest: timedelta
    ) -> None:
        self._database = database
        self._surroundings = surroundings
        self._lease = lease
        self._rest = rest
        self._commit = Shared(self._write)

    async def mark(self, claim: Claim) -> bool:
        """Commits that the final dot is about to go out; False: it must not."""
        began = self._surroundings.now()
        try:
            marked = await self._commit(_Mark(claim))
        except StoreError as fault:  # not marked, so not sent
            _log.warning("A mail waits for the store.", what="mark_failed", mail=claim.id, reason=str(fault))
            return False
        # Who was stopped meanwhile may have lost the claim again: no dot goes out on an old promise.
        return marked and self._surroundings.now() < began + self._lease

    async def settle(self, claim: Claim, outcome: Attempt) -> None:
        """Commits what came of a mail, however long that takes."""
        while True:
            try:
                settled = await self._commit(_Settle(claim, outcome))
            except StoreError as fault:  # what happened to the mail must be kept
                _log.warning(
                    "What came of a mail waits for the store.",
                    what="settle_failed",
                    mail=claim.id,
                    reason=str(fault),
                )
                await asyncio.sleep(self._rest.total_seconds())
                continue
            if not settled:
                _log.warning("A claim was lost; nothing was changed.", what="claim_lost", mail=claim.id)
            return

    async def finish(self) -> None:
        """Returns when nothing is being written."""
        await self._commit.finish()

    async def _write(self, requests: Sequence[_Mark | _Settle]) -> Sequence[bool]:
        """One transaction; each answer says whether the claim still held."""
        steps = []
        async with self._database.write() as unit:
            now = self._surroundings.now()
            marks = [request.claim for request in requests if isinstance(request, _Mark)]
            marked = await outbox.mark_dots(unit, marks, now, now + self._lease)
            settles = [request for request in requests if isinstance(request, _Settle)]
            ours = await outbox.ours(unit, [settle.claim for settle in settles])
            held = [one for one in settles if one.claim.id in ours]
            steps = [
                (one, next_step(one.outcome, one.claim, now, self._surroundings.chance())) for one in held
            ]
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
                await self._surroundings.failed(unit, replace(settle.claim, mail=mail), reply)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - a bug there must not keep the others of this commit from settling
            _log.exception("A failed delivery could not be told.", what="tell_failed", mail=settle.claim.id)

    def _report(self, settle: _Settle, step: Step) -> None:
        self._surroundings.count("sent", settle.outcome.ending)
        log = _log.warning if step.undelivered or step.unsure else _log.info
        log(
            _SENTENCES[step.state],
            what=f"mail_{step.state}",
            mail=settle.claim.id,
            kind=settle.claim.mail.kind,
            attempt=settle.claim.attempt,
            reason=_reply(settle.outcome),
        )


_SENTENCES = {
    OutboxState.SENT: "Mail sent.",
    OutboxState.WAITING: "Mail put off.",
    OutboxState.UNCERTAIN: "Mail sent without an answer; nobody knows whether it arrived.",
    OutboxState.FAILED: "Mail not delivered.",
}


def _reply(outcome: Attempt) -> str:
    """The server's last line, what it said of those that it refused, and of whom it said nothing."""
    words = [outcome.reply]
    if outcome.refusal:
        words.append(f"refused for {', '.join(outcome.refused)}: {outcome.refusal}")
    if outcome.unsure:
        words.append(f"no answer for {', '.join(outcome.unsure)}")
    return "; ".join(words)
