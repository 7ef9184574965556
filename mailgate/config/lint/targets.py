"""Knows when a single target cannot be kept, or says something else than it seems to."""

from collections.abc import Iterator
from datetime import timedelta

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint.horizon import YEAR
from mailgate.config.lint.subject import ANSWERS, Row, Subject
from mailgate.core.amount import Amount, Unit
from mailgate.core.calendar import Calendar
from mailgate.core.instant import HOUR, MINUTE
from mailgate.core.localtime import stretch, told_brief
from mailgate.core.paging import ladder_at_once
from mailgate.core.target import Target

_HOURS = {Unit.BUSINESS_MINUTE, Unit.BUSINESS_HOUR}
_MILLISECOND = timedelta(milliseconds=1)


def unstaffed_hours(subject: Subject) -> Iterator[Doubt]:
    """A wall-clock answer that can fall due while nobody works and nobody is paged."""
    for row, target, amount, calendar in _amounts(subject):
        length = amount.wall_milliseconds
        if length is None or target.kind not in ANSWERS or _pages(subject, row):
            continue
        closed = (
            one for one in subject.horizon.closings(calendar) if one[1] - one[0] >= length * _MILLISECOND
        )
        since, until = next(closed, (None, None))
        if since and until:
            due = since + length * _MILLISECOND
            wrong = (
                f'{amount} by the clock, though "{calendar.name}" closes and nobody is paged: a mail of '
                f"{told_brief(since, calendar.zone)} is due at {told_brief(due, calendar.zone)}, "
                f"{stretch(until - due)} before it opens"
            )
            right = (
                "a business amount, a calendar in which somebody works then, or a priority with pages = true"
            )
            yield subject.doubt(Rule.UNSTAFFED_HOURS, (*row.path, target.kind.value), wrong, right)


def over_a_year(subject: Subject) -> Iterator[Doubt]:
    """More business time than the calendar opens in a year."""
    for row, target, amount, calendar in _amounts(subject):
        if not amount.unit.is_business:
            continue
        dues = zip(subject.horizon.starts, subject.horizon.dues(amount, calendar), strict=True)
        if max(due - start for start, due in dues) > YEAR // _MILLISECOND:
            open_hours = calendar.elapsed(subject.horizon.now, subject.horizon.end) // HOUR
            wrong = f'{amount} is more than a year, in which "{calendar.name}" opens {open_hours} hours'
            yield subject.doubt(
                Rule.OVER_A_YEAR,
                (*row.path, target.kind.value),
                wrong,
                "less, or a calendar that opens longer",
            )


def never_in_one_opening(subject: Subject) -> Iterator[Doubt]:
    """Business hours that no opening is long enough for: always answered on another day."""
    for row, target, amount, calendar in _amounts(subject):
        if amount.unit not in _HOURS or target.kind not in ANSWERS:
            continue
        longest = subject.horizon.longest_opening(calendar)
        if amount.milliseconds(calendar) * _MILLISECOND > longest:
            most = f'"{calendar.name}" opens for {stretch(longest)} at most'
            wrong = f"no opening is long enough for {amount}: {most}"
            yield subject.doubt(
                Rule.NEVER_IN_ONE_OPENING,
                (*row.path, target.kind.value),
                wrong,
                "business days, or less",
                Weight.NOTE,
            )


def late_warning(subject: Subject) -> Iterator[Doubt]:
    """A warning that leaves no minute to act."""
    share = subject.policy.warn_at_percent
    for row, target, amount, calendar in _amounts(subject):
        length = amount.milliseconds(calendar)
        left = length - length * share // 100
        if share and left < MINUTE:
            wrong = f"{amount} is warned of at {share} % of it, {left // 1000} seconds before the end"
            yield subject.doubt(
                Rule.LATE_WARNING, (*row.path, target.kind.value), wrong, "a lower warn_at_percent, or 0"
            )


def lowered_to_higher(subject: Subject) -> Iterator[Doubt]:
    """A de-escalation to a priority that is not lower."""
    urgency = subject.policy.urgency
    for row in subject.rows():
        for target in row.targets:
            to = target.met_by_lowering_to
            if to and urgency(to) <= urgency(row.priority.name):
                path = (*row.path, target.kind.value, "met_by_lowering_to")
                wrong = f"{to} is not less urgent than {row.priority.name}, so nothing is ever lowered to it"
                right = _less_urgent(subject, row)
                yield subject.doubt(Rule.LOWERED_TO_HIGHER, path, wrong, right)


LOOKS = (unstaffed_hours, over_a_year, never_in_one_opening, late_warning, lowered_to_higher)


def _amounts(subject: Subject) -> Iterator[tuple[Row, Target, Amount, Calendar]]:
    """Every target with an amount, in each calendar that it may count in."""
    for row in subject.rows():
        for target in row.targets:
            if target.amount is not None:
                for calendar in subject.calendars_of(target):
                    yield row, target, target.amount, calendar


def _pages(subject: Subject, row: Row) -> bool:
    return ladder_at_once(subject.policy, row.role, row.priority.name) is not None


def _less_urgent(subject: Subject, row: Row) -> str:
    lower = [one.name for one in subject.policy.priorities[subject.policy.urgency(row.priority.name) + 1 :]]
    return f"one of {', '.join(lower)}" if lower else "take it away"
