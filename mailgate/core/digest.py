"""Knows the daily digest: its windows, and what it says of them (`behaviour.md` 7.1).

Windows are half open, `[start, end)`, and tile time: one starts where the last one ended, whatever happened
between them, so no missed target is told twice and none is left out.
"""

from dataclasses import dataclass
from datetime import date, datetime

from mailgate.core.clock import ClockState, TargetKind


@dataclass(frozen=True, slots=True)
class Window:
    """The time that one digest tells of, `[start, end)`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of one ticket, as the digest lists it.

    Args:
        ticket: its name, `ACME-42`.
        company: the account's name.
    """

    ticket: str
    title: str
    account: str
    company: str
    priority: str
    kind: TargetKind
    state: ClockState
    due: datetime
    stopped: datetime | None = None
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A ticket without a first answer; `due` is its response target, None for best effort."""

    ticket: str
    title: str
    company: str
    priority: str
    opened: datetime
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What was promised to one account at one priority and came due in the window, and what was kept."""

    company: str
    priority: str
    kind: TargetKind
    promised: int
    kept: int


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail that waits or failed: held, quarantined, undeliverable, or a page that went out.

    Args:
        who: sender of what came in, recipients of what went out.
        reference: the number for `mailgate held` or `mailgate outbox`.
    """

    reference: int
    at: datetime
    kind: str
    who: str
    subject: str
    reason: str
    company: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest.

    Args:
        day: the local date that it is for.
        days: how many local days its window spans; more than one after an outage.
        zone: IANA zone of the operator.
    """

    day: date
    zone: str
    window: Window
    days: int
    missed: tuple[ClockRow, ...] = ()
    overdue: tuple[ClockRow, ...] = ()
    due_next: tuple[ClockRow, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()
    kept: tuple[Kept, ...] = ()
    held: tuple[MailRow, ...] = ()
    undeliverable: tuple[MailRow, ...] = ()
    paged: tuple[MailRow, ...] = ()
    opened: int = 0

    @property
    def quiet(self) -> bool:
        """Whether there is nothing that anybody must look at."""
        return not (
            self.missed or self.overdue or self.due_next or self.waiting or self.held or self.undeliverable
        )
