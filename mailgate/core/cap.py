"""Knows the rules by which a policy lowers a priority, as values; core.circumstance says when they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when each part of it that is given holds; one without parts never holds. Case does not matter.

    Args:
        environments: the environment that was named is one of these.
        environments_other_than: an environment was named, and it is none of these.
        fields: by the name of a field line, values: the line is there and has one of them.
        fields_other_than: the line is there and has none of them.
        version_of: the field line that names a version; it holds when one was named whose major number is
            none of `supported_majors`.
        security_incident: it is a confirmed security incident.
        launch_within_days: a launch of which support had been told is today or at most so many days ahead.
        options: the account has bought one of these.
    """

    environments: tuple[str, ...] = ()
    environments_other_than: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields_other_than: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    version_of: str = ""
    supported_majors: tuple[int, ...] = ()
    security_incident: bool = False
    launch_within_days: int | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling: where `when` holds and nothing lifts it, nothing is more urgent than `priority`."""

    priority: str
    because: str
    when: Condition
    lifted_by: tuple[Condition, ...] = ()
