"""Who is on call: local handovers across changes of the clocks, exceptions before the rotation."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.instant import read
from mailgate.core.message import Mailbox
from mailgate.core.rota import Rota, StandIn, Turn, Why, on_call, turns

SAM = Mailbox("sam@example.com", "Sam Rivera")
KIM = Mailbox("kim@example.com", "Kim Park")
ALEX = Mailbox("alex@example.com", "Alex Roe")
LONDON = Rota("on-call", "Europe/London", date(2026, 1, 5), (SAM, KIM, ALEX))
CHRISTMAS = StandIn(read("2026-12-24T18:00:00Z"), read("2026-12-27T09:00:00Z"), SAM)


def who(rota: Rota, at: str) -> tuple[str, str, str]:
    turn = on_call(rota, read(at))
    return turn.person.name, turn.start.isoformat(), turn.end.isoformat()


def test_a_week_begins_at_the_handover_of_its_first_date() -> None:
    """behaviour.md 6.4: people from a rota."""
    first = Turn(SAM, read("2026-01-05T09:00:00Z"), read("2026-01-12T09:00:00Z"), Why.ROTATION)

    assert on_call(LONDON, read("2026-01-05T09:00:00Z")) == first
    assert on_call(LONDON, read("2026-01-12T08:59:59.999Z")) == first
    assert on_call(LONDON, read("2026-01-12T09:00:00Z")).person == KIM


def test_a_handover_is_at_the_same_local_time_all_the_year() -> None:
    """behaviour.md 6.4: the week in which the clocks go forward is an hour shorter."""
    assert who(LONDON, "2026-03-25T12:00:00Z") == (
        "Alex Roe",
        "2026-03-23T09:00:00+00:00",
        "2026-03-30T08:00:00+00:00",
    )
    assert who(LONDON, "2026-10-21T12:00:00Z") == (
        "Alex Roe",
        "2026-10-19T08:00:00+00:00",
        "2026-10-26T09:00:00+00:00",
    )


def test_before_its_first_date_the_rotation_runs_backwards() -> None:
    assert who(LONDON, "2026-01-05T08:59:59.999Z") == (
        "Alex Roe",
        "2025-12-29T09:00:00+00:00",
        "2026-01-05T09:00:00+00:00",
    )


def test_turns_may_be_of_any_number_of_days() -> None:
    daily = replace(LONDON, days=1, handover=time(0))
    three = replace(LONDON, days=3)

    assert [
        one.person for one in turns(daily, read("2026-01-05T00:00:00Z"), read("2026-01-09T00:00:00Z"))
    ] == [
        SAM,
        KIM,
        ALEX,
        SAM,
    ]
    assert who(three, "2026-01-08T09:00:00Z") == (
        "Kim Park",
        "2026-01-08T09:00:00+00:00",
        "2026-01-11T09:00:00+00:00",
    )


def test_an_exception_goes_before_the_rotation_and_cuts_the_turns_around_it() -> None:
    """behaviour.md 6.4: dated exceptions."""
    rota = replace(LONDON, exceptions=(CHRISTMAS,))

    assert list(turns(rota, read("2026-12-22T00:00:00Z"), read("2026-12-28T09:00:00Z"))) == [
        Turn(ALEX, read("2026-12-21T09:00:00Z"), CHRISTMAS.start, Why.ROTATION),
        Turn(SAM, CHRISTMAS.start, CHRISTMAS.end, Why.EXCEPTION),
        Turn(ALEX, CHRISTMAS.end, read("2026-12-28T09:00:00Z"), Why.ROTATION),
    ]


def test_an_exception_may_last_longer_than_a_turn() -> None:
    long = StandIn(read("2026-06-01T00:00:00Z"), read("2026-06-30T00:00:00Z"), KIM)
    rota = replace(LONDON, exceptions=(long,))

    assert on_call(rota, read("2026-06-15T12:00:00Z")) == Turn(KIM, long.start, long.end, Why.EXCEPTION)


@pytest.mark.parametrize(
    ("handover", "changes_at"),
    [(time(1, 30), "2026-03-29T01:00:00+00:00"), (time(2), "2026-03-29T01:00:00+00:00")],
)
def test_a_handover_in_the_hour_that_never_is_happens_when_the_clocks_jump(
    handover: time, changes_at: str
) -> None:
    daily = replace(LONDON, days=1, handover=handover)

    assert who(daily, "2026-03-29T12:00:00Z")[1] == changes_at


@given(
    st.integers(0, 20 * 366 * 24 * 4),
    st.sampled_from(["Europe/London", "America/Los_Angeles", "Pacific/Apia", "Australia/Lord_Howe"]),
    st.sampled_from([1, 2, 7, 14]),
    st.sampled_from([time(0), time(1, 30), time(9), time(23, 59)]),
)
def test_at_every_instant_one_turn_holds_and_the_next_begins_where_it_ends(
    quarters: int, zone: str, days: int, handover: time
) -> None:
    rota = replace(LONDON, timezone=zone, days=days, handover=handover, exceptions=(CHRISTMAS,))
    at = read("2011-01-01T00:00:00Z") + quarters * timedelta(minutes=15)
    turn = on_call(rota, at)

    assert turn.start <= at < turn.end
    assert on_call(rota, turn.end).start == turn.end
    assert on_call(rota, turn.start) == turn
