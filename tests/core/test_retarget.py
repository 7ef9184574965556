"""core/retarget: a promise that changes, on the calendar 09:00-17:00 in Berlin."""

from dataclasses import replace
from datetime import timedelta

from mailgate.core.clock import ClockState, Rest, TargetKind
from mailgate.core.event import (
    CustomerReplied,
    PriorityCorrected,
    PriorityRaised,
    StaffReplied,
    TargetMissed,
    TicketAbsorbed,
    TicketDeescalated,
    TicketMerged,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
)
from mailgate.core.history import course
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.calendars import local
from tests.core.histories import (
    BOB,
    FRIDAY,
    MONDAY,
    SAM,
    WITH_NEXT,
    clock,
    customer,
    friday,
    hours,
    lived,
    opened,
    staff,
    told,
    waits,
)
from tests.core.policies import BERLIN, FULL, HIGH, VENDOR, target

SOONER = (target(TargetKind.RESPONSE, "15 minutes"), target(TargetKind.RESOLUTION, "4 hours"))
RESTING = replace(
    VENDOR,
    plans={"full": replace(FULL, targets={"support": {**FULL.targets["support"], "P1": SOONER}})},
)


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


def test_a_raise_after_a_reopening_promises_a_resolution_though_the_one_before_it_had_ended() -> None:
    """policies.md, Business time 9: P3 promises none, so nothing runs until the customer raises it."""
    late = local("2026-11-27 09:00", BERLIN)
    ticket = lived(
        opened(MONDAY, "P2"),
        StaffReplied(MONDAY + hours(1), SAM, "a reply"),
        PriorityCorrected(late, "P2", "P3", "it never was"),  # missed on Tuesday, and still owed
        TicketResolved(late + hours(1), SAM, "/resolve"),
        TicketReopened(late + hours(2), BOB, "a reply"),
        PriorityRaised(late + hours(2), "P3", "P1", "the customer says so"),
    )

    assert told(ticket.clocks) == [
        ("response", "P2", "met", 1),
        ("resolution", "P2", "missed", 1),
        ("resolution", "P1", "running", 2),
    ]
    assert (clock(ticket).started, clock(ticket).due) == (late + hours(2), late + hours(50))


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


def test_a_reply_that_is_decided_after_a_resolution_it_came_before_counts_from_that_on() -> None:
    """policies.md, Business time 6; the node that had accepted it died, and no hour is told twice"""
    ticket = lived(
        opened(MONDAY, "P2"),
        TicketResolved(MONDAY + hours(3), SAM, "/resolve"),
        TicketReopened(MONDAY + hours(2), BOB, "a reply"),
    )

    assert (clock(ticket).epoch, clock(ticket).started) == (2, MONDAY + hours(3))
    assert clock(ticket).due == clock(opened(MONDAY, "P2")).due


def test_a_raise_that_is_decided_after_a_rest_counts_from_its_acceptance_and_the_rest_does_not() -> None:
    """policies.md, Business time 8 and 9"""
    ticket = lived(
        opened(MONDAY, "P2", RESTING),
        waits(hours(3)),
        customer(hours(5)),
        PriorityRaised(MONDAY + hours(1), "P2", "P1", "the customer says so"),
        policy=RESTING,
    )

    urgent = clock(ticket)
    assert (urgent.priority, urgent.started) == ("P1", MONDAY + hours(1))
    assert [(rest.start, rest.end) for rest in urgent.rests] == [(MONDAY + hours(3), MONDAY + hours(5))]
    assert urgent.due == MONDAY + hours(1 + 4 + 2)


def test_a_lowering_that_is_decided_after_a_raise_it_came_before_begins_with_that() -> None:
    """policies.md, Business time 9 and 10"""
    ticket = lived(
        opened(MONDAY, "P2", RESTING),
        PriorityRaised(MONDAY + hours(2), "P2", "P1", "the customer says so"),
        TicketDeescalated(MONDAY + hours(1), "P1", "P2", "better"),
        policy=RESTING,
    )

    assert told(ticket.clocks)[-2:] == [("resolution", "P1", "met", 2), ("resolution", "P2", "running", 3)]
    assert clock(ticket).started == MONDAY + hours(2)


def test_a_wait_that_is_decided_late_begins_no_rest_before_its_clock() -> None:
    """policies.md, Business time 8"""
    ticket = lived(opened(MONDAY, "P2"), waits(-hours(1)), customer(hours(1)))

    assert [(rest.start, rest.end) for rest in clock(ticket).rests] == [(MONDAY, MONDAY + hours(1))]


def test_a_correction_that_is_decided_late_leaves_no_rest_before_the_start() -> None:
    """policies.md, Business time 8 and 9; a promise of a merged ticket had begun, and rested, before"""
    theirs = opened(MONDAY - hours(17), "P1")  # Friday 16:00
    ticket = lived(
        opened(MONDAY, "P1"),
        TicketAbsorbed(MONDAY, "ACME-43", "P1", "P1", theirs.clocks, "/merge"),
        TicketSetWaiting(MONDAY - hours(1), SAM, "the mail s1@x of Sam", "/wait"),
        PriorityCorrected(MONDAY, "P1", "P2", "no"),
    )

    assert clock(ticket).started == MONDAY
    assert [rest.start for rest in clock(ticket).rests] == [MONDAY]


def test_after_a_miss_a_reopened_ticket_has_a_whole_target() -> None:
    ticket = lived(
        opened(MONDAY, "P2"),
        TicketResolved(local("2026-11-26 12:00", BERLIN), SAM, "/resolve"),
        TicketReopened(local("2026-11-27 09:00", BERLIN), BOB, "a reply"),
    )

    assert told(ticket.clocks)[1:] == [("resolution", "P2", "missed", 1), ("resolution", "P2", "running", 2)]
    assert (clock(ticket).carried, clock(ticket).due) == (0, local("2026-11-30 17:00", BERLIN))


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


def test_a_next_response_does_not_begin_with_a_raise() -> None:
    ticket = lived(
        opened(MONDAY, "P3", WITH_NEXT), PriorityRaised(MONDAY, "P3", "P2", "worse"), policy=WITH_NEXT
    )

    assert [one.kind for one in ticket.clocks if one.kind is TargetKind.NEXT_RESPONSE] == []


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


def test_what_waits_from_the_moment_of_its_correction_is_not_late_before_it() -> None:
    """policies.md, Business time 8 and 9; Edge case 26"""
    quick = target(TargetKind.RESOLUTION, "5 business minutes")
    plan = replace(FULL, targets={"support": {**FULL.targets["support"], "P2": (HIGH[0], quick)}})
    policy = replace(VENDOR, plans={"full": plan})
    change = MONDAY + timedelta(minutes=10)

    ticket, events = course(
        opened(MONDAY, "P1", policy),
        policy,
        (
            PriorityCorrected(change, "P1", "P2", "no"),
            TicketSetWaiting(change, SAM, "a mail", "/wait"),
            customer(hours(1)),
        ),
    )

    assert (clock(ticket).state, clock(ticket).due) == (ClockState.RUNNING, MONDAY + hours(1))
    assert [one for one in events if isinstance(one, TargetMissed) and one.clock.kind is quick.kind] == []


def test_a_correction_of_what_was_missed_rests_while_the_ticket_waits() -> None:
    """policies.md, Business time 8 and 9"""
    ticket = lived(
        opened(FRIDAY, "P1"),
        TicketSetWaiting(friday(49), SAM, "the mail s1@x of Sam", "/wait"),
        PriorityCorrected(friday(50), "P1", "P2", "this was never P1"),
    )

    assert [one.state for one in ticket.clocks if one.kind is TargetKind.RESOLUTION] == [
        ClockState.MISSED,
        ClockState.PAUSED,
    ]
    assert clock(ticket).rests[-1].start == friday(50)
