"""Knows in words what the commands and words of a staff mail would do: what `/check` is answered."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mailgate.core import event as happened
from mailgate.core.clock import ClockState
from mailgate.core.enumeration import listed
from mailgate.core.event import Event
from mailgate.core.message import Mailbox
from mailgate.core.outgoing import MailKind
from mailgate.core.participant import PeopleChanged, TicketAssigned
from mailgate.core.promise import Promise
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.core.ticket import Ticket

NOTHING = "nothing would happen: it says nothing to the customer, and has no other command"


Mails = Iterable[tuple[MailKind, str]]
"""Kinds of mail, each with its reader."""


def foretold(events: Iterable[Event], mails: Mails, into: Ticket | None) -> tuple[str, ...]:
    """What would happen, and who would read of it, in sentences.

    Args:
        into: the ticket that it would be merged into.
    """
    return tuple(_sentences(events, mails, into))


def opening_foretold(requester: Mailbox, title: str, promise: Promise, company: str) -> tuple[str, ...]:
    """What a mail would do that opens a ticket in a customer's name."""
    because = f": {promise.because}" if promise.because else ""
    targets = (f"its {one.kind.words} would be promised ({one.words})" for one in promise.targets)
    return (
        f"a ticket of {company} would be opened in the name of {requester.address}: {title}",
        f"its priority would be {promise.priority}{because}",
        *targets,
        f"{requester.address} would get the acknowledgement",
    )


def _sentences(events: Iterable[Event], mails: Mails, into: Ticket | None) -> Iterator[str]:
    for event in events:
        yield from _WORDS.get(type(event), _nothing)(event)
    if into is not None:
        yield f"it would go on in {into.name}: {into.title}"
    readers: dict[MailKind, list[str]] = {}
    for kind, reader in mails:
        readers.setdefault(kind, []).append(reader)
    for kind, words in _MAILS.items():
        if kind in readers:
            yield words.format(listed(readers[kind]))
    if MailKind.RELAYED_REPLY not in readers:
        yield "no words would go to the customer"


def _nothing(_: Event) -> Iterator[str]:
    yield from ()


def _replied(event: happened.StaffReplied) -> Iterator[str]:
    for clock in event.clocks:
        if clock.state is ClockState.MET:
            yield f"its {clock.kind.words} would be met"


def _people(event: PeopleChanged) -> Iterator[str]:
    if event.joined:
        yield f"{listed(event.joined)} would get copies from now on"
    if event.left:
        yield f"{listed(event.left)} would get no more copies"


def _says(words: str) -> Callable[[Any], Iterator[str]]:
    """One sentence, filled with what the event says."""
    return lambda event: iter((words.format(event=event),))


_WORDS: Mapping[type[Event], Callable[[Any], Iterator[str]]] = {
    happened.StaffReplied: _replied,
    happened.TicketTaken: _says("you would have it, and nobody else would be woken"),
    happened.TicketSetWaiting: _says("it would wait for its customer"),
    happened.TicketResolved: _says("it would be resolved"),
    happened.TicketReopened: _says("it would be open again"),
    happened.PriorityRaised: _says("its priority would be raised from {event.before} to {event.after}"),
    happened.PriorityCorrected: _says("its priority would be corrected from {event.before} to {event.after}"),
    happened.TicketDeescalated: _says("it would be de-escalated from {event.before} to {event.after}"),
    happened.TargetMissed: _says("its {event.clock.kind.words} would be noticed as missed"),
    TicketMarkedSpam: _says("it would be closed as spam, and later mail on it held"),
    TicketRestored: _says("it would be open again, and no spam"),
    TicketAssigned: _says("{event.assignee} would work on it"),
    PeopleChanged: _people,
}

_MAILS: Mapping[MailKind, str] = {
    MailKind.RELAYED_REPLY: "your words would go to {}",
    MailKind.RESOLUTION_NOTE: "{} would be told that it is resolved",
    MailKind.INTERNAL_NOTE: "{} would be told of it inside",
    MailKind.PAGE: "{} would be woken",
}
