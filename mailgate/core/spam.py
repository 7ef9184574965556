"""Knows what happens to a ticket that is nobody's request: it is closed as spam, or restored after all."""

from dataclasses import dataclass
from datetime import datetime

from mailgate.core.clock import Clock

Clocks = tuple[Clock, ...]


@dataclass(frozen=True, slots=True)
class TicketMarkedSpam:  # new | open | waiting → closed
    """It is nobody's request: nothing is promised on it, and nobody is told."""

    at: datetime
    staff: str
    reason: str
    clocks: Clocks = ()


@dataclass(frozen=True, slots=True)
class TicketRestored:  # closed → new, or → open where it was answered
    """It was no spam after all: what was promised counts from its start; `by` says so."""

    at: datetime
    by: str
    answered: datetime | None
    reason: str
    clocks: Clocks = ()
