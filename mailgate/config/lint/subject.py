"""Knows what a rule looks at: one policy with its file, at an instant, beside the accounts that use it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint.horizon import Horizon
from mailgate.config.locate import KeyPath
from mailgate.config.policytable import EVERY
from mailgate.config.toml import Document
from mailgate.core.account import Account, Desk
from mailgate.core.calendar import Calendar
from mailgate.core.clock import TargetKind
from mailgate.core.plan import Plan, TargetsByRole
from mailgate.core.policy import Policy, Priority
from mailgate.core.target import Target

ANSWERS = frozenset({TargetKind.RESPONSE, TargetKind.NEXT_RESPONSE, TargetKind.ESCALATION})
"""What a person must be there for."""


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
        desk: everything else that is configured; None where it is not known.
    """

    policy: Policy
    document: Document
    now: datetime
    horizon: Horizon
    desk: Desk | None = None

    @property
    def accounts(self) -> tuple[Account, ...] | None:
        """Those that use the policy; None where they are not known."""
        if self.desk is None:
            return None
        return tuple(one for one in self.desk.accounts.values() if one.policy == self.policy.name)

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
            yield from self._rows(plan, plan.targets, ("targets",))
            for channel, by_role in plan.targets_by_channel.items():
                yield from self._rows(plan, by_role, ("targets_by_channel", channel))

    def _rows(self, plan: Plan, targets: TargetsByRole, inside: KeyPath) -> Iterator[Row]:
        for role, by_priority in targets.items():
            path = ("plans", plan.name, *inside, role)
            for priority in self.policy.priorities:
                name = priority.name if (*path, priority.name) in self.document.lines else EVERY
                yield Row(plan, role, priority, by_priority.get(priority.name, ()), (*path, name))

    def calendars_of(self, target: Target) -> tuple[Calendar, ...]:
        """Every calendar in which a target may count: its own, or one for each region."""
        found = {one.name: one for one in (self.policy.calendar_of(target, at) for at in self.policy.regions)}
        return tuple(found.values())
