"""Knows how a whole policy is shown to a person: the vendor's tables back, and everything else it says."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from mailgate.cli import policywords as words
from mailgate.cli.offers import grids, shows_facts
from mailgate.cli.screen import definitions, say, table
from mailgate.core.calendar import Calendar
from mailgate.core.localtime import stretch, told_day
from mailgate.core.plan import Plan, RoleRule
from mailgate.core.policy import Policy, Priority
from mailgate.core.requirement import Requirement, Source

_WORDS_OF_YEAR = 5  # characters of " 2026"
_VERSION_SHOWN = 12

_FOUND = {
    Source.LINE: "",
    Source.SUBJECT: "in the subject",
    Source.TEXT: "in the text",
    Source.ATTACHMENTS: "as attachments",
}


def show(policy: Policy, years: tuple[int, int]) -> None:
    """Writes the policy to standard output; holidays of these years."""
    say(policy.title)
    version = f", document of {policy.version}" if policy.version else ""
    say(f"{policy.name}, version {policy.digest[:_VERSION_SHOWN]}{version}")
    if policy.source:
        say(f"From: {policy.source}")
    for grid in grids(policy):
        _heading(grid.title)
        table(grid.columns, grid.rows)
        if grid.below:
            say()
            say(grid.below)
    _section("Plans", _plans(policy))
    _section("Priorities, the most urgent first", _priorities(policy))
    _section("Kinds of request", _roles(policy))
    _section("What a request says", _requirements(policy))
    _section("Ceilings on the priority", _caps(policy))
    for calendar in policy.calendars.values():
        _show_calendar(policy, calendar, years)
    _section("Who is paged", _ladders(policy))
    _section("Options", _options(policy))
    _section("Also", _rules(policy))
    _section("Links", policy.links.items())
    _section("Read into the document", (("-", one) for one in policy.readings))


def _section(title: str, rows: Iterable[tuple[str, str]]) -> None:
    shown = [(word, meaning) for word, meaning in rows if meaning]
    if shown:
        _heading(title)
        definitions(shown)


def _heading(text: str) -> None:
    say()
    say(text)
    say()


def _plans(policy: Policy) -> Iterator[tuple[str, str]]:
    """What is told of plans in sentences, the same once; and of a single one everything."""
    said: dict[str, list[str]] = {}
    for plan in policy.plans.values():
        for sentence in _sentences(policy, plan):
            said.setdefault(sentence, []).append(plan.title)
    yield from ((", ".join(plans), sentence) for sentence, plans in said.items())
    if not shows_facts(policy):
        (plan,) = policy.plans.values()
        yield from plan.includes.items()
        yield "Weight in the queue", str(plan.queue_weight or "")


def _sentences(policy: Policy, plan: Plan) -> Iterator[str]:
    if plan.scope_text:
        yield f"{plan.scope}: {plan.scope_text}"
    if plan.not_included:
        lacks = [policy.role_rule(role).title for role in _all_roles(policy) if role not in plan.targets]
        yield f"Who asks for {' or '.join(lacks)} is told: {plan.not_included}"
    if plan.channels:
        yield f"Targets by {' or '.join(plan.channels)} alone; others are told: {plan.channel_note}"
    if plan.opens_by:
        yield f"Tickets by {' or '.join(plan.opens_by)} alone; others are told: {plan.opens_by_note}"


def _all_roles(policy: Policy) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for plan in policy.plans.values() for role in plan.targets))


def _priorities(policy: Policy) -> Iterator[tuple[str, str]]:
    for one in policy.priorities:
        tags = f"Tagged {_tags((one.name, *one.tags))}."
        yield f"{one.name} ({one.title})", _joined(one.description, tags, *_calls(one))
    silent = "" if policy.tells_default else ", and nothing is said of it"
    yield "Without a tag", f"{policy.default_priority}{silent}"


def _roles(policy: Policy) -> Iterator[tuple[str, str]]:
    for one in policy.roles.values():
        tags = _tags(tag for tag, role in policy.role_tags.items() if role == one.name)
        weight = f"Weight in the queue: {one.queue_weight} more." if one.queue_weight else ""
        yield (
            one.title,
            _joined(one.description, tags and f"Tagged {tags}.", *_calls(one), weight) or one.name,
        )


def _calls(one: Priority | RoleRule) -> Iterator[str]:
    if one.pages:
        yield "Notifies the person on call at once."
    if one.availability:
        yield f"The customer is told: {one.availability}"


def _tags(words: Iterable[str]) -> str:
    return " or ".join(f"[{word}]" for word in words)


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _requirements(policy: Policy) -> Iterator[tuple[str, str]]:
    for one in policy.requirements:
        yield one.name, _requirement(policy, one)
    rule = policy.project
    if rule is not None:
        yield (
            rule.field,
            f"the active project; needed for a ticket, unless the account has one only. Else: {rule.missing}",
        )
        yield "", f"Where it is not known: {rule.unknown}"
        yield "", f"Where the account has none: {rule.none}"


def _requirement(policy: Policy, one: Requirement) -> str:
    kinds = " or ".join(policy.role_rule(role).title.lower() for role in one.roles)
    parts = (
        one.description,
        f"{'required' if one.required else 'optional'}{f' for {kinds}' if kinds else ''}",
        _FOUND[one.found_in],
        f"also called {', '.join(one.names)}" if one.names else "",
    )
    asked = f"; asked for as: {one.ask}" if one.ask else ""
    return "; ".join(filter(None, parts)) + asked


def _caps(policy: Policy) -> Iterator[tuple[str, str]]:
    for cap in policy.caps:
        yield f"{cap.priority} at most", f"{words.rule(cap, policy)}. Told as: {cap.because}."


def _show_calendar(policy: Policy, calendar: Calendar, years: tuple[int, int]) -> None:
    _heading(f"Calendar {calendar.name}")
    served = [one.title for one in policy.regions.values() if one.calendar == calendar.name]
    default = policy.region("").title
    rows = [("Zone", calendar.zone), *words.hours(calendar)]
    rows.append(("A business day", stretch(timedelta(milliseconds=calendar.day_length))))
    if len(policy.regions) > 1 and served:
        named = ", ".join(f"{one} (where none is named)" if one == default else one for one in served)
        rows.append(("Regions", named))
    definitions(rows)
    closed = list(_closed(calendar, years))
    if closed:
        say()
        table(["closed, or other hours", *map(str, years)], closed)


def _closed(calendar: Calendar, years: tuple[int, int]) -> Iterator[tuple[str, ...]]:
    """Holidays and dates with hours of their own, by name, one column a year."""
    dates = [(one.on, one.name) for one in calendar.holidays]
    dates += [
        (one.on, f"{one.name or 'this date'}: {words.openings(one.openings)}") for one in calendar.exceptions
    ]
    shown = sorted((on.month, on.day, on, name) for on, name in dates if on.year in years)
    by_name: dict[str, dict[int, list[str]]] = {}
    for _, _, on, name in shown:
        by_name.setdefault(name, {}).setdefault(on.year, []).append(told_day(on)[:-_WORDS_OF_YEAR])
    for name, found in by_name.items():
        yield name, *(", ".join(found.get(year, ())) for year in years)


def _ladders(policy: Policy) -> Iterator[tuple[str, str]]:
    for name, ladder in policy.ladders.items():
        yield name, words.ladder(ladder)
    for priority, name in policy.paging.priorities.items():
        yield priority, f"at once, by the ladder {name}"
    for role, name in policy.paging.roles.items():
        yield policy.role_rule(role).title, f"at once, by the ladder {name}"
    for kind, name in policy.paging.missed.items():
        yield f"missed {kind}", f"by the ladder {name}"


def _rules(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.warn_at_percent:
        yield "Warning", f"Staff are warned when {policy.warn_at_percent} % of a target's time is used up."
    days = f"{policy.reopen_days} day{'' if policy.reopen_days == 1 else 's'}"
    yield "Reopening", f"A reply reopens a resolved ticket for {days}."
    yield from policy.remarks.items()


def _options(policy: Policy) -> Iterator[tuple[str, str]]:
    for name, what in policy.options.items():
        sold = ", ".join(plan.title for plan in policy.plans.values() if name in plan.options)
        yield what, f"with {sold or 'no plan'}; an account names it {name}"
