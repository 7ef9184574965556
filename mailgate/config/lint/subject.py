"""Knows what a rule looks at: one policy with its file, at an instant, beside the accounts that use it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint.horizon import Horizon
from mailgate.config.locate import KeyPath
from mailgate.config.toml import Document
from mailgate.core.account import Account
from mailgate.core.calendar import Calendar
from mailgate.core.clock import TargetKind
from mailgate.core.policy import Plan, Policy, Priority, Target

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Row:
    """What a plan promises in one role at one priority; `path` is where the file says it."""

    plan: Plan
    role: str
    priority: Priority
    targets: tuple[Target, ...]
    path: KeyPath

    def target(self, kind: TargetKind) -> Target | None:
        """Its target of a kind, if it has one, best effort included."""
        return next((one for one in self.targets if one.kind is kind), None)


@dataclass(frozen=True, slots=True)
class Subject:
    """One policy, and what is around it.

    Args:
        horizon: the year that comes from `now` on.
        accounts: those that use it; None where they are not known.
    """

    policy: Policy
    document: Document
    now: datetime
    horizon: Horizon
    accounts: tuple[Account, ...] | None = None

    @property
    def allowances(self) -> Mapping[Rule, str]:
        """The reason for each rule that the file allows to be broken."""
        table = self.document.tree.get("lint", {})
        return {Rule(name): reason for name, reason in table.get("allow", {}).items()}

    def doubt(
        self, rule: Rule, path: KeyPath, wrong: str, right: str, weight: Weight = Weight.WARNING
    ) -> Doubt:
        """Something found at a key of the file."""
        return Doubt(rule, weight, self.document.problem(path, wrong, right))

    def rows(self) -> Iterator[Row]:
        """What is promised, plan by plan and role by role, the most urgent priority first."""
        for plan in self.policy.plans.values():
            for role, by_priority in plan.targets.items():
                written = self.document.tree["plans"][plan.name]["targets"][role]
                for priority in self.policy.priorities:
                    name = priority.name if priority.name in written else EVERY
                    path = ("plans", plan.name, "targets", role, name)
                    yield Row(plan, role, priority, by_priority.get(priority.name, ()), path)

    def calendars_of(self, target: Target) -> tuple[Calendar, ...]:
        """Every calendar in which a target may count: its own, or one for each region."""
        found = {one.name: one for one in (self.policy.calendar_of(target, at) for at in self.policy.regions)}
        return tuple(found.values())
