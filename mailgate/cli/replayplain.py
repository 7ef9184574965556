"""Knows how a replay is written for programs: as JSON and as CSV (`contract.md`)."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from mailgate.app.past import Past
from mailgate.cli.screen import emit_json, plain
from mailgate.core.attainment import Attainment, Disagreement, attainments, disagreements, last
from mailgate.core.instant import written
from mailgate.core.past import DatedBy, LeftOut, Staff, Writer
from mailgate.core.replay import PastClock, PastTicket, Refused, Replay
from mailgate.core.threads import EntryKind, Threads

_OF_ATTAINMENT = (
    "policy", "plan", "priority", "kind", "within", "promised", "met", "missed", "running", "unknown",
    "replaced",
    "percent", "median_ms", "ninetieth_ms",
)  # fmt: skip
_OF_TICKETS = (
    "policy", "plan", "ticket", "opened", "requester", "subject", "asked", "priority", "kind", "within",
    "started", "due", "stopped", "outcome", "consumed_ms", "place",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Report:
    """What was read and what came of it; of two replays, the second is held against the first."""

    archives: tuple[str, ...]
    past: Past
    found: Threads
    staff: Staff
    replays: tuple[Replay, ...]

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Every mail that counts nowhere."""
        return (*self.past.left_out, *self.found.left_out)

    @property
    def kinds(self) -> Counter[EntryKind]:
        """How many mails are what in their threads; of customers, those that open matters as well."""
        return Counter(entry.kind for thread in self.found.threads for entry in thread)


def show_json(report: Report, *, tickets: bool) -> None:
    """The whole report as one JSON object."""
    first, *others = report.replays
    shown: dict[str, Any] = {"mails": _mails(report), "staff": _staff(report.staff)}
    shown |= _replay(first, tickets=tickets)
    for other in others:
        shown["against"] = _replay(other, tickets=tickets)
        shown["differences"] = [_disagreement(one) for one in disagreements(first, other)]
    emit_json(shown)


def show_csv(report: Report, *, tickets: bool) -> None:
    """A line for each priority and kind of target, or for each promise of each ticket."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(_OF_TICKETS if tickets else _OF_ATTAINMENT)
    for replay in report.replays:
        for row in _ticket_rows(replay) if tickets else _attainment_rows(replay):
            lines.writerow(
                [_cell(value) for value in (replay.scenario.policy.name, replay.scenario.given.plan, *row)]
            )
    click.echo(text.getvalue(), nl=False)


def _mails(report: Report) -> dict[str, Any]:
    told = Counter(mail.dated_by for mail in report.past.mails)
    kinds = report.kinds
    return {
        "read": len(report.past.mails) + len(report.past.left_out),
        "by_received": told[DatedBy.RECEIVED],
        "by_date": told[DatedBy.DATE],
        "first": min((mail.at for mail in report.past.mails), default=None),
        "last": max((mail.at for mail in report.past.mails), default=None),
        "customers": kinds[EntryKind.CUSTOMER],
        "staff": kinds[EntryKind.STAFF],
        "notes": kinds[EntryKind.NOTE],
        "failures": kinds[EntryKind.FAILURE],
        "copies": report.found.duplicates,
        "moved": report.found.moved,
        "left_out": [{"place": one.place, "reason": one.reason} for one in report.left_out],
    }


def _staff(staff: Staff) -> list[str]:
    return [*sorted(staff.domains), *sorted(staff.addresses)]


def _replay(replay: Replay, *, tickets: bool) -> dict[str, Any]:
    scenario, policy = replay.scenario, replay.scenario.policy
    shown: dict[str, Any] = {
        "policy": policy.name,
        "version": policy.digest,
        "plan": scenario.given.plan,
        "region": policy.region(scenario.given.region).name,
        "channel": scenario.given.channel,
        "resolved_by": scenario.resolved_by,
        "until": replay.until,
        "tickets": len(replay.tickets),
        "not_entitled": [{"place": one.opening.place, "reason": one.reason} for one in replay.refused],
        "attainment": [_attainment(one) for one in attainments(replay)],
    }
    if tickets:
        shown["cases"] = [_case(one) for one in replay.tickets]
    return shown


def _attainment(one: Attainment) -> dict[str, Any]:
    return {
        "priority": one.priority,
        "kind": one.kind,
        "within": list(one.within),
        "promised": one.promised,
        "met": one.met,
        "missed": one.missed,
        "running": one.running,
        "unknown": one.unknown,
        "replaced": one.replaced,
        "percent": None if one.percent is None else round(one.percent, 2),
        "median_ms": one.median,
        "ninetieth_ms": one.ninetieth,
    }


def _case(one: PastTicket) -> dict[str, Any]:
    ticket = one.ticket
    return {
        "ticket": ticket.number,
        "place": one.opening.place,
        "message_id": one.opening.message_id,
        "subject": ticket.title,
        "requester": ticket.requester.address,
        "by_machine": one.opening.writer is Writer.MACHINE,
        "opened": ticket.opened,
        "priority": ticket.priority,
        "asked": ticket.asked,
        "because": one.promise.because,
        "status": ticket.status,
        "went_on": one.went_on,
        "clocks": [_clock(past) for past in one.clocks],
    }


def _clock(past: PastClock) -> dict[str, Any]:
    clock = past.clock
    return {
        "kind": clock.kind,
        "priority": clock.priority,
        "within": past.words,
        "started": clock.started,
        "due": clock.due,
        "stopped": clock.stopped,
        "outcome": past.fate,
        "consumed_ms": past.consumed,
    }


def _disagreement(one: Disagreement) -> dict[str, Any]:
    return {
        "place": one.opening.place,
        "message_id": one.opening.message_id,
        "before": _side(one.before),
        "after": _side(one.after),
        "changes": [
            {
                "kind": change.kind,
                "before": _clock(change.before) if change.before else None,
                "after": _clock(change.after) if change.after else None,
            }
            for change in one.changes
        ],
    }


def _side(one: PastTicket | Refused | None) -> dict[str, Any] | None:
    match one:
        case None:
            return None
        case Refused():
            return {"ticket": None, "reason": one.reason}
        case PastTicket():
            return {
                "ticket": one.ticket.number,
                "priority": one.ticket.priority,
                "because": one.promise.because,
                "outcomes": {kind.value: past.fate for kind, past in last(one).items()},
            }


def _attainment_rows(replay: Replay) -> Iterator[tuple[object, ...]]:
    for one in attainments(replay):
        plain_one = _attainment(one) | {"within": " or ".join(one.within)}
        yield tuple(plain_one.values())


def _ticket_rows(replay: Replay) -> Iterator[tuple[object, ...]]:
    for one in replay.tickets:
        ticket = one.ticket
        of_ticket = (ticket.number, ticket.opened, ticket.requester.address, ticket.title, ticket.asked)
        if not one.clocks:
            yield (*of_ticket, ticket.priority, *[None] * 7, one.opening.place)
        for past in one.clocks:
            clock = past.clock
            promised = (clock.priority, clock.kind.value, past.words, clock.started, clock.due)
            went = (clock.stopped, past.fate.value, past.consumed, one.opening.place)
            yield (*of_ticket, *promised, *went)


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: subjects are written by strangers."""
    if isinstance(value, datetime):
        return written(value)
    if not isinstance(value, str):
        return value
    text = plain(value).replace("\n", " ")
    return f"'{text}" if text.startswith(_FORMULA) else text
