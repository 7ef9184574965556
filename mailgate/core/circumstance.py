"""Knows which priority is in force in a case: what was asked for, the default, the caps, and why.

A circumstance that nobody named is none: a mail that says no environment is not capped for it.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime

from mailgate.core.cap import Cap, Condition
from mailgate.core.case import Case
from mailgate.core.fields import field
from mailgate.core.policy import Policy, Priority
from mailgate.core.tongue import Phrase
from mailgate.core.zone import zone

_MAJOR = re.compile(r"[0-9]{1,9}")


def in_force(policy: Policy, case: Case, wanted: str, start: datetime) -> tuple[Priority, str]:
    """The priority after default and caps, and why it is another than was asked for.

    Args:
        wanted: the name of the priority that was asked for; empty for none.
    """
    priority, because = policy.priority(wanted or policy.default_priority), ""
    if not wanted and policy.tells_default:
        because = Phrase.NO_PRIORITY.format(priority=priority.name)
    if not wanted and case.unknown:
        because = Phrase.UNKNOWN_PRIORITY.format(tags=_listed(case.unknown), priority=priority.name)
    today = start.astimezone(zone(policy.calendars[policy.region(case.region).calendar].zone)).date()
    for cap in policy.caps:
        if policy.urgency(priority.name) < policy.urgency(cap.priority) and _caps(cap, case, today):
            priority, because = policy.priority(cap.priority), cap.because
    return priority, because


def _caps(cap: Cap, case: Case, today: date) -> bool:
    return holds(cap.when, case, today) and not any(holds(one, case, today) for one in cap.lifted_by)


def holds(condition: Condition, case: Case, today: date) -> bool:
    """Whether the condition holds in a case; `today` is the local date of its start."""
    parts = tuple(_parts(condition, case, today))
    return bool(parts) and all(parts)


def _parts(condition: Condition, case: Case, today: date) -> Iterator[bool]:
    """Of each part that the condition has, whether it holds."""
    yield from _said(condition, case)
    if condition.version_of:
        major = _major(field(case.fields, condition.version_of))
        yield major is not None and major not in condition.supported_majors
    if condition.security_incident:
        yield case.security_incident
    if condition.launch_within_days is not None:
        ahead = ((launch - today).days for launch in case.launches)
        yield any(0 <= days <= condition.launch_within_days for days in ahead)
    if condition.options:
        yield any(option in condition.options for option in case.options)


def _said(condition: Condition, case: Case) -> Iterator[bool]:
    """The parts that are about what was said: the environment, and other field lines."""
    environment = _folded(case.environment or field(case.fields, "Environment"))
    if condition.environments:
        yield environment in condition.environments
    if condition.environments_other_than:
        yield bool(environment) and environment not in condition.environments_other_than
    for name, values in condition.fields.items():
        yield _folded(field(case.fields, name)) in map(_folded, values)
    for name, values in condition.fields_other_than.items():
        said = _folded(field(case.fields, name))
        yield bool(said) and said not in map(_folded, values)


def _folded(text: str) -> str:
    return text.strip().casefold()


def _major(version: str) -> int | None:
    """The major number of a version, however it is written: `6.1.0`, `v6`, `Device OS 6.x`; None for none."""
    found = _MAJOR.search(version)
    return int(found[0]) if found else None


def _listed(tags: tuple[str, ...]) -> str:
    return ", ".join(f"[{tag}]" for tag in tags)
