"""Knows how a due instant came about: which stretches of time counted, which did not, and why.

The counted stretches and what was carried over add up to the consumed time (`behaviour.md` 6.5). The same
history gives the same answer, and of a clock that has ended the same answer for ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailgate.core.calendar import Stretch
from mailgate.core.clock import Clock, ClockName, lapsed
from mailgate.core.occasion import Occasion, Recorded, beginnings, endings
from mailgate.core.policy import Policy
from mailgate.core.terms import Term, terms
from mailgate.core.ticket import Ticket
from mailgate.core.zone import RULES

WALL_CLOCK = "wall-clock time always runs"
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a clock's time that counts as a whole or not at all.

    Args:
        reason: why, by the calendar: business hours, a holiday with its name.
        rest: since which mail the ticket waits for its customer; it counts then in no case. Empty otherwise.
    """

    start: datetime
    end: datetime
    counts: bool
    reason: str
    rest: str = ""

    @property
    def length(self) -> timedelta:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class ClockExplained:
    """One clock from its start until it ended, or until now.

    Args:
        words: its amount as the policy says it; empty, with an amount of None and no pieces, for one that
            another ticket brought along and that this ticket's policy does not know.
        calendar: the name of the one it counts in; empty for wall-clock time.
        zone: the zone in which its local times are told.
        began, ended: what did it; None where the journal says nothing of it, or it has not ended.
        consumed: the time that was used up: what was carried over, and the counted pieces.
        amount: all that there was.
    """

    clock: Clock
    words: str
    calendar: str
    zone: str
    began: Occasion | None
    ended: Occasion | None
    until: datetime
    consumed: timedelta
    amount: timedelta | None
    pieces: tuple[Piece, ...]

    @property
    def carried(self) -> timedelta:
        """What was used up in epochs before."""
        return self.clock.carried * _MILLISECOND


@dataclass(frozen=True, slots=True)
class Explanation:
    """A ticket's clocks under the policy version that it was opened with, every epoch of them.

    Args:
        policy: the policy's name; `version` the digest of the version.
        rules: the version of the time zone database.
    """

    ticket: str
    policy: str
    version: str
    rules: str
    plan: str
    region: str
    priority: str
    clocks: tuple[ClockExplained, ...]


def explained(ticket: Ticket, policy: Policy, recorded: Sequence[Recorded], now: datetime) -> Explanation:
    """How the ticket's due instants came about, as things stand at `now`.

    The policy is the version that the ticket was opened under, `recorded` is its journal.
    """
    began, ended = beginnings(recorded), endings(recorded)
    return Explanation(
        ticket=ticket.name,
        policy=policy.name,
        version=ticket.policy,
        rules=RULES,
        plan=ticket.plan,
        region=policy.region(ticket.region).name,
        priority=ticket.priority,
        clocks=tuple(_clock(clock, ticket, policy, (began, ended), now) for clock in ticket.clocks),
    )


def _clock(
    clock: Clock,
    ticket: Ticket,
    policy: Policy,
    told: tuple[Mapping[ClockName, Occasion], Mapping[ClockName, Occasion]],
    now: datetime,
) -> ClockExplained:
    # A miss that no sweep has noticed yet is none that was noticed.
    clock = replace(lapsed(clock, now), detected=clock.detected)
    term = terms(policy, ticket.case, clock.priority).get(clock.kind)
    until = clock.stopped or max(now, clock.started)
    pieces = tuple(_pieces(term, clock, until)) if term else ()
    began, ended = (one.get(clock.name) for one in told)
    counted = sum((one.length for one in pieces if one.counts), timedelta())
    return ClockExplained(
        clock=clock,
        words=str(term.amount) if term else "",
        calendar=term.calendar.name if term and term.amount.unit.is_business else "",
        zone=term.calendar.zone if term else "UTC",
        began=began,
        ended=ended,
        until=until,
        consumed=clock.carried * _MILLISECOND + counted,
        amount=term.length * _MILLISECOND if term else None,
        pieces=pieces,
    )


def _pieces(term: Term, clock: Clock, until: datetime) -> Iterator[Piece]:
    """The clock's time without a gap, cut where the ticket began to wait for its customer and ceased to."""
    done = clock.started
    for rest in clock.rests:
        begins, ends = min(rest.start, until), min(rest.end or until, until)
        yield from _of_calendar(term, done, begins)
        for stretch in _stretches(term, begins, ends):
            yield Piece(stretch.start, stretch.end, counts=False, reason=_idle(stretch), rest=rest.why)
        done = max(done, ends)
    yield from _of_calendar(term, done, until)


def _of_calendar(term: Term, start: datetime, end: datetime) -> Iterator[Piece]:
    for one in _stretches(term, start, end):
        yield Piece(one.start, one.end, one.counts, one.reason)


def _idle(stretch: Stretch) -> str:
    """Of a rest the reason of its closed time, which costs nothing; of its open time there is none but it."""
    return "" if stretch.counts else stretch.reason


def _stretches(term: Term, start: datetime, end: datetime) -> Iterator[Stretch]:
    if end <= start:
        return
    if term.amount.unit.is_business:
        yield from term.calendar.stretches(start, end)
    else:
        yield Stretch(start, end, counts=True, reason=WALL_CLOCK)
