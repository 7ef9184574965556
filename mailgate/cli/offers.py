"""Knows how what is promised is laid out as the vendors lay it out.

Tiers whose targets do not depend on the priority stand side by side, one column each. Plans that promise one
kind of target alone are a matrix of plans and priorities. Everything else is a table for each plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from mailgate.cli.policywords import NONE, target
from mailgate.core.case import SUPPORT
from mailgate.core.clock import TargetKind
from mailgate.core.plan import Plan
from mailgate.core.policy import Policy
from mailgate.core.target import Target

Rows = Mapping[str, tuple[Target, ...]]
"""Targets by priority."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `below` is a sentence under it, empty for none."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What all plans promise for one kind of request on one channel; `channel` is empty for every one.

    Args:
        rows: by plan; a plan that does not have this is not there.
    """

    role: str
    channel: str
    rows: Mapping[str, Rows]

    @property
    def kinds(self) -> tuple[TargetKind, ...]:
        """The kinds of target that any plan has at any priority."""
        known = {one.kind for rows in self.rows.values() for row in rows.values() for one in row}
        return tuple(kind for kind in TargetKind if kind in known)

    @property
    def is_flat(self) -> bool:
        """Whether every plan promises the same at each priority."""
        return all(len(set(rows.values())) == 1 for rows in self.rows.values())

    def amounts(self, kind: TargetKind) -> bool:
        """Whether any target of the kind is more than best effort."""
        targets = (one for rows in self.rows.values() for row in rows.values() for one in row)
        return any(one.kind is kind and one.amount for one in targets)


def grids(policy: Policy) -> Iterator[Grid]:
    """What is promised, as tables."""
    offers = tuple(_offers(policy))
    if _are_tiers(offers):
        yield _tiers(policy, offers)
        return
    for offer in offers:
        firm = tuple(kind for kind in offer.kinds if offer.amounts(kind))
        if len(firm) == 1 and len(policy.plans) > 1:
            yield _matrix(policy, offer, firm[0])
        else:
            yield from _by_plan(policy, offer)
    facts = tuple(_facts(policy))
    if facts and shows_facts(policy):
        yield Grid("What the plans include", ("", *_titles(policy)), facts)


def shows_facts(policy: Policy) -> bool:
    """Whether the tables say what plans have beside targets; of a single plan it is said elsewhere."""
    return len(policy.plans) > 1 or _are_tiers(tuple(_offers(policy)))


def _are_tiers(offers: Sequence[Offer]) -> bool:
    return all(offer.is_flat for offer in offers)


def _offers(policy: Policy) -> Iterator[Offer]:
    plans = policy.plans.values()
    roles = dict.fromkeys(role for plan in plans for role in plan.targets)
    channels = dict.fromkeys(channel for plan in plans for channel in plan.targets_by_channel)
    for channel, role in product(("", *channels), roles):
        rows = {plan.name: _rows(plan, role, channel) for plan in plans}
        found = {name: one for name, one in rows.items() if one}
        if found:
            yield Offer(role, channel, found)


def _rows(plan: Plan, role: str, channel: str) -> Rows:
    by_role = plan.targets_by_channel.get(channel, {}) if channel else plan.targets
    return by_role.get(role, {})


def _tiers(policy: Policy, offers: Sequence[Offer]) -> Grid:
    """One column for each plan, one row for each thing that it has."""
    rows = []
    for offer in offers:
        for kind in offer.kinds:
            cells = (_cell(next(iter(offer.rows.get(name, {}).values()), ()), kind) for name in policy.plans)
            label = kind.words.capitalize() if len(offers) == 1 else f"{_what(policy, offer)}: {kind.words}"
            rows.append((label, *cells))
    facts = tuple(_facts(policy))
    scope, others = facts[:1], facts[1:]
    if not any(plan.scope for plan in policy.plans.values()):
        scope, others = (), facts
    below = "At every priority." if len(policy.priorities) > 1 else ""
    return Grid("What is promised", ("", *_titles(policy)), (*scope, *rows, *others), below)


def _matrix(policy: Policy, offer: Offer, kind: TargetKind) -> Grid:
    """One row for each plan, one column for each priority."""
    columns = tuple(f"{one.name} ({one.title})" for one in policy.priorities)
    rows = tuple(
        (plan.title, *(_cell(offer.rows.get(name, {}).get(one.name, ()), kind) for one in policy.priorities))
        for name, plan in policy.plans.items()
    )
    others = ", ".join(other.words for other in offer.kinds if other is not kind)
    below = f"{others.capitalize()}: best effort." if others else ""
    return Grid(_heading(policy, offer, kind.words.capitalize()), ("", *columns), rows, below)


def _by_plan(policy: Policy, offer: Offer) -> Iterator[Grid]:
    """For each plan one row for each priority."""
    for name, rows in offer.rows.items():
        kinds = Offer(offer.role, offer.channel, {name: rows}).kinds
        cells = tuple(
            (f"{one.name} ({one.title})", *(_cell(rows.get(one.name, ()), kind) for kind in kinds))
            for one in policy.priorities
        )
        title = _heading(policy, offer, f"Plan {policy.plans[name].title}")
        yield Grid(title, ("priority", *(kind.words for kind in kinds)), cells)


def _facts(policy: Policy) -> Iterator[tuple[str, ...]]:
    """What plans have beside targets, one row each: what none of them has is left out."""
    plans = tuple(policy.plans.values())
    if any(plan.scope for plan in plans):
        yield "Scope", *(plan.scope or NONE for plan in plans)
    for name in dict.fromkeys(name for plan in plans for name in plan.includes):
        yield name, *(plan.includes.get(name, "") for plan in plans)
    if any(plan.channels for plan in plans):
        yield "Targets on channels", *(", ".join(plan.channels) or "all" for plan in plans)
    if any(plan.opens_by for plan in plans):
        yield "Tickets by", *(", ".join(plan.opens_by) or "all" for plan in plans)
    if any(plan.options for plan in plans):
        bought = (", ".join(policy.options[one] for one in plan.options) for plan in plans)
        yield "Options", *(one or NONE for one in bought)
    if any(plan.queue_weight for plan in plans):
        yield "Weight in the queue", *(str(plan.queue_weight) for plan in plans)


def _titles(policy: Policy) -> tuple[str, ...]:
    return tuple(plan.title for plan in policy.plans.values())


def _heading(policy: Policy, offer: Offer, title: str) -> str:
    parts = (title, "" if offer.role == SUPPORT else policy.role_rule(offer.role).title)
    channel = f"by {offer.channel}" if offer.channel else ""
    return ", ".join(filter(None, (*parts, channel)))


def _what(policy: Policy, offer: Offer) -> str:
    title = policy.role_rule(offer.role).title
    return f"{title} by {offer.channel}" if offer.channel else title


def _cell(row: tuple[Target, ...], kind: TargetKind) -> str:
    return target(next((one for one in row if one.kind is kind), None))
