"""Knows what a policy can be found doubtful for: written as it may be, and hardly meant so.

A mistake refuses the configuration (`config.problem`); a doubt does not. A policy file that means what it
says allows it, by the name of the rule and with a reason: `[lint] allow = { unstaffed-hours = "…" }`.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailgate.config.problem import Problem


class Rule(StrEnum):
    """What is looked for, by the name that allows it. `docs/policies.md` says what each one means."""

    UNSTAFFED_HOURS = "unstaffed-hours"
    OVER_A_YEAR = "over-a-year"
    NEVER_IN_ONE_OPENING = "never-in-one-opening"
    LATE_WARNING = "late-warning"
    RESOLUTION_FIRST = "resolution-first"
    LESS_URGENT_SOONER = "less-urgent-sooner"
    LOWERED_TO_HIGHER = "lowered-to-higher"
    NO_TARGET = "no-target"
    DEFAULT_WITHOUT_TARGET = "default-without-target"
    HIDDEN_TAG = "hidden-tag"
    IDLE_CAP = "idle-cap"
    HOLIDAYS_END = "holidays-end"
    OVERLAPPING_DATES = "overlapping-dates"
    SKIPPED_HOURS = "skipped-hours"
    LATE_LADDER = "late-ladder"
    PAGE_TO_NOBODY = "page-to-nobody"
    UNUSED_LADDER = "unused-ladder"
    PLAN_WITHOUT_TARGET = "plan-without-target"
    ROLE_WITHOUT_DOOR = "role-without-door"
    CHANNEL_WITHOUT_DOOR = "channel-without-door"
    UNUSED_POLICY = "unused-policy"
    UNUSED_PLAN = "unused-plan"
    UNUSED_CALENDAR = "unused-calendar"
    IDLE_ALLOWANCE = "idle-allowance"


class Weight(StrEnum):
    """How much a doubt matters."""

    WARNING = "warning"  # a promise that cannot be kept, or a rule that never works
    NOTE = "note"  # worth knowing, and no fault


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at again.

    Args:
        allowed: the reason for which the policy file allows it; empty where it does not.
    """

    rule: Rule
    weight: Weight
    problem: Problem
    allowed: str = ""

    @property
    def counts(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.weight is Weight.WARNING and not self.allowed

    def __str__(self) -> str:
        return f"{self.problem} [{self.rule}]"
