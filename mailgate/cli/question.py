"""Knows how a person asks by options what would be promised, and in what words they are told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mailgate.cli import choice
from mailgate.cli.fault import Fault
from mailgate.core.account import Desk
from mailgate.core.case import Case
from mailgate.core.clock import TargetKind
from mailgate.core.localtime import told
from mailgate.core.policy import Policy
from mailgate.core.promise import Promise, Promised
from mailgate.core.telling import by_when

COLUMNS = ("target", "within", "due", "due (UTC)", "warning")

_WORDS = {
    TargetKind.RESPONSE: "first response",
    TargetKind.NEXT_RESPONSE: "answer to later mails",
    TargetKind.ESCALATION: "taken by a person on call",
    TargetKind.RESOLUTION: "resolution",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks about."""

    policy: Policy
    case: Case
    received: datetime

    @property
    def plan(self) -> str:
        """What the vendor calls the plan."""
        return self.policy.plans[self.case.plan].title


def asked(desk: Desk, options: Mapping[str, Any], now: datetime) -> Question:
    """What the options of `sla due` ask about.

    Raises:
        Fault: they name something that is not there, or leave open what is meant.
    """
    account = choice.account(desk, options["account"])
    policy = choice.policy(desk, options["policy_name"] or (account.policy if account else None))
    case = Case(
        plan=choice.plan(policy, options["plan"] or (account.plan if account else None)),
        region=choice.region(policy, options["region"] or (account.region if account else "")),
        asked=options["priority"],
        channel=options["channel"],
        role=options["role"],
        environment=options["environment"],
        fields=dict(_field(text) for text in options["fields"]),
        security_incident=options["security_incident"],
        projects=account.projects if account else None,
        launches=tuple(_date(text) for text in options["launches"]) or (account.launches if account else ()),
        options=tuple(options["bought"]) or (account.options if account else ()),
    )
    for name in case.options:
        choice.chosen(policy.options, "option", name, policy.name)
    return Question(policy, case, options["received"] or now)


def answer(question: Question, promise: Promise) -> Iterator[str]:
    """The promise in sentences, the shortest answer first."""
    policy, received = question.policy, question.received
    if promise.entitled:
        yield f"{promise.priority} ({promise.priority_name}): {_sentence(promise, received)}."
    else:
        yield "No ticket: it gets one courteous answer, and is kept and listed."
    region = policy.region(question.case.region)
    place = f", {region.title}" if len(policy.regions) > 1 else ""
    yield f"{policy.title}, plan {question.plan}{place}; accepted {told(received, promise.zone)}."
    if promise.because:
        yield f"{promise.priority} because {promise.because}."
    yield from promise.notes
    if promise.pages:
        yield "The person on call is notified at once."


def row(target: Promised, received: datetime) -> tuple[object, ...]:
    """A target under `COLUMNS`."""
    within = f"{target.words}, met by {target.met_by}" if target.met_by else target.words
    if target.due is None:
        return target.kind.words, within, None, None, None
    local = told(target.due, target.zone, received)
    if target.expected_from is not None:
        local = f"{local}, expected from {told(target.expected_from, target.zone, received)}"
    warning = told(target.warn_at, target.zone, received) if target.warn_at else None
    return target.kind.words, within, local, target.due, warning


def _sentence(promise: Promise, received: datetime) -> str:
    if not promise.targets:
        return "no time is promised"
    return "; ".join(f"{_WORDS[one.kind]} {by_when(one, received)}" for one in promise.targets)


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip()):
        raise Fault(f"--field {text}: write NAME=VALUE, such as --field 'Device OS=6.1.0'")
    return name.strip(), value.strip()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Fault(f"--launch {text}: write a date, such as --launch 2026-12-01") from None
