"""Knows how a due instant came about: which stretches of time counted, which did not, and why.

The counted stretches add up to the consumed time (`behaviour.md` 6.5); the same ticket gives the same answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailgate.core.amount import Amount
from mailgate.core.calendar import Calendar, Stretch
from mailgate.core.clock import Clock, lapsed
from mailgate.core.policy import Policy
from mailgate.core.ticket import Ticket

WALL_CLOCK = "wall-clock time always runs"


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
        for target in policy.targets(ticket.plan, ticket.role, clock.priority, ticket.channel):
            if target.kind is clock.kind and target.amount is not None:
                calendar = policy.calendar_of(target, ticket.region)
                yield _clock(clock, target.amount, calendar, clock.stopped or now)


def _clock(clock: Clock, amount: Amount, calendar: Calendar, until: datetime) -> ClockExplained:
    until = max(until, clock.started)
    if amount.unit.is_business:
        stretches = tuple(calendar.stretches(clock.started, until))
    else:
        whole = Stretch(clock.started, until, counts=True, reason=WALL_CLOCK)
        stretches = (whole,) if whole.length else ()
    return ClockExplained(
        clock=clock,
        words=str(amount),
        calendar=calendar.name if amount.unit.is_business else "",
        zone=calendar.zone,
        until=until,
        consumed=sum((one.length for one in stretches if one.counts), timedelta()),
        amount=timedelta(milliseconds=amount.milliseconds(calendar)),
        stretches=stretches,
    )
