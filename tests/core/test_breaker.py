"""Knows when a server is left alone, and when mail goes to it again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.breaker import (
    FAILURES,
    PROBE_RESTS,
    Breaker,
    BreakerState,
    after_failure,
    after_probe,
    after_success,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OPEN = Breaker(BreakerState.OPEN, 5, 1, NOON, NOON + 5 * SECOND, "refused")


def failed(times: int, breaker: Breaker = Breaker()) -> Breaker:  # noqa: B008 - frozen
    for _ in range(times):
        breaker = after_failure(breaker, "refused", NOON, 0.0)
    return breaker


def test_it_opens_after_five_failures_in_a_row() -> None:
    assert failed(FAILURES - 1) == Breaker(BreakerState.CLOSED, 4, reason="refused")
    assert failed(FAILURES) == OPEN


def test_a_success_between_begins_the_count_anew() -> None:
    assert failed(FAILURES - 1, after_success(failed(FAILURES - 1))).state is BreakerState.CLOSED


def test_what_fails_after_it_opened_moves_no_probe() -> None:
    """Mail that was under way already says nothing new."""
    assert after_failure(OPEN, "reset", NOON + SECOND, 0.0) == OPEN


def test_probes_come_less_and_less_often() -> None:
    breaker, rests, now = OPEN, [], NOON
    for _ in range(8):
        assert breaker.probe_at
        rests.append(breaker.probe_at - now)
        now = breaker.probe_at
        breaker = after_probe(breaker, "refused", now, 0.0)

    assert [rest // SECOND for rest in rests] == [5, 15, 30, 60, 120, 300, 300, 300]
    assert breaker.since == NOON


def test_after_a_probe_the_first_failure_opens_it_again() -> None:
    """A server that greets and then takes no mail is not hammered after each greeting."""
    half_open = after_probe(OPEN, "", NOON + 5 * SECOND, 0.0)
    opened = after_failure(half_open, "421 busy", NOON + 6 * SECOND, 0.0)

    assert half_open == Breaker(BreakerState.HALF_OPEN, 5, 1, NOON, None, "refused")
    assert opened == Breaker(BreakerState.OPEN, 6, 2, NOON, NOON + 21 * SECOND, "421 busy")


def test_a_mail_that_got_through_closes_it() -> None:
    half_open = after_probe(OPEN, "", NOON, 0.0)

    assert after_success(half_open) == after_success(OPEN) == Breaker()


def test_a_probe_that_ends_after_it_was_closed_changes_nothing() -> None:
    assert after_probe(Breaker(), "late", NOON, 0.0) == Breaker()


def test_chance_shortens_a_rest_by_up_to_a_quarter() -> None:
    breaker = after_probe(OPEN, "refused", NOON, 0.9999999)

    assert breaker.probe_at == NOON + timedelta(milliseconds=11251)


@given(
    st.lists(st.sampled_from(["failure", "success", "probe", "bad probe"]), max_size=40), st.floats(0, 0.999)
)
def test_an_open_one_always_has_a_probe_ahead(events: list[str], chance: float) -> None:
    breaker = Breaker()
    for event in events:
        match event:
            case "failure":
                breaker = after_failure(breaker, "no", NOON, chance)
            case "success":
                breaker = after_success(breaker)
            case "probe":
                breaker = after_probe(breaker, "", NOON, chance)
            case _:
                breaker = after_probe(breaker, "no", NOON, chance)
        assert breaker.is_open == (breaker.probe_at is not None)
        if breaker.probe_at:
            assert NOON < breaker.probe_at <= NOON + max(PROBE_RESTS)
            assert breaker.since == NOON
