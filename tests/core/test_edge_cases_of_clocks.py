"""What happens to a ticket's clocks in the edge cases of docs/edge-cases.md, on 09:00-17:00 in Berlin."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailgate.core.clock import Clock, ClockState, Rest, TargetKind, lapsed
from mailgate.core.event import (
    CustomerReplied,
    PriorityCorrected,
    PriorityRaised,
    ResponseWithdrawn,
    StaffReplied,
    TargetMissed,
    TicketAbsorbed,
    TicketMerged,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
)
from mailgate.core.history import course
from mailgate.core.plan import Plan
from mailgate.core.policy import Policy
from mailgate.core.ticket import Status, TicketId
from tests.core.calendars import local
from tests.core.histories import BOB, SAM, clock, lived, opened, told
from tests.core.policies import BERLIN, VENDOR, target

RESPONSE, RESOLUTION, NEXT = TargetKind.RESPONSE, TargetKind.RESOLUTION, TargetKind.NEXT_RESPONSE


def policy(**priorities: dict[TargetKind, str]) -> Policy:
    """A policy with these targets: `policy(P1={RESPONSE: "1 hour"})`."""
    targets = {name: tuple(target(*one) for one in each.items()) for name, each in priorities.items()}
    return replace(VENDOR, plans={"full": Plan("full", "Full", {"support": targets})})


ONE_DAY = policy(P2={RESOLUTION: "8 business hours"})
TWO_STEPS = policy(P1={RESPONSE: "1 business hour"}, P2={RESPONSE: "4 business hours"})
ANSWERS = policy(P2={RESPONSE: "4 business hours", NEXT: "4 business hours"})


def at(text: str) -> datetime:
    """In the week of Monday 2 March 2026: `at("Mon 09:00")`."""
    day, time = text.split()
    monday = local(f"2026-03-02 {time}", BERLIN)
    return monday + timedelta(days=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon+").index(day))


def staff(when: str) -> StaffReplied:
    return StaffReplied(at(when), SAM, "a reply")


def waits(when: str) -> TicketSetWaiting:
    return TicketSetWaiting(at(when), SAM, "the mail of Sam", "/wait")


def customer(when: str) -> CustomerReplied:
    return CustomerReplied(at(when), BOB, "a reply")


def resolved(when: str) -> TicketResolved:
    return TicketResolved(at(when), SAM, "/resolve")


def reopened(when: str) -> TicketReopened:
    return TicketReopened(at(when), BOB, "a reply")


def raised(when: str, before: str = "P2") -> PriorityRaised:
    return PriorityRaised(at(when), before, "P1", "it got worse")


def corrected(when: str, after: str = "P2") -> PriorityCorrected:
    return PriorityCorrected(at(when), "P1", after, "it never was P1")


def test_what_comes_after_the_due_instant_is_late_though_no_open_time_went_by() -> None:
    """Edge case 17; `policies.md`, Business time 5: due is the close; by open time alone it would be met."""
    one_hour = policy(P2={RESPONSE: "1 business hour"})

    ticket = lived(opened(at("Thu 16:00"), "P2", one_hour), staff("Thu 20:00"), policy=one_hour)

    assert (clock(ticket, RESPONSE).due, clock(ticket, RESPONSE).state) == (
        at("Thu 17:00"),
        ClockState.MISSED,
    )


def test_a_pause_takes_away_no_more_than_its_open_time() -> None:
    """Edge case 21"""
    ticket = lived(
        opened(at("Fri 15:00"), "P2", ONE_DAY), waits("Fri 16:00"), customer("Mon+ 10:00"), policy=ONE_DAY
    )

    assert clock(ticket).due == at("Mon+ 17:00")


def test_a_pause_while_it_is_closed_takes_nothing_away() -> None:
    """Edge case 22"""
    ticket = lived(
        opened(at("Mon 09:00"), "P2", ONE_DAY), waits("Mon 17:00"), customer("Tue 09:00"), policy=ONE_DAY
    )
    longer = lived(
        opened(at("Mon 10:00"), "P2", ONE_DAY), waits("Mon 17:00"), customer("Tue 09:00"), policy=ONE_DAY
    )

    assert (clock(ticket).due, clock(longer).due) == (at("Mon 17:00"), at("Tue 10:00"))


def test_what_waits_for_the_customer_is_never_missed_whatever_else_happens() -> None:
    """Edge case 23"""
    waiting = lived(opened(at("Mon 09:00"), "P2", ONE_DAY), waits("Mon 10:00"), policy=ONE_DAY)

    touched = lived(waiting, TicketTaken(at("Mon+ 16:00"), SAM, "/ack"), policy=ONE_DAY)

    assert clock(touched) == clock(waiting)
    assert lapsed(clock(waiting), at("Mon+ 16:00")).state is ClockState.PAUSED


def test_a_raised_priority_runs_from_the_change() -> None:
    """Edge case 24; `policies.md`, Business time 9: from the change; nothing that was used up counts."""
    ticket = lived(opened(at("Mon 09:00"), "P2", TWO_STEPS), raised("Mon 10:30"), policy=TWO_STEPS)

    assert clock(ticket, RESPONSE).due == at("Mon 11:30")


def test_a_miss_stays_with_its_priority_when_that_is_corrected() -> None:
    """Edge case 25"""
    ticket, events = course(opened(at("Mon 09:00"), "P1", TWO_STEPS), TWO_STEPS, [corrected("Mon 10:31")])

    assert [(type(one), one.at) for one in events] == [
        (TargetMissed, at("Mon 10:00")),
        (PriorityCorrected, at("Mon 10:31")),
    ]
    assert told(ticket.clocks) == [("response", "P1", "missed", 1), ("response", "P2", "running", 2)]
    assert clock(ticket, RESPONSE).due == at("Mon 13:00")


def test_a_priority_that_goes_down_and_up_again_never_makes_anything_late_at_once() -> None:
    """Edge case 26; `policies.md`, Business time 9: each raise runs from its own change."""
    ticket = lived(
        opened(at("Mon 09:00"), "P1", TWO_STEPS),
        corrected("Mon 09:20"),
        raised("Mon 09:40"),
        policy=TWO_STEPS,
    )

    assert [(one.priority, one.state, one.due) for one in ticket.clocks] == [
        ("P1", ClockState.VOID, at("Mon 10:00")),
        ("P2", ClockState.VOID, at("Mon 13:00")),
        ("P1", ClockState.RUNNING, at("Mon 10:40")),
    ]


def test_a_reopened_ticket_has_what_was_left() -> None:
    """Edge case 27"""
    ticket = lived(
        opened(at("Mon 09:00"), "P2", ONE_DAY), resolved("Mon 12:00"), reopened("Wed 10:00"), policy=ONE_DAY
    )

    assert clock(ticket).due == at("Wed 15:00")


def test_a_ticket_that_was_resolved_too_late_keeps_its_miss_and_has_a_whole_target() -> None:
    """Edge case 28"""
    ticket = lived(
        opened(at("Mon 09:00"), "P2", ONE_DAY), resolved("Tue 10:00"), reopened("Wed 10:00"), policy=ONE_DAY
    )

    assert told(ticket.clocks) == [("resolution", "P2", "missed", 1), ("resolution", "P2", "running", 2)]
    assert (ticket.clocks[0].due, clock(ticket).due) == (at("Mon 17:00"), at("Thu 10:00"))


def test_three_mails_before_the_first_answer_wait_for_one() -> None:
    """Edge case 29"""
    first = opened(at("Mon 09:00"), "P2", ANSWERS)

    assert lived(first, customer("Mon 09:30"), customer("Mon 10:00"), policy=ANSWERS).clocks == first.clocks


def test_thanks_that_nobody_answers_are_never_missed_once_the_ticket_is_resolved() -> None:
    """Edge case 30"""
    ticket = lived(
        opened(at("Mon 09:00"), "P2", ANSWERS),
        staff("Mon 10:00"),
        customer("Mon 11:00"),
        resolved("Mon 12:00"),
        policy=ANSWERS,
    )

    assert told(ticket.clocks) == [("response", "P2", "met", 1), ("next_response", "P2", "met", 1)]
    assert [lapsed(one, at("Mon+ 09:00")) for one in ticket.clocks] == list(ticket.clocks)


def test_to_set_a_ticket_waiting_is_no_answer() -> None:
    """Edge case 31"""
    first = opened(at("Mon 09:00"), "P2", ANSWERS)

    ticket = lived(first, waits("Mon 10:00"), policy=ANSWERS)

    assert (ticket.status, ticket.answered, ticket.clocks) == (Status.WAITING, None, first.clocks)


def test_an_answer_that_bounces_was_none() -> None:
    """Edge case 33"""
    first = opened(at("Mon 09:00"), "P2", ANSWERS)
    answered = lived(first, staff("Mon 10:00"), policy=ANSWERS)
    bounced = ResponseWithdrawn(at("Mon 12:00"), at("Mon 10:00"), None, "no such user")
    too_late = replace(bounced, at=at("Mon 15:00"))

    assert lived(answered, bounced, policy=ANSWERS).clocks == first.clocks
    missed, events = course(answered, ANSWERS, [too_late])
    assert told(missed.clocks) == [("response", "P2", "missed", 1)]
    assert [(type(one), one.at) for one in events] == [
        (ResponseWithdrawn, at("Mon 15:00")),
        (TargetMissed, at("Mon 13:00")),
    ]


def test_who_writes_on_a_saturday_ends_the_pause_and_time_counts_from_monday() -> None:
    """Edge case 34"""
    ticket = lived(
        opened(at("Fri 15:00"), "P2", ONE_DAY), waits("Fri 16:00"), customer("Sat 11:00"), policy=ONE_DAY
    )

    assert clock(ticket).rests == (Rest(at("Fri 16:00"), at("Sat 11:00"), "the mail of Sam"),)
    assert clock(ticket).due == at("Mon+ 16:00")


def test_a_merged_ticket_leaves_the_promise_that_is_due_first() -> None:
    """Edge case 36"""
    older, newer = opened(at("Mon 09:00"), "P2", TWO_STEPS), opened(at("Mon 10:00"), "P1", TWO_STEPS)

    gone = lived(newer, TicketMerged(at("Mon 10:30"), "ACME-42", TicketId(1), "/merge"), policy=TWO_STEPS)
    kept = lived(
        older,
        TicketAbsorbed(at("Mon 10:30"), "ACME-43", "P2", "P1", newer.clocks, "/merge"),
        policy=TWO_STEPS,
    )

    assert (gone.status, told(gone.clocks)) == (Status.CLOSED, [("response", "P1", "void", 1)])
    assert (kept.opened, kept.priority) == (at("Mon 09:00"), "P1")
    assert [(one.state, one.due) for one in kept.clocks] == [
        (ClockState.VOID, at("Mon 13:00")),
        (ClockState.RUNNING, at("Mon 11:00")),
    ]


def test_a_raised_priority_has_its_own_calendar_from_the_change_on() -> None:
    """Edge case 42; `policies.md`, Business time 9: from the change; nothing that was used up counts."""
    around_the_clock = policy(P1={RESPONSE: "4 hours"}, P3={RESPONSE: "8 business hours"})

    ticket = lived(
        opened(at("Fri 15:00"), "P3", around_the_clock), raised("Sat 03:00", "P3"), policy=around_the_clock
    )

    assert clock(ticket, RESPONSE).due == at("Sat 07:00")


def test_a_miss_is_dated_when_it_was_due_however_late_it_was_noticed() -> None:
    """Edge case 44"""
    running: Clock = clock(opened(at("Mon 09:00"), "P2", ANSWERS), RESPONSE)

    missed = lapsed(running, at("Mon 13:04"))

    assert (missed.state, missed.due, missed.detected) == (
        ClockState.MISSED,
        at("Mon 13:00"),
        at("Mon 13:04"),
    )
