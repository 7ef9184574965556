"""Knows what a promise is reckoned from: what was asked, and what is known of who asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

SUPPORT = "support"
"""The role of an ordinary request."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a promise is reckoned from (`sla due` in `contract.md`).

    Args:
        asked: the priority asked for, by its name or a tag of it; empty for none.
        unknown: tags that look like a priority and are none, `P9`.
        environment: empty for what the field lines say.
        fields: `Name: value` lines (core.fields); the case of a name does not matter.
        projects: the account's active ones; None where no account is known, and they are not looked at.
        launches: dates of launches of which support had been told.
        options: what the account bought beside its plan.
    """

    plan: str
    region: str = ""
    asked: str = ""
    channel: str = "email"
    role: str = SUPPORT
    environment: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    security_incident: bool = False
    unknown: tuple[str, ...] = ()
    projects: tuple[str, ...] | None = None
    launches: tuple[date, ...] = ()
    options: tuple[str, ...] = ()
