"""core/replay: what a policy would have promised for past mail, and what of it was met."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from mailgate.core.case import Case
from mailgate.core.clock import ClockState, TargetKind
from mailgate.core.command import Command, Verb
from mailgate.core.past import PastMail, Writer
from mailgate.core.promise import UnknownCaseError
from mailgate.core.replay import Fate, PastTicket, Refused, Replay, replayed
from mailgate.core.scenario import ResolvedBy, Scenario
from mailgate.core.threads import threads
from mailgate.core.ticket import Status
from tests.core.desks import BOB, POLICY
from tests.core.histories import WITH_NEXT
from tests.core.pasts import STAFF, answers, instant, past
from tests.core.policies import VENDOR

GOLD = Scenario(POLICY, Case("gold"))  # P1: 1 hour; P2: 4 business hours; P3: 2 business days, London
LAST_REPLY = replace(GOLD, resolved_by=ResolvedBy.LAST_REPLY)
HOUR = 3_600_000
P2: dict[str, Any] = {"subject": "[P2] Printer on fire"}


def replay(*mails: PastMail, until: str = "31 00:00", scenario: Scenario = GOLD) -> Replay:
    return replayed(threads(mails, STAFF).threads, scenario, instant(until))


def only(found: Replay) -> PastTicket:
    (ticket,) = found.tickets
    return ticket


Told = tuple[TargetKind, str, ClockState, datetime, datetime | None, int]


def clocks(ticket: PastTicket) -> list[Told]:
    """Kind, words, state, due instant, stop and milliseconds used of each promise."""
    return [
        (one.clock.kind, one.words, one.clock.state, one.clock.due, one.clock.stopped, one.consumed)
        for one in ticket.clocks
    ]


def response(state: ClockState, due: str, stopped: str | None, used: int) -> list[Told]:
    at = instant(stopped) if stopped else None
    return [(TargetKind.RESPONSE, "4 business hours", state, instant(due), at, used)]


def test_an_answer_in_time_meets_the_response() -> None:
    """policies.md Business time 7"""
    found = only(replay(past(1, "02 15:00", **P2), past(2, "03 10:00", Writer.STAFF, **answers(1))))
    assert clocks(found) == response(ClockState.MET, "03 11:00", "03 10:00", 3 * HOUR)
    assert (found.ticket.title, found.ticket.requester, found.ticket.number) == ("Printer on fire", BOB, 1)


@pytest.mark.parametrize(
    ("answered", "state"), [("03 11:00", ClockState.MET), ("03 11:01", ClockState.MISSED)]
)
def test_an_answer_is_late_from_the_first_instant_after_the_due_one(answered: str, state: ClockState) -> None:
    """policies.md Business time 5"""
    found = only(replay(past(1, "02 15:00", **P2), past(2, answered, Writer.STAFF, **answers(1))))
    assert found.clocks[0].clock.state is state


@pytest.mark.parametrize(
    ("until", "state", "used"),
    [
        ("02 16:00", ClockState.RUNNING, HOUR),
        ("03 11:00", ClockState.RUNNING, 4 * HOUR),
        ("03 12:00", ClockState.MISSED, 5 * HOUR),
    ],
)
def test_where_the_virtual_clock_stops_decides_what_still_runs(
    until: str, state: ClockState, used: int
) -> None:
    mails = (past(1, "02 15:00", **P2), past(2, "09 10:00", Writer.STAFF, **answers(1)))
    assert clocks(only(replay(*mails, until=until))) == response(state, "03 11:00", None, used)


@pytest.mark.parametrize(
    "mail",
    [
        past(2, "02 16:00", Writer.MACHINE, **answers(1)),
        past(2, "02 16:00", Writer.STAFF, for_customer=False, **answers(1)),
        past(2, "02 16:00", **answers(1)),
        past(2, "02 16:00", Writer.REPORT, failed=("m1@x.example",), **answers(1)),
    ],
    ids=["a machine", "staff among themselves", "the customer", "a delivery report"],
)
def test_nothing_but_staffs_answer_stops_a_response(mail: PastMail) -> None:
    found = only(replay(past(1, "02 15:00", **P2), mail))
    assert clocks(found)[0][2:5] == (ClockState.MISSED, instant("03 11:00"), None)


def test_an_answer_that_never_arrived_is_none() -> None:
    """behaviour.md 2.3"""
    mails = [
        past(1, "02 15:00", **P2),
        past(2, "02 16:00", Writer.STAFF, **answers(1)),
        past(3, "02 16:05", Writer.REPORT, failed=("m2@x.example",)),
    ]
    assert clocks(only(replay(*mails, until="03 09:30"))) == response(
        ClockState.RUNNING, "03 11:00", None, 5 * HOUR // 2
    )
    again = past(4, "03 10:00", Writer.STAFF, **answers(1))
    assert clocks(only(replay(*mails, again))) == response(ClockState.MET, "03 11:00", "03 10:00", 3 * HOUR)


def test_a_report_of_the_first_answer_leaves_what_the_second_did() -> None:
    """behaviour.md 2.3"""
    found = replay(
        past(1, "02 15:00", **P2),
        past(2, "02 15:30", Writer.STAFF, **answers(1)),
        past(3, "02 16:00", Writer.STAFF, **answers(1)),
        past(4, "02 16:05", Writer.REPORT, failed=("m2@x.example",)),
    )
    assert clocks(only(found)) == response(ClockState.MET, "03 11:00", "02 16:00", HOUR)


@pytest.mark.parametrize("failed", [("m2", "m3"), ("m3", "m2")])
def test_of_two_answers_that_never_arrived_none_is_the_response(failed: tuple[str, str]) -> None:
    """behaviour.md 2.3"""
    found = replay(
        past(1, "02 15:00", **P2),
        past(2, "02 15:30", Writer.STAFF, **answers(1)),
        past(3, "02 16:00", Writer.STAFF, **answers(1)),
        past(4, "02 16:05", Writer.REPORT, failed=(f"{failed[0]}@x.example",)),
        past(5, "02 16:10", Writer.REPORT, failed=(f"{failed[1]}@x.example",)),
        until="03 10:00",
    )
    assert clocks(only(found)) == response(ClockState.RUNNING, "03 11:00", None, 3 * HOUR)
    assert only(found).ticket.status is Status.NEW


def test_a_ticket_whose_first_answer_arrived_is_not_new_again_for_a_later_one() -> None:
    """behaviour.md 2.3"""
    found = replay(
        past(1, "02 15:00", **P2),
        past(2, "02 15:30", Writer.STAFF, **answers(1)),
        past(3, "02 15:45", **answers(2)),
        past(4, "02 16:00", Writer.STAFF, **answers(3)),
        past(5, "02 16:05", Writer.REPORT, failed=("m4@x.example",)),
        scenario=Scenario(WITH_NEXT, Case("full")),
        until="02 16:10",
    )
    awaited = [one for one in only(found).clocks if one.clock.kind is TargetKind.NEXT_RESPONSE]
    assert [one.fate for one in awaited] == [Fate.RUNNING]
    assert only(found).ticket.status is Status.OPEN


def test_a_customers_tag_raises_the_priority_from_then_on_and_never_lowers_it() -> None:
    """policies.md Business time 9"""
    mails = [
        past(1, "02 15:00", **P2),
        past(2, "02 16:00", subject="Re: [P1] All burn", **answers(1)),
        past(3, "02 16:10", subject="Re: [P3] Some burn", **answers(2)),
        past(4, "02 16:30", Writer.STAFF, **answers(3)),
    ]
    found = only(replay(*mails, until="02 18:00"))
    assert found.ticket.priority == "P1"
    assert [(one.clock.kind, one.clock.priority, one.clock.state, one.consumed) for one in found.clocks] == [
        (TargetKind.RESPONSE, "P2", ClockState.VOID, HOUR),
        (TargetKind.RESPONSE, "P1", ClockState.MET, HOUR // 2),
        (TargetKind.RESOLUTION, "P1", ClockState.RUNNING, 2 * HOUR),
    ]


def test_resolved_is_what_staff_say_is() -> None:
    found = only(
        replay(
            past(1, "02 09:00", subject="[P1] Fire"),
            past(2, "02 09:30", Writer.STAFF, commands=(Command(Verb.RESOLVE),), **answers(1)),
        )
    )
    assert found.ticket.status is Status.RESOLVED
    assert [(one.clock.kind, one.clock.state, one.clock.stopped) for one in found.clocks] == [
        (TargetKind.RESPONSE, ClockState.MET, instant("02 09:30")),
        (TargetKind.RESOLUTION, ClockState.MET, instant("02 09:30")),
    ]


def test_a_reply_in_the_reopen_window_goes_on_and_a_later_one_is_a_new_ticket() -> None:
    mails = [
        past(1, "02 09:00", subject="[P1] Fire"),
        past(2, "02 09:30", Writer.STAFF, commands=(Command(Verb.RESOLVE),), **answers(1)),
        past(3, "16 09:30", **answers(2)),
    ]
    assert only(replay(*mails)).ticket.status is Status.OPEN
    late = replace(mails[2], at=instant("16 09:31"))
    first, second = replay(*mails[:2], late).tickets
    assert (first.ticket.status, first.ticket.number) == (Status.RESOLVED, 1)
    assert (second.opening, second.ticket.opened, second.ticket.number) == (late, instant("16 09:31"), 2)


def test_a_command_that_cannot_hold_is_passed_over_and_the_answer_counts() -> None:
    found = only(
        replay(
            past(1, "02 15:00", **P2),
            past(2, "02 16:00", Writer.STAFF, commands=(Command(Verb.REOPEN),), **answers(1)),
        )
    )
    assert clocks(found) == response(ClockState.MET, "03 11:00", "02 16:00", HOUR)


def test_staff_correct_a_priority_by_their_command() -> None:
    """policies.md Business time 9"""
    mails = [
        past(1, "02 09:00", subject="[P1] Fire"),
        past(
            2,
            "02 09:30",
            Writer.STAFF,
            for_customer=False,
            commands=(Command(Verb.PRIORITY, "P2"),),
            **answers(1),
        ),
    ]
    found = only(replay(*mails, until="02 10:00"))
    assert found.ticket.priority == "P2"
    assert [(one.clock.priority, one.fate) for one in found.clocks if one.words == "4 business hours"] == [
        ("P2", Fate.RUNNING)
    ]


def test_staff_open_a_settled_matter_again() -> None:
    mails = [
        past(1, "02 09:00", subject="[P1] Fire"),
        past(2, "02 09:30", Writer.STAFF, commands=(Command(Verb.RESOLVE),), **answers(1)),
        past(3, "02 11:30", Writer.STAFF, for_customer=False, commands=(Command(Verb.REOPEN),), **answers(2)),
    ]
    found = only(replay(*mails, until="02 12:00"))
    assert found.ticket.status is Status.OPEN
    assert [one.fate for one in found.clocks if one.clock.kind is TargetKind.RESOLUTION][-1] is Fate.RUNNING


def test_a_resolution_rests_while_staff_wait_for_the_customer() -> None:
    """policies.md Business time 8"""
    found = only(
        replay(
            past(1, "02 09:00", subject="[P1] Fire"),
            past(2, "02 10:00", Writer.STAFF, commands=(Command(Verb.WAIT),), **answers(1)),
            past(3, "03 10:00", **answers(2)),
            until="03 11:00",
        )
    )
    resolution = found.clocks[1]
    assert (resolution.clock.state, resolution.clock.due) == (ClockState.RUNNING, instant("05 09:00"))
    assert resolution.consumed == 2 * HOUR


def test_a_line_of_staff_that_says_ack_takes_what_was_escalated() -> None:
    """policies.md Business time 7"""
    found = only(
        replay(
            past(1, "02 09:00"),
            past(
                2, "02 09:30", Writer.STAFF, for_customer=False, commands=(Command(Verb.ACK),), **answers(1)
            ),
            scenario=Scenario(VENDOR, Case("full", role="on-call")),
        )
    )
    assert [(one.clock.kind, one.clock.state, one.clock.stopped) for one in found.clocks] == [
        (TargetKind.ESCALATION, ClockState.MET, instant("02 09:30"))
    ]


@pytest.mark.parametrize(("told", "fate"), [(False, Fate.UNKNOWN), (True, Fate.MISSED)])
def test_where_staff_never_say_that_a_matter_is_settled_nothing_is_known_of_resolutions(
    *, told: bool, fate: Fate
) -> None:
    commands = (Command(Verb.RESOLVE),) if told else ()
    found = replay(
        past(1, "02 09:00", subject="[P1] Fire"),
        past(2, "02 09:30", Writer.STAFF, **answers(1)),
        past(3, "09 09:00", subject="[P1] Another"),
        past(4, "09 09:10", Writer.STAFF, commands=commands, **answers(3)),
    )
    first, second = ({one.clock.kind: one.fate for one in ticket.clocks} for ticket in found.tickets)
    assert first == {TargetKind.RESPONSE: Fate.MET, TargetKind.RESOLUTION: fate}
    assert second[TargetKind.RESOLUTION] is (Fate.MET if told else Fate.UNKNOWN)


def test_staffs_last_answer_is_the_end_where_that_is_assumed() -> None:
    mails = [
        past(1, "02 09:00", subject="[P1] Fire"),
        past(2, "02 09:30", Writer.STAFF, **answers(1)),
        past(3, "02 11:00", Writer.STAFF, **answers(2)),
        past(4, "02 12:00", Writer.STAFF, **answers(3)),
        past(5, "02 12:01", Writer.REPORT, failed=("m4@x.example",)),
        past(6, "03 08:00", subject="Thanks!", **answers(3)),
    ]
    assert only(replay(*mails)).ticket.status is Status.OPEN
    found = only(replay(*mails, scenario=LAST_REPLY))
    assert (found.ticket.status, found.went_on) == (Status.RESOLVED, True)
    assert [one.clock.stopped for one in found.clocks] == [instant("02 09:30"), instant("02 11:00")]
    early = only(replay(*mails, scenario=LAST_REPLY, until="02 10:00"))
    assert [one.clock.stopped for one in early.clocks] == [instant("02 09:30"), instant("02 09:30")]


def test_what_staff_said_themselves_is_not_assumed_again() -> None:
    mails = [
        past(1, "02 09:00", subject="[P1] Fire"),
        past(2, "02 09:30", Writer.STAFF, commands=(Command(Verb.RESOLVE),), **answers(1)),
        past(3, "02 10:00", **answers(2)),
    ]
    found = only(replay(*mails, scenario=LAST_REPLY))
    assert (found.ticket.status, found.went_on) == (Status.OPEN, False)


def test_a_plan_without_tickets_has_none_and_says_why() -> None:
    """behaviour.md 2.8"""
    mails = [
        past(1, "02 09:00"),
        past(2, "02 10:00", Writer.STAFF, **answers(1)),
        past(3, "02 11:00", **answers(1)),
    ]
    found = replay(*mails, scenario=Scenario(POLICY, Case("none")))
    assert found.tickets == ()
    assert found.refused == (
        Refused(mails[0], "This plan has no tickets."),
        Refused(mails[2], "This plan has no tickets."),
    )


def test_a_channel_without_targets_has_tickets_without_clocks() -> None:
    found = only(replay(past(1, "02 09:00"), scenario=Scenario(VENDOR, Case("web-only", channel="email"))))
    assert found.clocks == ()
    assert found.promise.notes == ("Open a ticket on the web for one with response times.",)


def test_what_a_mail_says_beats_what_the_setting_says_of_all() -> None:
    called = past(
        1, "02 09:00", recipients=("acme-oncall@support.example.com",), fields={"environment": "test"}
    )
    scenario = Scenario(
        VENDOR,
        Case("full", region="moon", environment="production"),
        on_call=frozenset({"acme-oncall@support.example.com"}),
    )
    case = scenario.case(called)
    assert (case.role, case.environment, case.region) == ("on-call", "test", "moon")
    plain = scenario.case(past(2, "02 09:00"))
    assert (plain.role, plain.environment) == ("support", "production")


def test_what_came_after_the_end_is_not_there() -> None:
    assert replay(past(1, "02 09:00"), until="02 08:59").tickets == ()


def test_a_plan_that_the_policy_does_not_have_is_an_error() -> None:
    with pytest.raises(UnknownCaseError):
        replay(past(1, "02 09:00"), scenario=Scenario(POLICY, Case("platinum")))
