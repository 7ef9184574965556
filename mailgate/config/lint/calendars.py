"""Knows what goes wrong in a calendar later: holidays that run out, hours that a change of clocks takes."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from mailgate.config.calendars import weekdays
from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint.subject import Subject
from mailgate.config.locate import KeyPath
from mailgate.core import zone
from mailgate.core.calendar import MIDNIGHT, Calendar, Opening

_YEARS = 5  # in which a change of the clocks is looked for
_NAMED = 3  # dates that a doubt names
_DAY = timedelta(days=1)


def holidays_end(subject: Subject) -> Iterator[Doubt]:
    """Holidays that are not known for the next year: promises would fall due on them."""
    next_year = subject.now.year + 1
    for calendar in subject.policy.calendars.values():
        last = max((one.on.year for one in calendar.holidays), default=next_year)
        if last < next_year:
            path: KeyPath = ("calendars", calendar.name, "holidays")
            if "holiday_years" in subject.document.tree:
                path = ("holiday_years",)
            wrong = f'the holidays of "{calendar.name}" end with {last}'
            right = f"years up to {next_year} at least, such as [2010, {next_year + 20}]"
            yield subject.doubt(Rule.HOLIDAYS_END, path, wrong, right)


def overlapping_dates(subject: Subject) -> Iterator[Doubt]:
    """A date with hours of its own that run into the next one, or that the night before runs into."""
    for calendar in subject.policy.calendars.values():
        for one in calendar.exceptions:
            for first in (one.on - _DAY, one.on):
                early, late = calendar.openings(first), calendar.openings(first + _DAY)
                if early and late and early[-1].closes - MIDNIGHT > late[0].opens:
                    wrong = f"{early[-1]} on {first} runs into {late[0]} on {first + _DAY}"
                    path = ("calendars", calendar.name, "dates", one.on.isoformat())
                    right = "hours that end before the next ones begin; what overlaps counts once"
                    yield subject.doubt(Rule.OVERLAPPING_DATES, path, wrong, right)


def skipped_hours(subject: Subject) -> Iterator[Doubt]:
    """An opening whose hours do not exist on a date on which the clocks are put forward."""
    today = subject.now.date()
    for calendar in subject.policy.calendars.values():
        lost: dict[tuple[KeyPath, Opening], list[_Loss]] = defaultdict(list)
        for gap in zone.gaps(zone.zone(calendar.zone), today, today + _YEARS * 366 * _DAY):
            for on, opening, whole in _losses(calendar, gap):
                lost[_path(subject, calendar, on), opening].append(_Loss(on, gap, whole=whole))
        for (path, opening), losses in lost.items():
            yield _skipped(subject, path, opening, losses)


LOOKS = (holidays_end, overlapping_dates, skipped_hours)


@dataclass(frozen=True, slots=True)
class _Loss:
    """What a gap takes from what opens on a date."""

    on: date
    gap: zone.Gap
    whole: bool


def _losses(calendar: Calendar, gap: zone.Gap) -> Iterator[tuple[date, Opening, bool]]:
    """Each opening that begins or ends in the gap, and whether nothing is left of it.

    Who works through a gap has lost nothing: that day is an hour shorter, and no promise counts it.
    """
    for on, shift in ((gap.on - _DAY, MIDNIGHT), (gap.on, 0)):
        start, end = gap.start + shift, gap.end + shift  # as minutes of the date on which it opens
        for opening in calendar.openings(on):
            opens_inside = start <= opening.opens < end and not _open_at(calendar, on, opening.opens, -1)
            closes_inside = start < opening.closes <= end and not _open_at(calendar, on, opening.closes, 0)
            if opens_inside or closes_inside:
                yield on, opening, start <= opening.opens and opening.closes <= end


def _open_at(calendar: Calendar, on: date, minute: int, step: int) -> bool:
    """Whether the calendar means to be open at a minute of a date, or just before it (-1)."""
    return any(
        one.opens <= minute + step - days * MIDNIGHT < one.closes
        for days in (-1, 0, 1, 2)
        for one in calendar.openings(on + days * _DAY)
    )


def _skipped(subject: Subject, path: KeyPath, opening: Opening, losses: list[_Loss]) -> Doubt:
    gap, whole = losses[0].gap, any(one.whole for one in losses)
    dates = ", ".join(str(one.on) for one in losses[:_NAMED])
    more = f" and {len(losses) - _NAMED} more in {_YEARS} years" if len(losses) > _NAMED else ""
    wrong = (
        f"{opening} {'never opens' if whole else 'is shorter'} on {dates}{more}: the clocks are put forward, "
        f"{gap} does not exist"
    )
    weight = Weight.WARNING if whole else Weight.NOTE
    return subject.doubt(
        Rule.SKIPPED_HOURS, path, wrong, "other hours, or dates with hours of their own", weight
    )


def _path(subject: Subject, calendar: Calendar, on: date) -> KeyPath:
    """Where the file says when the calendar opens on a date."""
    here: KeyPath = ("calendars", calendar.name)
    if any(one.on == on for one in calendar.exceptions):
        return (*here, "dates", on.isoformat())
    keys = subject.document.tree["calendars"][calendar.name]["hours"]
    return (*here, "hours", next(days for days in keys if on.weekday() in weekdays(days)))
