"""Knows what a changed promise does to a ticket's clocks: raised, corrected, de-escalated, reopened, merged.

A change of target ends an epoch as void and starts the next, so that no time is told twice and nothing that
was missed is forgotten (`policies.md`, rules 9 and 10).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mailgate.core.clock import Clock, ClockState, Rest, TargetKind, current, not_before, resumed, void
from mailgate.core.move import Move
from mailgate.core.standing import Clocks, Standing, ended, ended_by, rested_since
from mailgate.core.target import Stop
from mailgate.core.terms import Term
from mailgate.core.ticket import ENDED, Status


def raised(standing: Standing, move: Move) -> Clocks:
    """The new priority's targets run from the change; nothing becomes due later for it."""
    replaced: list[Clock] = []
    begun: list[Clock] = []
    for kind, term in standing.terms(move.priority).items():
        before = standing.current.get(kind)
        if not _begins(standing, kind, before):
            continue
        fresh = _next(standing, term, move.at, before) if before else _from(standing, term, move.at)
        if before is None or before.state is ClockState.MISSED or not before.is_open:
            begun.append(fresh)
        elif _due(standing, fresh, move.at) < _due(standing, before, move.at):
            replaced.append(void(before, move.at))
            begun.append(fresh)
    return standing.with_next(tuple(replaced), tuple(begun))


def corrected(standing: Standing, move: Move) -> Clocks:
    """It never was so urgent: targets count from the original start. Nothing is late before the change."""
    targets = standing.terms(move.priority)
    replaced: list[Clock] = []
    begun: list[Clock] = []
    for kind, before in standing.current.items():
        if not before.is_open:
            continue
        replaced.append(void(before, move.at))  # what was missed stays
        if kind in targets and not _was_broken(standing, targets[kind]):
            fresh = _at_rest_or_not(standing, _from_the_start(standing, targets[kind], before), move.at)
            if before.state is not ClockState.MISSED:
                begun.append(replace(fresh, due=max(fresh.due, move.at)))
            elif fresh.due >= move.at:
                begun.append(fresh)
    missing = [kind for kind in targets if kind not in standing.current]
    begun += [
        replace(fresh, due=max(fresh.due, move.at))
        for kind in missing
        if _begins(standing, kind, None)
        for fresh in [_from(standing, targets[kind], standing.ticket.opened, at=move.at)]
    ]
    return standing.with_next(tuple(replaced), tuple(begun))


def deescalated(standing: Standing, move: Move) -> Clocks:
    """The resolution of the higher priority is met, and that of the lower one starts now."""
    before = standing.current.get(TargetKind.RESOLUTION)
    if before is None or not before.is_open:
        return standing.ticket.clocks
    term = standing.terms(move.priority).get(TargetKind.RESOLUTION)
    begun = (_next(standing, term, move.at, before),) if term else ()
    return standing.with_next((ended(standing, before, move.at),), begun)


def reopened(standing: Standing, move: Move) -> Clocks:
    """The resolution goes on with what was left; after a miss, which stands, with a whole target."""
    before = standing.current.get(TargetKind.RESOLUTION)
    if before is None or before.stopped is None:
        return standing.ticket.clocks
    promised = [standing.terms(name).get(before.kind) for name in _promising(standing, before)]
    at = not_before(before, move.at)  # no time is told twice
    goes_on = [
        term.clock(at, before.epoch + 1, carried=_left_behind(term, before, before.stopped))
        for term in promised
        if term is not None
    ]
    return standing.with_next((), tuple(sorted(goes_on, key=lambda clock: clock.due)[:1]))


def absorbed(standing: Standing, move: Move) -> Clocks:
    """What another ticket promised is promised here: of two promises of a kind the one that is due first."""
    replaced: list[Clock] = []
    begun: list[Clock] = []
    for brought in current(move.clocks):
        theirs = _at_rest_or_not(standing, brought, move.at)
        mine = standing.current.get(theirs.kind)
        if theirs.state not in {ClockState.RUNNING, ClockState.PAUSED}:
            continue
        if mine and mine.state in {ClockState.RUNNING, ClockState.PAUSED}:
            if _due(standing, mine, move.at) <= _due(standing, theirs, move.at):
                continue
            replaced.append(void(mine, move.at))
        begun.append(replace(theirs, epoch=mine.epoch + 1 if mine else 1))
    return standing.with_next(tuple(replaced), tuple(begun))


def restored(standing: Standing, move: Move) -> Clocks:
    """It was no spam: what counted no more counts from its original start. Nothing is late before that."""
    targets = standing.terms(standing.ticket.priority)
    begun: list[Clock] = []
    for kind, before in standing.current.items():
        if before.state is ClockState.VOID and kind in targets:
            fresh = _from_the_start(standing, targets[kind], before)
            running = targets[kind].reckoned(resumed(fresh, move.at))
            begun.append(replace(running, due=max(running.due, move.at)))
    return standing.with_next((), tuple(begun))


def _promising(standing: Standing, clock: Clock) -> set[str]:
    """The priorities that bind: the ticket's, and a lower one that a raise left because it was due first."""
    urgency, now = standing.policy.urgency, standing.ticket.priority
    return {now, clock.priority} if urgency(clock.priority) > urgency(now) else {now}


def _was_broken(standing: Standing, term: Term) -> bool:
    """Whether that very promise was missed and is still owed: it cannot be missed a second time."""
    return any(
        (clock.kind, clock.priority, clock.state) == (term.target.kind, term.priority, ClockState.MISSED)
        and clock.is_open
        for clock in standing.ticket.clocks
    )


def _begins(standing: Standing, kind: TargetKind, before: Clock | None) -> bool:
    """Whether a promise of that kind is still to be kept: an answer that was given is given."""
    if standing.ticket.status in ENDED:
        return False
    if before is None or before.state is ClockState.VOID:
        if kind is TargetKind.NEXT_RESPONSE:
            return False
        return kind is not TargetKind.RESPONSE or standing.ticket.answered is None
    # What only the end of a ticket stops is owed again, where it was reopened and nothing was promised then.
    return before.is_open or ended_by(standing, before) == (Stop.RESOLUTION,)


def _from(standing: Standing, term: Term, start: datetime, at: datetime | None = None) -> Clock:
    """The first clock of a kind; it rests if the ticket waits for the customer."""
    return _resting(standing, term, term.clock(start), at or start)


def _next(standing: Standing, term: Term, at: datetime, before: Clock) -> Clock:
    """The next clock of a kind, from that instant on, with all rests after it.

    Where what came later is decided already, it begins no earlier than the one before it, or than its end.
    """
    start = max(at, before.stopped or before.started)
    ended = (rest for rest in before.rests if rest.end is not None and rest.end > start)
    rests = tuple(_from_then(rest, start) for rest in ended) if term.target.pauses else ()
    return _resting(standing, term, term.clock(start, before.epoch + 1, rests=rests), start)


def _resting(standing: Standing, term: Term, clock: Clock, at: datetime) -> Clock:
    if standing.ticket.status is not Status.WAITING:
        return clock
    return rested_since(clock, term, at, _why_it_waits(standing))


def _at_rest_or_not(standing: Standing, clock: Clock, at: datetime) -> Clock:
    """A clock that is new here: it rests if the ticket waits for the customer, and runs if it does not."""
    term = standing.term(clock)
    if term is None:
        return clock
    if standing.ticket.status is Status.WAITING:
        return rested_since(clock, term, at, _why_it_waits(standing))
    return term.reckoned(resumed(clock, at)) if clock.state is ClockState.PAUSED else clock


def _why_it_waits(standing: Standing) -> str:
    rests = [one.rests[-1] for one in standing.ticket.clocks if one.state is ClockState.PAUSED]
    return rests[-1].why if rests else "the ticket waits for the customer"


def _from_the_start(standing: Standing, term: Term, before: Clock) -> Clock:
    """The clock of the kind as it would stand if the priority had been this one from the start."""
    epochs = {clock.epoch: clock for clock in standing.ticket.clocks if clock.kind is before.kind}
    return replace(_anew(term, epochs, before), epoch=before.epoch + 1)


def _anew(term: Term, epochs: Mapping[int, Clock], last: Clock) -> Clock:
    line = [last]
    while (earlier := epochs.get(line[0].epoch - 1)) is not None and _goes_on(earlier):
        line.insert(0, earlier)
    rests: list[Rest] = []
    for rest in (rest for clock in line for rest in clock.rests):
        if rests and rests[-1].end == rest.start:  # the epoch changed while the ticket waited
            rests.append(replace(rest, start=rests.pop().start))
        else:
            rests.append(_from_then(rest, rests[-1].end if rests else line[0].started))
    carried = 0
    if earlier is not None and line[0].carried:  # it was reopened; the amount is counted otherwise now
        carried = _left_behind(term, _anew(term, epochs, earlier), earlier.stopped)
    return term.clock(line[0].started, rests=tuple(rests), carried=carried)


def _from_then(rest: Rest, then: datetime | None) -> Rest:
    """The part of a rest after that instant: what came from another ticket may have rested before."""
    start = max(rest.start, then or rest.start)
    return replace(rest, start=start, end=rest.end and max(rest.end, start))


def _left_behind(term: Term, clock: Clock, stopped_at: datetime | None) -> int:
    """What a resolved ticket had used up of its amount; nothing where that was all: then it counts anew."""
    used = term.consumed(clock, stopped_at) if stopped_at else 0
    return used if used < term.length else 0


def _goes_on(clock: Clock) -> bool:
    """Whether the next epoch replaced this one, rather than began after its end."""
    return clock.state is ClockState.VOID or (clock.state is ClockState.MISSED and clock.stopped is None)


def _due(standing: Standing, clock: Clock, at: datetime) -> datetime:
    """When it would be due if the customer answered now."""
    term = standing.term(clock)
    if clock.state is not ClockState.PAUSED or term is None:
        return clock.due
    return term.reckoned(resumed(clock, at)).due
