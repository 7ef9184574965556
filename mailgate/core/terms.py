"""Knows what a ticket's clocks run by: each target's amount, counted in its own time and without the rests.

Wall-clock amounts always run, business amounts while their calendar is open (`policies.md`, Business time 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailgate.core.amount import Amount
from mailgate.core.calendar import Calendar
from mailgate.core.case import Case
from mailgate.core.clock import Clock, ClockState, Rest, TargetKind
from mailgate.core.policy import Policy
from mailgate.core.target import Target

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Term:
    """One target of one priority, with the calendar that it counts in; it is no best effort.

    Args:
        warn_percent: the share of the amount at which staff are warned; 0 for no warning.
    """

    target: Target
    amount: Amount
    priority: str
    calendar: Calendar
    warn_percent: int

    @property
    def length(self) -> int:
        """The whole amount in milliseconds of its own time."""
        return self.amount.milliseconds(self.calendar)

    def clock(self, start: datetime, epoch: int = 1, rests: tuple[Rest, ...] = (), carried: int = 0) -> Clock:
        """A clock of this target that runs, or rests if the last of its rests has no end.

        Args:
            carried: so many milliseconds of the amount are used up already.

        Raises:
            OverflowError: it would be due after the year 9999.
        """
        begun = Clock(
            kind=self.target.kind,
            priority=self.priority,
            state=ClockState.RUNNING,
            started=start,
            due=start,
            epoch=epoch,
            rests=rests,
            carried=carried,
        )
        clock = self.reckoned(begun)
        return replace(clock, state=ClockState.PAUSED) if rests and rests[-1].end is None else clock

    def reckoned(self, clock: Clock) -> Clock:
        """The clock with its due instant and its warning as start, rests and share say (rule 4)."""
        share = self.length * self.warn_percent // 100
        warn_at = self._reached(clock, share) if share else None
        return replace(clock, due=self._reached(clock, self.length), warn_at=warn_at)

    def consumed(self, clock: Clock, until: datetime) -> int:
        """How many milliseconds of the amount are used up at that instant, those carried over included."""
        used, at = clock.carried, clock.started
        for rest in clock.rests:
            used += self.elapsed(at, min(rest.start, until))
            at = until if rest.end is None else rest.end
        return used + self.elapsed(at, until)

    def later(self, due: datetime, rest: Rest) -> datetime:
        """What was due when the rest began is due so much later, when it has ended."""
        return due if rest.end is None else self._added(due, self.elapsed(rest.start, rest.end))

    def elapsed(self, start: datetime, end: datetime) -> int:
        """The milliseconds of its own time from one instant to a later one; none to an earlier one."""
        if end <= start:
            return 0
        if self.amount.unit.is_business:
            return self.calendar.elapsed(start, end)
        return (end - start) // _MILLISECOND

    def _reached(self, clock: Clock, share: int) -> datetime:
        """The earliest instant at which so much is used up. Each rest before it adds its own counted time."""
        wanted = max(share - clock.carried, 0)
        reached = self._added(clock.started, wanted)
        for rest in clock.rests:
            if rest.end is None or reached < rest.start:
                break
            wanted += self.elapsed(rest.start, rest.end)
            reached = self._added(clock.started, wanted)
        return reached

    def _added(self, start: datetime, milliseconds: int) -> datetime:
        if self.amount.unit.is_business:
            return self.calendar.add(start, milliseconds)
        return start + milliseconds * _MILLISECOND


def terms(policy: Policy, case: Case, priority: str) -> Mapping[TargetKind, Term]:
    """What is promised at a priority that is in force; nothing for what is best effort or has no targets."""
    return {
        target.kind: Term(
            target=target,
            amount=target.amount,
            priority=priority,
            calendar=policy.calendar_of(target, case.region),
            warn_percent=policy.warn_at_percent,
        )
        for target in policy.targets(case.plan, case.role, priority, case.channel)
        if target.amount is not None
    }
