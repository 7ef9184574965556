"""Ladders: what begins one, whom each step wakes, when the next is due, and what ends it."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from mailgate.core.amount import amount
from mailgate.core.calendar import Opening
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.digest import Digest, Window
from mailgate.core.escalation import Escalated, escalated, step
from mailgate.core.event import (
    CustomerReplied,
    Event,
    PageSent,
    PriorityCorrected,
    PriorityRaised,
    StaffReplied,
    TargetMissed,
    TicketEscalated,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketTaken,
)
from mailgate.core.instant import read
from mailgate.core.ladder import Escalation, Ladder, LadderStep, Paging
from mailgate.core.letterhead import Letterhead
from mailgate.core.message import Mailbox
from mailgate.core.notice import Page
from mailgate.core.page import notification
from mailgate.core.paging import assigned, paged
from mailgate.core.policy import Policy
from mailgate.core.rota import Rota, StandIn
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.desks import ACME, BOB, KEYS, KIM, OPS, POLICY, SAM, desk

ALEX = Mailbox("alex@example.com", "Alex Roe")
NIGHT = read("2026-11-20T03:00:00Z")  # a Friday
URGENT = Ladder(
    "urgent",
    (
        LadderStep(None, ("on-call",)),
        LadderStep(amount("15 minutes"), ("on-call", "backup")),
        LadderStep(amount("30 minutes"), ("bus", "team")),
    ),
)
LATE = Ladder("late", (LadderStep(amount("2 business hours"), ("assignee",)),))
LADDERS = replace(
    POLICY,
    ladders={"urgent": URGENT, "late": LATE},
    paging=Paging({"P1": "urgent"}, {}, {"resolution": "late", "*": "urgent"}),
)
DESK = replace(
    desk(),
    staff=(SAM, KIM, ALEX),
    rotas={
        "on-call": Rota("on-call", "Europe/London", date(2026, 11, 16), (SAM, KIM)),
        "backup": Rota("backup", "Europe/London", date(2026, 11, 16), (ALEX,)),
    },
    notifiers=frozenset({"bus"}),
)
HEAD = Letterhead(DESK, KEYS)
TICKET = Ticket(
    id=TicketId(7),
    account="acme",
    number=42,
    title="Fleet down",
    priority="P1",
    status=Status.NEW,
    requester=BOB,
    opened=NIGHT,
    policy=LADDERS.digest,
    plan="gold",
)
OPENED = TicketOpened(NIGHT, TICKET, "a new matter")
BEGUN = Escalation("opened", "urgent", "a new P1 ticket", NIGHT, 0, NIGHT)
CLOCK = Clock(TargetKind.RESPONSE, "P1", ClockState.MISSED, NIGHT, NIGHT, detected=NIGHT)
RESOLVED_LATE = replace(CLOCK, kind=TargetKind.RESOLUTION)


def after(minutes: int) -> datetime:
    return NIGHT + timedelta(minutes=minutes)


def begins(*events: Event, ticket: Ticket = TICKET, policy: Policy = LADDERS) -> Escalated:
    return escalated(HEAD, ticket, policy, events, NIGHT, "It burns.")


def causes(follows: Escalated) -> list[str]:
    return [event.escalation.cause for event in follows.events if isinstance(event, TicketEscalated)]


def to(follows: Escalated) -> list[str]:
    return [draft.to[0].address for draft in follows.drafts]


def test_a_p1_at_night_pages_who_is_on_call_at_once() -> None:
    """behaviour.md 2.9, 6.4"""
    follows = begins(OPENED)
    stepped = replace(BEGUN, taken=1, next_at=after(15))

    assert follows.events == (
        TicketEscalated(NIGHT, BEGUN, "a new P1 ticket"),
        PageSent(NIGHT, stepped, 1, ("Sam Rivera",), "step 1 of 3: Sam Rivera"),
    )
    (draft,) = follows.drafts
    assert (draft.to, draft.via, draft.date) == ((SAM,), "", NIGHT)
    assert isinstance(draft.context, Page)
    assert (draft.context.reason, draft.context.text) == ("a new P1 ticket", "It burns.")


def test_each_step_wakes_its_own_and_says_for_how_long_nobody_answered() -> None:
    """behaviour.md 6.4: steps after so many minutes."""
    second = step(HEAD, TICKET, LADDERS, replace(BEGUN, taken=1, next_at=after(15)), after(16))
    (event,) = second.events
    assert isinstance(event, PageSent)
    third = step(HEAD, TICKET, LADDERS, event.escalation, after(30))

    assert to(second) == ["sam@example.com", "alex@example.com"]
    assert (event.at, event.escalation.next_at) == (after(15), after(30))
    context = second.drafts[0].context
    assert isinstance(context, Page)
    assert context.reason == "a new P1 ticket, and nobody has answered for 15 min"
    assert (context.step, context.steps, context.paged) == (2, 3, ("Sam Rivera", "Alex Roe"))
    assert to(third) == ["sam@example.com", "kim@example.com", "bus"]
    (last,) = third.events
    assert isinstance(last, PageSent)
    assert (last.escalation.taken, last.escalation.next_at) == (3, None)
    assert step(HEAD, TICKET, LADDERS, last.escalation, after(99)) == Escalated()


def test_every_page_of_a_ladder_has_a_cause_of_its_own() -> None:
    follows = [begins(OPENED)]
    for number in (1, 2):
        waiting = replace(BEGUN, taken=number, next_at=after(number))
        follows.append(step(HEAD, TICKET, LADDERS, waiting, after(number)))
    found = [draft.cause for one in follows for draft in one.drafts]

    assert len(found) == len(set(found)) == 6


def test_amounts_of_business_time_count_in_the_calendar_of_the_region() -> None:
    """behaviour.md 6.4: from Friday 03:00 two business hours are over at 11:00, not at 05:00."""
    (event,) = begins(TargetMissed(NIGHT, RESOLVED_LATE)).events

    assert isinstance(event, TicketEscalated)
    assert event.escalation == Escalation(
        "missed:resolution:1",
        "late",
        "the resolution target was missed",
        NIGHT,
        0,
        read("2026-11-20T11:00:00Z"),
    )


def test_a_ladder_may_have_a_calendar_of_its_own() -> None:
    always = replace(LADDERS.calendars["office"], name="24x7", week=((Opening(0, 1440),),) * 7)
    policy = replace(
        LADDERS,
        calendars={**LADDERS.calendars, "24x7": always},
        ladders={**LADDERS.ladders, "late": replace(LATE, calendar="24x7")},
    )
    (event,) = begins(TargetMissed(NIGHT, RESOLVED_LATE), policy=policy).events

    assert isinstance(event, TicketEscalated)
    assert event.escalation.next_at == read("2026-11-20T05:00:00Z")


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (PriorityRaised(NIGHT, "P2", "P1", "a tag"), "raised:P1:1795143600000"),
        (PriorityRaised(NIGHT, "P3", "P2", "a tag"), None),
        (TargetMissed(NIGHT, CLOCK), "missed:response:1"),
        (TicketReopened(NIGHT, BOB.address, "a reply"), "reopened:1795143600000"),
        (TicketReopened(NIGHT, "SAM@example.com", "/reopen"), None),
        (CustomerReplied(NIGHT, BOB.address, "a reply"), None),
        (TicketTaken(NIGHT, SAM.address, "/ack"), None),
    ],
)
def test_what_begins_a_ladder(event: Event, cause: str | None) -> None:
    """behaviour.md 6.2, 6.4"""
    assert causes(begins(event)) == ([cause] if cause else [])


@pytest.mark.parametrize(
    "ending",
    [
        StaffReplied(NIGHT, SAM.address, "a reply"),
        TicketTaken(NIGHT, SAM.address, "/ack"),
        TicketResolved(NIGHT, SAM.address, "/resolve"),
        PriorityCorrected(NIGHT, "P1", "P3", "never P1"),
    ],
)
def test_whom_a_late_answer_comes_from_need_not_be_woken(ending: Event) -> None:
    """behaviour.md 6.4: a miss that is noticed when the answer comes wakes nobody."""
    assert begins(TargetMissed(NIGHT, CLOCK), ending) == Escalated()
    assert causes(begins(ending, TargetMissed(NIGHT, CLOCK))) == ["missed:response:1"]


def test_nobody_is_woken_for_a_ticket_that_is_over() -> None:
    resolved = replace(TICKET, status=Status.RESOLVED)
    assert begins(TargetMissed(NIGHT, CLOCK), ticket=resolved) == Escalated()


def test_without_a_ladder_and_without_a_rota_the_whole_staff_is_paged_once() -> None:
    """behaviour.md 6.4: a desk that says nothing."""
    plain = Letterhead(desk(), KEYS)
    follows = escalated(plain, TICKET, POLICY, [OPENED], NIGHT)

    assert to(follows) == ["sam@example.com", "kim@example.com"]
    (_, sent) = follows.events
    assert isinstance(sent, PageSent)
    assert sent.escalation == Escalation("opened", "", "a new P1 ticket", NIGHT, 1, None)
    assert escalated(plain, TICKET, POLICY, [TargetMissed(NIGHT, CLOCK)], NIGHT) == Escalated()


def test_without_a_ladder_every_service_that_the_operator_named_is_paged_as_well() -> None:
    """behaviour.md 6.4: a page goes by mail and to any notification service that the operator named."""
    follows = escalated(HEAD, TICKET, POLICY, [OPENED], NIGHT)

    assert to(follows) == ["sam@example.com", "bus"]


def test_a_role_may_have_a_ladder_of_its_own_whatever_the_priority() -> None:
    """behaviour.md 6.4: an on-call ticket of any priority pages."""
    plan = POLICY.plans["gold"]
    with_role = replace(
        LADDERS,
        plans={"gold": replace(plan, targets={**plan.targets, "on-call": plan.targets["support"]})},
        paging=Paging({}, {"on-call": "urgent"}, {}),
    )
    on_call = replace(TICKET, role="on-call", priority="P3")
    follows = begins(TicketOpened(NIGHT, on_call, "a new matter"), ticket=on_call, policy=with_role)

    assert causes(follows) == ["opened"]
    assert isinstance(follows.events[0], TicketEscalated)
    assert follows.events[0].reason == "a new on-call ticket"


@pytest.mark.parametrize(
    ("parties", "found"),
    [
        (("team",), ("Sam Rivera", "Kim Park")),
        (("on-call", "team"), ("Sam Rivera", "Kim Park")),
        (("assignee",), ("Kim Park",)),
        (("backup", "bus", "bus"), ("Alex Roe", "bus")),
        (("gone",), ("Sam Rivera", "Kim Park")),
        (("notifiers", "backup", "bus"), ("Alex Roe", "bus", "sms")),
    ],
)
def test_who_a_party_is(parties: tuple[str, ...], found: tuple[str, ...]) -> None:
    """behaviour.md 6.4: each once, and a party that nobody knows any more is the team."""
    both = replace(DESK, notifiers=frozenset({"sms", "bus"}))
    assert paged(both, replace(TICKET, assignee="kim@example.com"), parties, NIGHT).names == found


def test_an_exception_of_the_rota_is_woken_instead() -> None:
    rota = replace(DESK.rotas["on-call"], exceptions=(StandIn(after(-60), after(60), KIM),))
    away = replace(DESK, rotas={"on-call": rota})

    assert paged(away, TICKET, ("on-call",), NIGHT).names == ("Kim Park",)
    assert paged(away, TICKET, ("on-call",), after(60)).names == ("Sam Rivera",)


def test_an_account_may_have_a_rota_of_its_own() -> None:
    account = replace(ACME, rotas={"on-call": "backup"})
    assert paged(replace(DESK, accounts={"acme": account}), TICKET, ("on-call",), NIGHT).names == (
        "Alex Roe",
    )


def test_a_page_never_reaches_nobody() -> None:
    """behaviour.md 6.4: where the account has no staff, the operators."""
    lonely = replace(DESK, accounts={"acme": replace(ACME, staff=())}, rotas={})
    assert paged(lonely, TICKET, ("on-call",), NIGHT).people == (OPS,)
    silent = replace(DESK, notifiers=frozenset())
    assert paged(silent, TICKET, ("notifiers",), NIGHT).people == (SAM, KIM)


@pytest.mark.parametrize(
    ("assignee", "found"),
    [(None, (SAM, KIM)), ("Kim Park", (KIM,)), ("KIM@example.com", (KIM,)), ("somebody else", (SAM, KIM))],
)
def test_a_warning_goes_to_the_assignee_or_the_team(assignee: str | None, found: tuple[Mailbox, ...]) -> None:
    """behaviour.md 6.2"""
    assert assigned(ACME, DESK, replace(TICKET, assignee=assignee)) == found


def test_a_notification_service_is_told_what_a_telephone_has_room_for() -> None:
    """behaviour.md 6.4: ticket, company, priority, title, due instants, reason, who else was paged."""
    clock = Clock(TargetKind.RESPONSE, "P1", ClockState.RUNNING, NIGHT, after(60))
    ticket = replace(
        TICKET, clocks=(clock, replace(clock, kind=TargetKind.RESOLUTION, state=ClockState.VOID))
    )
    escalation = replace(BEGUN, taken=2, next_at=after(30))
    (*_, draft) = step(HEAD, ticket, LADDERS, escalation, after(30)).drafts
    page = notification(draft)

    assert (page.via, page.recipients, page.subject) == ("bus", ("bus",), "ACME-42 P1 Acme Corp: Fleet down")
    assert json.loads(page.content) == {
        "type": "page",
        "id": page.message_id.partition("@")[0],
        "timestamp": "2026-11-20T03:30:00Z",
        "summary": "ACME-42 P1 Acme Corp: Fleet down",
        "text": (
            "A new P1 ticket, and nobody has answered for 30 min.\n"
            "Response running, due Fri 20 Nov 04:00 UTC\n"
            "Paged: Sam Rivera, Kim Park, bus"
        ),
        "ticket": "ACME-42",
        "account": "acme",
        "company": "Acme Corp",
        "priority": "P1",
        "title": "Fleet down",
        "status": "new",
        "assignee": None,
        "reason": "a new P1 ticket, and nobody has answered for 30 min",
        "step": 3,
        "steps": 3,
        "paged": ["Sam Rivera", "Kim Park", "bus"],
        "missing": [],
        "targets": [{"kind": "response", "state": "running", "due": "2026-11-20T04:00:00Z"}],
    }
    assert b"bob@acme.example" not in page.content


def test_only_a_page_goes_by_a_notification_service() -> None:
    (draft, *_) = begins(OPENED).drafts
    digest = Digest(date(2026, 11, 20), "UTC", Window(NIGHT, NIGHT))
    with pytest.raises(TypeError, match="a digest does not go by a notification service"):
        notification(replace(draft, context=digest, via="bus"))
