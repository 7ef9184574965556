"""Knows how what people write moves a ticket's clocks: what stops, rests, runs again.

`policies.md`, Business time 7 and 8.

Each step takes the ticket as it stands and one move, and gives all clocks of the ticket as they are then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mailgate.core.clock import (
    Clock,
    ClockState,
    TargetKind,
    current,
    lapsed,
    paused,
    resumed,
    stopped,
    void,
    warned,
    withdrawn,
)
from mailgate.core.move import Move
from mailgate.core.policy import Policy
from mailgate.core.target import RESTS, STOPPED_BY, Stop
from mailgate.core.terms import Term, terms
from mailgate.core.ticket import ENDED, Ticket

Clocks = tuple[Clock, ...]
_ON_ITS_WAY = frozenset({ClockState.RUNNING, ClockState.PAUSED})


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket with the policy that it was opened under: what every step looks at."""

    ticket: Ticket
    policy: Policy

    @property
    def current(self) -> Mapping[TargetKind, Clock]:
        """Of each kind the latest epoch."""
        return {clock.kind: clock for clock in current(self.ticket.clocks)}

    def terms(self, priority: str) -> Mapping[TargetKind, Term]:
        """What is promised to this ticket at a priority."""
        return terms(self.policy, self.ticket.case, priority)

    def term(self, clock: Clock) -> Term | None:
        """What the clock runs by; None for one that another ticket brought along and this policy lacks."""
        return self.terms(clock.priority).get(clock.kind)

    def with_next(self, replaced: Clocks, begun: Clocks) -> Clocks:
        """All clocks, some of them as they are now, and the epochs that begin."""
        known = {clock.name: clock for clock in replaced}
        kept = tuple(known.get(clock.name, clock) for clock in self.ticket.clocks)
        return kept + begun


def opened(standing: Standing, move: Move) -> Clocks:
    """The clocks that begin with the ticket. An answer to a later mail is not awaited yet."""
    begun = standing.terms(move.priority)
    return tuple(term.clock(move.at) for kind, term in begun.items() if kind is not TargetKind.NEXT_RESPONSE)


def customer_replied(standing: Standing, move: Move) -> Clocks:
    """What rested runs again with what was left, and an answer is awaited where one is promised."""
    clocks = tuple(_running_again(standing, clock, move.at) for clock in standing.ticket.clocks)
    return clocks + _awaiting_answer(standing, move.at)


def staff_replied(standing: Standing, move: Move) -> Clocks:
    """A reply to the customer stops what is met by one."""
    return _stopped_by(standing, Stop.REPLY, move.at)


def taken(standing: Standing, move: Move) -> Clocks:
    """Somebody on call has it."""
    return _stopped_by(standing, Stop.ACKNOWLEDGEMENT, move.at)


def set_waiting(standing: Standing, move: Move) -> Clocks:
    """What may rest does."""

    def resting(clock: Clock) -> Clock:
        term = standing.term(clock)
        rests = term.target.pauses if term else clock.kind in RESTS
        return paused(clock, move.at, move.why) if rests else clock

    return tuple(map(resting, standing.ticket.clocks))


def resolved(standing: Standing, move: Move) -> Clocks:
    """The end of it stops everything: the customer is told, and nobody needs to take it any more."""
    return tuple(ended(standing, clock, move.at) for clock in standing.ticket.clocks)


def response_withdrawn(standing: Standing, move: Move) -> Clocks:
    """A reply that nobody got is no answer: what it stopped runs again, and so does what rests.

    Unless something else stops it: a later reply, or that the ticket was resolved.
    """
    stops = min(filter(None, (move.again, standing.ticket.resolved)), default=None)

    def again(clock: Clock) -> Clock:
        if clock.stopped == move.answered and Stop.REPLY in ended_by(standing, clock):
            running = _reckoned(standing, withdrawn(clock))
            if stops is None:
                return running
            return stopped(running if stops <= running.due else lapsed(running, move.at), stops)
        return clock if move.again else _running_again(standing, clock, move.at)

    return _one_of_each(tuple(map(again, standing.ticket.clocks)), move.at)


def merged(standing: Standing, move: Move) -> Clocks:
    """Here the promises count no more, and nobody waits for them: another ticket has them, or nobody."""
    return tuple(stopped(void(clock, move.at), move.at) for clock in standing.ticket.clocks)


def target_warned(standing: Standing, move: Move) -> Clocks:
    """A warning was given."""
    return _marked(standing, move, lambda clock, theirs: warned(clock, theirs.warned or move.at))


def target_missed(standing: Standing, move: Move) -> Clocks:
    """A miss was noticed."""
    return _marked(standing, move, lambda clock, theirs: lapsed(clock, theirs.detected or move.at))


def ended(standing: Standing, clock: Clock, at: datetime) -> Clock:
    """A clock after its stopping action. One that rested is met, and due as if it had run on from then."""
    if clock.state is not ClockState.PAUSED:
        return stopped(clock, at)
    running = _running_again(standing, clock, at)
    return stopped(replace(running, due=max(running.due, at)), at)


def ended_by(standing: Standing, clock: Clock) -> tuple[Stop, ...]:
    """What stops a clock."""
    term = standing.term(clock)
    return term.target.stops if term else STOPPED_BY[clock.kind]


def rested_since(clock: Clock, term: Term, at: datetime, why: str) -> Clock:
    """A clock that begins while its ticket waits for the customer."""
    return paused(clock, at, why) if term.target.pauses else clock


def _marked(standing: Standing, move: Move, mark: Callable[[Clock, Clock], Clock]) -> Clocks:
    meant = {clock.name: clock for clock in move.clocks}
    return tuple(
        mark(clock, meant[clock.name]) if clock.name in meant else clock for clock in standing.ticket.clocks
    )


def _stopped_by(standing: Standing, stop: Stop, at: datetime) -> Clocks:
    def stopping(clock: Clock) -> Clock:
        # A mail that was held and released later answers nothing that the customer wrote after it.
        too_early = clock.kind is TargetKind.NEXT_RESPONSE and at < clock.started
        return ended(standing, clock, at) if stop in ended_by(standing, clock) and not too_early else clock

    return tuple(map(stopping, standing.ticket.clocks))


def _running_again(standing: Standing, clock: Clock, at: datetime) -> Clock:
    """A clock that rests no more. One whose time was up at its correction is not late before that either."""
    if clock.state is not ClockState.PAUSED:
        return clock
    running, term = _reckoned(standing, resumed(clock, at)), standing.term(clock)
    if term is None:
        return running
    return replace(running, due=max(running.due, term.later(clock.due, running.rests[-1])))


def _reckoned(standing: Standing, clock: Clock) -> Clock:
    """A clock that runs again, due as its rests say."""
    if clock.state is not ClockState.RUNNING or not clock.rests:
        return clock
    term = standing.term(clock)
    return (
        term.reckoned(clock) if term else replace(clock, due=max(clock.due, clock.rests[-1].end or clock.due))
    )


def _one_of_each(clocks: Clocks, at: datetime) -> Clocks:
    """Of a promise that runs again and a later one of its kind the one due first goes on, in a new epoch."""
    for last in current(clocks):
        line = [clock for clock in clocks if clock.kind is last.kind and clock.state in _ON_ITS_WAY]
        if line not in ([], [last]):
            first = min(line, key=lambda clock: clock.due)
            ended = tuple(void(clock, at) if clock in line else clock for clock in clocks)
            clocks = (*ended, replace(first, epoch=last.epoch + 1))
    return clocks


def _awaiting_answer(standing: Standing, at: datetime) -> Clocks:
    """The clock of the next answer; many mails of the customer wait for one, from the first of them on."""
    ticket = standing.ticket
    term = standing.terms(ticket.priority).get(TargetKind.NEXT_RESPONSE)
    if term is None or ticket.answered is None or ticket.status in ENDED:
        return ()
    last = standing.current.get(TargetKind.NEXT_RESPONSE)
    if last is not None and last.is_open:
        return ()
    return (term.clock(at, epoch=last.epoch + 1 if last else 1),)
