"""Laws of core/history: whatever happens to a ticket, in whatever order, in turn or late."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.clock import Clock, ClockState, TargetKind, current
from mailgate.core.deadline import due_event
from mailgate.core.event import (
    CustomerReplied,
    Event,
    PriorityCorrected,
    PriorityRaised,
    ResponseWithdrawn,
    StaffReplied,
    TargetMissed,
    TicketAbsorbed,
    TicketDeescalated,
    TicketMerged,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
    moved_clocks,
)
from mailgate.core.history import after, course, folded
from mailgate.core.move import move_of
from mailgate.core.plan import Plan
from mailgate.core.terms import Term, terms
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.calendars import local
from tests.core.histories import BOB, SAM, opened
from tests.core.policies import BERLIN, VENDOR, target

RESPONSE, NEXT, ESCALATION, RESOLUTION = (
    TargetKind.RESPONSE,
    TargetKind.NEXT_RESPONSE,
    TargetKind.ESCALATION,
    TargetKind.RESOLUTION,
)
PRIORITIES = ("P1", "P2", "P3")
MILLISECOND = timedelta(milliseconds=1)
ALIVE = {Status.NEW, Status.OPEN, Status.WAITING}
GOES_ON = TicketReopened | PriorityRaised | TicketDeescalated
"""After which a promise of the same kind begins where the one before it ended."""
ON_ITS_WAY = {ClockState.RUNNING, ClockState.PAUSED}

POLICY = replace(
    VENDOR,
    plans={
        "full": Plan(
            "full",
            "Full",
            {
                "support": {
                    "P1": (
                        target(RESPONSE, "1 hour"),
                        target(NEXT, "30 minutes"),
                        target(ESCALATION, "1 hour"),
                        target(RESOLUTION, "2 days", lowering_to="P2"),
                    ),
                    "P2": (
                        target(RESPONSE, "4 business hours"),
                        replace(target(NEXT, "4 business hours"), rests=True),
                        target(RESOLUTION, "2 business days"),
                    ),
                    "P3": (target(RESPONSE, "1-2 business days"), target(RESOLUTION, "best effort")),
                }
            },
        )
    },
)
# Before the clocks change, before a weekend, a Friday at the close, Christmas.
STARTS = ("2026-03-27 16:30", "2026-10-23 09:00", "2026-11-20 17:00", "2026-12-24 08:59")


@dataclass(frozen=True)
class Turn:
    """One event and what it did."""

    event: Event
    before: Ticket
    after: Ticket


Cause = tuple[Callable[[Ticket, str], bool], Callable[[Ticket, datetime, str], Event]]


def alive(ticket: Ticket, _: str) -> bool:
    return ticket.status in ALIVE


def upwards(ticket: Ticket, priority: str) -> bool:
    return ticket.status in ALIVE and priority < ticket.priority


def downwards(ticket: Ticket, priority: str) -> bool:
    return ticket.status in ALIVE and priority > ticket.priority


def absorbing(ticket: Ticket, at: datetime, priority: str) -> Event:
    theirs = opened(at - timedelta(minutes=10), priority, POLICY)
    return TicketAbsorbed(
        at, "ACME-43", ticket.priority, min(priority, ticket.priority), theirs.clocks, "/merge"
    )


CAUSES: Mapping[str, Cause] = {
    "customer replies": (alive, lambda _, at, __: CustomerReplied(at, BOB, "a reply")),
    "staff reply": (alive, lambda _, at, __: StaffReplied(at, SAM, "a reply")),
    "taken": (alive, lambda _, at, __: TicketTaken(at, SAM, "/ack")),
    "waits": (
        lambda ticket, _: ticket.status in {Status.NEW, Status.OPEN},
        lambda _, at, __: TicketSetWaiting(at, SAM, "the mail of Sam", "/wait"),
    ),
    "resolved": (alive, lambda _, at, __: TicketResolved(at, SAM, "/resolve")),
    "reopened": (
        lambda ticket, _: ticket.status is Status.RESOLVED,
        lambda _, at, __: TicketReopened(at, BOB, "a reply"),
    ),
    "raised": (upwards, lambda ticket, at, to: PriorityRaised(at, ticket.priority, to, "worse")),
    "corrected": (downwards, lambda ticket, at, to: PriorityCorrected(at, ticket.priority, to, "no")),
    "de-escalated": (downwards, lambda ticket, at, to: TicketDeescalated(at, ticket.priority, to, "better")),
    "absorbs": (alive, absorbing),
    "merged": (alive, lambda _, at, __: TicketMerged(at, "ACME-41", TicketId(3), "/merge")),
}
"""Everything that can happen: to which ticket, and the event of it."""


def swept(ticket: Ticket, at: datetime) -> Event | None:
    """What the deadline sweep finds first."""
    found = (due_event(clock, at, at) for clock in ticket.clocks)
    return next((event for event in found if event), None)


class History:
    """A ticket from its opening on."""

    def __init__(self, first: Ticket, turns: tuple[Turn, ...]) -> None:
        self.first, self.turns = first, turns

    def __repr__(self) -> str:
        turns = (f"{one.event.at} {type(one.event).__name__}, {one.after.priority}" for one in self.turns)
        return "\n".join(("", f"{self.first.opened} opened, {self.first.priority}", *turns))


GAPS = st.one_of(
    st.sampled_from([timedelta(), MILLISECOND, -MILLISECOND, timedelta(hours=1), timedelta(hours=16)]),
    st.integers(0, 2 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)


LATE = st.sampled_from([timedelta(), timedelta(), MILLISECOND, timedelta(hours=1), timedelta(days=3)])


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A ticket at its opening, and everything that happened to it, of which some was decided late."""
    at = local(draw(st.sampled_from(STARTS)), BERLIN)
    ticket = first = opened(at, draw(st.sampled_from(PRIORITIES)), POLICY)
    turns: list[Turn] = []
    for _ in range(draw(st.integers(1, 10))):
        at = max(at, draw(_beside(ticket, at)) + draw(GAPS))
        event = draw(_what_can_happen(ticket, at - draw(LATE), turns))
        for told in course(ticket, POLICY, [event] if event else [])[1]:
            before, ticket = ticket, after(ticket, move_of(told), POLICY)
            turns.append(Turn(told, before, ticket))
    return History(first, tuple(turns))


def _beside(ticket: Ticket, at: datetime) -> st.SearchStrategy[datetime]:
    """Now, or when something is due."""
    ahead = sorted({clock.due for clock in ticket.clocks if clock.state in ON_ITS_WAY and clock.due >= at})
    return st.sampled_from([at, at, at, *ahead])


def _what_can_happen(ticket: Ticket, at: datetime, turns: list[Turn]) -> st.SearchStrategy[Event | None]:
    named: dict[str, list[Event | None]] = {"swept": [swept(ticket, at)], "withdrawn": [*bounces(at, turns)]}
    for name, (may_be, event) in CAUSES.items():
        named[name] = [event(ticket, at, to) for to in PRIORITIES if may_be(ticket, to)]
    return st.sampled_from([name for name, events in named.items() if events]).flatmap(
        lambda name: st.sampled_from(named[name])
    )


def bounces(at: datetime, turns: list[Turn]) -> Iterator[Event]:
    """What a report may say of each reply that stands and on which something rests (core/undelivered)."""
    withdrawn = {one.event.answered for one in turns if isinstance(one.event, ResponseWithdrawn)}
    replies = sorted({one.event.at for one in turns if isinstance(one.event, StaffReplied)} - withdrawn)
    for answered, again in zip(replies, [*replies[1:], None], strict=False):
        ticket = turns[-1].after
        if ticket.answered == answered or any(clock.stopped == answered for clock in ticket.clocks):
            yield ResponseWithdrawn(at, answered, again, "no such user")


def keyed(ticket: Ticket) -> Mapping[tuple[TargetKind, int], Clock]:
    return {clock.name: clock for clock in ticket.clocks}


def term(ticket: Ticket, clock: Clock) -> Term:
    return terms(POLICY, ticket.case, clock.priority)[clock.kind]


def later(term: Term, start: datetime, milliseconds: int) -> datetime:
    if term.amount.unit.is_business:
        return term.calendar.add(start, milliseconds)
    return start + milliseconds * MILLISECOND


def counted(term: Term, start: datetime, end: datetime) -> int:
    if term.amount.unit.is_business:
        return term.calendar.elapsed(start, end)
    return max((end - start) // MILLISECOND, 0)


@given(histories())
def test_the_fold_of_what_was_told_is_what_stands(history: History) -> None:
    """behaviour.md 6.5"""
    first = history.first
    events = [TicketOpened(first.opened, first, "a mail"), *(turn.event for turn in history.turns)]

    stands = history.turns[-1].after if history.turns else first
    assert folded(first, POLICY, map(move_of, events)) == stands


@given(histories())
def test_a_mail_that_is_decided_late_turns_no_time_back(history: History) -> None:
    """It was accepted before others that are decided: its node died with it, or it was held.

    What meets a target is dated when it was accepted, whatever has begun since.
    """
    for turn in history.turns:
        for clock in turn.after.clocks:
            marks = [clock.started]
            for rest in clock.rests:
                marks += [rest.start, rest.end] if rest.end else [rest.start]
            if clock.state is ClockState.VOID and clock.stopped:
                marks.append(clock.stopped)
            assert marks == sorted(marks)
        if isinstance(turn.event, GOES_ON):
            known = {clock.kind: clock for clock in current(turn.before.clocks)}
            begun = [one for one in current(turn.after.clocks) if one.name not in keyed(turn.before)]
            for clock in (one for one in begun if one.kind in known):
                before = known[clock.kind]
                assert clock.started >= (before.stopped or before.started)


@given(histories())
def test_what_was_missed_stays_missed(history: History) -> None:
    """`policies.md`, Business time 10"""
    for turn in history.turns:
        now = keyed(turn.after)
        for key, clock in keyed(turn.before).items():
            if clock.state is ClockState.MISSED:
                assert (now[key].state, now[key].due, now[key].detected) == (
                    ClockState.MISSED,
                    clock.due,
                    clock.detected,
                )


@given(histories())
def test_a_clock_stands_in_one_way_only(history: History) -> None:
    for turn in history.turns:
        for clock in turn.after.clocks:
            assert (clock.state in ON_ITS_WAY) <= (clock.stopped is None)
            assert (clock.state in {ClockState.MET, ClockState.VOID}) <= (clock.stopped is not None)
            assert (clock.state is ClockState.PAUSED) == any(rest.end is None for rest in clock.rests)
            assert (clock.state is ClockState.MISSED) == (clock.detected is not None)
            assert clock.detected is None or clock.detected > clock.due
            assert clock.state is not ClockState.MET or clock.stopped is None or clock.stopped <= clock.due


@given(histories())
def test_epochs_follow_one_another_and_only_the_last_one_runs(history: History) -> None:
    for turn in history.turns:
        for kind in TargetKind:
            line = [clock for clock in turn.after.clocks if clock.kind is kind]
            assert [clock.epoch for clock in line] == list(range(1, len(line) + 1))
            assert [clock for clock in line[:-1] if clock.state in ON_ITS_WAY] == []


@given(histories())
def test_a_raise_makes_nothing_due_later(history: History) -> None:
    """`policies.md`, Business time 9"""
    for turn in history.turns:
        if not isinstance(turn.event, PriorityRaised):
            continue
        now = {clock.kind: clock for clock in current(turn.after.clocks)}
        for clock in current(turn.before.clocks):
            if clock.state in ON_ITS_WAY:
                assert now[clock.kind].state in ON_ITS_WAY
                assert due_if_resumed(turn.after, now[clock.kind], turn.event.at) <= due_if_resumed(
                    turn.before, clock, turn.event.at
                )


def due_if_resumed(ticket: Ticket, clock: Clock, at: datetime) -> datetime:
    if clock.state is not ClockState.PAUSED:
        return clock.due
    runs_by = term(ticket, clock)
    return later(runs_by, clock.due, counted(runs_by, clock.rests[-1].start, at))


@given(histories())
def test_a_pause_moves_what_is_due_by_its_open_time(history: History) -> None:
    """`policies.md`, Business time 8"""
    for turn in history.turns:
        if not isinstance(turn.event, CustomerReplied):
            continue
        now = keyed(turn.after)
        for key, clock in keyed(turn.before).items():
            if clock.state is ClockState.PAUSED:
                assert now[key].due == due_if_resumed(turn.before, clock, turn.event.at)


@given(histories())
def test_what_is_due_is_when_the_amount_is_used_up(history: History) -> None:
    """`policies.md`, Business time 4; `behaviour.md` 6.5"""
    for turn in history.turns:
        for clock in turn.after.clocks:
            if clock.state is not ClockState.RUNNING:
                continue
            runs_by = term(turn.after, clock)
            rested = sum(
                counted(runs_by, rest.start, min(rest.end, clock.due)) for rest in clock.rests if rest.end
            )
            used = clock.carried + counted(runs_by, clock.started, clock.due) - rested
            assert used >= runs_by.length
            assert used == runs_by.length or PriorityCorrected in {type(each.event) for each in history.turns}


@given(histories())
def test_nothing_is_due_before_what_causes_it(history: History) -> None:
    for turn in history.turns:
        new = set(keyed(turn.after)) - set(keyed(turn.before))
        if not isinstance(turn.event, TicketAbsorbed | ResponseWithdrawn):  # both bring promises back
            assert [key for key in new if keyed(turn.after)[key].due < turn.event.at] == []


@given(histories())
def test_an_event_names_every_clock_that_it_touches_as_it_left_it(history: History) -> None:
    for turn in history.turns:
        before, now = keyed(turn.before), keyed(turn.after)
        named = moved_clocks(turn.event)

        assert [one for key, one in now.items() if before.get(key) != one and one not in named] == []
        assert [one for one in named if now[one.name] != one] == []


@given(histories())
def test_what_may_rest_does_so_while_the_ticket_waits_and_at_no_other_time(history: History) -> None:
    """`policies.md`, Business time 8"""
    for turn in history.turns:
        is_waiting = turn.after.status is Status.WAITING
        for clock in turn.after.clocks:
            if clock.state in ON_ITS_WAY and term(turn.after, clock).target.pauses:
                assert (clock.state is ClockState.PAUSED) == is_waiting


@given(histories())
def test_every_miss_is_told_once(history: History) -> None:
    """`behaviour.md` 6.3"""
    told = Counter(
        (turn.event.clock.kind, turn.event.clock.epoch)
        for turn in history.turns
        if isinstance(turn.event, TargetMissed)
    )
    last = history.turns[-1].after if history.turns else history.first

    assert told == Counter(key for key, clock in keyed(last).items() if clock.state is ClockState.MISSED)
