"""Knows how a whole policy is written as JSON (`policy show --json`)."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mailgate.cli import policywords as words
from mailgate.core.calendar import WEEKDAYS, Calendar
from mailgate.core.instant import MINUTE
from mailgate.core.plan import Plan, TargetsByRole
from mailgate.core.policy import Policy
from mailgate.core.target import Target


def plain(policy: Policy, years: tuple[int, int]) -> dict[str, Any]:
    """Everything that the policy says; holidays of these years."""
    return {
        "name": policy.name,
        "title": policy.title,
        "version": policy.digest,
        "document": policy.version,
        "source": policy.source,
        "default_priority": policy.default_priority,
        "tells_default": policy.tells_default,
        "default_region": policy.default_region,
        "priorities": [{**asdict(one), "tags": [one.name, *one.tags]} for one in policy.priorities],
        "roles": {name: asdict(one) for name, one in policy.roles.items()},
        "role_tags": policy.role_tags,
        "plans": {name: _plan(one) for name, one in policy.plans.items()},
        "options": policy.options,
        "fields": [asdict(one) for one in policy.requirements],
        "project": asdict(policy.project) if policy.project else None,
        "regions": {
            name: {"title": one.title, "calendar": one.calendar} for name, one in policy.regions.items()
        },
        "calendars": {name: _calendar(one, years) for name, one in policy.calendars.items()},
        "caps": [
            {"priority": cap.priority, "because": cap.because, "rule": words.rule(cap, policy)}
            for cap in policy.caps
        ],
        "ladders": {name: words.ladder(one) for name, one in policy.ladders.items()},
        "paging": asdict(policy.paging),
        "warn_at_percent": policy.warn_at_percent,
        "reopen_days": policy.reopen_days,
        "links": policy.links,
        "remarks": policy.remarks,
        "readings": policy.readings,
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "targets": _by_role(plan.targets),
        "targets_by_channel": {name: _by_role(one) for name, one in plan.targets_by_channel.items()},
        "channels": plan.channels,
        "channel_note": plan.channel_note,
        "opens_by": plan.opens_by,
        "opens_by_note": plan.opens_by_note,
        "not_included": plan.not_included,
        "scope": plan.scope,
        "scope_text": plan.scope_text,
        "includes": plan.includes,
        "options": plan.options,
        "queue_weight": plan.queue_weight,
    }


def _by_role(targets: TargetsByRole) -> Mapping[str, Any]:
    return {
        role: {priority: _row(row) for priority, row in by_priority.items()}
        for role, by_priority in targets.items()
    }


def _row(row: tuple[Target, ...]) -> Mapping[str, str]:
    return {one.kind.value: words.target(one) for one in row}


def _calendar(calendar: Calendar, years: tuple[int, int]) -> dict[str, Any]:
    return {
        "timezone": calendar.zone,
        "hours": {
            day: [str(opening) for opening in openings]
            for day, openings in zip(WEEKDAYS, calendar.week, strict=True)
        },
        "business_day_minutes": calendar.day_length // MINUTE,
        "holidays": [{"date": one.on, "name": one.name} for one in calendar.holidays if one.on.year in years],
        "dates": [
            {"date": one.on, "name": one.name, "hours": [str(opening) for opening in one.openings]}
            for one in calendar.exceptions
            if one.on.year in years
        ],
    }
