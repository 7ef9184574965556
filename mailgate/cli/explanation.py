"""Knows how the explanation of a ticket is found and written. The same ticket gives the same bytes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.config.policies import restored
from mailgate.core.calendar import WEEKDAYS
from mailgate.core.explanation import ClockExplained, Explanation, explained
from mailgate.core.ticket import Ticket, named
from mailgate.core.zone import zone
from mailgate.store.apply import policies_kept
from mailgate.store.lists import timeline
from mailgate.store.unit import Database

_VERSION_SHOWN = 12
_MILLISECOND = timedelta(milliseconds=1)


def of(number: str, now: datetime) -> Explanation:
    """The explanation of a ticket under the policy version that it was opened with.

    Raises:
        Fault: there is no such ticket.
    """
    name = named(number)

    async def kept(database: Database) -> tuple[Ticket, str] | None:
        async with database.read() as unit:
            found = await timeline(unit, *name) if name else None
            if found is None:
                return None
            versions = await policies_kept(unit, [found.ticket.policy])
            return found.ticket, versions[found.ticket.policy].content

    found = with_database(kept)
    if found is None:
        raise Fault(f"there is no ticket {number}", exit_code=1)
    ticket, content = found
    return explained(ticket, restored(content), now)


def lines(explanation: Explanation) -> Iterator[str]:
    """The explanation for people, in the local time of each clock's calendar."""
    version = explanation.version[:_VERSION_SHOWN]
    place = f"plan {explanation.plan}, region {explanation.region}"
    yield f"{explanation.ticket}: {explanation.priority}, {place}"
    yield f"Policy {explanation.policy}, version {version}, under which the ticket was opened"
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
        "plan": explanation.plan,
        "region": explanation.region,
        "priority": explanation.priority,
        "clocks": [_plain_clock(one) for one in explanation.clocks],
    }


def _clock(one: ClockExplained) -> Iterator[str]:
    clock = one.clock
    counted = f"business time of the calendar {one.calendar}" if one.calendar else "wall-clock time"
    yield f"{clock.kind.capitalize()} at {clock.priority}: {one.words}, {counted}"
    yield f"  started  {_local(clock.started, one.zone)} ({one.zone})"
    yield f"  due      {_local(clock.due, one.zone)}"
    yield f"  {clock.state:8} {_local(one.until, one.zone)}"
    yield f"  used up  {_length(one.consumed)} of {_length(one.amount)}"
    for stretch in one.stretches:
        sign = "+" if stretch.counts else " "
        begins, ends = _local(stretch.start, one.zone), _local(stretch.end, one.zone)
        yield f"  {sign} {_length(stretch.length):>14}  {begins} to {ends}: {stretch.reason}"


def _plain_clock(one: ClockExplained) -> dict[str, Any]:
    return {
        "kind": one.clock.kind,
        "priority": one.clock.priority,
        "state": one.clock.state,
        "started": one.clock.started,
        "due": one.clock.due,
        "stopped": one.clock.stopped,
        "until": one.until,
        "within": one.words,
        "calendar": one.calendar or None,
        "timezone": one.zone,
        "consumed_ms": one.consumed // _MILLISECOND,
        "amount_ms": one.amount // _MILLISECOND,
        "stretches": [
            {
                "from": stretch.start,
                "to": stretch.end,
                "counted": stretch.counts,
                "why": stretch.reason,
                "ms": stretch.length // _MILLISECOND,
            }
            for stretch in one.stretches
        ],
    }


def _length(length: timedelta) -> str:
    """To the millisecond, so that the reader can add up: `8:00:00`, `40:00:00.250`."""
    seconds, milliseconds = divmod(length // _MILLISECOND, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" + (f".{milliseconds:03}" if milliseconds else "")


def _local(instant: datetime, name: str) -> str:
    """`Thu 2026-12-24 15:00:00 CET`: exact, for it is evidence."""
    local = instant.astimezone(zone(name))
    precision = "milliseconds" if local.microsecond else "seconds"
    written = local.replace(tzinfo=None).isoformat(sep=" ", timespec=precision)
    return f"{WEEKDAYS[local.weekday()][:3]} {written} {local.tzname()}"
