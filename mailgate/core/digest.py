"""Knows the daily digest: when it is due, which time it tells of, and what it says (`behaviour.md` 7.1).

Windows are half open, `[start, end)`, and tile time: one starts where the last one ended, whatever happened
between them, so no missed target is told twice and none is left out. Everything is told as it stood at the
end of the window, whenever it is asked for.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from mailgate.core.account import Desk
from mailgate.core.clock import ClockState, TargetKind
from mailgate.core.instant import from_ticks
from mailgate.core.zone import day_number, day_of, moment, zone

NAME = "sla"
"""Which digest this is, among those that a later one may stand beside."""

BEGINNING = "sla-beginning"
"""The mark where telling begins; it stands beside the digests, and no mail goes with it."""

AHEAD = timedelta(hours=24)
"""So much open time of an account's calendar the digest looks ahead."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a digest is due: a time of each local day in a zone."""

    at: time
    zone: str


@dataclass(frozen=True, slots=True)
class Window:
    """The time that one digest tells of, `[start, end)`."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime) -> bool:
        """Whether the instant is in it."""
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of one ticket, as the digest lists it.

    Args:
        ticket: its name, `ACME-42`.
        company: the account's name.
        assignee: a name, empty for nobody.
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

    def is_open(self, at: datetime) -> bool:
        """Whether what it waits for had not happened before that instant."""
        return self.stopped is None or self.stopped >= at

    @property
    def was_kept(self) -> bool:
        """Whether it was stopped in time."""
        return self.stopped is not None and self.stopped <= self.due


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
    """What was promised to one account at one priority, settled in the window, and how much was kept."""

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
        reference: its number for `mailgate held` or `mailgate outbox`; 0 for what only the ticket knows.
        ticket: the name of its ticket, empty for none.
    """

    reference: int
    at: datetime
    kind: str
    who: str
    subject: str
    reason: str
    company: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the store holds for a window: more than the digest tells, not yet sorted.

    Args:
        clocks: those that were due or stopped in the window, are still open, or come due soon.
        opened: how many tickets were opened in the window.
    """

    clocks: tuple[ClockRow, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()
    held: tuple[MailRow, ...] = ()
    undeliverable: tuple[MailRow, ...] = ()
    paged: tuple[MailRow, ...] = ()
    opened: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest.

    Args:
        day: the local date that it is for.
        zone: the zone of the operator.
        missed: targets that were missed in the window; `overdue`, all that are missed and still open.
    """

    day: date
    zone: str
    window: Window
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
    def days(self) -> int:
        """How many local days it tells of; more than one after an outage."""
        where = zone(self.zone)
        return max(
            1, (self.window.end.astimezone(where).date() - self.window.start.astimezone(where).date()).days
        )

    @property
    def quiet(self) -> bool:
        """Whether nothing happened and nothing waits for anybody."""
        clocks = self.missed or self.overdue or self.due_next or self.kept
        mails = self.held or self.undeliverable or self.paged
        return not (clocks or self.waiting or mails or self.opened)


def due_at(day: date, schedule: Schedule) -> datetime:
    """When the digest of a local date is due.

    A time that happens twice is the first one; one that never happens is the moment at which the clocks jump.
    """
    minute = schedule.at.hour * 60 + schedule.at.minute
    return from_ticks(moment(zone(schedule.zone), day_number(day), minute))


def day_due(now: datetime, schedule: Schedule) -> date:
    """The latest local date whose digest is due at that instant."""
    day = now.astimezone(zone(schedule.zone)).date()
    while not _exists(day, schedule) or due_at(day, schedule) > now:
        day -= _DAY
    return day


def next_due(now: datetime, schedule: Schedule) -> datetime:
    """The first instant after `now` at which a digest is due."""
    day = day_due(now, schedule) + _DAY
    while not _exists(day, schedule):
        day += _DAY
    return due_at(day, schedule)


def day_window(day: date, now: datetime, schedule: Schedule) -> Window:
    """What the digest of a date tells of where none was sent: from the due instant of the date before."""
    before = day - _DAY
    while not _exists(before, schedule):
        before -= _DAY
    start = due_at(before, schedule)
    return Window(start, max(start, min(now, due_at(day, schedule))))


def horizons(desk: Desk, end: datetime) -> dict[str, datetime]:
    """Up to when each account's clocks count as due next: 24 open hours of its region's calendar ahead.

    So the digest of a Friday tells what comes due on Monday. It is never less than 24 wall-clock hours.
    """
    return {
        key: policy.calendars[policy.region(account.region).calendar].add(
            end, AHEAD // timedelta(milliseconds=1)
        )
        for key, account in desk.accounts.items()
        if (policy := desk.policies.get(account.policy))
    }


def written(blank: Digest, seen: Seen, ahead: Mapping[str, datetime]) -> Digest:
    """The digest of the blank one's day, zone and window, filled with what the store holds."""
    window = blank.window
    by_due = sorted(seen.clocks, key=lambda clock: (clock.due, clock.ticket, clock.kind))
    still_open = [clock for clock in by_due if clock.is_open(window.end)]
    return replace(
        blank,
        missed=tuple(clock for clock in by_due if window.holds(clock.due) and not clock.was_kept),
        overdue=tuple(clock for clock in still_open if clock.due < window.end),
        due_next=tuple(
            clock
            for clock in still_open
            if window.end <= clock.due < ahead.get(clock.account, window.end + AHEAD)
        ),
        waiting=tuple(sorted(seen.waiting, key=lambda row: (row.opened, row.ticket))),
        kept=_kept(by_due, window),
        held=seen.held,
        undeliverable=seen.undeliverable,
        paged=seen.paged,
        opened=seen.opened,
    )


def _exists(day: date, schedule: Schedule) -> bool:
    """Whether the date happens in the zone: Samoa had no 30 December 2011."""
    where = zone(schedule.zone)
    number = day_number(day)
    return day_of(where, moment(where, number, 0)) == number


def _kept(clocks: list[ClockRow], window: Window) -> tuple[Kept, ...]:
    """Each promise counts once: when it was kept, or when its due instant passed."""
    promised: Counter[tuple[str, str, TargetKind]] = Counter()
    kept: Counter[tuple[str, str, TargetKind]] = Counter()
    for clock in clocks:
        key = (clock.company, clock.priority, clock.kind)
        if window.holds(clock.stopped if clock.was_kept and clock.stopped else clock.due):
            promised[key] += 1
            kept[key] += clock.was_kept
    return tuple(Kept(*key, promised[key], kept[key]) for key in sorted(promised))
