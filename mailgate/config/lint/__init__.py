"""Knows what is doubtful in policies that are no mistakes, rule by rule; nothing is refused for it.

Every rule reckons with the policy as it will be used: real calendars, real instants of the year that comes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint import calendars, ladders, order, plans, priorities, targets
from mailgate.config.lint.horizon import Horizon
from mailgate.config.lint.subject import Subject
from mailgate.config.toml import Document
from mailgate.core.account import Desk
from mailgate.core.policy import Policy

Look = Callable[[Subject], Iterator[Doubt]]
LOOKS: tuple[Look, ...] = (
    *calendars.LOOKS,
    *targets.LOOKS,
    *order.LOOKS,
    *priorities.LOOKS,
    *ladders.LOOKS,
    *plans.LOOKS,
)
ABOUT_USE = ladders.ABOUT_USE | plans.ABOUT_USE


def doubts(desk: Desk, written: Mapping[str, Document], now: datetime) -> tuple[Doubt, ...]:
    """Everything doubtful in the desk's policies, with those that their files allow.

    Args:
        written: the file of each policy, by the policy's name.
    """
    of_each = (doubts_in(policy, written[name], now, desk) for name, policy in desk.policies.items())
    return tuple(one for found in of_each for one in found)


def doubts_in(
    policy: Policy, document: Document, now: datetime, desk: Desk | None = None
) -> tuple[Doubt, ...]:
    """Everything doubtful in one policy, in the order of its lines.

    Args:
        desk: everything else that is configured; None where it is not known, so nothing is said of its use.
    """
    subject = Subject(policy, document, now, Horizon(now, policy.calendars.values()), desk)
    # A row for every other priority is seen once for each of them.
    once = {
        (one.rule, one.problem.key): one for look in reversed(LOOKS) for one in reversed([*look(subject)])
    }
    allowed = subject.allowances
    found = [replace(one, allowed=allowed.get(one.rule, "")) for one in once.values()]
    found += _idle(subject, {one.rule for one in found})
    return tuple(sorted(found, key=lambda one: (one.problem.line, one.problem.key, one.rule)))


def _idle(subject: Subject, found: set[Rule]) -> Iterator[Doubt]:
    for rule in subject.allowances.keys() - found:
        if subject.desk is None and rule in ABOUT_USE:
            continue
        path = ("lint", "allow", rule.value)
        yield subject.doubt(
            Rule.IDLE_ALLOWANCE, path, "allows what is not found", "take it away", weight=Weight.NOTE
        )
