"""Knows in words what the commands of a staff mail would do: what `/check` is answered."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mailgate.core import event as happened
from mailgate.core.event import Event
from mailgate.core.participant import PeopleChanged, TicketAssigned
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.core.ticket import Ticket


def foretold(events: Iterable[Event], into: Ticket | None, readers: tuple[str, ...]) -> tuple[str, ...]:
    """What would happen, in sentences.

    Args:
        into: the ticket that it would be merged into.
        readers: the addresses to which the words would go.
    """
    return tuple(_sentences(events, into, readers)) or ("nothing would happen",)


def _sentences(events: Iterable[Event], into: Ticket | None, readers: tuple[str, ...]) -> Iterator[str]:
    for event in events:
        words = _WORDS.get(type(event))
        if words:
            yield words(event)
    if into is not None:
        yield f"it would go on in {into.name}: {into.title}"
    if readers:
        yield f"your words would go to {', '.join(readers)}"
    else:
        yield "no words would go to the customer"


def _people(event: PeopleChanged) -> str:
    joined = f"{', '.join(event.joined)} would join" if event.joined else ""
    left = f"{', '.join(event.left)} would get no more copies" if event.left else ""
    return ", and ".join(filter(None, (joined, left)))


_WORDS: Mapping[type[Event], Callable[[Any], str]] = {
    happened.TicketTaken: lambda _: "you would have it, and nobody else would be woken",
    happened.TicketSetWaiting: lambda _: "it would wait for its customer",
    happened.TicketResolved: lambda _: "it would be resolved, and the customer told so",
    happened.TicketReopened: lambda _: "it would be open again",
    happened.PriorityRaised: lambda event: (
        f"the priority would be raised from {event.before} to {event.after}"
    ),
    happened.PriorityCorrected: lambda event: (
        f"the priority would be corrected from {event.before} to {event.after}"
    ),
    happened.TicketDeescalated: lambda event: (
        f"it would be de-escalated from {event.before} to {event.after}"
    ),
    happened.TargetMissed: lambda event: f"its {event.clock.kind.words} would be noticed as missed",
    TicketMarkedSpam: lambda _: "it would be closed as spam, and nobody told",
    TicketRestored: lambda _: "it would be open again: no spam",
    TicketAssigned: lambda event: f"{event.assignee} would work on it",
    PeopleChanged: _people,
}
