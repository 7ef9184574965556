"""Knows escalation ladders as data: who is paged after how long without an answer, and which one runs when.

A step names parties, not people: those of every desk (`PARTIES`), a rota or a notification service of the
operator's. Who that is turns out when the step is taken (`core.escalation`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailgate.core.amount import Amount

ON_CALL = "on-call"
"""Whoever is on call by the account's rota of that name; where there is none, the team."""

TEAM = "team"
"""Every member of the account's staff."""

ASSIGNEE = "assignee"
"""Who works on the ticket; where nobody does, the team."""

NOTIFIERS = "notifiers"
"""Every notification service that the operator named."""

PARTIES = (ON_CALL, TEAM, ASSIGNEE, NOTIFIERS)
"""Those that need not be named by the operator."""

EVERY = "*"
"""In place of a kind of target: every one that is not named beside it."""


@dataclass(frozen=True, slots=True)
class LadderStep:
    """Who is paged when nobody has answered for so long.

    Args:
        after: counted from the start of the ladder; None for at once.
        page: parties.
    """

    after: Amount | None
    page: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps, each later than the one before it.

    Args:
        calendar: name of the calendar in which business amounts count; empty for the region's.
    """

    name: str
    steps: tuple[LadderStep, ...]
    calendar: str = ""


AT_ONCE = Ladder("", (LadderStep(None, (ON_CALL, NOTIFIERS)),))
"""What runs for a priority that pages where the policy names no ladder."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which ladder runs for what, by its name.

    Args:
        priorities: at once, for a ticket of that priority.
        roles: at once, for a ticket of that role, whatever its priority.
        missed: for a missed target, by its kind or `EVERY`.
    """

    priorities: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    missed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Escalation:
    """A ladder at work on one ticket.

    Args:
        cause: what it began with, as a key: one cause never begins two. A new cause ends what ran before.
        ladder: its name in the policy version of the ticket.
        reason: why people are woken, in words.
        taken: how many of its steps were taken.
        next_at: when the next step is due; None where none is left.
    """

    cause: str
    ladder: str
    reason: str
    started: datetime
    taken: int = 0
    next_at: datetime | None = None
