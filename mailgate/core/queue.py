"""Knows in which order staff take tickets: by what was bought, then by urgency, then by what is due first.

Weights are those of today's configuration, not of the version that a ticket was opened under.
"""

from collections.abc import Iterable
from datetime import datetime

from mailgate.core.account import Desk
from mailgate.core.ticket import Status, Ticket

_Place = tuple[bool, int, bool, int, bool, datetime, int]


def queued(tickets: Iterable[Ticket], desk: Desk) -> tuple[Ticket, ...]:
    """The tickets in the order in which to take them; those that wait for their customer come last."""
    return tuple(sorted(tickets, key=lambda ticket: _place(ticket, desk)))


def weight(ticket: Ticket, desk: Desk) -> int:
    """The weight of a ticket in the queue: that of its plan, and that of its kind of request."""
    policy = desk.policy_of(ticket.account)
    plan = policy.plans.get(ticket.plan) if policy else None
    if policy is None or plan is None:
        return 0
    return plan.queue_weight + policy.role_rule(policy.role(ticket.role)).queue_weight


def terms_told(ticket: Ticket, desk: Desk) -> str:
    """What staff are told of what was bought: `Diamond, scope Dedicated, weight 30 in the queue`."""
    policy = desk.policy_of(ticket.account)
    plan = policy.plans.get(ticket.plan) if policy else None
    if policy is None or plan is None:
        return ""
    role, ahead = policy.roles.get(policy.role(ticket.role)), weight(ticket, desk)
    parts = (
        plan.title,
        role.title if role else "",
        f"scope {plan.scope}" if plan.scope else "",
        f"weight {ahead} in the queue" if ahead else "",
    )
    return ", ".join(filter(None, parts))


def _place(ticket: Ticket, desk: Desk) -> _Place:
    policy = desk.policy_of(ticket.account)
    names = [one.name for one in policy.priorities] if policy else []
    known = ticket.priority in names
    urgency = names.index(ticket.priority) if known else 0
    due = min((clock.due for clock in ticket.clocks if clock.is_open), default=None)
    waits = ticket.status is Status.WAITING
    return waits, -weight(ticket, desk), not known, urgency, due is None, due or ticket.opened, ticket.id
