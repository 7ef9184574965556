"""Knows a vendor's rules as data: priorities, plans, targets, caps; and what they promise in one case.

Nothing here is about one vendor; a policy is made from a file (config.policies), never from code. Its parts
stand in core.target, core.plan, core.cap and core.requirement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256

from mailgate.core.calendar import Calendar
from mailgate.core.canonical import canonical
from mailgate.core.cap import Cap, Condition
from mailgate.core.clock import TargetKind
from mailgate.core.ladder import Ladder, Paging
from mailgate.core.plan import Plan, ProjectRule, RoleRule
from mailgate.core.requirement import Requirement
from mailgate.core.target import RESTS, STOPPED_BY, Stop, Target

__all__ = [
    "BEST_EFFORT",
    "RESTS",
    "STOPPED_BY",
    "SUPPORT",
    "Cap",
    "Case",
    "Condition",
    "Plan",
    "Policy",
    "Priority",
    "Promise",
    "Promised",
    "Region",
    "Stop",
    "Target",
]

BEST_EFFORT = "best effort"
SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Case:
    """What a promise is reckoned from (`sla due` in `contract.md`).

    Args:
        asked: the priority asked for, by its name or a tag of it; empty for none.
        unknown: tags that look like a priority and are none, `P9`.
        environment: empty for what the field lines say.
        fields: `Name: value` lines (core.fields); the case of a name does not matter.
        projects: the account's active ones; None where no account is known, and they are not looked at.
        launches: dates of launches of which support had been told.
        options: what the account bought beside its plan.
    """

    plan: str
    region: str = ""
    asked: str = ""
    channel: str = "email"
    role: str = SUPPORT
    environment: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    security_incident: bool = False
    unknown: tuple[str, ...] = ()
    projects: tuple[str, ...] | None = None
    launches: tuple[date, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Promised:
    """One target as it was promised. `due` None is best effort, or begins later: a next response.

    Args:
        words: the amount as a person says it: `4 business hours`.
        zone: name of the zone in which its local times are told, as `core.zone.zone` reads it.
        calendar: name of the calendar it counts in; empty for wall-clock time.
        expected_from: of a range, when its lower end is reached.
        met_by: what meets it in words, where that is not the usual: `de-escalation to P2`.
    """

    kind: TargetKind
    words: str
    due: datetime | None
    warn_at: datetime | None = None
    zone: str = "UTC"
    calendar: str = ""
    expected_from: datetime | None = None
    met_by: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a policy promises in one case, from one instant on.

    Args:
        entitled: False: no ticket; `notes` say why and what the plan includes (`behaviour.md` 2.8).
        asked: the priority that was asked for, empty for none or an unknown one.
        priority: the one in force after default and caps; `because` says why it is another than asked:
            no tag, an unknown one, a cap.
        priority_name: the vendor's word for it.
        targets: empty where the channel has none; one without a due instant is best effort.
        notes: more sentences for the customer: a channel without targets, what the plan does not include,
            what is asked for.
        missing: names of the required fields that were not given.
        availability: what the customer is asked to be ready for; empty for nothing.
        pages: whether the person on call is notified at once.
        zone: the zone of the region's calendar.
    """

    entitled: bool
    asked: str
    priority: str
    because: str
    targets: tuple[Promised, ...]
    notes: tuple[str, ...] = ()
    priority_name: str = ""
    availability: str = ""
    pages: bool = False
    zone: str = "UTC"
    missing: tuple[str, ...] = ()


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
