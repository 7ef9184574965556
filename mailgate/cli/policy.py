"""Knows how a policy is shown: the vendor's tables back, its calendars and holidays, caps and readings."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant, configuration
from mailgate.cli.screen import emit_json, say, table
from mailgate.config.problem import suggestion
from mailgate.core.calendar import WEEKDAYS, Calendar, Holiday, Opening
from mailgate.core.clock import TargetKind
from mailgate.core.instant import MINUTE
from mailgate.core.localtime import stretch, told_day
from mailgate.core.policy import BEST_EFFORT, SUPPORT, Cap, Condition, Plan, Policy, Target


@click.group()
def policy() -> None:
    """Show policies as tables."""


@policy.command()
@click.argument("name")
@as_json
@at_instant
def show(*, name: str, as_json: bool, now: datetime) -> None:
    """Show a policy: targets, calendars, holidays of this year and the next, caps, readings."""
    policies = configuration().desk.policies
    if name not in policies:
        raise Fault(f"there is no policy '{name}': {suggestion(name, policies)}")
    years = (now.year, now.year + 1)
    if as_json:
        emit_json(_plain(policies[name], years))
    else:
        _show(policies[name], years)


def _show(shown: Policy, years: tuple[int, int]) -> None:
    say(f"{shown.title} ({shown.name}, version {shown.digest[:12]})")
    if shown.source:
        say(f"From: {shown.source}")
    for plan in shown.plans.values():
        _show_plan(shown, plan)
    _show_priorities(shown)
    _show_regions(shown)
    for calendar in shown.calendars.values():
        _show_calendar(calendar, years)
    _show_rules(shown)


def _show_plan(shown: Policy, plan: Plan) -> None:
    if not plan.targets:
        _heading(f"Plan {plan.title}: no tickets")
        say(plan.not_included)
    for role, rows in plan.targets.items():
        kinds = [kind for kind in TargetKind if any(_target(row, kind) for row in rows.values())]
        _heading(f"Plan {plan.title}" + ("" if role == SUPPORT else f", {role}"))
        cells = (
            (one.name, one.title, *(_cell(_target(rows[one.name], kind)) for kind in kinds))
            for one in shown.priorities
        )
        table(["priority", "", *(kind.value for kind in kinds)], cells)
    if plan.channels:
        say(f"Targets by {' or '.join(plan.channels)} only. {plan.channel_note}")


def _show_priorities(shown: Policy) -> None:
    _heading("Priorities, the most urgent first")
    rows = (
        (
            one.name,
            one.title,
            ", ".join(f"[{tag}]" for tag in (one.name, *one.tags)),
            "yes" if one.pages else "",
            one.description,
        )
        for one in shown.priorities
    )
    table(["priority", "", "tags", "pages", "what belongs there"], rows)
    say(f"Without a tag: {shown.default_priority}")


def _show_regions(shown: Policy) -> None:
    _heading("Regions")
    rows = (
        (one.name, one.title, one.calendar, "yes" if one.name == shown.default_region else "")
        for one in shown.regions.values()
    )
    table(["region", "", "calendar", "default"], rows)


def _show_calendar(calendar: Calendar, years: tuple[int, int]) -> None:
    _heading(f"Calendar {calendar.name}, {calendar.zone}")
    for days, hours in _hours(calendar):
        say(f"{days}: {hours}")
    say(f"A business day is {stretch(timedelta(milliseconds=calendar.day_length))}.")
    rows = [(told_day(one.on), one.name) for one in _holidays(calendar, years)]
    rows += [
        (told_day(one.on), f"{_openings(one.openings)} {one.name}".strip())
        for one in calendar.exceptions
        if one.on.year in years
    ]
    if rows:
        table([f"closed or other hours in {years[0]} and {years[1]}", ""], rows)


def _show_rules(shown: Policy) -> None:
    _heading("Rules")
    for cap in shown.caps:
        say(f"- {cap.priority} at most {_cap(cap)}: {cap.because}.")
    for tag, role in shown.role_tags.items():
        say(f"- The tag [{tag}] means the role {role}.")
    if shown.warn_at_percent:
        say(f"- Staff are warned when {shown.warn_at_percent} % of a target's time is used up.")
    say(f"- A reply reopens a resolved ticket for {shown.reopen_days} days.")
    for name, address in shown.links.items():
        say(f"- {name}: {address}")
    if shown.readings:
        _heading("Read into the document")
    for reading in shown.readings:
        say(f"- {reading}")


def _heading(text: str) -> None:
    say()
    say(text)
    say()


def _target(row: tuple[Target, ...], kind: TargetKind) -> Target | None:
    return next((target for target in row if target.kind is kind), None)


def _cell(target: Target | None) -> str:
    if target is None:
        return ""
    words = str(target.amount) if target.amount else BEST_EFFORT
    if target.calendar:
        words += f" ({target.calendar})"
    return f"{words}, to de-escalate to {target.met_by_lowering_to}" if target.met_by_lowering_to else words


def _hours(calendar: Calendar) -> Iterator[tuple[str, str]]:
    """The days of the week that have the same hours, side by side: `Monday to Friday`."""
    first = 0
    for day in range(1, len(WEEKDAYS) + 1):
        if day == len(WEEKDAYS) or calendar.week[day] != calendar.week[first]:
            last = f" to {WEEKDAYS[day - 1]}" if day - 1 > first else ""
            yield WEEKDAYS[first] + last, _openings(calendar.week[first])
            first = day


def _openings(openings: tuple[Opening, ...]) -> str:
    return ", ".join(str(opening) for opening in openings) or "closed"


def _holidays(calendar: Calendar, years: tuple[int, int]) -> list[Holiday]:
    return [holiday for holiday in calendar.holidays if holiday.on.year in years]


def _cap(cap: Cap) -> str:
    lifted = ", or ".join(_condition(one) for one in cap.lifted_by)
    return f"when {_condition(cap.when)}" + (f", unless {lifted}" if lifted else "")


def _condition(condition: Condition) -> str:
    majors = ", ".join(str(major) for major in condition.supported_majors)
    parts = (
        condition.environments and f"the environment is {' or '.join(condition.environments)}",
        condition.environments_other_than
        and f"the environment is another than {' or '.join(condition.environments_other_than)}",
        condition.version_of and f"{condition.version_of} is another major version than {majors}",
        condition.security_incident and "it is a confirmed security incident",
    )
    return " and ".join(str(part) for part in parts if part)


def _plain(shown: Policy, years: tuple[int, int]) -> dict[str, Any]:
    return {
        "name": shown.name,
        "title": shown.title,
        "version": shown.digest,
        "source": shown.source,
        "default_priority": shown.default_priority,
        "default_region": shown.default_region,
        "priorities": [
            {
                "name": one.name,
                "title": one.title,
                "description": one.description,
                "tags": [one.name, *one.tags],
                "pages": one.pages,
            }
            for one in shown.priorities
        ],
        "plans": {name: _plain_plan(plan) for name, plan in shown.plans.items()},
        "regions": {
            name: {"title": one.title, "calendar": one.calendar} for name, one in shown.regions.items()
        },
        "calendars": {name: _plain_calendar(one, years) for name, one in shown.calendars.items()},
        "caps": [{"priority": cap.priority, "because": cap.because, "rule": _cap(cap)} for cap in shown.caps],
        "warn_at_percent": shown.warn_at_percent,
        "reopen_days": shown.reopen_days,
        "links": shown.links,
        "readings": shown.readings,
    }


def _plain_plan(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "channels": plan.channels,
        "targets": {
            role: {
                priority: {target.kind.value: _cell(target) for target in row}
                for priority, row in rows.items()
            }
            for role, rows in plan.targets.items()
        },
    }


def _plain_calendar(calendar: Calendar, years: tuple[int, int]) -> dict[str, Any]:
    return {
        "timezone": calendar.zone,
        "hours": {
            day: [str(opening) for opening in openings]
            for day, openings in zip(WEEKDAYS, calendar.week, strict=True)
        },
        "business_day_minutes": calendar.day_length // MINUTE,
        "holidays": [{"date": one.on, "name": one.name} for one in _holidays(calendar, years)],
        "dates": [
            {"date": one.on, "name": one.name, "hours": [str(opening) for opening in one.openings]}
            for one in calendar.exceptions
            if one.on.year in years
        ],
    }
