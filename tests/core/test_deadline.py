"""When a running target is warned about and when it is missed: to the millisecond, each once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.deadline import due_event, settled_until
from mailgate.core.event import TargetMissed, TargetWarned

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WARN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
LATE = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
CLOCK = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, START, DUE, warn_at=WARN)


def test_nothing_happens_before_the_warning() -> None:
    assert due_event(CLOCK, WARN, WARN) is None


def test_a_warning_is_dated_when_it_was_due_and_given_once() -> None:
    """behaviour.md 6.2"""
    now = WARN + TICK
    event = due_event(CLOCK, now, now)
    assert event == TargetWarned(WARN, replace(CLOCK, warned=now))
    assert event.clock.next_at == DUE
    assert due_event(event.clock, now, now) is None


def test_a_target_is_not_missed_at_its_due_instant() -> None:
    """policies.md, Business time 5: met at or before the due instant."""
    assert due_event(replace(CLOCK, warned=WARN), DUE, DUE) is None


def test_a_miss_is_dated_at_the_due_instant_beside_when_it_was_noticed() -> None:
    """behaviour.md 6.3"""
    warned = replace(CLOCK, warned=WARN)
    event = due_event(warned, LATE, LATE)
    assert event == TargetMissed(DUE, replace(warned, state=ClockState.MISSED, detected=LATE))
    assert event.clock.next_at is None


def test_a_target_found_missed_is_not_warned_about_as_well() -> None:
    assert due_event(CLOCK, LATE, LATE) == TargetMissed(
        DUE, replace(CLOCK, state=ClockState.MISSED, detected=LATE)
    )


@pytest.mark.parametrize("state", [ClockState.PAUSED, ClockState.MET, ClockState.MISSED])
def test_only_a_running_clock_falls_due(state: ClockState) -> None:
    """policies.md, Business time 10: a miss happens once."""
    assert due_event(replace(CLOCK, state=state), LATE, LATE) is None


def test_nothing_is_missed_that_a_waiting_mail_may_have_stopped() -> None:
    """policies.md, Business time 5 and 10"""
    assert due_event(replace(CLOCK, warned=WARN), settled_until(LATE, DUE), LATE) is None
    assert due_event(CLOCK, settled_until(LATE, DUE + TICK), LATE) == TargetMissed(
        DUE, replace(CLOCK, state=ClockState.MISSED, detected=LATE)
    )


def test_everything_up_to_now_is_settled_when_no_mail_waits() -> None:
    assert settled_until(LATE, None) == LATE
    assert settled_until(LATE, DUE) == DUE
    assert settled_until(DUE, LATE) == DUE
