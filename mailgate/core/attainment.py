"""Knows how well promises were kept, priority by priority, and where two policies would have it otherwise."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailgate.core.clock import TargetKind
from mailgate.core.past import PastMail
from mailgate.core.replay import Fate, PastClock, PastTicket, Refused, Replay

_MEDIAN, _NEARLY_ALL = 50, 90  # percent


@dataclass(frozen=True, slots=True)
class Attainment:
    """How the promises of one kind at one priority went.

    Args:
        within: the amounts that were promised, in the policy's words; one, unless roles differ.
        unknown: of these nothing tells whether they were met.
        replaced: promises that a raised priority put another in the place of; they count nowhere else.
        percent: met, of those that were met or missed; None before there is one.
        median, ninetieth: milliseconds of its own open time after which half, and nine in ten, of those were
            stopped that were; None where none was.
    """

    priority: str
    kind: TargetKind
    within: tuple[str, ...]
    met: int
    missed: int
    running: int
    unknown: int
    replaced: int
    percent: float | None
    median: int | None
    ninetieth: int | None

    @property
    def promised(self) -> int:
        """How many promises were given and not replaced."""
        return self.met + self.missed + self.running + self.unknown


@dataclass(frozen=True, slots=True)
class Divergence:
    """A promise of one ticket that ends otherwise. None: it is best effort."""

    kind: TargetKind
    before: PastClock | None
    after: PastClock | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A ticket that two policies disagree about. None: the mail opens no ticket of its own there."""

    opening: PastMail
    before: PastTicket | Refused | None
    after: PastTicket | Refused | None
    changes: tuple[Divergence, ...]


def attainments(replay: Replay) -> tuple[Attainment, ...]:
    """A line for each priority and kind of target, the most urgent first, also where nothing is promised."""
    lines: dict[tuple[str, TargetKind], _Line] = {}
    for ticket in replay.tickets:
        for target in ticket.promise.targets:
            _line(lines, ticket.promise.priority, target.kind).within[target.words] = None
        for past in ticket.clocks:
            line = _line(lines, past.clock.priority, past.clock.kind)
            line.within[past.words] = None
            line.clocks.append(past)
    kinds = list(TargetKind)
    places = sorted(lines, key=lambda key: (replay.scenario.policy.urgency(key[0]), kinds.index(key[1])))
    return tuple(lines[place].told(*place) for place in places)


def tickets_of(replay: Replay) -> Counter[str]:
    """How many tickets were opened at each priority; one that was raised later counts there."""
    return Counter(one.promise.priority for one in replay.tickets)


def last(ticket: PastTicket) -> dict[TargetKind, PastClock]:
    """Of each kind the promise that held in the end."""
    found: dict[TargetKind, PastClock] = {}
    for past in ticket.clocks:
        known = found.get(past.clock.kind)
        if known is None or past.clock.epoch > known.clock.epoch:
            found[past.clock.kind] = past
    return found


def disagreements(before: Replay, after: Replay) -> tuple[Disagreement, ...]:
    """The tickets whose promises end otherwise in the second replay of the same mails, in their order."""
    theirs = {_key(one.opening): one for one in _openings(after)}
    found: list[Disagreement] = []
    for one in _openings(before):
        found += _between(one, theirs.pop(_key(one.opening), None))
    found += [Disagreement(one.opening, None, one, ()) for one in theirs.values()]
    return tuple(sorted(found, key=lambda one: one.opening.at))


@dataclass(slots=True)
class _Line:
    within: dict[str, None]
    clocks: list[PastClock]

    def told(self, priority: str, kind: TargetKind) -> Attainment:
        fates = Counter(past.fate for past in self.clocks)
        met, missed = fates[Fate.MET], fates[Fate.MISSED]
        used = sorted(
            past.consumed
            for past in self.clocks
            if past.clock.stopped is not None and past.fate is not Fate.REPLACED
        )
        return Attainment(
            priority=priority,
            kind=kind,
            within=tuple(self.within),
            met=met,
            missed=missed,
            running=fates[Fate.RUNNING],
            unknown=fates[Fate.UNKNOWN],
            replaced=fates[Fate.REPLACED],
            percent=100 * met / (met + missed) if met + missed else None,
            median=_percentile(used, _MEDIAN),
            ninetieth=_percentile(used, _NEARLY_ALL),
        )


def _line(lines: dict[tuple[str, TargetKind], _Line], priority: str, kind: TargetKind) -> _Line:
    return lines.setdefault((priority, kind), _Line({}, []))


def _percentile(ordered: list[int], percent: int) -> int | None:
    """The least value that so many percent of them do not exceed."""
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else None


def _openings(replay: Replay) -> Iterator[PastTicket | Refused]:
    yield from replay.tickets
    yield from replay.refused


def _key(opening: PastMail) -> tuple[str, str]:
    return opening.message_id, opening.identity


def _between(before: PastTicket | Refused, after: PastTicket | Refused | None) -> Iterable[Disagreement]:
    if isinstance(before, PastTicket) and isinstance(after, PastTicket):
        changes = tuple(_changes(last(before), last(after)))
        return [Disagreement(before.opening, before, after, changes)] if changes else []
    if isinstance(before, Refused) and isinstance(after, Refused):
        return []
    return [Disagreement(before.opening, before, after, ())]


def _changes(before: dict[TargetKind, PastClock], after: dict[TargetKind, PastClock]) -> Iterator[Divergence]:
    for kind in TargetKind:
        one, other = before.get(kind), after.get(kind)
        if (one and one.fate) != (other and other.fate):
            yield Divergence(kind, one, other)
