from dataclasses import replace
from datetime import datetime, timedelta

from mailgate.core.calendar import Stretch
from mailgate.core.clock import Clock, ClockState, TargetKind, stopped
from mailgate.core.explanation import ClockExplained, Explanation, explained
from mailgate.core.ticket import Ticket
from tests.core.calendars import local
from tests.core.histories import opened
from tests.core.policies import BERLIN, VENDOR

OPENED = local("2026-12-24 15:00", BERLIN)  # a Thursday; the 25th is a holiday


def ticket(priority: str) -> Ticket:
    return opened(OPENED, priority)


def at(text: str) -> datetime:
    return local(text, BERLIN)


def test_every_stretch_from_start_to_now_is_told_with_its_reason() -> None:
    """`behaviour.md` 6.5"""
    response, resolution = ticket("P2").clocks
    now = at("2026-12-28 10:30")
    stretches = (
        Stretch(OPENED, at("2026-12-24 17:00"), counts=True, reason="business hours"),
        Stretch(
            at("2026-12-24 17:00"), at("2026-12-25 00:00"), counts=False, reason="outside business hours"
        ),
        Stretch(at("2026-12-25"), at("2026-12-26"), counts=False, reason="holiday: Feast of 2026-12-25"),
        Stretch(at("2026-12-26"), at("2026-12-28"), counts=False, reason="weekend"),
        Stretch(at("2026-12-28"), at("2026-12-28 09:00"), counts=False, reason="outside business hours"),
        Stretch(at("2026-12-28 09:00"), now, counts=True, reason="business hours"),
    )
    consumed = timedelta(hours=3, minutes=30)

    assert explained(ticket("P2"), VENDOR, now) == Explanation(
        ticket="ACME-42",
        policy="vendor",
        version=VENDOR.digest,
        plan="full",
        region="europe",
        priority="P2",
        clocks=(
            ClockExplained(
                response, "4 business hours", "office", BERLIN, now, consumed, timedelta(hours=4), stretches
            ),
            ClockExplained(
                resolution, "2 business days", "office", BERLIN, now, consumed, timedelta(hours=16), stretches
            ),
        ),
    )


def test_a_clock_that_stopped_is_told_until_then() -> None:
    answered = stopped(ticket("P2").clocks[0], at("2026-12-24 16:00"))
    told = replace(ticket("P2"), clocks=(answered,))

    (clock,) = explained(told, VENDOR, at("2026-12-31 12:00")).clocks

    assert clock.until == at("2026-12-24 16:00")
    assert clock.consumed == timedelta(hours=1)
    assert clock.stretches == (Stretch(OPENED, clock.until, counts=True, reason="business hours"),)


def test_wall_clock_time_is_one_stretch_that_counts() -> None:
    now = OPENED + timedelta(days=3)

    response, _ = explained(ticket("P1"), VENDOR, now).clocks

    assert response.clock.state is ClockState.MISSED
    assert response.stretches == (Stretch(OPENED, now, counts=True, reason="wall-clock time always runs"),)
    assert (response.consumed, response.amount) == (timedelta(days=3), timedelta(minutes=15))


def test_what_counted_adds_up_to_what_was_consumed_and_is_used_up_when_due() -> None:
    for priority in ("P1", "P2", "P3"):
        whole = ticket(priority)
        for clock in whole.clocks:
            (told,) = explained(replace(whole, clocks=(clock,)), VENDOR, clock.due).clocks
            counted = [stretch.length for stretch in told.stretches if stretch.counts]

            assert sum(counted, timedelta()) == told.consumed == told.amount


def test_before_its_start_nothing_has_counted() -> None:
    response, _ = explained(ticket("P2"), VENDOR, OPENED - timedelta(days=1)).clocks

    assert (response.until, response.stretches, response.consumed) == (OPENED, (), timedelta())


def test_a_clock_of_an_earlier_priority_is_told_by_its_own_target() -> None:
    raised = replace(ticket("P2"), priority="P1")

    (response, _) = explained(raised, VENDOR, OPENED).clocks

    assert (response.clock.priority, response.words) == ("P2", "4 business hours")


def test_the_order_of_clocks_is_the_tickets() -> None:
    kinds = [told.clock.kind for told in explained(ticket("P2"), VENDOR, OPENED).clocks]

    assert kinds == [TargetKind.RESPONSE, TargetKind.RESOLUTION]
    assert isinstance(explained(ticket("P2"), VENDOR, OPENED).clocks[0].clock, Clock)
