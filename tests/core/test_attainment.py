"""core/attainment: how well promises were kept, and where two policies would have it otherwise."""

from dataclasses import replace

import pytest

from mailgate.core.amount import amount
from mailgate.core.attainment import (
    Attainment,
    Disagreement,
    Divergence,
    attainments,
    disagreements,
    last,
    tickets_of,
)
from mailgate.core.case import Case
from mailgate.core.clock import TargetKind
from mailgate.core.command import Command, Verb
from mailgate.core.past import PastMail, Writer
from mailgate.core.plan import Plan
from mailgate.core.policy import Policy
from mailgate.core.replay import PastTicket, Replay, replayed
from mailgate.core.scenario import Scenario
from mailgate.core.target import Target
from mailgate.core.threads import threads
from tests.core.desks import POLICY
from tests.core.pasts import STAFF, answers, instant, past
from tests.core.policies import VENDOR

GOLD = Scenario(POLICY, Case("gold"))
MINUTE = 60_000


def replay(mails: list[PastMail], until: str = "31 00:00", scenario: Scenario = GOLD) -> Replay:
    return replayed(threads(mails, STAFF).threads, scenario, instant(until))


def answered(number: int, minutes: int, subject: str = "[P2] Fire") -> list[PastMail]:
    """A request of Monday at nine, answered after so many minutes; not at all after none."""
    request = past(number, "02 09:00", subject=subject)
    if not minutes:
        return [request]
    at = f"02 {9 + minutes // 60:02}:{minutes % 60:02}"
    return [request, past(100 + number, at, Writer.STAFF, **answers(number))]


def test_a_line_counts_what_was_promised_met_missed_and_still_runs() -> None:
    mails = [
        mail
        for number, minutes in enumerate((10, 30, 240, 300), start=1)
        for mail in answered(number, minutes)
    ]
    mails += [past(9, "02 16:00", subject="[P2] Fire")]
    assert attainments(replay(mails, until="02 17:00")) == (
        Attainment(
            priority="P2",
            kind=TargetKind.RESPONSE,
            within=("4 business hours",),
            met=3,
            missed=1,
            running=1,
            unknown=0,
            replaced=0,
            percent=75.0,
            median=30 * MINUTE,
            ninetieth=300 * MINUTE,
        ),
    )


def test_the_most_urgent_stands_first_and_what_is_best_effort_has_a_line_too() -> None:
    found = replay(
        [past(1, "02 09:00"), past(2, "02 09:00", subject="[P1] x")], scenario=Scenario(VENDOR, Case("full"))
    )
    assert [(one.priority, one.kind, one.within, one.promised) for one in attainments(found)] == [
        ("P1", TargetKind.RESPONSE, ("15 minutes",), 1),
        ("P1", TargetKind.RESOLUTION, ("2 days",), 1),
        ("P3", TargetKind.RESPONSE, ("1-2 business days",), 1),
        ("P3", TargetKind.RESOLUTION, ("best effort",), 0),
    ]


def test_nothing_that_ended_is_no_share_of_anything() -> None:
    (line,) = attainments(replay(answered(1, 0), until="02 10:00"))
    assert (line.percent, line.median, line.ninetieth) == (None, None, None)


def test_a_promise_that_another_replaced_counts_nowhere_else() -> None:
    raised = [*answered(1, 0), past(2, "02 10:00", subject="[P1] Fire", **answers(1))]
    found = replay(raised, until="02 10:30")
    assert [(one.priority, one.kind, one.promised, one.replaced) for one in attainments(found)] == [
        ("P1", TargetKind.RESPONSE, 1, 0),
        ("P1", TargetKind.RESOLUTION, 1, 0),
        ("P2", TargetKind.RESPONSE, 0, 1),
    ]
    assert [one.median for one in attainments(found)] == [None, None, None]
    assert last(found.tickets[0])[TargetKind.RESPONSE].clock.priority == "P1"
    assert tickets_of(found) == {"P2": 1}


@pytest.mark.parametrize(
    ("count", "median", "ninetieth"), [(1, 1, 1), (2, 1, 2), (9, 5, 9), (10, 5, 9), (11, 6, 10)]
)
def test_half_and_nine_in_ten_are_values_that_occurred(count: int, median: int, ninetieth: int) -> None:
    mails = [mail for number in range(1, count + 1) for mail in answered(number, number)]
    (line,) = attainments(replay(mails))
    assert (line.median, line.ninetieth) == (median * MINUTE, ninetieth * MINUTE)


def stricter() -> Policy:
    """The same policy with one hour for a P2, and without a promise for a P3."""
    hour = Target(TargetKind.RESPONSE, amount("1 hour"))
    rows = {
        **POLICY.plans["gold"].targets["support"],
        "P2": (hour,),
        "P3": (Target(TargetKind.RESPONSE, None),),
    }
    return replace(POLICY, name="strict", plans={"gold": Plan("gold", "Gold", {"support": rows})})


def test_a_difference_names_the_ticket_and_both_ways_its_promise_went() -> None:
    mails = [*answered(1, 30), *answered(2, 90), *answered(3, 0, subject="Question")]
    before, after = replay(mails), replay(mails, scenario=Scenario(stricter(), Case("gold")))
    found = disagreements(before, after)
    assert [(one.opening, [change.kind for change in one.changes]) for one in found] == [
        (mails[2], [TargetKind.RESPONSE]),
        (mails[4], [TargetKind.RESPONSE]),
    ]
    slow, question = (one.changes[0] for one in found)
    assert slow == Divergence(
        TargetKind.RESPONSE,
        last(before.tickets[1])[TargetKind.RESPONSE],
        last(after.tickets[1])[TargetKind.RESPONSE],
    )
    assert question.after is None


def test_a_policy_differs_in_nothing_from_itself() -> None:
    mails = [*answered(1, 30), *answered(2, 300), *answered(3, 0)]
    assert disagreements(replay(mails), replay(mails)) == ()


def test_a_plan_without_tickets_differs_in_each() -> None:
    before, after = replay(answered(1, 30)), replay(answered(1, 30), scenario=Scenario(POLICY, Case("none")))
    assert disagreements(before, after) == (
        Disagreement(before.tickets[0].opening, before.tickets[0], after.refused[0], ()),
    )
    assert disagreements(after, after) == ()
    assert isinstance(disagreements(after, before)[0].after, PastTicket)


def test_a_ticket_that_only_one_policy_opens_is_a_disagreement() -> None:
    mails = [
        past(1, "02 09:00"),
        past(2, "02 10:00", Writer.STAFF, commands=(Command(Verb.RESOLVE),), **answers(1)),
        past(3, "10 10:00", **answers(2)),
    ]
    short = replace(POLICY, reopen_days=7)
    before, after = (
        replay(mails, until="10 11:00"),
        replay(mails, until="10 11:00", scenario=Scenario(short, Case("gold"))),
    )
    assert disagreements(before, after) == (Disagreement(mails[2], None, after.tickets[1], ()),)
