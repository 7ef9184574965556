"""Knows whether what is stored of a ticket is what its journal says: `behaviour.md` 6.5 and 6.3, proved.

The stored due instants are a cache. Here the history is folded again under the policy version that the ticket
was opened with, and compared with the rows, column by column.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from mailgate.core.clock import Clock, ClockName
from mailgate.core.event import TargetMissed, TargetWarned, TicketOpened, kind_of
from mailgate.core.history import after, unmoved
from mailgate.core.move import Move
from mailgate.core.policy import Policy
from mailgate.core.ticket import Ticket

_NOT_IN_THE_JOURNAL = frozenset({"clocks", "thread"})
_COMPARED = tuple(one.name for one in fields(Ticket) if one.name not in _NOT_IN_THE_JOURNAL)
_OF_A_CLOCK = tuple(one.name for one in fields(Clock) if one.name not in {"kind", "epoch"})


@dataclass(frozen=True, slots=True)
class History:
    """A ticket as it is stored, and its journal.

    Args:
        wakes: by clock, when the deadline sweep is to look at it, as it is stored.
        opening: the ticket as the journal says that it was opened.
        moves: in the order in which they were recorded.
    """

    stored: Ticket
    wakes: Mapping[ClockName, datetime | None]
    opening: Ticket
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stored differs from what the journal says.

    Args:
        clock: which one of the ticket; None for the ticket itself.
        field: the column, or the event.
        stored, recomputed: the values; `recomputed` may say in words what ought to be.
    """

    ticket: str
    clock: ClockName | None
    field: str
    stored: object
    recomputed: object


def differences(history: History, policy: Policy) -> tuple[Difference, ...]:
    """Where the stored ticket is not what its history makes of it; `policy` is its opening's version.

    Raises:
        ValueError, LookupError, OverflowError: the history cannot be gone through.
    """
    found: list[Difference] = []
    ticket = unmoved(history.opening)
    seen: set[tuple[type, ClockName | None]] = set()
    for move in history.moves:
        found += _of_event(history, ticket, move, seen)
        ticket = after(ticket, move, policy)
    return (*_of_ticket(history, ticket), *_of_clocks(history, ticket), *found)


def _of_ticket(history: History, ticket: Ticket) -> Iterator[Difference]:
    for name in _COMPARED:
        stored, recomputed = getattr(history.stored, name), getattr(ticket, name)
        if stored != recomputed:
            yield Difference(history.opening.name, None, name, stored, recomputed)


def _of_clocks(history: History, ticket: Ticket) -> Iterator[Difference]:
    stored = {one.name: one for one in history.stored.clocks}
    recomputed = {one.name: one for one in ticket.clocks}
    name = history.opening.name
    for key in sorted(stored.keys() | recomputed.keys()):
        if key not in stored:
            yield Difference(name, key, "clock", None, recomputed[key].state)
        elif key not in recomputed:
            yield Difference(name, key, "clock", stored[key].state, None)
        else:
            yield from _of_clock(name, stored[key], recomputed[key])
            if history.wakes[key] != recomputed[key].next_at:
                yield Difference(name, key, "next_at", history.wakes[key], recomputed[key].next_at)


def _of_clock(ticket: str, stored: Clock, recomputed: Clock) -> Iterator[Difference]:
    for name in _OF_A_CLOCK:
        ours, theirs = getattr(stored, name), getattr(recomputed, name)
        if ours != theirs:
            yield Difference(ticket, stored.name, name, ours, theirs)


def _of_event(
    history: History, before: Ticket, move: Move, seen: set[tuple[type, ClockName | None]]
) -> Iterator[Difference]:
    """What is wrong with the event itself: its date, or that it was recorded before.

    Only what happens once can be told by itself: the opening, the warning and the miss of each clock.
    """
    if move.kind not in {TicketOpened, TargetWarned, TargetMissed}:
        return
    name, event = history.opening.name, kind_of(move.kind)
    clock = move.clocks[0].name if move.clocks else None
    if (move.kind, clock) in seen:
        yield Difference(name, clock, event, f"recorded again, at {move.at.isoformat()}", "recorded once")
    seen.add((move.kind, clock))
    due = _due(history, before, move, clock)
    if due != move.at:
        yield Difference(name, clock, event, move.at, due)


def _due(history: History, before: Ticket, move: Move, clock: ClockName | None) -> datetime | None:
    """When the event ought to have happened: a breach is dated at the due instant (`behaviour.md` 6.3)."""
    if move.kind is TicketOpened:
        return history.opening.opened
    meant = next((one for one in before.clocks if one.name == clock), None)
    if meant is None:
        return None
    return meant.due if move.kind is TargetMissed else meant.warn_at
