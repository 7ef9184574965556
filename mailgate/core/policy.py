"""Knows a vendor's rules as data: priorities, plans, targets, caps. What they promise is in core.promise.

Nothing here is about one vendor; a policy is made from a file (config.policies), never from code. Its parts
stand in core.target, core.plan, core.cap and core.requirement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from mailgate.core.calendar import Calendar
from mailgate.core.canonical import canonical
from mailgate.core.cap import Cap
from mailgate.core.case import SUPPORT
from mailgate.core.ladder import Ladder, Paging
from mailgate.core.plan import Plan, ProjectRule, RoleRule
from mailgate.core.requirement import Requirement
from mailgate.core.target import Target


@dataclass(frozen=True, slots=True)
class Priority:
    """One step of urgency.

    Args:
        tags: words that mean it in a subject, beside its name.
        pages: whether it notifies the person on call at once.
        availability: a sentence that asks the customer to be ready for something.
    """

    name: str
    title: str
    description: str = ""
    tags: tuple[str, ...] = ()
    pages: bool = False
    availability: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """Where an account is; `calendar` names the one in which its business time runs."""

    name: str
    title: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One vendor's rules. Every name in it is known in it: the configuration has checked that.

    Args:
        source: the document that it was read from.
        readings: what was read into the document where it is silent or ambiguous.
        calendars, regions, plans: by name.
        priorities: the most urgent first.
        role_tags: tags in a subject that choose a role, in lower case.
        warn_at_percent: the share of a target's time at which staff are warned; 0 for no warning.
        reopen_days: for so many days a reply reopens a resolved ticket (`behaviour.md` 3.4).
        links: what acknowledgements point to, by what a reader sees.
        ladders: by name; `paging` says which of them runs for what.
        version: the vendor's own date or number of the document.
        tells_default: whether a customer who named no priority is told so.
        roles: what is said of kinds of request, by role; one that is not there has nothing of its own.
        requirements: what a request is to say.
        project: None where tickets need no project.
        options: what accounts can buy beside a plan, in words, by name.
        remarks: what else the document says, by its heading.
        content: everything above as canonical JSON; `digest`, its SHA-256 in hex, names this version.
    """

    name: str
    title: str
    calendars: Mapping[str, Calendar]
    regions: Mapping[str, Region]
    default_region: str
    priorities: tuple[Priority, ...]
    default_priority: str
    plans: Mapping[str, Plan]
    caps: tuple[Cap, ...] = ()
    role_tags: Mapping[str, str] = field(default_factory=dict)
    warn_at_percent: int = 75
    reopen_days: int = 14
    links: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    readings: tuple[str, ...] = ()
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    paging: Paging = field(default_factory=Paging)
    version: str = ""
    tells_default: bool = True
    roles: Mapping[str, RoleRule] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    project: ProjectRule | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    content: str = field(init=False, repr=False, compare=False)
    digest: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Names its version: a policy with other rules has another digest."""
        content = canonical(self)
        object.__setattr__(self, "content", content)  # frozen for everybody else
        object.__setattr__(self, "digest", sha256(content.encode()).hexdigest())

    def region(self, name: str) -> Region:
        """The region of that name; the default one for an empty name."""
        return self.regions[name or self.default_region]

    def priority(self, name: str) -> Priority:
        """The priority of that name."""
        return self.priorities[self.urgency(name)]

    def urgency(self, name: str) -> int:
        """Its place in the order of urgency; 0 is the most urgent.

        Raises:
            KeyError: the policy has no such priority.
        """
        for place, priority in enumerate(self.priorities):
            if priority.name == name:
                return place
        raise KeyError(name)

    def role(self, name: str) -> str:
        """The role as this policy knows it: one that none of its plans has is ordinary support."""
        return name if any(name in plan.targets for plan in self.plans.values()) else SUPPORT

    def role_rule(self, role: str) -> RoleRule:
        """What the policy says of a kind of request."""
        return self.roles.get(role) or RoleRule(role, role)

    def targets(self, plan: str, role: str, priority: str, channel: str = "") -> tuple[Target, ...]:
        """What a plan promises; empty where the role is not part of it, or the channel has no targets."""
        bought, role = self.plans[plan], self.role(role)
        if channel and bought.channels and channel not in bought.channels:
            return ()
        of_channel = bought.targets_by_channel.get(channel, {}).get(role)
        return (of_channel or bought.targets.get(role, {})).get(priority, ())

    def reopens_until(self, resolved: datetime) -> datetime:
        """Until when a reply reopens a ticket that was resolved then; that instant itself is in time."""
        return resolved + timedelta(days=self.reopen_days)

    def calendar_of(self, target: Target, region: str) -> Calendar:
        """The calendar that a target of an account in a region counts in."""
        return self.calendars[target.calendar or self.region(region).calendar]
