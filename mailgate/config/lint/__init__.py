"""Knows what is doubtful in policies that are no mistakes, rule by rule; nothing is refused for it.

Every rule reckons with the policy as it will be used: real calendars, real instants of the year that comes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint import calendars, order, plans, priorities, targets
from mailgate.config.lint.horizon import Horizon
from mailgate.config.lint.subject import Subject
from mailgate.config.toml import Document
from mailgate.core.account import Account, Desk
from mailgate.core.policy import Policy

Look = Callable[[Subject], Iterator[Doubt]]
LOOKS: tuple[Look, ...] = (*calendars.LOOKS, *targets.LOOKS, *order.LOOKS, *priorities.LOOKS, *plans.LOOKS)


def doubts(desk: Desk, written: Mapping[str, Document], now: datetime) -> tuple[Doubt, ...]:
    """Everything doubtful in the desk's policies, with those that their files allow.

    Args:
        written: the file of each policy, by the policy's name.
    """
    found: list[Doubt] = []
    for name, policy in desk.policies.items():
        accounts = tuple(one for one in desk.accounts.values() if one.policy == name)
        found += doubts_in(policy, written[name], now, accounts)
    return tuple(found)


def doubts_in(
    policy: Policy, document: Document, now: datetime, accounts: Iterable[Account] | None = None
) -> tuple[Doubt, ...]:
    """Everything doubtful in one policy, in the order of its lines.

    Args:
        accounts: those that use it; None where they are not known, so nothing is said of its use.
    """
    known = None if accounts is None else tuple(accounts)
    subject = Subject(policy, document, now, Horizon(now, policy.calendars.values()), known)
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
        if subject.accounts is None and rule in plans.ABOUT_ACCOUNTS:
            continue
        path = ("lint", "allow", rule.value)
        yield subject.doubt(
            Rule.IDLE_ALLOWANCE, path, "allows what is not found", "take it away", weight=Weight.NOTE
        )
