"""Knows how a policy's rules become a promise: which priority is in force, what is due when, and why.

`policies.md`, from the tags in a subject and the caps to the due instants.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mailgate.core.case import Case
from mailgate.core.circumstance import in_force
from mailgate.core.clock import TargetKind
from mailgate.core.entitlement import refusal
from mailgate.core.event import PriorityRaised
from mailgate.core.paging import ladder_at_once
from mailgate.core.plan import Plan
from mailgate.core.policy import Policy, Priority
from mailgate.core.requirement import missing
from mailgate.core.subject import tags, title
from mailgate.core.target import BEST_EFFORT, Target
from mailgate.core.ticket import Ticket
from mailgate.core.tongue import Phrase

# core.subject has cut labels off behind a dash or a colon. Behind a mere blank one is cut off a number alone:
# `[P1 urgent]` is P1, and `[High CPU load]` is no priority.
_NUMBERED = re.compile(r"\S*\d(?=\s)")
_LOOKS_LIKE_A_PRIORITY = re.compile(r"p\d{1,3}", re.ASCII)


class UnknownCaseError(ValueError):
    """A case that names a plan, a region or a priority that the policy does not have."""


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
class Asked:
    """What the bracketed words of a subject ask for.

    Args:
        priority: the most urgent one that was named; empty for none.
        unknown: words that look like a priority and are none, as they were written.
        role: the role that a tag chose, `on-call`; empty for none.
    """

    priority: str = ""
    unknown: tuple[str, ...] = ()
    role: str = ""


def asked(policy: Policy, tags: tuple[str, ...]) -> Asked:
    """What the bracketed words of a subject ask for, as core.subject gives them (Tags in a subject)."""
    named: list[Priority] = []
    unknown: list[str] = []
    role = ""
    for tag in tags:
        words = _words(tag)
        priority = next((one for one in policy.priorities if _means(one, words)), None)
        chosen = next((policy.role_tags[word] for word in words if word in policy.role_tags), "")
        if priority is not None:
            named.append(priority)
        elif chosen:
            role = chosen
        elif _LOOKS_LIKE_A_PRIORITY.fullmatch(words[-1]):
            unknown.append(words[-1].upper())
    most_urgent = min(named, key=policy.priorities.index).name if named else ""
    return Asked(most_urgent, tuple(unknown), role)


def titled(policy: Policy, subject: str, old: Ticket | None = None) -> str:
    """The subject without what the policy takes for a tag, and without the ticket that it continues."""
    known = [tag for tag in tags(subject) if asked(policy, (tag,)) != Asked()]
    return title(subject, [*known, *([old.name] if old else ())]) or Phrase.NO_SUBJECT.value


def promised(policy: Policy, case: Case, start: datetime) -> Promise:
    """What the policy promises in a case, from the acceptance of the mail on (Business time 6).

    Raises:
        UnknownCaseError: the case names something that the policy does not have.
        OverflowError: a due instant would be after the year 9999.
    """
    plan, wanted = _plan(policy, case), _wanted(policy, case)
    priority, because = in_force(policy, case, wanted, start)
    why_not = refusal(policy, plan, case)
    promise = Promise(
        entitled=why_not is None,
        asked=wanted,
        priority=priority.name,
        because=because,
        targets=(),
        priority_name=priority.title,
        zone=policy.calendars[policy.region(case.region).calendar].zone,
    )
    if why_not is not None:
        return replace(promise, notes=(why_not,))
    rule = policy.role_rule(policy.role(case.role))
    lacks = missing(policy.requirements, rule.name, case.fields)
    promise = replace(
        promise,
        notes=tuple(one.asked for one in lacks),
        missing=tuple(one.name for one in lacks),
        availability=" ".join(filter(None, (priority.availability, rule.availability))),
        pages=ladder_at_once(policy, case.role, priority.name) is not None,
    )
    if plan.channels and case.channel not in plan.channels:
        return replace(promise, notes=(plan.channel_note, *promise.notes))
    targets = policy.targets(plan.name, case.role, priority.name, case.channel)
    return replace(promise, targets=tuple(_promised(policy, one, case.region, start) for one in targets))


def raised_by_tag(
    ticket: Ticket, case: Case, policy: Policy, subject: str, at: datetime
) -> PriorityRaised | None:
    """What a customer's reply changes: its tag may raise the priority, never lower it (`policies.md`, Tags).

    Args:
        case: what the ticket's promises are reckoned from, with what its account has today.
        policy: the version that the ticket was opened under.
    """
    wanted = asked(policy, tags(subject)).priority
    if not wanted:
        return None
    promise = promised(policy, replace(case, asked=wanted), at)
    if policy.urgency(promise.priority) >= policy.urgency(ticket.priority):
        return None
    reason = promise.because or f"the customer's reply asks for {wanted}"
    return PriorityRaised(at, ticket.priority, promise.priority, reason)


def _words(tag: str) -> tuple[str, ...]:
    """What a tag may mean: itself, and the number that it begins with, if any."""
    whole = tag.strip().casefold()
    numbered = _NUMBERED.match(whole)
    return (whole, numbered[0]) if numbered else (whole,)


def _means(priority: Priority, words: tuple[str, ...]) -> bool:
    return any(word.casefold() in words for word in (priority.name, *priority.tags))


def _plan(policy: Policy, case: Case) -> Plan:
    if case.region and case.region not in policy.regions:
        raise UnknownCaseError(_unknown(policy, "region", case.region, policy.regions))
    if case.plan not in policy.plans:
        raise UnknownCaseError(_unknown(policy, "plan", case.plan, policy.plans))
    return policy.plans[case.plan]


def _wanted(policy: Policy, case: Case) -> str:
    """The name of the priority that was asked for; empty for none."""
    if not case.asked:
        return ""
    words = _words(case.asked)
    for priority in policy.priorities:
        if _means(priority, words):
            return priority.name
    names = [priority.name for priority in policy.priorities]
    raise UnknownCaseError(_unknown(policy, "priority", case.asked, names))


def _unknown(policy: Policy, kind: str, name: str, known: Iterable[str]) -> str:
    return f"{policy.name} has no {kind} '{name}'; it has {', '.join(known)}"


def _promised(policy: Policy, target: Target, region: str, start: datetime) -> Promised:
    calendar = policy.calendar_of(target, region)
    if target.amount is None:
        return Promised(target.kind, BEST_EFFORT, None, zone=calendar.zone)
    counts_in = calendar.name if target.amount.unit.is_business else ""
    if target.kind is TargetKind.NEXT_RESPONSE:  # it begins with a later mail
        return Promised(target.kind, str(target.amount), None, zone=calendar.zone, calendar=counts_in)
    lowered = target.met_by_lowering_to
    met_by = Phrase.LOWERING.format(priority=lowered) if lowered else ""
    share = policy.warn_at_percent
    return Promised(
        kind=target.kind,
        words=str(target.amount),
        due=target.amount.after(start, calendar),
        warn_at=target.amount.after(start, calendar, share) if share else None,
        zone=calendar.zone,
        calendar=counts_in,
        expected_from=target.amount.expected_after(start, calendar),
        met_by=met_by,
    )
