"""Knows what a policy says to customers in its own words: what a phrase book translates beside our own."""

from collections.abc import Iterator

from mailgate.core.plan import Plan
from mailgate.core.policy import Policy


def sentences(policy: Policy) -> tuple[str, ...]:
    """Every sentence and name that a mail to a customer may take from the policy, each once."""
    return tuple(dict.fromkeys(filter(None, _said(policy))))


def _said(policy: Policy) -> Iterator[str]:
    for priority in policy.priorities:
        yield from (priority.title, priority.availability)
    yield from (cap.because for cap in policy.caps)
    yield from (one.asked for one in policy.requirements if one.required)
    yield from (rule.availability for rule in policy.roles.values())
    if policy.project:
        yield from (policy.project.none, policy.project.missing, policy.project.unknown)
    for plan in policy.plans.values():
        yield from _said_of(plan)
    yield from policy.links


def _said_of(plan: Plan) -> Iterator[str]:
    yield from (plan.channel_note, plan.opens_by_note, plan.not_included, plan.scope, plan.scope_text)
    yield from plan.includes
    yield from plan.includes.values()
