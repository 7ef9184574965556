from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailgate.core.clock import Clock, ClockState, TargetKind, lapsed, shown, stopped, warned
from tests.core.calendars import utc

START, WARN, DUE = utc("2026-11-23 09:00"), utc("2026-11-23 12:00"), utc("2026-11-23 13:00")
LATER = DUE + timedelta(milliseconds=1)
RUNNING = Clock(TargetKind.RESPONSE, "P3", ClockState.RUNNING, START, DUE, WARN)
MISSED = replace(RUNNING, state=ClockState.MISSED, detected=LATER)


@pytest.mark.parametrize(
    ("at", "after"),
    [
        (START, replace(RUNNING, state=ClockState.MET, stopped=START)),
        (DUE, replace(RUNNING, state=ClockState.MET, stopped=DUE)),
        (LATER, replace(RUNNING, state=ClockState.MISSED, stopped=LATER, detected=LATER)),
    ],
)
def test_a_clock_is_met_up_to_its_due_instant_and_missed_after_it(at: datetime, after: Clock) -> None:
    """`policies.md`, Business time 5; edge cases 17 and 44."""
    assert stopped(RUNNING, at) == after


def test_a_clock_lapses_from_the_first_instant_after_its_due_instant() -> None:
    assert lapsed(RUNNING, DUE) == RUNNING
    assert lapsed(RUNNING, LATER) == MISSED


def test_a_clock_that_was_missed_stays_missed() -> None:
    """`policies.md`, Business time 10; edge case 25."""
    answered = stopped(MISSED, LATER)

    assert answered == replace(MISSED, stopped=LATER)
    assert stopped(answered, LATER + timedelta(hours=1)) == answered
    assert lapsed(answered, LATER) == answered


def test_a_clock_that_was_met_is_not_met_again() -> None:
    met = stopped(RUNNING, START)

    assert stopped(met, LATER) == met
    assert lapsed(met, LATER) == met


def test_a_clock_is_looked_at_for_its_warning_then_when_it_is_due_then_never() -> None:
    """`behaviour.md` 6.1"""
    looked_at = [
        RUNNING.next_at,
        warned(RUNNING, WARN).next_at,
        MISSED.next_at,
        stopped(RUNNING, DUE).next_at,
    ]

    assert looked_at == [WARN, DUE, None, None]


def test_people_are_told_what_is_promised_now_and_what_was_missed_and_is_still_open() -> None:
    """behaviour.md 4.1"""
    second = replace(RUNNING, epoch=2, priority="P2")
    resolution = replace(RUNNING, kind=TargetKind.RESOLUTION)
    met, void = stopped(RUNNING, START), replace(RUNNING, state=ClockState.VOID, stopped=START)

    assert shown((MISSED, second, resolution)) == (MISSED, second, resolution)
    assert shown((stopped(MISSED, LATER), second)) == (second,)
    assert shown((void, second)) == (second,)
    assert shown((met,)) == (met,)
    assert shown((void,)) == ()
