"""Knows when two targets stand in the wrong order: a resolution first, a less urgent priority sooner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint.subject import Row, Subject
from mailgate.core.calendar import Calendar
from mailgate.core.clock import TargetKind
from mailgate.core.instant import from_ticks
from mailgate.core.localtime import told_brief
from mailgate.core.target import BEST_EFFORT, Target


@dataclass(frozen=True, slots=True)
class _Overtaken:
    """Where one target is due after another: `always`, or as in the `example`, a start with both dues."""

    always: bool
    example: tuple[int, int, int]
    zone: str

    @property
    def often(self) -> str:
        return "always" if self.always else "at times"

    def __str__(self) -> str:
        start, late, soon = (told_brief(from_ticks(one), self.zone) for one in self.example)
        return f"a mail of {start} is due at {late} by the longer, at {soon} by the shorter"


def resolution_first(subject: Subject) -> Iterator[Doubt]:
    """A resolution that is due before its response."""
    for row in subject.rows():
        response, resolution = row.target(TargetKind.RESPONSE), row.target(TargetKind.RESOLUTION)
        overtaken = _overtaken(subject, response, resolution)
        if overtaken and response and resolution:
            wrong = (
                f"a resolution within {resolution.amount} is {overtaken.often} due before "
                f"a response within {response.amount}: {overtaken}"
            )
            right = "a resolution that is never due before its response"
            path = (*row.path, TargetKind.RESOLUTION.value)
            yield subject.doubt(Rule.RESOLUTION_FIRST, path, wrong, right)


def less_urgent_sooner(subject: Subject) -> Iterator[Doubt]:
    """A more urgent priority that waits longer than the next one; of note where it sometimes does."""
    for urgent, other in pairwise(subject.rows()):
        if urgent.path[:-1] != other.path[:-1]:
            continue
        for kind in TargetKind:
            yield from _compared(subject, urgent, other, kind)


LOOKS = (resolution_first, less_urgent_sooner)


def _compared(subject: Subject, urgent: Row, other: Row, kind: TargetKind) -> Iterator[Doubt]:
    first, second = urgent.target(kind), other.target(kind)
    if second is None or second.amount is None:
        return
    path = (*urgent.path, kind.value)
    theirs = f"the {second.amount} of the less urgent {other.priority.name}"
    right = f"no more than what {other.priority.name} has"
    if first is None or first.amount is None:
        wrong = f"{BEST_EFFORT if first else 'none'}, beside {theirs}"
        yield subject.doubt(Rule.LESS_URGENT_SOONER, path, wrong, right)
        return
    overtaken = _overtaken(subject, first, second)
    if overtaken:
        wrong = f"{first.amount} is {overtaken.often} more than {theirs}: {overtaken}"
        weight = Weight.WARNING if overtaken.always else Weight.NOTE
        yield subject.doubt(Rule.LESS_URGENT_SOONER, path, wrong, right, weight)


def _overtaken(subject: Subject, late: Target | None, soon: Target | None) -> _Overtaken | None:
    """Whether and where the first is due after the second; None for nowhere, or where one has no amount."""
    if late is None or soon is None:
        return None
    for region in subject.policy.regions:
        of_late, of_soon = (subject.policy.calendar_of(one, region) for one in (late, soon))
        dues_late, dues_soon = _dues(subject, late, of_late), _dues(subject, soon, of_soon)
        pairs = zip(subject.horizon.starts, dues_late, dues_soon, strict=False)
        overtakings = [one for one in pairs if one[1] > one[2]]
        if overtakings:
            always = len(overtakings) == len(dues_late)
            return _Overtaken(always, overtakings[0], of_late.zone)
    return None


def _dues(subject: Subject, target: Target, calendar: Calendar) -> Sequence[int]:
    return subject.horizon.dues(target.amount, calendar) if target.amount else ()
