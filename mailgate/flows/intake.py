"""Knows how spooled mail becomes tickets: read, find, decide, and write all of it in one transaction.

Mails that wait together share transactions, as long as they cannot know of each other. A mail that fails is
tried alone, then again later, then quarantined; it never delays the next one and is never lost.
"""

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import structlog

from mailgate.core.change import Change, Outcome, PolicyVersion
from mailgate.core.message import Reading, Unreadable
from mailgate.core.unproven import AGAIN, must_wait
from mailgate.failpoint import Failpoint, reach
from mailgate.flows.decision import Work, decided, for_operators, quarantined
from mailgate.flows.evidence import Prove, nobody_looks, opened
from mailgate.flows.judgement import Judgement, check_apart, check_turn, judged
from mailgate.flows.lease import LEASE, Leases
from mailgate.flows.office import Office
from mailgate.store.apply import apply, keep_policies
from mailgate.store.claims import claim_mails, next_free
from mailgate.store.faults import ConflictError, StoreError
from mailgate.store.numbers import foresee, reserve
from mailgate.store.unit import Database

TRIES = 3
_TOGETHER = 100  # mails; fewer statements each, and they are bounded in octets as well
_TRY_AGAIN = timedelta(seconds=5)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Intake:
    """The intake sweep.

    Args:
        read: reads one mail within limits of time and memory.
        office: what is decided by today.
        told: of each decision after its commit, for bells and counters.
        prove: finds out who sent one mail, within a bound of time.
    """

    database: Database
    read: Callable[[bytes], Awaitable[Reading]]
    office: Callable[[], Office]
    now: Callable[[], datetime]
    told: Callable[[Change], None]
    prove: Prove = nobody_looks
    _leases: Leases = field(default_factory=Leases, init=False)

    async def sweep(self) -> datetime | None:
        """Decides a batch of what waits; answers when to look again."""
        async with self.database.read() as unit:  # without holding up anybody who writes
            following = await next_free(unit, self.now())
        if following is None or following > self.now():
            return following
        async with self.database.write() as unit:
            mails = await claim_mails(unit, self.now(), LEASE, _TOGETHER)
        reach(Failpoint.AFTER_CLAIM)
        async with self._leases.kept(mails, self.database, self.now):
            office = self.office()
            works = await opened(mails, self.read, self.prove, office)
            for group in apart(await self._ready(works)):
                held = [work for work in group if self._leases.holds(work.mail)]
                if held:
                    await self._settle(held, office)
        return self.now()

    async def _ready(self, works: Sequence[Work]) -> list[Work]:
        """The works that can be judged now; the others wait a little, for an answer that may come yet."""
        now = self.now()
        waiting = [work for work in works if any(must_wait(one, now) for one in work.arrivals)]
        if waiting:
            numbers = [work.mail.id for work in waiting]
            _log.info("Mails of staff wait for the DNS.", what="authentication_waits", spool=numbers)
            async with self.database.write() as unit:
                for work in waiting:
                    await self._leases.give_back(unit, work.mail, now + AGAIN)
        return [work for work in works if work not in waiting]

    async def _settle(self, group: Sequence[Work], office: Office) -> None:
        try:
            changes = await self._carry_out(group, office)
        except ConflictError as fault:
            await self._apart_from(group, office, fault)
        except StoreError:
            raise  # it speaks of the database, not of these mails: they wait
        except Exception as fault:  # noqa: BLE001 - the one of this sweep: one bad mail must not stop the rest
            await self._apart_from(group, office, fault)
        else:
            for change in changes:
                self._tell(change)

    async def _apart_from(self, group: Sequence[Work], office: Office, fault: Exception) -> None:
        """Each mail by itself, so that only those that fail alone are put off."""
        if len(group) == 1:
            await self._put_off(group[0], fault)
            return
        for work in group:
            await self._settle([work], office)

    async def _carry_out(self, group: Sequence[Work], office: Office) -> list[Change]:
        """Decides and writes, and holds the writer for moments only.

        The mails are composed before: if everything is seen alike under the writer's lock, they hold.
        """
        async with self.database.read() as unit:
            before = await judged(unit, group, office, foresee, locked=False)
            await check_turn(unit, group, before)
        check_apart(before)
        changes = await _changes(group, before, office)
        async with self.database.write() as unit:
            now = await judged(unit, group, office, reserve, locked=True, before=before)
            if now != before:
                check_apart(now)
                changes = await _changes(group, now, office)
            await keep_policies(unit, self.now(), _versions_used(now))
            await apply(unit, self.now(), changes)
        reach(Failpoint.AFTER_DECISION)
        return changes

    async def _put_off(self, work: Work, fault: Exception) -> None:
        """A mail that cannot be decided now is tried again later; after the last try it is quarantined."""
        if isinstance(fault, ConflictError):  # another program decided it, or something that it waits for
            _log.warning("A mail is decided later.", what="intake_conflict", reason=str(fault))
            return
        attempt = work.mail.attempts
        _log.error(
            "A mail could not be decided.",
            what="intake_failed",
            spool=work.mail.id,
            attempt=attempt,
            exc_info=fault,
        )
        async with self.database.write() as unit:
            if attempt < TRIES:
                await self._leases.give_back(unit, work.mail, self.now() + _TRY_AGAIN * attempt)
                return
            change = quarantined(work, "it could not be decided; the log tells why", self.office())
            await apply(unit, self.now(), [change])
        self._tell(change)

    def _tell(self, change: Change) -> None:
        _log.info(
            "A mail was decided.",
            what=change.outcome,
            rule=change.rule,
            reason=change.reason,
            account=change.account,
            ticket=change.ticket_name or None,
            spool=change.spool_id,
            mails=len(change.queued),
        )
        self.told(change)


def apart(works: Iterable[Work]) -> Iterator[list[Work]]:
    """The works in their order, in groups in which none can know of another."""
    group: list[Work] = []
    names: set[Hashable] = set()
    for work in works:
        if names & work.names:
            yield group
            group, names = [], set()
        group.append(work)
        names |= work.names
    if group:
        yield group


async def _changes(group: Sequence[Work], judgements: Sequence[Judgement], office: Office) -> list[Change]:
    """What the mails write, each with all its letters; between two of them others have their turn."""
    waiting = iter(judgements)
    changes: list[Change] = []
    for work in group:
        if isinstance(work.reading, Unreadable):
            changes.append(quarantined(work, work.reading.reason, office))
            continue
        own = islice(waiting, len(work.arrivals))
        changes += [decided(work, one.hearing, one.finding, one.fresh, office) for one in own]
        if work.mailboxes or work.strayed:
            changes.append(for_operators(work, office))
        await asyncio.sleep(0)
    return changes


def _versions_used(judgements: Sequence[Judgement]) -> list[PolicyVersion]:
    """The policies that tickets are opened under, each once."""
    used = {
        one.hearing.policy.digest: one.hearing.policy
        for one in judgements
        if one.finding.outcome is Outcome.NEW_TICKET
    }
    return [PolicyVersion(digest, policy.name, policy.content) for digest, policy in used.items()]
