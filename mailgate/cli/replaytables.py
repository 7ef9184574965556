"""Knows how a replay is told to people: what was read, what was promised and kept, what was assumed."""

from collections import Counter
from collections.abc import Iterator

from mailgate.cli.replayplain import Report
from mailgate.cli.screen import Column, moment, say, table
from mailgate.core.attainment import (
    Attainment,
    Disagreement,
    Divergence,
    attainments,
    disagreements,
    last,
    tickets_of,
)
from mailgate.core.clock import TargetKind
from mailgate.core.instant import HOUR, MINUTE
from mailgate.core.past import DatedBy, Writer
from mailgate.core.replay import PastClock, PastTicket, Refused, Replay
from mailgate.core.scenario import ResolvedBy
from mailgate.core.target import BEST_EFFORT
from mailgate.core.threads import EntryKind
from mailgate.core.ticket import Status

_MOST_LISTED = 5  # mails that are left out for one reason
_MOST_TITLE = 40  # characters of a subject


def show(report: Report, *, tickets: bool) -> None:
    """The report for people, with a line for each ticket if they want it."""
    _show_mails(report)
    for replay in report.replays:
        _show_attainment(replay)
        if tickets:
            _show_tickets(replay)
    if len(report.replays) > 1:
        _show_disagreements(*report.replays)
    say()
    say("Assumed")
    say()
    for sentence in _assumed(report):
        say(f"- {sentence}")
    _show_left_out(report)


def _show_mails(report: Report) -> None:
    mails, kinds = report.past.mails, report.kinds
    count = _counted(len(mails) + len(report.past.left_out), "mail")
    times = [mail.at for mail in mails]
    span = f", from {moment(min(times))} to {moment(max(times))}" if times else ""
    say(f"{count} in {', '.join(report.archives)}{span}")
    opened = len(report.found.threads)
    said = (
        _counted(opened, "thread"),
        f"{_counted(kinds[EntryKind.CUSTOMER] - opened, 'further mail')} of customers",
        f"{_counted(kinds[EntryKind.STAFF], 'answer')} of staff",
        f"{_counted(kinds[EntryKind.NOTE] + kinds[EntryKind.FAILURE], 'note')}",
        f"{report.found.duplicates:,} second copies" if report.found.duplicates else "",
        f"{len(report.left_out):,} left out" if report.left_out else "",
    )
    say(", ".join(filter(None, said)))


def _show_attainment(replay: Replay) -> None:
    scenario, policy = replay.scenario, replay.scenario.policy
    plan, region = policy.plans[scenario.given.plan].title, policy.region(scenario.given.region).title
    say()
    say(f"{policy.title}, plan {plan}, {region}; the clock stops at {moment(replay.until)}")
    machines = sum(one.opening.writer is Writer.MACHINE for one in replay.tickets)
    say(_counted(len(replay.tickets), "ticket") + (f", {machines:,} of machines" if machines else ""))
    for reason, count in Counter(one.reason for one in replay.refused).items():
        say(f"{_counted(count, 'mail')} without a ticket: {reason}")
    for note, count in Counter(note for one in replay.tickets for note in one.promise.notes).items():
        say(f"{_counted(count, 'ticket')}: {note}")
    rows = list(_attainment_rows(replay))
    if rows:
        say()
        table(_COLUMNS, rows)


def _attainment_rows(replay: Replay) -> Iterator[tuple[object, ...]]:
    """A line for each priority and kind; the priority and its tickets stand on the first of them."""
    tickets = tickets_of(replay)
    found = attainments(replay)
    for priority in replay.scenario.policy.priorities:
        lines = [one for one in found if one.priority == priority.name]
        named: tuple[object, object] = (priority.name, f"{tickets[priority.name]:,}")
        if not lines and tickets[priority.name]:
            yield (*named, *[None] * (len(_COLUMNS) - len(named)))
        for one in lines:
            yield (*named, *_attainment_cells(one))
            named = ("", "")


def _attainment_cells(one: Attainment) -> tuple[object, ...]:
    named = (one.kind.words, " or ".join(one.within))
    if one.within == (BEST_EFFORT,):
        return (*named, *[None] * 8)
    counts = tuple(f"{count:,}" for count in (one.promised, one.met, one.missed, one.running, one.unknown))
    return (*named, *counts, _percent(one), _hours(one.median), _hours(one.ninetieth))


def _show_tickets(replay: Replay) -> None:
    kinds = [
        kind for kind in TargetKind if any(one.clock.kind is kind for t in replay.tickets for one in t.clocks)
    ]
    columns = ("no.", "opened", "priority", "from", "subject", *(kind.words for kind in kinds), "status")
    rows = (
        (
            one.ticket.number,
            one.ticket.opened,
            one.ticket.priority,
            one.ticket.requester.address,
            _short(one.ticket.title),
            *(_outcome(last(one).get(kind)) for kind in kinds),
            one.ticket.status.value,
        )
        for one in replay.tickets
    )
    say()
    table(columns, rows)


def _show_disagreements(before: Replay, after: Replay) -> None:
    names = [f"{one.scenario.policy.name} {one.scenario.given.plan}" for one in (before, after)]
    rows = list(_side_by_side(before, after))
    if rows:
        say()
        say("Side by side")
        say()
        table(("priority", "target", *(Column(name, right=True) for name in names)), rows)
    found = disagreements(before, after)
    say()
    say(f"Otherwise with {names[1]} than with {names[0]}: {_counted(len(found), 'ticket')}")
    if found:
        say()
        columns = ("opened", "from", "subject", "target", names[0], names[1])
        table(columns, (row for one in found for row in _disagreement_rows(one)))


def _side_by_side(before: Replay, after: Replay) -> Iterator[tuple[object, ...]]:
    """What was attained at each priority of each kind, by both; last what only the second has."""
    ours, theirs = ({(one.priority, one.kind): one for one in attainments(each)} for each in (before, after))
    for priority, kind in dict.fromkeys((*ours, *theirs)):
        cells = (_attained(each.get((priority, kind))) for each in (ours, theirs))
        yield (priority, kind.words, *cells)


def _attained(one: Attainment | None) -> str:
    if one is None:
        return "none"
    if not one.met + one.missed:
        return BEST_EFFORT if one.within == (BEST_EFFORT,) else "nothing ended"
    return f"{one.met:,} of {one.met + one.missed:,}, {_percent(one)}"


def _disagreement_rows(one: Disagreement) -> Iterator[tuple[object, ...]]:
    mail = one.opening
    named: tuple[object, ...] = (mail.at, mail.sender.address, _short(mail.subject))
    if not one.changes:
        yield (*named, "", _side(one.before), _side(one.after))
    for change in one.changes:
        yield (*named, change.kind.words, *_changed(one, change))
        named = ("", "", "")


def _changed(one: Disagreement, change: Divergence) -> tuple[str, str]:
    """Both ways a promise went, each with what makes it so: the priority, the amount and the due instant."""
    sides = ((one.before, change.before), (one.after, change.after))
    before, after = (
        f"{ticket.ticket.priority}: {_because(past)}" if isinstance(ticket, PastTicket) else ""
        for ticket, past in sides
    )
    return before, after


def _because(past: PastClock | None) -> str:
    if past is None:
        return BEST_EFFORT
    return f"{past.fate}, {past.words} to {moment(past.clock.due)}, used {_hours(past.consumed)}"


def _side(one: PastTicket | Refused | None) -> str:
    match one:
        case None:
            return "goes on in an earlier ticket"
        case Refused():
            return f"no ticket: {one.reason}"
        case PastTicket():
            return f"a ticket, {one.ticket.priority}"


def _assumed(report: Report) -> Iterator[str]:
    first = report.replays[0]
    told = Counter(mail.dated_by for mail in report.past.mails)
    yield (
        f"A mail was accepted when the last host's Received says ({told[DatedBy.RECEIVED]:,}),"
        f" or else its Date ({told[DatedBy.DATE]:,})."
    )
    if report.found.moved:
        yield f"{_counted(report.found.moved, 'answer')} older than what they answer count from that on."
    staff = ", ".join([*sorted(report.staff.domains), *sorted(report.staff.addresses)])
    answered = "" if report.kinds[EntryKind.STAFF] else " No answer here is theirs: name them with --staff."
    yield f"Staff: {staff}.{answered}"
    if any(one.kind is TargetKind.RESOLUTION and one.promised for one in attainments(first)):
        yield _resolved(first)


def _resolved(replay: Replay) -> str:
    """What was taken for the end of a matter, and of how many."""
    resolved = sum(one.ticket.status is Status.RESOLVED for one in replay.tickets)
    said = f"{resolved:,} of {_counted(len(replay.tickets), 'ticket')}"
    if replay.scenario.resolved_by is ResolvedBy.LAST_REPLY:
        went_on = sum(one.went_on for one in replay.tickets)
        return f"Staff's last answer resolved a ticket ({said}); on {went_on:,} the customer wrote again."
    return (
        f"Resolved is only what a line /resolve of staff says ({said})"
        + ("" if resolved else ", so of resolutions nothing is known")
        + "; with --resolved-by last-reply staff's last answer counts as the end."
    )


def _show_left_out(report: Report) -> None:
    if not report.left_out:
        return
    say()
    say(f"Left out: {_counted(len(report.left_out), 'mail')}")
    say()
    reasons: dict[str, list[str]] = {}
    for one in report.left_out:
        reasons.setdefault(one.reason, []).append(one.place)
    for reason, places in reasons.items():
        more = (
            f" and {len(places) - _MOST_LISTED:,} more (--json lists them)" if places[_MOST_LISTED:] else ""
        )
        say(f"- {reason}: {', '.join(places[:_MOST_LISTED])}{more}")


def _outcome(past: PastClock | None) -> str | None:
    return f"{past.fate} {_hours(past.consumed)}" if past else None


def _percent(one: Attainment) -> str:
    return "" if one.percent is None else f"{one.percent:.1f} %"


def _hours(milliseconds: int | None) -> str:
    """Hours and minutes of open time, cut: `27:05`. Days would not say whose."""
    if milliseconds is None:
        return ""
    return f"{milliseconds // HOUR}:{milliseconds % HOUR // MINUTE:02}"


def _short(subject: str) -> str:
    return subject if len(subject) <= _MOST_TITLE else f"{subject[: _MOST_TITLE - 1]}…"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


_COLUMNS: tuple[Column | str, ...] = (
    "priority",
    Column("tickets", right=True),
    "target",
    "within",
    *(Column(one, right=True) for one in ("promised", "met", "missed", "running", "unknown", "attained")),
    Column("half by", right=True),
    Column("90 % by", right=True),
)
