"""Knows what is wrong with a policy file as a whole: names that it does not have, gaps, words used twice."""

from collections.abc import Iterable, Iterator

from mailgate.config.locate import KeyPath
from mailgate.config.policytable import EVERY, ConditionTable, PolicyTable, Role, entries
from mailgate.config.problem import Problem, suggestion
from mailgate.config.toml import Document


def mistakes(table: PolicyTable, document: Document) -> Iterator[Problem]:
    """Every mistake that only shows when the tables are seen together."""
    yield from _unknown_names(table, document)
    yield from _gaps(table, document)
    yield from _gaps_in_plans(table, document)


def _unknown_names(table: PolicyTable, document: Document) -> Iterator[Problem]:
    """Every name that the policy uses and does not have."""
    priorities = [priority.name for priority in table.priorities]
    known: dict[str, Iterable[str]] = {
        "priority": priorities,
        "calendar": table.calendars,
        "region": table.regions,
    }
    for path, kind, name in (*_names_at_the_top(table), *_names_in_plans(table)):
        if name and name not in known[kind]:
            yield document.problem(path, f'there is no {kind} "{name}"', suggestion(name, known[kind]))
    for plan, role, name in _rows(table):
        if name not in {EVERY, *priorities}:
            path = ("plans", plan, "targets", role, name)
            yield document.problem(path, "there is no such priority", suggestion(name, priorities))


def _names_at_the_top(table: PolicyTable) -> Iterator[tuple[KeyPath, str, str]]:
    yield ("default_priority",), "priority", table.default_priority
    yield ("default_region",), "region", table.default_region
    for name, region in table.regions.items():
        yield ("regions", name, "calendar"), "calendar", region.calendar
    for place, cap in enumerate(table.caps):
        yield ("caps", place, "priority"), "priority", cap.priority


def _names_in_plans(table: PolicyTable) -> Iterator[tuple[KeyPath, str, str]]:
    for plan, role, priority in _rows(table):
        row = table.plans[plan].targets[role][priority]
        for kind, target in entries(row):
            path = ("plans", plan, "targets", role, priority, kind.value)
            yield (*path, "calendar"), "calendar", target.calendar
            yield (*path, "met_by_lowering_to"), "priority", target.met_by_lowering_to


def _rows(table: PolicyTable) -> Iterator[tuple[str, Role, str]]:
    for name, plan in table.plans.items():
        for role, rows in plan.targets.items():
            for priority in rows:
                yield name, role, priority


def _gaps(table: PolicyTable, document: Document) -> Iterator[Problem]:
    """What must be said and is not, or is said twice."""
    if not table.default_region and len(table.regions) > 1:
        yield document.problem(("default_region",), "is missing", f"one of {', '.join(table.regions)}")
    if table.holiday_years[0] > table.holiday_years[1]:
        yield document.problem(("holiday_years",), "ends before it begins", "such as [2010, 2050]")
    for place, cap in enumerate(table.caps):
        if cap.when == ConditionTable():
            right = 'such as { environments = ["test"] }'
            yield document.problem(("caps", place, "when"), "never holds", right)
    yield from _words_used_twice(table, document)


def _gaps_in_plans(table: PolicyTable, document: Document) -> Iterator[Problem]:
    for name, plan in table.plans.items():
        if not plan.targets and not plan.not_included:
            right = "say in not_included, as a sentence, what the customer is told"
            yield document.problem(("plans", name), "includes no tickets", right)
        for role, rows in plan.targets.items():
            for priority in table.priorities:
                if not {priority.name, EVERY} & rows.keys():
                    path = ("plans", name, "targets", role, priority.name)
                    yield document.problem(path, "has no target", 'such as { response = "best effort" }')


def _words_used_twice(table: PolicyTable, document: Document) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for place, priority in enumerate(table.priorities):
        for word in (priority.name, *priority.tags):
            owner = seen.setdefault(word.casefold(), priority.name)
            if owner != priority.name or (word == priority.name and word in priority.tags):
                yield document.problem(
                    ("priorities", place), f'"{word}" is taken by {owner}', "each word once"
                )
