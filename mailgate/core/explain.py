"""Knows how a due instant came about: which stretches of time counted, which did not, and why.

The counted stretches add up to the consumed time (`behaviour.md` 6.5); the same ticket gives the same answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailgate.core.calendar import Calendar
from mailgate.core.clock import Clock, lapsed
from mailgate.core.instant import ticks
from mailgate.core.policy import Policy, Target
from mailgate.core.ticket import Ticket

WALL_CLOCK = "wall-clock time always runs"
BUSINESS_HOURS = "business hours"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of time that counted as a whole or not at all, and why."""

    start: datetime
    end: datetime
    counted: bool
    why: str

    @property
    def length(self) -> timedelta:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class ClockExplained:
    """One clock from its start until it stopped, or until now.

    Args:
        words: its amount as the policy says it.
        calendar: the name of the one it counts in; empty for wall-clock time.
        zone: the zone in which its local times are told.
        consumed: the open time that was used up; the counted stretches add up to it.
        amount: all that there was.
    """

    clock: Clock
    words: str
    calendar: str
    zone: str
    until: datetime
    consumed: timedelta
    amount: timedelta
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A ticket's clocks under the policy version that it was opened with.

    Args:
        policy: the policy's name; `version` the digest of the version.
    """

    ticket: str
    policy: str
    version: str
    plan: str
    region: str
    priority: str
    clocks: tuple[ClockExplained, ...]


def explained(ticket: Ticket, policy: Policy, now: datetime) -> Explanation:
    """How the ticket's due instants came about, as things stand at `now`.

    The policy is the version that the ticket was opened under.
    """
    return Explanation(
        ticket=ticket.name,
        policy=policy.name,
        version=policy.digest,
        plan=ticket.plan,
        region=policy.region(ticket.region).name,
        priority=ticket.priority,
        clocks=tuple(_clocks(ticket, policy, now)),
    )


def _clocks(ticket: Ticket, policy: Policy, now: datetime) -> Iterator[ClockExplained]:
    for clock in (lapsed(clock, now) for clock in ticket.clocks):
        for target in policy.targets(ticket.plan, ticket.role, clock.priority):
            if target.kind is clock.kind and target.amount is not None:
                calendar = policy.calendar_of(target, ticket.region)
                yield _clock(clock, target, calendar, clock.stopped or now)


def _clock(clock: Clock, target: Target, calendar: Calendar, until: datetime) -> ClockExplained:
    until = max(until, clock.started)
    is_business = target.amount is not None and target.amount.unit.is_business
    wall = (Stretch(clock.started, until, counted=True, why=WALL_CLOCK),) if until > clock.started else ()
    consumed = calendar.elapsed(clock.started, until) if is_business else ticks(until) - ticks(clock.started)
    return ClockExplained(
        clock=clock,
        words=str(target.amount),
        calendar=calendar.name if is_business else "",
        zone=calendar.zone,
        until=until,
        consumed=timedelta(milliseconds=consumed),
        amount=timedelta(milliseconds=target.amount.milliseconds(calendar) if target.amount else 0),
        stretches=tuple(_business(clock.started, until, calendar)) if is_business else wall,
    )


def _business(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Stretch]:
    for piece in calendar.stretches(start, end):
        why = BUSINESS_HOURS if piece.is_open else piece.reason
        yield Stretch(piece.start, piece.end, piece.is_open, why)
