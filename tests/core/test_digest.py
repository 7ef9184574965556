"""When a digest is due, which time it tells of, and what it says (behaviour.md 7.1)."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.clock import ClockState, TargetKind
from mailgate.core.digest import (
    ClockRow,
    Digest,
    Kept,
    MailRow,
    Schedule,
    Seen,
    WaitingRow,
    Window,
    day_due,
    day_window,
    due_at,
    next_due,
    written,
)
from mailgate.core.instant import from_ticks, ticks

PACIFIC = "America/Los_Angeles"
LOS_ANGELES = Schedule(time(8), PACIFIC)
WINDOW = Window(datetime(2026, 11, 22, 16, tzinfo=UTC), datetime(2026, 11, 23, 16, tzinfo=UTC))
MONDAY = Digest(date(2026, 11, 23), "America/Los_Angeles", WINDOW)

# Zones that shift by an hour and by half of one, at midnight, across the date line; and one that never does.
ZONES = st.sampled_from(
    [
        "America/Los_Angeles",
        "Europe/London",
        "America/Sao_Paulo",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Apia",
        "Pacific/Kwajalein",
        "Asia/Kathmandu",
        "UTC",
    ]
)
SCHEDULES = st.builds(
    Schedule,
    st.times().map(lambda at: at.replace(second=0, microsecond=0))
    | st.sampled_from([time(0), time(0, 30), time(1, 30), time(2, 30), time(23, 59)]),
    ZONES,
)
INSTANTS = st.integers(ticks(datetime(1993, 1, 1, tzinfo=UTC)), ticks(datetime(2030, 1, 1, tzinfo=UTC))).map(
    from_ticks
)


def clock(number: int, due: datetime, stopped: datetime | None = None, **more: object) -> ClockRow:
    row = {
        "ticket": f"ACME-{number}",
        "title": "Gateway offline",
        "account": "acme",
        "company": "Acme Corp",
        "priority": "P2",
        "kind": TargetKind.RESPONSE,
        "state": ClockState.RUNNING,
    }
    return ClockRow(**(row | more), due=due, stopped=stopped)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "schedule", "due"),
    [
        (date(2026, 11, 23), LOS_ANGELES, datetime(2026, 11, 23, 16, tzinfo=UTC)),
        (date(2026, 7, 1), LOS_ANGELES, datetime(2026, 7, 1, 15, tzinfo=UTC)),
        # 02:30 does not happen on 8 March 2026: the clocks jump at 10:00 UTC.
        (date(2026, 3, 8), Schedule(time(2, 30), LOS_ANGELES.zone), datetime(2026, 3, 8, 10, tzinfo=UTC)),
        # 01:30 happens twice on 1 November 2026: the first one counts.
        (date(2026, 11, 1), Schedule(time(1, 30), PACIFIC), datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        (date(2017, 10, 15), Schedule(time(0), "America/Sao_Paulo"), datetime(2017, 10, 15, 3, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_digest_is_due_at_the_operators_own_hour(day: date, schedule: Schedule, due: datetime) -> None:
    """behaviour.md 7.1"""
    assert due_at(day, schedule) == due
    assert day_due(due, schedule) == day
    assert day_due(due - timedelta(milliseconds=1), schedule) == day - timedelta(days=1)


def test_a_date_that_a_zone_left_out_has_no_digest() -> None:
    """Samoa went from 29 to 31 December 2011."""
    schedule = Schedule(time(8), "Pacific/Apia")
    assert next_due(due_at(date(2011, 12, 29), schedule), schedule) == due_at(date(2011, 12, 31), schedule)


@given(now=INSTANTS, schedule=SCHEDULES)
def test_every_instant_lies_between_the_digest_that_is_due_and_the_next(
    now: datetime, schedule: Schedule
) -> None:
    assert due_at(day_due(now, schedule), schedule) <= now < next_due(now, schedule)


@given(start=INSTANTS, schedule=SCHEDULES)
def test_each_local_day_has_exactly_one_digest_and_the_windows_tile_time(
    start: datetime, schedule: Schedule
) -> None:
    """behaviour.md 7.1"""
    dues = [start]
    for _ in range(15):
        dues.append(next_due(dues[-1], schedule))
    days = [day_due(due, schedule) for due in dues[1:]]
    left_out = {date(2011, 12, 30), date(1993, 8, 21)}  # Apia; Kwajalein
    for earlier, later in pairwise(days):
        between = {earlier + timedelta(days=step) for step in range(1, (later - earlier).days)}
        assert earlier < later
        assert between <= left_out
    for (earlier, later), day in zip(pairwise(dues[1:]), days[1:], strict=True):
        assert day_window(day, later, schedule) == Window(earlier, later)


@pytest.mark.parametrize(
    ("start", "days"),
    [
        (datetime(2026, 11, 22, 16, tzinfo=UTC), 1),
        (datetime(2026, 11, 22, 19, tzinfo=UTC), 1),
        (datetime(2026, 11, 23, 10, tzinfo=UTC), 1),
        (datetime(2026, 11, 20, 16, tzinfo=UTC), 3),
    ],
)
def test_a_digest_after_an_outage_knows_how_many_days_it_tells_of(start: datetime, days: int) -> None:
    assert Digest(date(2026, 11, 23), LOS_ANGELES.zone, Window(start, WINDOW.end)).days == days


def test_a_missed_target_is_told_in_the_window_of_its_due_instant() -> None:
    start, end = WINDOW.start, WINDOW.end
    late = timedelta(milliseconds=1)
    clocks = (
        clock(1, start - late),
        clock(2, start),
        clock(3, start, stopped=start),
        clock(4, start, stopped=start + late),
        clock(5, end - late),
        clock(6, end),
    )
    digest = written(MONDAY, Seen(clocks), {})
    assert digest.missed == (clocks[1], clocks[3], clocks[4])
    assert digest.overdue == (clocks[0], clocks[1], clocks[4])
    assert digest.due_next == (clocks[5],)


def test_what_was_done_after_the_window_was_still_open_then() -> None:
    done_later = clock(1, WINDOW.start, stopped=WINDOW.end)
    assert written(MONDAY, Seen((done_later,)), {}).overdue == (done_later,)


def test_due_next_means_within_the_business_hours_of_the_account() -> None:
    soon = clock(1, WINDOW.end + timedelta(hours=23))
    later = clock(2, WINDOW.end + timedelta(hours=60))
    seen = Seen((later, soon))
    assert written(MONDAY, seen, {}).due_next == (soon,)
    assert written(MONDAY, seen, {"acme": WINDOW.end + timedelta(hours=72)}).due_next == (soon, later)


def test_each_promise_counts_once_when_it_was_kept_or_broken() -> None:
    before, within, after = (WINDOW.start + timedelta(hours=hours) for hours in (-1, 1, 25))
    clocks = (
        clock(1, after, stopped=within),
        clock(2, within, stopped=before),
        clock(3, within, stopped=after),
        clock(4, within),
        clock(5, after),
        clock(6, after, stopped=within, priority="P1", kind=TargetKind.RESOLUTION),
    )
    assert written(MONDAY, Seen(clocks), {}).kept == (
        Kept("Acme Corp", "P1", TargetKind.RESOLUTION, promised=1, kept=1),
        Kept("Acme Corp", "P2", TargetKind.RESPONSE, promised=3, kept=1),
    )


def test_a_day_is_quiet_only_if_there_is_nothing_to_tell() -> None:
    waiting = WaitingRow("ACME-1", "t", "Acme Corp", "P4", WINDOW.start, None)
    mail = MailRow(1, WINDOW.start, "held", "eve@other.example", "s", "r")
    assert written(MONDAY, Seen(), {}).quiet
    for seen in (
        Seen(clocks=(clock(1, WINDOW.start),)),
        Seen(waiting=(waiting,)),
        Seen(held=(mail,)),
        Seen(undeliverable=(mail,)),
        Seen(paged=(mail,)),
        Seen(opened=1),
    ):
        assert not written(MONDAY, seen, {}).quiet
