"""Knows what mails that were opened are found to be, with all that the store knows of each."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from mailgate.core.change import Fresh, Outcome
from mailgate.core.hearing import Arrival, Finding, Hearing
from mailgate.core.intake import found
from mailgate.core.ticket import TicketId
from mailgate.flows.decision import NOBODY, Work
from mailgate.flows.office import Office
from mailgate.flows.versions import versions_of
from mailgate.store.claims import older_waits
from mailgate.store.facts import answer
from mailgate.store.faults import ConflictError
from mailgate.store.unit import Unit

_TURNS = 3  # claims that a mail may wait for an older one: seconds, as claims last

Number = Callable[[Unit, Mapping[str, int]], Awaitable[Mapping[str, tuple[tuple[TicketId, int], ...]]]]
"""Gives identities to so many tickets of each account: `reserve`, or `foresee` for who only looks."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one arrival was found to be; `fresh` is the identity of the ticket that it opens."""

    hearing: Hearing
    finding: Finding
    fresh: Fresh


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


def check_apart(judgements: Sequence[Judgement]) -> None:
    """Mails of one transaction know nothing of each other, so no two of them may be about one ticket.

    By their names some cannot be told: one names a ticket by a reference, by a command, or one merged away.

    Raises:
        ConflictError: two of them are; decided one after the other, they hold.
    """
    known = [ticket for one in judgements for ticket in one.hearing.facts.tickets]
    if len(known) > len(set(known)):
        raise ConflictError("two mails of one transaction are about one ticket")


async def check_turn(unit: Unit, group: Sequence[Work], judgements: Sequence[Judgement]) -> None:
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
