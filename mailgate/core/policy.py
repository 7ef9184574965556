"""Knows a vendor's rules as data: priorities, plans, targets, caps, and what they promise in one case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailgate.core.clock import TargetKind


@dataclass(frozen=True, slots=True)
class Case:
    """What a promise is reckoned from (`sla due` in `contract.md`).

    Args:
        asked: the priority asked for by a tag; empty for none.
    """

    plan: str
    region: str = ""
    asked: str = ""
    channel: str = "email"
    role: str = "support"
    environment: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    security_incident: bool = False


@dataclass(frozen=True, slots=True)
class Promised:
    """One target as it was promised. `due` None is best effort.

    Args:
        words: the amount as a person says it: `4 business hours`.
        zone: IANA name of the zone in which its calendar's local times are told.
    """

    kind: TargetKind
    words: str
    due: datetime | None
    warn_at: datetime | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a policy promises in one case, from one instant on.

    Args:
        asked: the priority that the tag named, empty without one or with an unknown one.
        priority: the one in force after default and caps; `because` says why it is another than asked.
        notes: sentences for the acknowledgement: an unknown tag, a cap, a channel without targets, self-help.
    """

    entitled: bool
    asked: str
    priority: str
    because: str
    targets: tuple[Promised, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One vendor's rules."""

    name: str
    title: str
