"""Knows the files of `policies/`: one policy each, named like its file, and policies that were stored.

A new vendor is a new file, never new code. What a file does not say has the plainest meaning: every channel,
no cap, the region's own calendar.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from pydantic import TypeAdapter

from mailgate.config.calendars import calendars
from mailgate.config.laddercheck import ladder_mistakes
from mailgate.config.policycheck import mistakes
from mailgate.config.policytable import (
    EVERY,
    CapTable,
    ConditionTable,
    LadderTable,
    PlanTable,
    PolicyTable,
    PriorityTable,
    RoleTable,
    TargetsByRoleTable,
    TargetsTable,
    entries,
)
from mailgate.config.problem import Problem
from mailgate.config.toml import Document, validate
from mailgate.core.calendar import Calendar
from mailgate.core.cap import Cap, Condition
from mailgate.core.ladder import Ladder, LadderStep, Paging
from mailgate.core.plan import Plan, ProjectRule, RoleRule, TargetsByRole
from mailgate.core.policy import Policy, Priority, Region
from mailgate.core.requirement import Requirement
from mailgate.core.target import Target

_AS_WRITTEN = {
    *("title", "source", "version", "readings", "default_priority", "tells_default"),
    *("warn_at_percent", "reopen_days", "links", "remarks", "options"),
}


def read_policy(document: Document) -> tuple[Policy | None, tuple[Problem, ...]]:
    """The policy of a file, or every mistake in it."""
    table, problems = validate(PolicyTable, document)
    if table is None:
        return None, problems
    made, problems_in_calendars = calendars(table.calendars, table.holiday_years, document)
    problems = (*problems_in_calendars, *mistakes(table, document), *ladder_mistakes(table, document))
    if problems:
        return None, tuple(sorted(problems, key=lambda problem: problem.line))
    return _policy(document.file.stem, table, made), ()


@lru_cache(maxsize=64)
def restored(content: str) -> Policy:
    """The policy of which that is the `content`: how a ticket keeps the version it was opened under.

    Asked again it is the same value, whose calendars are ready to reckon.

    Raises:
        ValueError: that is the content of no policy.
    """
    return _stored().validate_json(content)


@cache
def _stored() -> TypeAdapter[Policy]:
    return TypeAdapter(Policy)


def _policy(name: str, table: PolicyTable, made: Mapping[str, Calendar]) -> Policy:
    return Policy(
        name=name,
        calendars=made,
        regions={key: Region(key, one.title, one.calendar) for key, one in table.regions.items()},
        default_region=table.default_region or next(iter(table.regions)),
        priorities=tuple(Priority(**one.model_dump()) for one in table.priorities),
        plans={key: _plan(key, one, table.priorities) for key, one in table.plans.items()},
        caps=tuple(_cap(one) for one in table.caps),
        role_tags={tag.casefold(): role for role, one in table.roles.items() for tag in one.tags},
        ladders={key: _ladder(key, one) for key, one in table.ladders.items()},
        paging=Paging(table.paging.priorities, table.paging.roles, table.paging.missed),
        roles={key: _role(key, one) for key, one in table.roles.items()},
        requirements=tuple(Requirement(**one.model_dump()) for one in table.fields),
        project=ProjectRule(**table.project.model_dump()) if table.project else None,
        **table.model_dump(include=_AS_WRITTEN),
    )


def _role(name: str, table: RoleTable) -> RoleRule:
    said = table.model_dump(exclude={"tags", "title"})
    return RoleRule(name=name, title=table.title or name, **said)


def _plan(name: str, table: PlanTable, priorities: Iterable[PriorityTable]) -> Plan:
    names = [one.name for one in priorities]
    return Plan(
        name=name,
        targets=_by_role(table.targets, names),
        targets_by_channel={key: _by_role(rows, names) for key, rows in table.targets_by_channel.items()},
        **table.model_dump(exclude={"targets", "targets_by_channel"}),
    )


def _by_role(table: TargetsByRoleTable, names: Iterable[str]) -> TargetsByRole:
    return {
        role: {name: _targets(rows.get(name) or rows[EVERY]) for name in names}
        for role, rows in table.items()
    }


def _targets(row: TargetsTable) -> tuple[Target, ...]:
    return tuple(
        Target(kind, entry.within, entry.calendar, entry.met_by_lowering_to, entry.stopped_by, entry.rests)
        for kind, entry in entries(row)
    )


def _ladder(name: str, table: LadderTable) -> Ladder:
    steps = tuple(LadderStep(step.after, step.page) for step in table.steps)
    return Ladder(name, steps, table.calendar)


def _cap(table: CapTable) -> Cap:
    lifted_by = tuple(_condition(one) for one in table.unless)
    return Cap(table.priority, table.because, _condition(table.when), lifted_by)


def _condition(table: ConditionTable) -> Condition:
    said = table.model_dump()
    for key in ("environments", "environments_other_than"):
        said[key] = tuple(name.casefold() for name in said[key])
    return Condition(**said)
