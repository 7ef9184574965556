"""Knows in what words the rules of a policy are told: targets, hours, caps and their conditions."""

from collections.abc import Iterable, Iterator

from mailgate.core.calendar import WEEKDAYS, Calendar, Opening
from mailgate.core.cap import Cap, Condition
from mailgate.core.ladder import Ladder, LadderStep
from mailgate.core.policy import Policy
from mailgate.core.target import BEST_EFFORT, Stop, Target

NONE = "none"

_STOPS = {
    Stop.REPLY: "a reply",
    Stop.ACKNOWLEDGEMENT: "somebody on call who takes it",
    Stop.RESOLUTION: "the resolution",
}


def target(one: Target | None) -> str:
    """`4 business hours (12x5)`; `none` where there is no such target."""
    if one is None:
        return NONE
    words = [str(one.amount) if one.amount else BEST_EFFORT]
    if one.calendar:
        words[0] += f" ({one.calendar})"
    if one.met_by_lowering_to:
        words.append(f"to de-escalate to {one.met_by_lowering_to}")
    if one.stopped_by:
        words.append(f"stopped by {' or '.join(_STOPS[stop] for stop in one.stopped_by)}")
    if one.rests is not None:
        words.append("paused while it waits for the customer" if one.rests else "never paused")
    return ", ".join(words)


def hours(calendar: Calendar) -> Iterator[tuple[str, str]]:
    """The days of the week that have the same hours, side by side: `Monday to Friday`."""
    first = 0
    for day in range(1, len(WEEKDAYS) + 1):
        if day == len(WEEKDAYS) or calendar.week[day] != calendar.week[first]:
            joint = " to " if day - first > 2 else " and "  # noqa: PLR2004 - two days are a pair
            last = f"{joint}{WEEKDAYS[day - 1]}" if day - 1 > first else ""
            yield WEEKDAYS[first] + last, openings(calendar.week[first])
            first = day


def openings(some: Iterable[Opening]) -> str:
    """`09:00-12:00, 13:00-17:00`."""
    return ", ".join(str(opening) for opening in some) or "closed"


def rule(cap: Cap, policy: Policy) -> str:
    """When a cap holds, as a clause: `when ..., unless ... or ...`."""
    lifted = " or ".join(condition(one, policy) for one in cap.lifted_by)
    return f"when {condition(cap.when, policy)}" + (f", unless {lifted}" if lifted else "")


def condition(one: Condition, policy: Policy) -> str:
    """When it holds, as a clause."""
    majors = _any(str(major) for major in one.supported_majors) if one.supported_majors else ""
    parts = (
        one.environments and f"the environment is {_any(one.environments)}",
        one.environments_other_than and f"the environment is not {_any(one.environments_other_than)}",
        *(f"{name} is {_any(values)}" for name, values in one.fields.items()),
        *(f"{name} is not {_any(values)}" for name, values in one.fields_other_than.items()),
        one.version_of and f"{one.version_of} is of another major version than {majors}",
        one.security_incident and "it is a confirmed security incident",
        one.launch_within_days is not None
        and f"a launch of which support had been told is at most {_days(one.launch_within_days)} ahead",
        one.options and f"the account has {_any(policy.options[name] for name in one.options)}",
    )
    return " and ".join(str(part) for part in parts if part)


def ladder(one: Ladder) -> str:
    """`at once on-call; after 15 minutes team`."""
    steps = "; ".join(map(_step, one.steps))
    return f"{steps} (by {one.calendar})" if one.calendar else steps


def _step(step: LadderStep) -> str:
    when = f"after {step.after}" if step.after else "at once"
    return f"{when} {', '.join(step.page)}"


def _any(names: Iterable[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
