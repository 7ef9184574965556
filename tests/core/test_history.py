"""core/history: what happens to a ticket's clocks, event by event, on the calendar 09:00-17:00 in Berlin."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailgate.core.clock import Clock, ClockState, Rest, TargetKind
from mailgate.core.event import (
    CustomerReplied,
    Event,
    PriorityCorrected,
    PriorityRaised,
    ResponseWithdrawn,
    StaffReplied,
    TargetMissed,
    TargetWarned,
    TicketAbsorbed,
    TicketDeescalated,
    TicketMerged,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
)
from mailgate.core.history import course, folded
from mailgate.core.move import Move, move_of
from mailgate.core.policy import Target
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.calendars import local
from tests.core.histories import BOB, SAM, clock, lived, opened, told
from tests.core.policies import BERLIN, FULL, HIGH, VENDOR, target


def at(text: str) -> object:
    return local(text, BERLIN)


MONDAY = local("2026-11-23 09:00", BERLIN)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def waits(when: timedelta) -> TicketSetWaiting:
    return TicketSetWaiting(MONDAY + when, SAM, "the mail s1@x of Sam", "/wait")


def customer(when: timedelta) -> CustomerReplied:
    return CustomerReplied(MONDAY + when, BOB, "a reply")


def staff(when: timedelta) -> StaffReplied:
    return StaffReplied(MONDAY + when, SAM, "a reply")


def test_a_ticket_begins_with_a_clock_for_each_target_but_best_effort() -> None:
    assert opened(MONDAY, "P3").clocks == (
        Clock(
            TargetKind.RESPONSE,
            "P3",
            ClockState.RUNNING,
            started=MONDAY,
            due=local("2026-11-24 17:00", BERLIN),
            warn_at=local("2026-11-24 13:00", BERLIN),
        ),
    )


def test_a_staff_reply_stops_the_response_and_leaves_the_resolution() -> None:
    """policies.md, Business time 7"""
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)))

    assert (ticket.status, ticket.answered) == (Status.OPEN, MONDAY + hours(1))
    assert told(ticket.clocks) == [("response", "P2", "met", 1), ("resolution", "P2", "running", 1)]


def test_what_waits_for_the_customer_rests_and_goes_on_with_what_was_left() -> None:
    """policies.md, Business time 8"""
    waiting = lived(opened(MONDAY, "P2"), staff(hours(1)), waits(hours(2)))

    assert waiting.status is Status.WAITING
    assert clock(waiting).state is ClockState.PAUSED
    assert clock(waiting).next_at is None

    back = lived(waiting, customer(hours(25)))  # Tuesday 10:00: 8 + 1 - 2 = 7 business hours later

    assert back.status is Status.OPEN
    assert clock(back) == replace(
        clock(opened(MONDAY, "P2")),
        due=local("2026-11-25 16:00", BERLIN),
        warn_at=local("2026-11-25 12:00", BERLIN),
        rests=(Rest(MONDAY + hours(2), MONDAY + hours(25), "the mail s1@x of Sam"),),
    )


def test_a_response_does_not_rest() -> None:
    """policies.md, Business time 8"""
    waiting = lived(opened(MONDAY, "P2"), waits(hours(1)))

    assert clock(waiting, TargetKind.RESPONSE).state is ClockState.RUNNING


def test_what_the_policy_lets_rest_rests() -> None:
    resting = replace(HIGH[0], rests=True)
    plan = replace(FULL, targets={"support": {**FULL.targets["support"], "P2": (resting,)}})
    policy = replace(VENDOR, plans={"full": plan})

    ticket = lived(opened(MONDAY, "P2", policy), waits(hours(1)), policy=policy)

    assert clock(ticket, TargetKind.RESPONSE).state is ClockState.PAUSED


def test_resolving_ends_everything_in_time() -> None:
    """policies.md, Business time 7"""
    ticket = lived(opened(MONDAY, "P2"), waits(hours(1)), TicketResolved(MONDAY + hours(2), SAM, "/resolve"))

    assert (ticket.status, ticket.resolved) == (Status.RESOLVED, MONDAY + hours(2))
    assert told(ticket.clocks) == [("response", "P2", "met", 1), ("resolution", "P2", "met", 1)]
    assert clock(ticket).rests[-1].end == MONDAY + hours(2)


def test_somebody_who_takes_it_stops_the_escalation() -> None:
    """policies.md, Business time 7"""
    page = opened(MONDAY, "P1", role="on-call")

    assert told(page.clocks) == [("escalation", "P1", "running", 1)]
    assert told(lived(page, TicketTaken(MONDAY + hours(0.5), SAM, "/ack")).clocks)[0][2] == "met"
    assert told(lived(page, staff(hours(0.5))).clocks)[0][2] == "met"


def test_a_raised_priority_counts_from_the_change() -> None:
    """policies.md, Business time 9"""
    change = local("2026-11-23 10:30", BERLIN)
    ticket = lived(opened(MONDAY, "P2"), PriorityRaised(change, "P2", "P1", "the customer says so"))

    assert ticket.priority == "P1"
    assert told(ticket.clocks) == [
        ("response", "P2", "void", 1),
        ("resolution", "P2", "running", 1),  # Tuesday 17:00 comes before Wednesday 10:30
        ("response", "P1", "running", 2),
    ]
    response = clock(ticket, TargetKind.RESPONSE)
    assert (response.started, response.due) == (change, change + timedelta(minutes=15))


def test_a_raised_priority_never_makes_anything_due_later() -> None:
    """policies.md, Business time 9"""
    change = local("2026-11-23 12:50", BERLIN)  # ten minutes before the response was due
    ticket = lived(opened(MONDAY, "P2"), PriorityRaised(change, "P2", "P1", "the customer says so"))

    assert clock(ticket, TargetKind.RESPONSE) == clock(opened(MONDAY, "P2"), TargetKind.RESPONSE)


def test_a_raise_after_a_miss_promises_anew_and_the_miss_stands() -> None:
    """policies.md, Business time 9 and 10"""
    change = local("2026-11-23 15:00", BERLIN)  # two hours after the response was due
    ticket, events = course(
        opened(MONDAY, "P2"), VENDOR, [PriorityRaised(change, "P2", "P1", "the customer says so")]
    )

    assert [type(event) for event in events] == [TargetMissed, PriorityRaised]
    assert told(ticket.clocks) == [
        ("response", "P2", "missed", 1),
        ("resolution", "P2", "running", 1),
        ("response", "P1", "running", 2),
    ]
    answered = lived(ticket, StaffReplied(change + timedelta(minutes=5), SAM, "a reply"))
    assert [
        (one.state.value, one.stopped is None) for one in answered.clocks if one.kind is TargetKind.RESPONSE
    ] == [
        ("missed", False),
        ("met", False),
    ]


def test_an_answer_that_was_given_is_not_promised_again() -> None:
    ticket = lived(
        opened(MONDAY, "P2"), staff(hours(1)), PriorityRaised(MONDAY + hours(2), "P2", "P1", "worse")
    )

    assert told(ticket.clocks) == [("response", "P2", "met", 1), ("resolution", "P2", "running", 1)]


def test_a_raise_starts_what_was_best_effort() -> None:
    ticket = lived(opened(MONDAY, "P3"), PriorityRaised(MONDAY + hours(2), "P3", "P2", "worse"))

    assert told(ticket.clocks) == [
        ("response", "P3", "void", 1),
        ("response", "P2", "running", 2),
        ("resolution", "P2", "running", 1),
    ]
    assert clock(ticket).started == MONDAY + hours(2)


def test_a_correction_counts_from_the_original_start() -> None:
    """policies.md, Business time 9"""
    change = PriorityCorrected(MONDAY + timedelta(minutes=10), "P1", "P2", "this was never P1")
    ticket = lived(opened(MONDAY, "P1"), change)

    assert ticket.priority == "P2"
    assert told(ticket.clocks) == [
        ("response", "P1", "void", 1),
        ("resolution", "P1", "void", 1),
        ("response", "P2", "running", 2),
        ("resolution", "P2", "running", 2),
    ]
    assert [one.due for one in ticket.clocks[2:]] == [one.due for one in opened(MONDAY, "P2").clocks]


def test_a_correction_after_a_raise_counts_from_the_ticket_and_keeps_its_rests() -> None:
    """policies.md, Business time 8 and 9"""
    ticket = lived(
        opened(MONDAY, "P2"),
        waits(hours(1)),
        customer(hours(3)),
        PriorityRaised(MONDAY + hours(4), "P2", "P1", "worse"),
        PriorityCorrected(MONDAY + hours(5), "P1", "P2", "no"),
    )

    plain = lived(opened(MONDAY, "P2"), waits(hours(1)), customer(hours(3)))
    assert clock(ticket).due == clock(plain).due == local("2026-11-25 11:00", BERLIN)


def test_a_correction_leaves_the_miss_of_the_higher_priority() -> None:
    """policies.md, Business time 10"""
    ticket = lived(
        opened(MONDAY, "P1"), PriorityCorrected(MONDAY + hours(0.5), "P1", "P2", "this was never P1")
    )

    assert told(ticket.clocks) == [
        ("response", "P1", "missed", 1),
        ("resolution", "P1", "void", 1),
        ("response", "P2", "running", 2),
        ("resolution", "P2", "running", 2),
    ]


def test_a_correction_to_best_effort_ends_the_promise() -> None:
    ticket = lived(opened(MONDAY, "P2"), PriorityCorrected(MONDAY + hours(1), "P2", "P3", "no"))

    assert told(ticket.clocks) == [
        ("response", "P2", "void", 1),
        ("resolution", "P2", "void", 1),
        ("response", "P3", "running", 2),
    ]


def test_nothing_is_late_before_the_correction_that_makes_it_so() -> None:
    quick = replace(HIGH[0], amount=target(TargetKind.RESPONSE, "5 minutes").amount)
    plan = replace(FULL, targets={"support": {**FULL.targets["support"], "P2": (quick,)}})
    policy = replace(VENDOR, plans={"full": plan})
    change = MONDAY + timedelta(minutes=10)

    ticket = lived(opened(MONDAY, "P1", policy), PriorityCorrected(change, "P1", "P2", "no"), policy=policy)

    assert (clock(ticket, TargetKind.RESPONSE).state, clock(ticket, TargetKind.RESPONSE).due) == (
        ClockState.RUNNING,
        change,
    )


def test_a_deescalation_meets_the_resolution_and_starts_the_lower_one() -> None:
    """policies.md, Business time 9"""
    change = MONDAY + hours(24)
    ticket = lived(
        opened(MONDAY, "P1"),
        StaffReplied(MONDAY, SAM, "a reply"),
        TicketDeescalated(change, "P1", "P2", "a workaround is in place"),
    )

    assert told(ticket.clocks) == [
        ("response", "P1", "met", 1),
        ("resolution", "P1", "met", 1),
        ("resolution", "P2", "running", 2),
    ]
    assert (clock(ticket).started, clock(ticket).due) == (
        change,
        local("2026-11-26 09:00", BERLIN) - hours(16),
    )


def test_a_reopened_ticket_goes_on_with_what_was_left() -> None:
    """policies.md; the time between is not counted"""
    ticket = lived(
        opened(MONDAY, "P2"),
        TicketResolved(MONDAY + hours(3), SAM, "/resolve"),
        TicketReopened(MONDAY + hours(49), BOB, "a reply"),
    )

    assert (ticket.status, ticket.resolved) == (Status.OPEN, None)
    assert told(ticket.clocks)[1:] == [("resolution", "P2", "met", 1), ("resolution", "P2", "running", 2)]
    assert clock(ticket).carried == 3 * 3_600_000
    assert clock(ticket).due == local("2026-11-26 15:00", BERLIN)  # 13 business hours after Wednesday 10:00
    assert clock(ticket).warn_at == local("2026-11-26 11:00", BERLIN)


def test_after_a_miss_a_reopened_ticket_has_a_whole_target() -> None:
    ticket = lived(
        opened(MONDAY, "P2"),
        TicketResolved(local("2026-11-26 12:00", BERLIN), SAM, "/resolve"),
        TicketReopened(local("2026-11-27 09:00", BERLIN), BOB, "a reply"),
    )

    assert told(ticket.clocks)[1:] == [("resolution", "P2", "missed", 1), ("resolution", "P2", "running", 2)]
    assert (clock(ticket).carried, clock(ticket).due) == (0, local("2026-11-30 17:00", BERLIN))


FRIDAY = local("2026-11-20 09:00", BERLIN)  # two business days end on Monday, two days on Sunday


def friday(when: float) -> datetime:
    return FRIDAY + hours(when)


def test_a_correction_after_a_raise_goes_back_to_the_first_start_with_every_rest() -> None:
    """policies.md, Business time 8 and 9"""
    ticket = lived(
        opened(FRIDAY, "P2"),
        TicketSetWaiting(friday(1), SAM, "the mail s1@x of Sam", "/wait"),
        CustomerReplied(friday(2), BOB, "a reply"),
        PriorityRaised(friday(3), "P2", "P1", "worse"),
        PriorityCorrected(friday(4), "P1", "P2", "no"),
    )

    assert told(ticket.clocks) == [
        ("response", "P2", "void", 1),
        ("resolution", "P2", "void", 1),
        ("response", "P1", "missed", 2),
        ("resolution", "P1", "void", 2),
        ("response", "P2", "running", 3),
        ("resolution", "P2", "running", 3),
    ]
    assert clock(ticket).started == FRIDAY
    assert clock(ticket).rests == (Rest(friday(1), friday(2), "the mail s1@x of Sam"),)
    assert clock(ticket).due == local("2026-11-24 10:00", BERLIN)  # 16 business hours and the one that rested


def test_a_change_while_the_ticket_waits_leaves_it_waiting() -> None:
    """policies.md, Business time 8 and 9"""
    waiting = lived(opened(FRIDAY, "P2"), TicketSetWaiting(friday(1), SAM, "the mail s1@x", "/wait"))
    raised = lived(waiting, PriorityRaised(friday(2), "P2", "P1", "worse"))

    assert told(raised.clocks)[1:] == [
        ("resolution", "P2", "void", 1),
        ("response", "P1", "running", 2),
        ("resolution", "P1", "paused", 2),
    ]
    assert clock(raised).rests == (Rest(friday(2), None, "the mail s1@x"),)
    assert clock(lived(raised, CustomerReplied(friday(5), BOB, "a reply"))).due == friday(5 + 48)

    corrected = lived(raised, PriorityCorrected(friday(3), "P1", "P2", "no"))
    assert clock(corrected).rests == (Rest(friday(1), None, "the mail s1@x"),)
    back = lived(corrected, CustomerReplied(friday(6), BOB, "a reply"))
    assert clock(back).due == local("2026-11-24 14:00", BERLIN)  # five hours of business rested


def test_what_rests_is_compared_as_if_the_customer_answered_now() -> None:
    """policies.md, Business time 9: nothing becomes due later"""
    waiting = lived(opened(FRIDAY, "P2"), TicketSetWaiting(friday(1), SAM, "the mail s1@x", "/wait"))
    change = local("2026-11-27 09:00", BERLIN)  # a week later 15 hours are left: Monday 16:00, P1 says Sunday

    raised = lived(waiting, PriorityRaised(change, "P2", "P1", "worse"))

    assert (clock(raised).priority, clock(raised).epoch) == ("P1", 2)


def test_a_correction_that_was_late_before_it_was_made_leaves_one_miss_and_not_two() -> None:
    """policies.md, Business time 10"""
    late = local("2026-11-23 14:00", BERLIN)  # after the four hours of P2, too
    ticket = lived(opened(MONDAY, "P1"), PriorityCorrected(late, "P1", "P2", "no"))

    assert [one for one in told(ticket.clocks) if one[0] == "response"] == [("response", "P1", "missed", 1)]


def test_a_promise_that_was_void_begins_anew_when_the_priority_is_raised_again() -> None:
    """Edge case 26: the new priority's targets run from the change (policies.md, Business time 9)"""
    ticket = lived(
        opened(FRIDAY, "P2"),
        StaffReplied(friday(1), SAM, "a reply"),
        PriorityCorrected(friday(2), "P2", "P3", "no"),
        PriorityRaised(friday(3), "P3", "P1", "worse"),
    )

    assert told(ticket.clocks) == [
        ("response", "P2", "met", 1),
        ("resolution", "P2", "void", 1),
        ("resolution", "P1", "running", 2),
    ]
    assert (clock(ticket).started, clock(ticket).due) == (friday(3), friday(51))


def test_an_answer_to_what_was_best_effort_is_not_promised_again() -> None:
    plan = replace(FULL, targets={"support": {**FULL.targets["support"], "P3": ()}})
    policy = replace(VENDOR, plans={"full": plan})
    ticket = lived(opened(FRIDAY, "P3", policy), StaffReplied(friday(1), SAM, "a reply"), policy=policy)

    raised = lived(ticket, PriorityRaised(friday(2), "P3", "P1", "worse"), policy=policy)

    assert told(raised.clocks) == [("resolution", "P1", "running", 1)]


def test_what_was_paused_at_its_last_instant_is_due_when_the_customer_answers() -> None:
    """policies.md, Business time 8: nothing was left, and nothing is late while the customer is waited for"""
    ticket = lived(
        opened(MONDAY, "P2"),
        TicketSetWaiting(local("2026-11-24 17:00", BERLIN), SAM, "the mail s1@x", "/wait"),
        CustomerReplied(local("2026-11-26 10:00", BERLIN), BOB, "a reply"),
    )

    assert (clock(ticket).state, clock(ticket).due) == (
        ClockState.RUNNING,
        local("2026-11-26 10:00", BERLIN),
    )


def test_a_warning_that_was_given_is_not_given_again_after_a_rest() -> None:
    """behaviour.md 6.2"""
    first = opened(MONDAY, "P2")
    warned = replace(first.clocks[1], warned=local("2026-11-24 13:00", BERLIN))
    ticket = lived(
        first,
        TargetWarned(local("2026-11-24 13:00", BERLIN), warned),
        TicketSetWaiting(local("2026-11-24 14:00", BERLIN), SAM, "the mail s1@x", "/wait"),
        CustomerReplied(local("2026-11-26 10:00", BERLIN), BOB, "a reply"),
    )

    assert (clock(ticket).warned, clock(ticket).warn_at) == (warned.warned, warned.warn_at)
    assert clock(ticket).next_at == clock(ticket).due == local("2026-11-26 13:00", BERLIN)


def test_a_channel_without_targets_starts_none_whatever_the_priority() -> None:
    ticket = lived(opened(MONDAY, "P2", plan="web-only"), PriorityRaised(MONDAY, "P2", "P1", "worse"))

    assert ticket.clocks == ()


def test_a_paused_clock_is_met_when_its_ticket_is_resolved_however_late() -> None:
    ticket = lived(
        opened(MONDAY, "P2"), waits(hours(1)), TicketResolved(MONDAY + timedelta(days=30), SAM, "/resolve")
    )

    assert clock(ticket).state is ClockState.MET


def test_a_second_reply_does_not_change_when_the_ticket_was_answered() -> None:
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)), staff(hours(2)))
    later_withdrawn = ResponseWithdrawn(MONDAY + hours(3), MONDAY + hours(2), None, "never delivered")

    assert ticket.answered == MONDAY + hours(1)
    assert lived(ticket, later_withdrawn).answered == MONDAY + hours(1)


def test_a_withdrawn_reply_after_which_another_stands_leaves_the_ticket_open() -> None:
    """behaviour.md 2.3"""
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)), staff(hours(2)))
    now = lived(
        ticket, ResponseWithdrawn(MONDAY + hours(3), MONDAY + hours(1), MONDAY + hours(2), "never delivered")
    )

    assert (now.status, now.answered) == (Status.OPEN, MONDAY + hours(2))
    assert clock(now, TargetKind.RESPONSE).stopped == MONDAY + hours(2)


def test_a_miss_of_a_ticket_that_is_merged_away_waits_for_nobody() -> None:
    merged = TicketMerged(MONDAY + hours(5), "ACME-1", TicketId(3), "/merge")
    ticket = lived(opened(MONDAY, "P2"), merged)

    assert told(ticket.clocks) == [("response", "P2", "missed", 1), ("resolution", "P2", "void", 1)]
    assert [one.is_open for one in ticket.clocks] == [False, False]


def test_of_two_promises_of_a_kind_the_first_due_is_kept_and_the_other_is_void() -> None:
    brought = lived(opened(FRIDAY, "P2"), StaffReplied(friday(1), SAM, "a reply")).clocks
    into = lived(
        opened(MONDAY, "P2"), TicketAbsorbed(MONDAY + hours(1), "ACME-43", "P2", "P2", brought, "/merge")
    )

    assert told(into.clocks) == [
        ("response", "P2", "running", 1),
        ("resolution", "P2", "void", 1),
        ("resolution", "P2", "running", 2),
    ]
    assert clock(into).due == local("2026-11-23 17:00", BERLIN)


def test_a_reopened_ticket_goes_on_with_the_promise_that_a_raise_had_left() -> None:
    """policies.md, Business time 9"""
    ticket = lived(
        opened(MONDAY, "P2"),
        PriorityRaised(MONDAY + hours(1), "P2", "P1", "worse"),
        TicketResolved(MONDAY + hours(8), SAM, "/resolve"),
        TicketReopened(MONDAY + hours(24), BOB, "a reply"),
    )

    assert (ticket.priority, clock(ticket).priority) == ("P1", "P2")
    assert clock(ticket).due == local("2026-11-24 17:00", BERLIN)  # 8 business hours were left


def test_a_correction_of_a_reopened_ticket_counts_what_was_used_up_in_the_new_time() -> None:
    """policies.md, Business time 9"""
    ticket = lived(
        opened(MONDAY, "P1"),
        TicketResolved(MONDAY + hours(24), SAM, "/resolve"),
        TicketReopened(MONDAY + hours(48), BOB, "a reply"),
        PriorityCorrected(MONDAY + hours(49), "P1", "P2", "this was never P1"),
    )

    assert clock(ticket).carried == 8 * 3_600_000  # of 24 hours, those that were open
    assert clock(ticket).due == local("2026-11-25 17:00", BERLIN)


NEXT = target(TargetKind.NEXT_RESPONSE, "2 business hours")
WITH_NEXT = replace(
    VENDOR,
    plans={"full": replace(FULL, targets={"support": {**FULL.targets["support"], "P2": (*HIGH, NEXT)}})},
)


def test_a_next_response_is_awaited_from_the_first_of_the_customers_mails_after_an_answer() -> None:
    ticket = lived(
        opened(MONDAY, "P2", WITH_NEXT),
        customer(hours(0.5)),
        staff(hours(1)),
        customer(hours(2)),
        customer(hours(3)),
        policy=WITH_NEXT,
    )

    raised = lived(ticket, PriorityRaised(MONDAY + hours(3), "P2", "P1", "worse"), policy=WITH_NEXT)
    assert clock(raised, TargetKind.NEXT_RESPONSE).priority == "P2"
    ended = lived(
        ticket, TicketResolved(MONDAY + hours(4), SAM, "/resolve"), customer(hours(5)), policy=WITH_NEXT
    )
    assert clock(ended, TargetKind.NEXT_RESPONSE).epoch == 1
    awaited = clock(ticket, TargetKind.NEXT_RESPONSE)
    assert (awaited.epoch, awaited.started, awaited.due) == (1, MONDAY + hours(2), MONDAY + hours(4))
    again = lived(ticket, staff(hours(4)), customer(hours(5)), policy=WITH_NEXT)
    assert told(one for one in again.clocks if one.kind is TargetKind.NEXT_RESPONSE) == [
        ("next_response", "P2", "met", 1),
        ("next_response", "P2", "running", 2),
    ]


def test_a_next_response_does_not_begin_with_a_raise() -> None:
    ticket = lived(
        opened(MONDAY, "P3", WITH_NEXT), PriorityRaised(MONDAY, "P3", "P2", "worse"), policy=WITH_NEXT
    )

    assert [one.kind for one in ticket.clocks if one.kind is TargetKind.NEXT_RESPONSE] == []


def test_a_reply_that_nobody_got_is_withdrawn() -> None:
    """behaviour.md 2.3"""
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)), waits(hours(1)))

    back = lived(ticket, ResponseWithdrawn(MONDAY + hours(2), MONDAY + hours(1), None, "never delivered"))

    assert (back.status, back.answered) == (Status.NEW, None)
    assert clock(back, TargetKind.RESPONSE) == clock(opened(MONDAY, "P2"), TargetKind.RESPONSE)
    assert clock(back).rests == (Rest(MONDAY + hours(1), MONDAY + hours(2), "the mail s1@x of Sam"),)


def test_a_reply_that_is_withdrawn_too_late_leaves_a_miss() -> None:
    """behaviour.md 2.3"""
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)))

    _, events = course(
        ticket, VENDOR, [ResponseWithdrawn(MONDAY + hours(6), MONDAY + hours(1), None, "never delivered")]
    )

    assert [type(event) for event in events] == [ResponseWithdrawn, TargetMissed]
    assert events[1].at == MONDAY + hours(4)


def test_a_withdrawn_reply_wakes_no_promise_that_had_been_replaced() -> None:
    """behaviour.md 2.3"""
    at_once = hours(1)  # `/priority P1` above the reply
    ticket = lived(
        opened(MONDAY, "P2"), PriorityRaised(MONDAY + at_once, "P2", "P1", "/priority P1"), staff(at_once)
    )

    back = lived(ticket, ResponseWithdrawn(MONDAY + hours(1.1), MONDAY + at_once, None, "never delivered"))

    assert [one[:3] for one in told(back.clocks) if one[0] == "response"] == [
        ("response", "P2", "void"),
        ("response", "P1", "running"),
    ]


def test_a_withdrawn_reply_leaves_one_next_response_to_the_first_of_the_mails_that_wait() -> None:
    """behaviour.md 2.3"""
    ticket = lived(
        opened(MONDAY, "P2", WITH_NEXT),
        staff(hours(1)),
        customer(hours(2)),
        staff(hours(2.5)),
        customer(hours(3)),
        ResponseWithdrawn(MONDAY + hours(3.5), MONDAY + hours(2.5), None, "never delivered"),
        policy=WITH_NEXT,
    )

    assert told(one for one in ticket.clocks if one.kind is TargetKind.NEXT_RESPONSE) == [
        ("next_response", "P2", "void", 1),
        ("next_response", "P2", "void", 2),
        ("next_response", "P2", "running", 3),
    ]
    assert clock(ticket, TargetKind.NEXT_RESPONSE).due == MONDAY + hours(4)


def test_a_withdrawn_reply_before_another_that_stands_leaves_the_ticket_waiting() -> None:
    """behaviour.md 2.3"""
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)), staff(hours(2)), waits(hours(2)))

    bounce = ResponseWithdrawn(MONDAY + hours(3), MONDAY + hours(1), MONDAY + hours(2), "never delivered")
    back = lived(ticket, bounce)

    assert (back.status, back.answered) == (Status.WAITING, MONDAY + hours(2))
    assert clock(back, TargetKind.RESPONSE).stopped == MONDAY + hours(2)
    assert clock(back) == clock(ticket)


def test_a_withdrawn_reply_ends_the_wait_for_an_answer_to_it() -> None:
    """behaviour.md 2.3"""
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)), waits(hours(2)))

    back = lived(ticket, ResponseWithdrawn(MONDAY + hours(3), MONDAY + hours(1), None, "never delivered"))

    assert back.status is Status.NEW
    assert clock(back).rests == (Rest(MONDAY + hours(2), MONDAY + hours(3), "the mail s1@x of Sam"),)


def test_a_promise_that_another_ticket_brings_rests_while_this_one_waits_and_no_longer() -> None:
    """policies.md, Business time 8"""
    theirs = opened(MONDAY, "P2")
    resting = lived(theirs, waits(hours(1)))
    waiting = lived(opened(MONDAY, "P3"), waits(hours(1)))

    def merged(ticket: Ticket, other: Ticket) -> Ticket:
        when = MONDAY + hours(2)
        return lived(ticket, TicketAbsorbed(when, "ACME-43", "P3", "P2", other.clocks, "/merge"))

    assert clock(merged(waiting, theirs)).rests == (
        Rest(MONDAY + hours(2), None, "the ticket waits for the customer"),
    )
    running = clock(merged(opened(MONDAY, "P3"), resting))
    assert (running.state, running.due) == (ClockState.RUNNING, clock(theirs).due + hours(17))


def test_a_withdrawn_reply_before_one_that_came_too_late_leaves_a_miss_that_is_told() -> None:
    """behaviour.md 2.3, 6.3"""
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)), staff(hours(5)))
    bounce = ResponseWithdrawn(MONDAY + hours(6), MONDAY + hours(1), MONDAY + hours(5), "never delivered")

    back, events = course(ticket, VENDOR, [bounce])

    missed = replace(
        clock(opened(MONDAY, "P2"), TargetKind.RESPONSE),
        state=ClockState.MISSED,
        stopped=MONDAY + hours(5),
        detected=MONDAY + hours(6),
    )
    assert clock(back, TargetKind.RESPONSE) == missed
    assert events == (replace(bounce, clocks=(missed,)), TargetMissed(MONDAY + hours(4), missed))


def test_a_withdrawn_reply_during_a_rest_leaves_what_was_left_of_the_promise() -> None:
    """behaviour.md 2.3; policies.md, Business time 8"""
    resting = replace(HIGH[0], rests=True)
    plan = replace(FULL, targets={"support": {**FULL.targets["support"], "P2": (resting,)}})
    policy = replace(VENDOR, plans={"full": plan})

    ticket = lived(
        opened(MONDAY, "P2", policy),
        waits(hours(1)),
        staff(hours(6)),
        ResponseWithdrawn(MONDAY + hours(7), MONDAY + hours(6), None, "never delivered"),
        policy=policy,
    )

    response = clock(ticket, TargetKind.RESPONSE)
    assert (response.state, response.due) == (ClockState.RUNNING, local("2026-11-24 10:00", BERLIN))


def test_a_merged_ticket_takes_the_stricter_promise_along_and_counts_once() -> None:
    theirs = lived(opened(MONDAY, "P2"), staff(hours(1)))
    brought = opened(MONDAY + hours(2), "P1").clocks
    gone = lived(
        opened(MONDAY + hours(2), "P1"),
        TicketMerged(MONDAY + hours(2.1), "ACME-42", TicketId(1), "/merge"),
    )
    into = lived(theirs, TicketAbsorbed(MONDAY + hours(2.1), "ACME-43", "P2", "P1", brought, "/merge"))

    assert (gone.status, gone.merged_into) == (Status.CLOSED, TicketId(1))
    assert told(gone.clocks) == [("response", "P1", "void", 1), ("resolution", "P1", "void", 1)]
    assert into.priority == "P1"
    assert told(into.clocks) == [
        ("response", "P2", "met", 1),
        ("resolution", "P2", "running", 1),  # Tuesday 17:00, before Wednesday 11:00
        ("response", "P1", "running", 2),
    ]


STORY: tuple[Event, ...] = (
    staff(hours(1)),
    waits(hours(1)),
    customer(hours(26)),
    PriorityRaised(MONDAY + hours(27), "P2", "P1", "worse"),
    PriorityCorrected(MONDAY + hours(28), "P1", "P2", "no"),
    TicketResolved(MONDAY + hours(29), SAM, "/resolve"),
    TicketReopened(MONDAY + hours(30), BOB, "a reply"),
    TicketTaken(MONDAY + hours(31), SAM, "/ack"),
    TicketAbsorbed(MONDAY + hours(32), "ACME-43", "P2", "P2", opened(MONDAY, "P2").clocks, "/merge"),
    ResponseWithdrawn(MONDAY + hours(33), MONDAY + hours(1), None, "never delivered"),
)


def story() -> tuple[Ticket, list[Move]]:
    """A ticket to which everything happened, and the moves of all of it."""
    first = opened(MONDAY, "P2")
    ticket, events = course(first, VENDOR, STORY)
    return ticket, [move_of(TicketOpened(MONDAY, first, "a mail")), *map(move_of, events)]


def test_the_fold_of_everything_that_happened_is_the_ticket_as_it_stands() -> None:
    """behaviour.md 6.5"""
    ticket, moves = story()

    assert folded(ticket, VENDOR, moves) == ticket


def test_warnings_and_misses_are_part_of_the_history() -> None:
    """behaviour.md 6.3"""
    first = opened(MONDAY, "P2")
    response = first.clocks[0]
    warned = replace(response, warned=MONDAY + hours(3))
    missed = replace(warned, state=ClockState.MISSED, detected=MONDAY + hours(4.1))
    noticed = TargetMissed(MONDAY + hours(4), missed)

    ticket = lived(first, TargetWarned(MONDAY + hours(3), warned), noticed)

    assert ticket.clocks[0] == missed


@pytest.mark.parametrize("event", [*STORY, TicketMerged(MONDAY, "ACME-1", TicketId(3), "/merge")])
def test_an_event_names_the_clocks_that_it_touched_and_no_others(event: Event) -> None:
    before = opened(MONDAY, "P2")
    now, events = course(before, VENDOR, [event])

    touched = {(one.kind, one.epoch) for happened in events for one in getattr(happened, "clocks", ())}
    touched |= {(one.clock.kind, one.clock.epoch) for one in events if isinstance(one, TargetMissed)}
    changed = {(one.kind, one.epoch) for one in now.clocks if one not in before.clocks}
    assert changed <= touched


def test_a_target_says_what_stops_it() -> None:
    plain = Target(TargetKind.RESPONSE, None)

    assert [stop.value for stop in plain.stops] == ["reply"]
    assert plain.pauses is False


def test_what_is_resolved_while_it_rests_is_met_and_due_as_if_it_had_run_on() -> None:
    """policies.md, Business time 8"""
    late = MONDAY + timedelta(days=30)
    ticket = lived(
        opened(MONDAY, "P2"), staff(hours(1)), waits(hours(2)), TicketResolved(late, SAM, "/resolve")
    )

    resolution = clock(ticket)
    assert (resolution.state, resolution.stopped) == (ClockState.MET, late)
    assert resolution.due >= late


def test_a_promise_that_was_missed_is_not_promised_again_by_a_correction_to_it() -> None:
    """policies.md, Business time 9 and 10; Edge case 26"""
    ticket = lived(
        opened(MONDAY, "P2"),
        PriorityRaised(local("2026-11-23 15:00", BERLIN), "P2", "P1", "worse"),
        PriorityCorrected(local("2026-11-23 15:05", BERLIN), "P1", "P2", "no"),
    )

    assert told(one for one in ticket.clocks if one.kind is TargetKind.RESPONSE) == [
        ("response", "P2", "missed", 1),
        ("response", "P1", "void", 2),
    ]
    assert clock(lived(ticket, staff(hours(7))), TargetKind.RESPONSE).state is ClockState.VOID
    assert lived(ticket, staff(hours(7))).clocks[0].stopped == MONDAY + hours(7)


def test_nothing_is_promised_on_a_ticket_that_has_ended() -> None:
    ended = lived(opened(MONDAY, "P3"), TicketResolved(MONDAY + hours(1), SAM, "/resolve"))

    raised = lived(ended, PriorityRaised(MONDAY + hours(2), "P3", "P1", "worse"))
    eased = lived(ended, TicketDeescalated(MONDAY + hours(2), "P3", "P3", "better"))

    assert raised.clocks == eased.clocks == ended.clocks


def test_a_reply_that_nobody_got_wakes_nothing_on_a_ticket_that_was_resolved() -> None:
    """policies.md, Business time 7: the ticket being resolved stops every clock."""
    ticket = lived(opened(MONDAY, "P2"), staff(hours(1)), TicketResolved(MONDAY + hours(2), SAM, "/resolve"))

    back = lived(ticket, ResponseWithdrawn(MONDAY + hours(3), MONDAY + hours(1), None, "never delivered"))

    response = clock(back, TargetKind.RESPONSE)
    assert (back.status, response.state, response.stopped) == (
        Status.RESOLVED,
        ClockState.MET,
        MONDAY + hours(2),
    )
