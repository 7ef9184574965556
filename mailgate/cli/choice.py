"""Knows how what an option names is found: an account, a policy, its plan; and what is said where it is not.

What is left out is what there is only one of.
"""

from collections.abc import Mapping
from typing import TypeVar

from mailgate.cli.fault import Fault
from mailgate.config.problem import suggestion
from mailgate.core.account import Account, Desk
from mailgate.core.policy import Policy

Thing = TypeVar("Thing")


def chosen(known: Mapping[str, Thing], kind: str, name: str, owner: str = "") -> Thing:
    """What has that name.

    Args:
        kind: what it is, in a word, for who hears that there is none.
        owner: the policy in which it is looked for; empty for the configuration.

    Raises:
        Fault: there is none.
    """
    if name not in known:
        where = f"{owner} has" if owner else "there is"
        raise Fault(f"{where} no {kind} '{name}': {suggestion(name, known)}")
    return known[name]


def account(desk: Desk, name: str | None) -> Account | None:
    """The account of that name; None for none."""
    return chosen(desk.accounts, "account", name) if name else None


def policy(desk: Desk, name: str | None) -> Policy:
    """The policy of that name; without one, the only one, or the only one that accounts have."""
    in_use = {one.policy for one in desk.accounts.values()}
    for only in (desk.policies, in_use):
        if not name and len(only) == 1:
            name = next(iter(only))
    if not name:
        raise Fault(f"--policy is missing: one of {', '.join(desk.policies)}")
    return chosen(desk.policies, "policy", name)


def plan(policy: Policy, name: str | None, option: str = "--plan") -> str:
    """The name of a plan of the policy; without one, of the only one."""
    if not name and len(policy.plans) == 1:
        return next(iter(policy.plans))
    if not name:
        raise Fault(f"{option} is missing: one of {', '.join(policy.plans)}")
    return chosen(policy.plans, "plan", name, policy.name).name


def region(policy: Policy, name: str) -> str:
    """The name of a region of the policy; empty, for its default one, where none is named."""
    return chosen(policy.regions, "region", name, policy.name).name if name else ""
