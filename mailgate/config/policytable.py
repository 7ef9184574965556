"""Knows how a policy file is written: `policies.md` as TOML, before it is checked as a whole."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from mailgate.config.amounts import Delay, Within
from mailgate.config.calendars import CalendarTable
from mailgate.config.doubt import Rule
from mailgate.config.toml import Section
from mailgate.core.clock import TargetKind
from mailgate.core.requirement import Source
from mailgate.core.target import Stop

EVERY = "*"
"""In place of a priority: every one that is not named beside it."""

_CENTURY = 36_500  # days; what is reckoned with them stays within the years that there are

Year = Annotated[int, Field(ge=1583, le=2500)]
"""Of the calendar that the world goes by; for a later one nobody can say when Easter Monday is a holiday."""

Role = Literal["support", "on-call"]
Channel = Literal["email", "web"]


# Behind a validator in Python, what was JSON is no longer taken for JSON: strict mode would refuse a list.
Stops = Annotated[tuple[Annotated[Stop, Field(strict=False)], ...], Field(strict=False)]
"""`["reply", "acknowledgement"]`."""


class TargetTable(Section):
    """A target. `"4 business hours"` is short for `{ within = "4 business hours" }`."""

    within: Within = Field(description='how much time, or "best effort"', examples=["4 business hours"])
    calendar: str = Field(
        default="",
        description="the calendar that it counts in, where that is not the region's",
        examples=["12x5"],
    )
    met_by_lowering_to: str = Field(
        default="", description="the priority to which a de-escalation meets it", examples=["P2"]
    )
    stopped_by: Stops = Field(
        default=(),
        description="what stops it, where its kind is stopped by something else",
        examples=[["reply"]],
    )
    rests: bool | None = Field(
        default=None, description="whether it is paused while the ticket waits for the customer"
    )


def _long_form(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {"within": value}


TargetEntry = Annotated[TargetTable, BeforeValidator(_long_form)]


class TargetsTable(Section):
    """What is promised at one priority."""

    response: TargetEntry | None = Field(default=None, description="the first answer by a person")
    next_response: TargetEntry | None = Field(default=None, description="the answer to each later mail")
    escalation: TargetEntry | None = Field(default=None, description="a person on call takes it")
    resolution: TargetEntry | None = Field(default=None, description="the end of it")


TargetsByRoleTable = dict[Role, dict[str, TargetsTable]]
"""By role, then by priority or `"*"`."""


class PlanTable(Section):
    """What an account can buy."""

    title: str = Field(description="what the vendor calls it", examples=["Enterprise"])
    targets: TargetsByRoleTable = Field(
        default={}, description="what is promised; none for a plan without tickets"
    )
    targets_by_channel: dict[Channel, TargetsByRoleTable] = Field(
        default={}, description="the same for a channel that has other targets"
    )
    channels: tuple[Channel, ...] = Field(
        default=(), description="the channels whose tickets have targets; none for every one"
    )
    channel_note: str = Field(default="", description="a sentence for those who used another channel")
    opens_by: tuple[Channel, ...] = Field(
        default=(), description="channels that open tickets at all; none for every one"
    )
    opens_by_note: str = Field(default="", description="a sentence for those who used another channel")
    not_included: str = Field(default="", description="a sentence for a role that the plan does not include")
    scope: str = Field(default="", description="the vendor's word for what support helps with")
    scope_text: str = Field(default="", description="what that covers, as a sentence")
    includes: dict[str, str] = Field(
        default={}, description="what else is part of it", examples=[{"Chat": "24x5"}]
    )
    options: tuple[str, ...] = Field(default=(), description="names of `options` that it can have")
    queue_weight: int = Field(default=0, description="the greater, the earlier its tickets are taken")


class RoleTable(Section):
    """What a kind of request is to the vendor."""

    title: str = Field(default="", description="what the vendor calls it", examples=["On-call ticket"])
    description: str = Field(default="", description="what it is for")
    tags: tuple[str, ...] = Field(default=(), description="words in a subject that mean it")
    pages: bool = Field(default=False, description="whether it notifies the person on call at once")
    availability: str = Field(default="", description="a sentence that asks the customer to be ready")
    queue_weight: int = Field(default=0, description="added to that of the plan")


class RequirementTable(Section):
    """Something that a request is to say."""

    name: str = Field(description="the name of its line in a mail", examples=["Phone"])
    names: tuple[str, ...] = Field(default=(), description="other names that serve as well")
    required: bool = Field(default=False, description="whether it is asked for where it is missing")
    roles: tuple[Role, ...] = Field(default=(), description="the kinds of request; none for all")
    found_in: Source = Field(default=Source.LINE, description="where a mail says it")
    ask: str = Field(default="", description="the sentence that asks for it")
    description: str = Field(default="", description="what belongs there")


class ProjectTable(Section):
    """That a ticket is about an active project of the account's."""

    field: str = Field(description="the line that names it", examples=["Project"])
    none: str = Field(description="a sentence for an account without one")
    missing: str = Field(description="a sentence for a mail that names none of several")
    unknown: str = Field(description="a sentence for a mail that names another")


class RegionTable(Section):
    """Where accounts are."""

    title: str = Field(description="what people call it", examples=["Europe, Middle East, Africa"])
    calendar: str = Field(description="when business time runs there", examples=["pacific"])


class PriorityTable(Section):
    """One step of urgency."""

    name: str = Field(description="its name", examples=["P1"])
    title: str = Field(description="the vendor's word for it", examples=["Urgent"])
    description: str = Field(default="", description="what belongs there")
    tags: tuple[str, ...] = Field(default=(), description="more words that mean it in a subject")
    pages: bool = Field(default=False, description="whether it notifies the person on call at once")
    availability: str = Field(default="", description="a sentence that asks the customer to be ready")


class ConditionTable(Section):
    """When a cap holds: every part that is given holds."""

    environments: tuple[str, ...] = Field(default=(), description="the environment is one of these")
    environments_other_than: tuple[str, ...] = Field(
        default=(), description="an environment was named, and it is none of these"
    )
    fields: dict[str, tuple[str, ...]] = Field(
        default={}, description="values of field lines", examples=[{"Cluster": ["staging"]}]
    )
    fields_other_than: dict[str, tuple[str, ...]] = Field(
        default={}, description="field lines that were given with none of these values"
    )
    version_of: str = Field(default="", description="the field that names a version", examples=["Device OS"])
    supported_majors: tuple[int, ...] = Field(
        default=(), description="the major versions that it is none of", examples=[[5, 6]]
    )
    security_incident: bool = Field(default=False, description="it is a confirmed security incident")
    launch_within_days: int | None = Field(
        default=None, ge=0, description="a launch that the account had told is at most so many days ahead"
    )
    options: tuple[str, ...] = Field(default=(), description="the account has one of these `options`")


class CapTable(Section):
    """A ceiling on the priority."""

    priority: str = Field(description="the most urgent that is left", examples=["P2"])
    because: str = Field(description="why, as a clause", examples=["development counts as P2 at most"])
    when: ConditionTable = Field(description="the condition under which it holds")
    unless: tuple[ConditionTable, ...] = Field(
        default=(), description="where it does not: one of these conditions is enough"
    )


class LintTable(Section):
    """What `mailgate check` is not to ask about again."""

    allow: dict[Rule, Annotated[str, Field(min_length=1)]] = Field(
        default={}, description="a reason for each", examples=[{"unstaffed-hours": "a night desk answers"}]
    )


class StepTable(Section):
    """A step of a ladder."""

    after: Delay = Field(default=None, description="without an answer", examples=["15 minutes"])
    page: tuple[str, ...] = Field(min_length=1, description="who is paged", examples=[["on-call"]])


class LadderTable(Section):
    """Who is paged while nobody answers."""

    calendar: str = Field(default="", description="where that is not the region's", examples=["12x5"])
    steps: tuple[StepTable, ...] = Field(min_length=1, description="the first at once, or later")


class PagingTable(Section):
    """Which ladder runs for what."""

    priorities: dict[str, str] = Field(default={}, description="a ladder for each priority that pages")
    roles: dict[str, str] = Field(default={}, description="a ladder for each role that pages")
    missed: dict[str, str] = Field(default={}, description="a ladder for each kind of target that is missed")


class PolicyTable(Section):
    """One policy as its file says it."""

    title: str = Field(description="what the policy is called", examples=["Particle: Enterprise Support"])
    source: str = Field(default="", description="the document that it was read from, or its address")
    version: str = Field(default="", description="the vendor's own date or number of it")
    readings: tuple[str, ...] = Field(
        default=(), description="what was read into the document where it is silent or ambiguous"
    )
    default_priority: str = Field(
        description="the priority of a mail whose subject names none", examples=["P3"]
    )
    tells_default: bool = Field(
        default=True, description="whether customers are told that they named no priority"
    )
    default_region: str = Field(
        default="",
        description="the region of an account that names none; needed where there are several",
        examples=["americas"],
    )
    warn_at_percent: int = Field(
        default=75,
        ge=0,
        le=99,
        description="the share of a target's time at which staff are warned, from 1 to 99; 0 for no warning",
    )
    reopen_days: int = Field(
        default=14,
        ge=0,
        le=_CENTURY,
        description="for so many days a reply reopens a resolved ticket",
    )
    holiday_years: tuple[Year, Year] = Field(
        default=(2010, 2050), description="the first and the last year whose holidays are known"
    )
    links: dict[str, str] = Field(default={}, description="places to point to, by what a reader sees")
    remarks: dict[str, str] = Field(default={}, description="what else the document says, by its heading")
    options: dict[str, str] = Field(default={}, description="what accounts can buy beside a plan, in words")
    calendars: dict[str, CalendarTable] = Field(min_length=1, description="when business time runs")
    regions: dict[str, RegionTable] = Field(min_length=1, description="where accounts are")
    priorities: tuple[PriorityTable, ...] = Field(min_length=1, description="the most urgent first")
    roles: dict[Role, RoleTable] = Field(default={}, description="what is said of kinds of request")
    plans: dict[str, PlanTable] = Field(min_length=1, description="what an account can buy")
    project: ProjectTable | None = Field(default=None, description="where tickets need an active project")
    fields: tuple[RequirementTable, ...] = Field(default=(), description="what a request is to say")
    caps: tuple[CapTable, ...] = Field(default=(), description="ceilings on the priority")
    lint: LintTable = Field(default=LintTable(), description="doubts that are meant so, with the reason")
    ladders: dict[str, LadderTable] = Field(default={}, description="who is paged while nobody answers")
    paging: PagingTable = Field(default=PagingTable(), description="which ladder runs for what")


def entries(row: TargetsTable) -> Iterator[tuple[TargetKind, TargetTable]]:
    """The targets of a row, with their kinds."""
    for kind in TargetKind:
        entry: TargetTable | None = getattr(row, kind.value)
        if entry is not None:
            yield kind, entry
