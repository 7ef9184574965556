"""Knows how spooled mail becomes tickets: read, find, decide, and write all of it in one transaction.

Mails that wait together share transactions, as long as they cannot know of each other. A mail that fails is
tried alone, then again later, then quarantined; it never delays the next one and is never lost.
"""

import asyncio
from collections import Counter
from collections.abc import (
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import structlog

from mailgate.core.change import Change, Fresh, Outcome, PolicyVersion
from mailgate.core.hearing import Arrival, Finding, Hearing
from mailgate.core.intake import found
from mailgate.core.message import Reading, Unreadable
from mailgate.core.ticket import TicketId
from mailgate.failpoint import Failpoint, reach
from mailgate.flows.decision import NOBODY, Work, decided, for_operators, quarantined, unfolded
from mailgate.flows.lease import LEASE, Leases
from mailgate.flows.office import Office
from mailgate.flows.versions import versions_of
from mailgate.store.apply import apply, keep_policies
from mailgate.store.claims import claim_mails, next_free, older_waits
from mailgate.store.facts import answer
from mailgate.store.faults import ConflictError, StoreError
from mailgate.store.numbers import foresee, reserve
from mailgate.store.unit import Database, Unit

TRIES = 3
_TOGETHER = 100  # mails; fewer statements each, and they are bounded in octets as well
_TRY_AGAIN = timedelta(seconds=5)
_TURNS = 3  # claims that a mail may wait for an older one: seconds, as claims last

_log = structlog.get_logger()


Number = Callable[[Unit, Mapping[str, int]], Awaitable[Mapping[str, tuple[tuple[TicketId, int], ...]]]]
"""Gives identities to so many tickets of each account: `reserve`, or `foresee` for who only looks."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one arrival was found to be; `fresh` is the identity of the ticket that it opens."""

    hearing: Hearing
    finding: Finding
    fresh: Fresh


@dataclass(frozen=True, slots=True)
class Intake:
    """The intake sweep.

    Args:
        read: reads one mail within limits of time and memory.
        office: what is decided by today.
        told: of each decision after its commit, for bells and counters.
    """

    database: Database
    read: Callable[[bytes], Awaitable[Reading]]
    office: Callable[[], Office]
    now: Callable[[], datetime]
    told: Callable[[Change], None]
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
            works = [await unfolded(mail, await self.read(mail.content), office) for mail in mails]
            for group in apart(works):
                held = [work for work in group if self._leases.holds(work.mail)]
                if held:
                    await self._settle(held, office)
        return self.now()

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
            await _check_turn(unit, group, before)
        _check_apart(before)
        changes = await _changes(group, before, office)
        async with self.database.write() as unit:
            now = await judged(unit, group, office, reserve, locked=True, before=before)
            if now != before:
                _check_apart(now)
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


async def judged(
    unit: Unit,
    group: Sequence[Work],
    office: Office,
    number: Number,
    *,
    locked: bool,
    before: Sequence[Judgement] = (),
) -> list[Judgement]:
    """What each arrival is found to be, with what the store knows of it.

    Args:
        number: gives the tickets that are opened their identities.
        locked: holds what is known until the transaction ends.
        before: the same without the lock; who is heard alike is found alike.
    """
    arrivals = [arrival for work in group for arrival in work.arrivals]
    hearings = await _heard(unit, arrivals, office, locked=locked)
    alike = hearings == [one.hearing for one in before]
    findings = [one.finding for one in before] if alike else [found(hearing) for hearing in hearings]
    openings = [
        hearing.arrival.account.key
        for hearing, finding in zip(hearings, findings, strict=True)
        if finding.outcome is Outcome.NEW_TICKET
    ]
    given = await number(unit, Counter(openings)) if openings else {}
    fresh = {account: iter(pairs) for account, pairs in given.items()}
    return [
        Judgement(hearing, finding, _identity(hearing, finding, fresh))
        for hearing, finding in zip(hearings, findings, strict=True)
    ]


async def _heard(unit: Unit, arrivals: Sequence[Arrival], office: Office, *, locked: bool) -> list[Hearing]:
    if not arrivals:
        return []
    facts = await answer(unit, [arrival.question for arrival in arrivals], locked=locked)
    versions = await versions_of(unit, (ticket for one in facts for ticket in one.tickets.values()), office)
    desk = office.head.desk
    return [
        Hearing(arrival, known, desk, desk.policies[arrival.account.policy], versions)
        for arrival, known in zip(arrivals, facts, strict=True)
    ]


def _check_apart(judgements: Sequence[Judgement]) -> None:
    """Mails of one transaction know nothing of each other, so no two of them may be about one ticket.

    By their names some cannot be told: one names a ticket by a reference, by a command, or one merged away.

    Raises:
        ConflictError: two of them are; decided one after the other, they hold.
    """
    known = [ticket for one in judgements for ticket in one.hearing.facts.tickets]
    if len(known) > len(set(known)):
        raise ConflictError("two mails of one transaction are about one ticket")


async def _check_turn(unit: Unit, group: Sequence[Work], judgements: Sequence[Judgement]) -> None:
    """What answers a mail that nobody knows may answer one that waits, or is in the hands of another node.

    Raises:
        ConflictError: an older mail waits; this one gives way a few times, for it may be that one.
    """
    group_ids = [work.mail.id for work in group]
    waiting = iter(judgements)
    for work in group:
        own = list(islice(waiting, len(work.arrivals)))
        if work.mail.attempts > _TURNS or not any(_answers_nothing_known(one) for one in own):
            continue
        if await older_waits(unit, work.mail, group_ids):
            raise ConflictError("it answers a mail that is not known, and an older one is not decided yet")


def _answers_nothing_known(one: Judgement) -> bool:
    is_new = one.finding.outcome is Outcome.NEW_TICKET
    return is_new and bool(one.hearing.arrival.question.references)


def _identity(
    hearing: Hearing, finding: Finding, fresh: Mapping[str, Iterator[tuple[TicketId, int]]]
) -> Fresh:
    if finding.outcome is not Outcome.NEW_TICKET:
        return NOBODY
    return Fresh(*next(fresh[hearing.arrival.account.key]))


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
