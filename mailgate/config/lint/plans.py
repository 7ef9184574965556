"""Knows what nobody can use, or nobody does: plans, roles, channels and calendars without a way to them."""

from collections.abc import Iterator

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint.subject import Subject
from mailgate.core.case import SUPPORT

_INCOMING = frozenset({"email"})
"""The channels on which mailgate takes tickets itself."""

ABOUT_USE = frozenset({Rule.ROLE_WITHOUT_DOOR, Rule.UNUSED_POLICY, Rule.UNUSED_PLAN})
"""What only shows beside the accounts."""


def plan_without_target(subject: Subject) -> Iterator[Doubt]:
    """A plan with tickets, none of which ever has a clock."""
    for plan in subject.policy.plans.values():
        targets = [one for row in subject.rows() if row.plan is plan for one in row.targets]
        if plan.targets and not any(one.amount for one in targets):
            wrong = "promises nothing to anybody: no role and no priority has an amount of time"
            right = "a target with an amount, or no targets and a sentence in not_included"
            yield subject.doubt(Rule.PLAN_WITHOUT_TARGET, ("plans", plan.name), wrong, right)


def channel_without_door(subject: Subject) -> Iterator[Doubt]:
    """A plan whose targets are kept from every channel that there is."""
    for plan in subject.policy.plans.values():
        for key, channels in (("channels", plan.channels), ("opens_by", plan.opens_by)):
            if plan.targets and channels and not _INCOMING.intersection(channels):
                wrong = (
                    "no target is ever reached: mailgate takes tickets by email, which is not one of these"
                )
                right = f'{key} with "email", or none for every one'
                yield subject.doubt(Rule.CHANNEL_WITHOUT_DOOR, ("plans", plan.name, key), wrong, right)


def role_without_door(subject: Subject) -> Iterator[Doubt]:
    """A role that no alias and no tag leads to, though accounts have bought it."""
    tagged = set(subject.policy.role_tags.values())
    for plan in subject.policy.plans.values():
        buyers = [one for one in subject.accounts or () if one.plan == plan.name]
        for role in plan.targets:
            if not buyers or role in {SUPPORT, *tagged} or any(one.on_call_aliases for one in buyers):
                continue
            wrong = f"nobody reaches it: no tag chooses it, and {buyers[0].name} has no on-call alias"
            right = f"on_call_aliases for an account of this plan, or tags in [roles.{role}]"
            path = ("plans", plan.name, "targets", role)
            yield subject.doubt(Rule.ROLE_WITHOUT_DOOR, path, wrong, right)


def unused(subject: Subject) -> Iterator[Doubt]:
    """A policy or a plan that no account has; a calendar that nothing counts in."""
    yield from _unused_calendars(subject)
    if subject.accounts is None:
        return
    if not subject.accounts:
        right = f'policy = "{subject.policy.name}" in an account, or take the file away'
        yield subject.doubt(Rule.UNUSED_POLICY, (), "no account has this policy", right, Weight.NOTE)
        return
    for name in subject.policy.plans.keys() - {one.plan for one in subject.accounts}:
        right = f'plan = "{name}" in an account'
        yield subject.doubt(Rule.UNUSED_PLAN, ("plans", name), "no account has this plan", right, Weight.NOTE)


LOOKS = (plan_without_target, channel_without_door, role_without_door, unused)


def _unused_calendars(subject: Subject) -> Iterator[Doubt]:
    of_regions = {region.calendar for region in subject.policy.regions.values()}
    of_targets = {one.calendar for row in subject.rows() for one in row.targets}
    for name in subject.policy.calendars.keys() - of_regions - of_targets:
        right = "a region or a target that names it, or take it away"
        yield subject.doubt(
            Rule.UNUSED_CALENDAR, ("calendars", name), "nothing counts in it", right, Weight.NOTE
        )
