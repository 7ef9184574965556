"""Knows what is wrong with a policy file as a whole: names that it does not have, gaps, words used twice."""

from collections.abc import Iterable, Iterator

from mailgate.config.locate import KeyPath
from mailgate.config.policytable import (
    EVERY,
    CapTable,
    ConditionTable,
    PlanTable,
    PolicyTable,
    TargetsTable,
    entries,
)
from mailgate.config.problem import Problem, suggestion
from mailgate.config.toml import Document
from mailgate.core.requirement import Source

Rows = tuple[KeyPath, dict[str, TargetsTable]]
"""Where rows of targets stand, and the rows by priority."""


def mistakes(table: PolicyTable, document: Document) -> Iterator[Problem]:
    """Every mistake that only shows when the tables are seen together."""
    yield from _unknown_names(table, document)
    yield from _gaps(table, document)
    yield from _gaps_in_caps(table, document)
    yield from _gaps_in_plans(table, document)
    yield from _gaps_in_fields(table, document)
    yield from _words_used_twice(table, document)


def _unknown_names(table: PolicyTable, document: Document) -> Iterator[Problem]:
    """Every name that the policy uses and does not have."""
    priorities = [priority.name for priority in table.priorities]
    known: dict[str, Iterable[str]] = {
        "priority": priorities,
        "calendar": table.calendars,
        "region": table.regions,
        "option": table.options,
    }
    for path, kind, name in (*_names_at_the_top(table), *_names_in_caps(table), *_names_in_plans(table)):
        if name and name not in known[kind]:
            yield document.problem(path, f'there is no {kind} "{name}"', suggestion(name, known[kind]))
    for path, rows in _rows(table):
        for name in rows.keys() - {EVERY, *priorities}:
            wrong = "there is no such priority"
            yield document.problem((*path, name), wrong, suggestion(name, priorities))


def _names_at_the_top(table: PolicyTable) -> Iterator[tuple[KeyPath, str, str]]:
    yield ("default_priority",), "priority", table.default_priority
    yield ("default_region",), "region", table.default_region
    for name, region in table.regions.items():
        yield ("regions", name, "calendar"), "calendar", region.calendar


def _names_in_caps(table: PolicyTable) -> Iterator[tuple[KeyPath, str, str]]:
    for place, cap in enumerate(table.caps):
        yield ("caps", place, "priority"), "priority", cap.priority
        for path, condition in _conditions(place, cap):
            for at, name in enumerate(condition.options):
                yield (*path, "options", at), "option", name


def _names_in_plans(table: PolicyTable) -> Iterator[tuple[KeyPath, str, str]]:
    for name, plan in table.plans.items():
        for at, option in enumerate(plan.options):
            yield ("plans", name, "options", at), "option", option
    for path, rows in _rows(table):
        for priority, row in rows.items():
            for kind, target in entries(row):
                at_target = (*path, priority, kind.value)
                yield (*at_target, "calendar"), "calendar", target.calendar
                yield (*at_target, "met_by_lowering_to"), "priority", target.met_by_lowering_to


def _rows(table: PolicyTable) -> Iterator[Rows]:
    for name, plan in table.plans.items():
        for role, rows in plan.targets.items():
            yield ("plans", name, "targets", role), rows
        for channel, by_role in plan.targets_by_channel.items():
            for role, rows in by_role.items():
                yield ("plans", name, "targets_by_channel", channel, role), rows


def _conditions(place: int, cap: CapTable) -> Iterator[tuple[KeyPath, ConditionTable]]:
    yield ("caps", place, "when"), cap.when
    for at, condition in enumerate(cap.unless):
        yield ("caps", place, "unless", at), condition


def _gaps(table: PolicyTable, document: Document) -> Iterator[Problem]:
    """What must be said and is not, or is said twice."""
    if not table.default_region and len(table.regions) > 1:
        yield document.problem(("default_region",), "is missing", f"one of {', '.join(table.regions)}")
    if table.holiday_years[0] > table.holiday_years[1]:
        yield document.problem(("holiday_years",), "ends before it begins", "such as [2010, 2050]")


def _gaps_in_caps(table: PolicyTable, document: Document) -> Iterator[Problem]:
    for place, cap in enumerate(table.caps):
        for path, condition in _conditions(place, cap):
            if condition == ConditionTable():
                yield document.problem(path, "never holds", 'such as { environments = ["test"] }')
            if bool(condition.version_of) is not bool(condition.supported_majors):
                right = 'both, such as { version_of = "Device OS", supported_majors = [5, 6] }'
                yield document.problem(path, "has one of version_of and supported_majors", right)


def _gaps_in_plans(table: PolicyTable, document: Document) -> Iterator[Problem]:
    offered: set[str] = {role for plan in table.plans.values() for role in plan.targets}
    for name, plan in table.plans.items():
        yield from _unsaid(name, plan, offered, document)
        for channel, by_role in plan.targets_by_channel.items():
            for role in by_role.keys() - plan.targets.keys():
                path: KeyPath = ("plans", name, "targets_by_channel", channel, role)
                right = f"[plans.{name}.targets.{role}] as well, for every other channel"
                yield document.problem(path, "is of no role that the plan has", right)
    for path, rows in _rows(table):
        for priority in table.priorities:
            if not {priority.name, EVERY} & rows.keys():
                right = 'such as { response = "best effort" }'
                yield document.problem((*path, priority.name), "has no target", right)


def _unsaid(name: str, plan: PlanTable, offered: set[str], document: Document) -> Iterator[Problem]:
    """Sentences that customers will need and the plan does not have."""
    without = "no tickets" if not plan.targets else ", ".join(sorted(offered - plan.targets.keys()))
    if without and not plan.not_included:
        wrong = f"includes {without}" if not plan.targets else f"does not include {without}"
        right = "say in not_included, as a sentence, what the customer is told"
        yield document.problem(("plans", name), wrong, right)
    for key in ("channels", "opens_by"):
        note = {"channels": "channel_note", "opens_by": "opens_by_note"}[key]
        if getattr(plan, key) and not getattr(plan, note):
            right = "a sentence for those who used another channel"
            yield document.problem(("plans", name, note), "is missing", right)


def _gaps_in_fields(table: PolicyTable, document: Document) -> Iterator[Problem]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for place, wanted in enumerate(table.fields):
        if wanted.required and wanted.found_in is not Source.LINE:
            wrong = f"cannot be missed where it is found in the {wanted.found_in}"
            right = 'required = false, or found_in = "line"'
            yield document.problem(("fields", place, "required"), wrong, right)
        for word in {name.casefold() for name in (wanted.name, *wanted.names)}:
            if (word, wanted.roles) in seen:
                yield document.problem(("fields", place), f'"{word}" is asked for twice', "each name once")
            seen.add((word, wanted.roles))


def _words_used_twice(table: PolicyTable, document: Document) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for path, owner, words in _tags(table):
        for word in words:
            if word.casefold() in seen:
                wrong = f'"{word}" is taken by {seen[word.casefold()]}'
                yield document.problem(path, wrong, "each word once")
            seen.setdefault(word.casefold(), owner)


def _tags(table: PolicyTable) -> Iterator[tuple[KeyPath, str, tuple[str, ...]]]:
    for place, priority in enumerate(table.priorities):
        yield ("priorities", place), priority.name, (priority.name, *priority.tags)
    for name, role in table.roles.items():
        yield ("roles", name, "tags"), name, role.tags
