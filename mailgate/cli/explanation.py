"""Knows how the explanation of a ticket is found and written. The same history gives the same bytes.

Local times have their offset from UTC beside them, in figures: no abbreviation, no locale. A history of many
stretches is told to people with its ordinary days put together; programs get every stretch.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from textwrap import wrap
from typing import Any

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.config.policies import restored
from mailgate.core.calendar import WEEKDAYS
from mailgate.core.clock import ClockState
from mailgate.core.explanation import ClockExplained, Explanation, Piece, explained
from mailgate.core.instant import written
from mailgate.core.occasion import Occasion, Recorded
from mailgate.core.ticket import Ticket, named
from mailgate.core.zone import zone
from mailgate.store.apply import policies_kept
from mailgate.store.histories import BrokenJournalError, recorded_of, ticket_named
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database

_FEW = 24
"""So many stretches of a clock are told one by one; of more, the ordinary days are put together."""
_WIDTH = 80  # of a letter, a terminal, a printed page: whatever the terminal is, the bytes are the same
_ENDED = {ClockState.MET: "met", ClockState.VOID: "void"}
_MILLISECOND = timedelta(milliseconds=1)
_EVERYDAY = frozenset({"outside business hours", "weekend", *(f"closed on {day}" for day in WEEKDAYS)})


def of(number: str, now: datetime) -> Explanation:
    """The explanation of a ticket under the policy version that it was opened with.

    Raises:
        Fault: there is no such ticket, or what is kept of it cannot be read.
    """
    name = named(number)

    async def kept(database: Database) -> tuple[Ticket, tuple[Recorded, ...], str] | None:
        async with database.read() as unit:
            key = await ticket_named(unit, *name) if name else None
            if key is None:
                return None
            ticket = (await tickets_by_id(unit, [key])).known[key]
            versions = await policies_kept(unit, [ticket.policy])
            return ticket, await recorded_of(unit, key), versions[ticket.policy].content

    try:
        found = with_database(kept)
    except BrokenJournalError as error:
        raise Fault(f"{number}: {error}", exit_code=1) from None
    if found is None:
        raise Fault(f"there is no ticket {number}", exit_code=1)
    ticket, recorded, content = found
    try:
        policy = restored(content)
    except ValueError:
        words = "the policy version that it was opened under is no policy that this mailgate knows"
        raise Fault(f"{ticket.name}: {words}", exit_code=1) from None
    return explained(ticket, policy, recorded, now)


def lines(explanation: Explanation) -> Iterator[str]:
    """The explanation for people, in the local time of each clock's calendar and in UTC."""
    place = f"plan {explanation.plan}, region {explanation.region}"
    yield f"{explanation.ticket}: {explanation.priority}, {place}"
    yield f"Policy {explanation.policy}, in the version under which the ticket was opened,"
    yield f"  {explanation.version}"
    yield f"Time zones by {explanation.rules}; local times with their offset from UTC"
    if not explanation.clocks:
        yield "No clock: best effort, or a channel without targets."
    for clock in explanation.clocks:
        yield ""
        yield from _clock(clock)


def plain(explanation: Explanation) -> dict[str, Any]:
    """The explanation as JSON."""
    return {
        "ticket": explanation.ticket,
        "policy": explanation.policy,
        "version": explanation.version,
        "tzdata": explanation.rules.removeprefix("tzdata "),
        "plan": explanation.plan,
        "region": explanation.region,
        "priority": explanation.priority,
        "clocks": [_plain_clock(one) for one in explanation.clocks],
    }


def _clock(one: ClockExplained) -> Iterator[str]:
    clock, left = one.clock, _left(one)
    yield f"{clock.kind.words.capitalize()} {clock.epoch}, {clock.priority}: {clock.state}"
    counted = f"by the calendar {one.calendar} ({one.zone})" if one.calendar else "by the clock on the wall"
    yield f"  promised {one.words}, {counted}" if one.words else "  promised under another policy version"
    yield from _moment("began", clock.started, one.zone, one.began)
    if clock.state is ClockState.PAUSED:
        yield f"  due      when the customer has answered and {left or 'what was left'} more is used up"
    else:
        yield from _moment("due", clock.due, one.zone)
    for what, at in (("warned", clock.warned), ("noticed", clock.detected)):
        if at is not None and at != clock.stopped:
            yield from _moment(what, at, one.zone)
    yield from _moment(_ENDED.get(clock.state, "stopped") if clock.stopped else "now", one.until, one.zone)
    yield from _cause(one.ended, one.until)
    yield from _sum(one)


def _moment(what: str, at: datetime, zone_name: str, told: Occasion | None = None) -> Iterator[str]:
    yield f"  {what:8} {_local(at, zone_name)} = {written(at)}"
    yield from _cause(told, at)


def _cause(told: Occasion | None, at: datetime) -> Iterator[str]:
    if told is not None:
        when = "" if told.at == at else f", at {written(told.at)}"
        yield from _wrapped("           ", f"{told.words}{when}")


def _sum(one: ClockExplained) -> Iterator[str]:
    """The stretches, each by its beginning, and their sum."""
    if one.amount is None:
        return
    yield f"  {'counted':>11}  {'from':29}  because"
    if one.carried:
        yield f"+ {_length(one.carried):>11}  {'':29}  carried over"
    for count, start, words in _told(one.pieces):
        sign, length = ("+", _length(count)) if count else (" ", "-")
        yield from _wrapped(f"{sign} {length:>11}  {_local(start, one.zone):29}  ", words)
    left = _left(one)
    rest = f"{left} left" if left else f"{_length(one.consumed - one.amount)} over"
    yield f"= {_length(one.consumed):>11}  of {_length(one.amount)}, {rest}"


def _left(one: ClockExplained) -> str:
    """How much of the amount is left; empty where nothing is."""
    if one.amount is None or one.consumed > one.amount:
        return ""
    return _length(one.amount - one.consumed)


def _told(pieces: Sequence[Piece]) -> Iterator[tuple[timedelta, datetime, str]]:
    """How much counts, from when on, and why or why not."""
    if len(pieces) <= _FEW:
        rest = ""
        for piece in pieces:
            yield _counted(piece), piece.start, _reason(piece, goes_on=piece.rest == rest)
            rest = piece.rest
        return
    for _, alike in groupby(pieces, key=_sort):
        together = tuple(alike)
        yield sum(map(_counted, together), timedelta()), together[0].start, _reason_of_all(together)


def _counted(piece: Piece) -> timedelta:
    return piece.length if piece.counts else timedelta()


def _sort(piece: Piece) -> tuple[str, str]:
    """What is told together in a long history: the ordinary days in a row, a whole rest."""
    ordinary = piece.counts or piece.reason in _EVERYDAY
    return piece.rest, "" if ordinary or piece.rest else piece.reason


def _reason_of_all(pieces: Sequence[Piece]) -> str:
    first, counted = pieces[0], [piece for piece in pieces if piece.counts]
    if first.rest:
        lost = sum((piece.length for piece in pieces if not piece.reason), timedelta())
        return f"{_reason(first)}; {_length(lost)} of it would have counted"
    if len(pieces) == 1 or not counted:
        return ", ".join(dict.fromkeys(piece.reason for piece in pieces))
    times = f", {len(counted)} times" if len(counted) > 1 else ""
    return f"{counted[0].reason}{times}, and the closed time around"


def _reason(piece: Piece, *, goes_on: bool = False) -> str:
    if not piece.rest:
        return piece.reason
    waits = "waits still" if goes_on else f"waits for the customer since {piece.rest}"
    return f"{waits}; closed anyway: {piece.reason}" if piece.reason else waits


def _wrapped(begins: str, words: str) -> Iterator[str]:
    """The words beside what stands before them, in lines of at most 80 columns."""
    yield from wrap(
        words, _WIDTH, initial_indent=begins, subsequent_indent=" " * len(begins), break_on_hyphens=False
    )


def _plain_clock(one: ClockExplained) -> dict[str, Any]:
    clock = one.clock
    return {
        "kind": clock.kind,
        "epoch": clock.epoch,
        "priority": clock.priority,
        "state": clock.state,
        "started": clock.started,
        "began": _plain_told(one.began),
        "due": clock.known_due,
        "warned": clock.warned,
        "detected": clock.detected,
        "stopped": clock.stopped,
        "ended": _plain_told(one.ended),
        "until": one.until,
        "within": one.words or None,
        "calendar": one.calendar or None,
        "timezone": one.zone,
        "amount_ms": None if one.amount is None else one.amount // _MILLISECOND,
        "carried_ms": clock.carried,
        "consumed_ms": one.consumed // _MILLISECOND,
        "stretches": [
            {
                "from": piece.start,
                "to": piece.end,
                "counted": piece.counts,
                "why": _reason(piece),
                "rest": piece.rest or None,
                "ms": piece.length // _MILLISECOND,
            }
            for piece in one.pieces
        ],
    }


def _plain_told(told: Occasion | None) -> dict[str, Any] | None:
    return None if told is None else {"at": told.at, "why": told.words}


def _length(length: timedelta) -> str:
    """To the millisecond, so that the reader can add up: `8:00:00`, `40:00:00.250`."""
    seconds, milliseconds = divmod(length // _MILLISECOND, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" + (f".{milliseconds:03}" if milliseconds else "")


def _local(instant: datetime, name: str) -> str:
    """`Thu 2026-12-24 15:00:00+01:00`: exact, for it is evidence."""
    local = instant.astimezone(zone(name))
    precision = "milliseconds" if local.microsecond else "seconds"
    return f"{WEEKDAYS[local.weekday()][:3]} {local.isoformat(sep=' ', timespec=precision)}"
