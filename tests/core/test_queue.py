"""core/queue: the order in which staff take tickets (`policies.md` 4, queue order follows the tier)."""

from dataclasses import replace
from datetime import datetime

import pytest

from mailgate.core.account import Desk
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.plan import RoleRule
from mailgate.core.queue import queued, terms_told, weight
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.calendars import utc
from tests.core.desks import ACME, POLICY, desk
from tests.core.test_intake import TICKET

GOLD = POLICY.plans["gold"]
SILVER = replace(GOLD, name="silver", title="Silver")
RULES = replace(
    POLICY,
    plans={"gold": replace(GOLD, queue_weight=10, scope="Technical"), "silver": SILVER},
    roles={"on-call": RoleRule("on-call", "Emergency", queue_weight=100)},
    role_tags={},
)
OFFICE: Desk = replace(desk(ACME), policies={"plain": RULES})
EARLY, LATE = utc("2026-11-20 10:00"), utc("2026-11-20 18:00")


def ticket(number: int, *dues: datetime, plan: str = "silver", priority: str = "P3") -> Ticket:
    clocks = tuple(Clock(TargetKind.RESPONSE, priority, ClockState.RUNNING, EARLY, due) for due in dues)
    return replace(TICKET, id=TicketId(number), number=number, plan=plan, priority=priority, clocks=clocks)


def order(*tickets: Ticket) -> list[int]:
    return [one.number for one in queued(tickets, OFFICE)]


def test_the_greater_weight_goes_first_whatever_is_urgent() -> None:
    assert order(ticket(1, EARLY, priority="P1"), ticket(2, LATE, plan="gold")) == [2, 1]


def test_of_one_weight_the_more_urgent_goes_first_then_what_is_due_first() -> None:
    assert order(
        ticket(1, LATE), ticket(2, EARLY), ticket(3, LATE, priority="P2"), ticket(4), ticket(5, EARLY)
    ) == [3, 2, 5, 1, 4]


def test_what_waits_for_its_customer_comes_last() -> None:
    waiting = replace(ticket(1, EARLY, plan="gold"), status=Status.WAITING)

    assert order(waiting, ticket(2, LATE)) == [2, 1]


def test_a_ticket_whose_account_or_plan_is_gone_is_kept_in_the_queue() -> None:
    assert order(replace(ticket(1), account="gone"), ticket(2, plan="bronze"), ticket(3)) == [2, 3, 1]


@pytest.mark.parametrize(
    ("one", "heavy", "told"),
    [
        (ticket(1, plan="gold"), 10, "Gold, scope Technical, weight 10 in the queue"),
        (ticket(1), 0, "Silver"),
        (ticket(1, plan="bronze"), 0, ""),
        (replace(ticket(1), account="gone"), 0, ""),
    ],
)
def test_staff_are_told_what_was_bought_and_its_weight(one: Ticket, heavy: int, told: str) -> None:
    assert (weight(one, OFFICE), terms_told(one, OFFICE)) == (heavy, told)


def test_a_kind_of_request_adds_its_own_weight() -> None:
    support = RULES.plans["gold"].targets["support"]
    on_call = replace(RULES.plans["gold"], targets={"support": support, "on-call": support})
    office = replace(OFFICE, policies={"plain": replace(RULES, plans={"gold": on_call})})
    emergency = replace(ticket(1, plan="gold"), role="on-call")

    assert weight(emergency, office) == 110
    assert terms_told(emergency, office) == "Gold, Emergency, scope Technical, weight 110 in the queue"
