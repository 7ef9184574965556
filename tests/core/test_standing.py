"""core/standing: what people write moves a ticket's clocks, on the calendar 09:00-17:00 in Berlin."""

from dataclasses import replace
from datetime import timedelta

from mailgate.core.clock import Clock, ClockState, Rest, TargetKind
from mailgate.core.event import (
    CustomerReplied,
    PriorityRaised,
    ResponseWithdrawn,
    TargetMissed,
    TargetWarned,
    TicketDeescalated,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
)
from mailgate.core.history import course
from mailgate.core.target import Target
from mailgate.core.ticket import Status
from tests.core.calendars import local
from tests.core.histories import (
    BOB,
    MONDAY,
    SAM,
    WITH_NEXT,
    clock,
    customer,
    hours,
    lived,
    opened,
    staff,
    told,
    waits,
)
from tests.core.policies import BERLIN, FULL, HIGH, VENDOR


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


def test_a_ticket_whose_first_answer_stands_is_answered_whatever_becomes_of_the_second() -> None:
    """behaviour.md 2.3"""
    ticket = lived(opened(MONDAY, "P2", WITH_NEXT), staff(hours(1)), customer(hours(2)), policy=WITH_NEXT)
    again = lived(ticket, staff(hours(3)), policy=WITH_NEXT)
    lost = ResponseWithdrawn(
        MONDAY + hours(3.5), MONDAY + hours(3), None, "never delivered", earlier=again.answered
    )

    back = lived(again, lost, policy=WITH_NEXT)

    assert (back.status, back.answered) == (Status.OPEN, MONDAY + hours(1))
    assert clock(back, TargetKind.NEXT_RESPONSE) == clock(ticket, TargetKind.NEXT_RESPONSE)


def test_what_was_written_before_the_customer_asked_again_answers_nothing_of_it() -> None:
    """policies.md, Business time 7: an empty mail of staff was held, and released after the customer's."""
    ticket = lived(
        opened(MONDAY, "P2", WITH_NEXT),
        staff(hours(1)),
        customer(hours(3)),
        staff(hours(2)),
        policy=WITH_NEXT,
    )
    awaited = clock(ticket, TargetKind.NEXT_RESPONSE)
    assert (awaited.state, awaited.stopped) == (ClockState.RUNNING, None)

    answered = clock(lived(ticket, staff(hours(3)), policy=WITH_NEXT), TargetKind.NEXT_RESPONSE)
    assert (answered.state, answered.stopped) == (ClockState.MET, MONDAY + hours(3))
