"""Knows whether a plan covers what is asked: this kind of request, this channel, this project.

What is not covered gets one courteous answer, and no ticket (`behaviour.md` 2.8).
"""

from mailgate.core.case import Case
from mailgate.core.fields import field
from mailgate.core.plan import Plan, ProjectRule
from mailgate.core.policy import Policy
from mailgate.core.tongue import Phrase


def refusal(policy: Policy, plan: Plan, case: Case) -> str | None:
    """The sentence that says courteously why a case is not covered; None where it is."""
    if policy.role(case.role) not in plan.targets:
        return plan.not_included or Phrase.NOT_INCLUDED.format(plan=plan.title)
    if plan.opens_by and case.channel not in plan.opens_by:
        return plan.opens_by_note
    if policy.project is not None and case.projects is not None:
        return _without_project(policy.project, case, case.projects)
    return None


def _without_project(rule: ProjectRule, case: Case, active: tuple[str, ...]) -> str | None:
    named = field(case.fields, rule.field).strip().casefold()
    if not active:
        return rule.none
    if not named:
        return None if len(active) == 1 else rule.missing
    return None if named in (project.casefold() for project in active) else rule.unknown
