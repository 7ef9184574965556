"""Knows what an account can buy: a plan with its targets, what it includes, whom it serves and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailgate.core.target import Target

TargetsByRole = Mapping[str, Mapping[str, tuple[Target, ...]]]
"""Targets by role, then by priority."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an account can buy.

    Args:
        targets: a role that is not there is not part of the plan.
        targets_by_channel: those of a channel that has other ones.
        channels: those with targets; empty for every one. `channel_note` tells those who used another.
        opens_by: those that open tickets; empty for every one. `opens_by_note` tells those who used another.
        not_included: the courteous sentence for a role that is not part of the plan.
        scope: what support helps with, in the vendor's word; `scope_text` in a sentence or two.
        includes: what else is part of it, by the vendor's names.
        options: names of what can be bought with it.
        queue_weight: of two tickets, the one with the greater weight is taken first.
    """

    name: str
    title: str
    targets: TargetsByRole
    channels: tuple[str, ...] = ()
    channel_note: str = ""
    not_included: str = ""
    targets_by_channel: Mapping[str, TargetsByRole] = field(default_factory=dict)
    opens_by: tuple[str, ...] = ()
    opens_by_note: str = ""
    scope: str = ""
    scope_text: str = ""
    includes: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    queue_weight: int = 0


@dataclass(frozen=True, slots=True)
class RoleRule:
    """What a kind of request is to the vendor: `on-call`.

    Args:
        pages: whether it notifies the person on call at once, whatever its priority.
        availability: a sentence that asks the customer to be ready for something.
        queue_weight: added to the plan's.
    """

    name: str
    title: str
    description: str = ""
    pages: bool = False
    availability: str = ""
    queue_weight: int = 0


@dataclass(frozen=True, slots=True)
class ProjectRule:
    """A ticket is about an active project of the account's; an account that has one need not name it.

    Args:
        field: the field line that names it.
        none, missing, unknown: the courteous sentences for an account without one, for a mail that names
            none of several, for one that names another.
    """

    field: str
    none: str
    missing: str
    unknown: str
