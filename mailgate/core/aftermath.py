"""Knows what a mail brings about, as a value: events, letters, what is kept aside; carried out whole."""

from dataclasses import dataclass

from mailgate.core.change import Hold
from mailgate.core.event import Event
from mailgate.core.outgoing import Draft
from mailgate.core.suppression import Suppression
from mailgate.core.ticket import Ticket, TicketId


@dataclass(frozen=True, slots=True)
class Fresh:
    """The identity that a new ticket gets."""

    id: TicketId
    number: int


@dataclass(frozen=True, slots=True)
class Also:
    """What follows for a second ticket of the account: the one merged into, the one that is continued."""

    ticket: Ticket
    events: tuple[Event, ...]
    drafts: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from one mail to one account, to be carried out in one transaction."""

    ticket: Ticket | None = None
    events: tuple[Event, ...] = ()
    drafts: tuple[Draft, ...] = ()
    beside: tuple[Also, ...] = ()
    hold: Hold | None = None
    suppressions: tuple[Suppression, ...] = ()
