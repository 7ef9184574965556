"""Pantheon's two policies as they are shipped (`policies.md` 4 and 5), cell by cell."""

import pytest

from mailgate.core.case import Case
from mailgate.core.promise import Asked, asked, promised
from tests.config.shipped import PACIFIC, Told, shipped, told
from tests.core.calendars import local

TIERS, PRIORITY = "pantheon-tiers", "pantheon-priority"
PRIORITIES = ["P1", "P2", "P3", "P4"]
WEDNESDAY = local("2026-11-18 22:00", PACIFIC)
SATURDAY = local("2026-11-21 03:00", PACIFIC)


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize(
    ("tier", "wednesday", "saturday"),
    [
        ("gold", "2026-11-19 06:00", "2026-11-23 08:00"),
        ("platinum", "2026-11-19 00:00", "2026-11-21 05:00"),
        ("diamond", "2026-11-18 23:00", "2026-11-21 04:00"),
    ],
)
def test_the_response_of_a_tier_is_the_same_at_every_priority(
    tier: str, wednesday: str, saturday: str, priority: str
) -> None:
    """`policies.md` 4"""
    case = Case(tier, asked=priority)

    assert told(TIERS, case, WEDNESDAY) == Told(priority, {"response": local(wednesday, PACIFIC)})
    assert told(TIERS, case, SATURDAY) == Told(priority, {"response": local(saturday, PACIFIC)})


@pytest.mark.parametrize(("tier", "due"), [("platinum", "2026-11-21 04:00"), ("diamond", "2026-11-21 03:15")])
def test_emergencies_are_escalated_around_the_clock(tier: str, due: str) -> None:
    """`policies.md` 4: on-call 1 hour and 15 minutes"""
    promise = promised(shipped(TIERS), Case(tier, role="on-call"), SATURDAY)

    assert told(TIERS, Case(tier, role="on-call"), SATURDAY) == Told(
        "P3", {"escalation": local(due, PACIFIC)}
    )
    assert promise.pages


@pytest.mark.parametrize(
    ("tier", "role", "sentence"),
    [
        ("silver", "support", "Your Silver account includes chat on weekdays"),
        ("silver", "on-call", "Your Silver account includes chat on weekdays"),
        ("gold", "on-call", "Your Gold account includes chat and support tickets"),
    ],
)
def test_what_a_tier_does_not_have_is_said_courteously(tier: str, role: str, sentence: str) -> None:
    """`policies.md` 4, `behaviour.md` 2.8"""
    promise = promised(shipped(TIERS), Case(tier, role=role), WEDNESDAY)

    assert (promise.entitled, promise.targets, promise.pages) == (False, (), False)
    assert [note.startswith(sentence) for note in promise.notes] == [True]


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-11-20 16:00", "2026-11-21 00:00", id="Friday 24:00 is the end of it"),
        pytest.param("2026-11-20 16:01", "2026-11-23 00:01", id="a minute less on Friday"),
        pytest.param("2026-11-21 00:00", "2026-11-23 08:00", id="as it closes"),
        pytest.param("2026-11-22 23:59", "2026-11-23 08:00", id="a minute before it opens"),
        pytest.param("2026-11-23 00:00", "2026-11-23 08:00", id="as it opens"),
        pytest.param("2026-11-25 20:00", "2026-11-26 04:00", id="Thanksgiving is no holiday here"),
        pytest.param("2026-03-06 20:00", "2026-03-09 04:00", id="clocks go forward on Sunday"),
        pytest.param("2026-10-30 20:00", "2026-11-02 04:00", id="clocks go back on Sunday"),
    ],
)
def test_golds_eight_hours_are_hours_of_24x5(start: str, due: str) -> None:
    """`policies.md` 4: Monday 00:00 to Friday 24:00"""
    answer = told(TIERS, Case("gold"), local(start, PACIFIC))

    assert answer.targets == {"response": local(due, PACIFIC)}


def test_tiers_have_their_scope_and_their_place_in_the_queue() -> None:
    """`policies.md` 4: the acknowledgement names the scope, queue order follows the tier."""
    plans = shipped(TIERS).plans.values()

    assert [(plan.title, plan.scope, plan.includes["Chat"]) for plan in plans] == [
        ("Silver", "Platform", "24x5"),
        ("Gold", "Technical", "24x7"),
        ("Platinum", "Performance", "24x7, priority"),
        ("Diamond", "Dedicated", "24x7, top priority"),
    ]
    assert [plan.queue_weight for plan in plans] == [0, 10, 20, 30]
    assert shipped(TIERS).remarks["Sales and billing"] == "Monday to Friday, 09:00-17:00 Pacific"


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-11-18 10:00", "2026-11-18 12:00", id="in the morning"),
        pytest.param("2026-11-18 16:00", "2026-11-19 10:00", id="an hour before it closes"),
        pytest.param("2026-11-18 15:00", "2026-11-18 17:00", id="up to the close"),
        pytest.param("2026-11-21 03:00", "2026-11-23 11:00", id="at the weekend"),
        pytest.param("2026-11-25 16:30", "2026-11-27 10:30", id="Thanksgiving"),
        pytest.param("2026-07-02 16:00", "2026-07-06 10:00", id="4 July falls on a Saturday"),
        pytest.param("2026-03-06 16:00", "2026-03-09 10:00", id="clocks go forward"),
        pytest.param("2026-10-30 16:00", "2026-11-02 10:00", id="clocks go back"),
    ],
)
def test_a_regular_ticket_is_answered_within_two_business_hours(start: str, due: str, priority: str) -> None:
    """`policies.md` 5"""
    case = Case("priority", asked=priority)

    assert told(PRIORITY, case, local(start, PACIFIC)) == Told(priority, {"response": local(due, PACIFIC)})


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-18 10:00", "2026-11-18 11:00"),
        ("2026-12-25 23:30", "2026-12-26 00:30"),
        ("2026-03-08 01:30", "2026-03-08 03:30"),
    ],
)
def test_an_on_call_ticket_is_escalated_within_60_minutes_of_any_day(start: str, due: str) -> None:
    """`policies.md` 5: 24/7/365"""
    promise = promised(shipped(PRIORITY), Case("priority", role="on-call"), local(start, PACIFIC))

    assert [(one.kind.value, one.due) for one in promise.targets] == [("escalation", local(due, PACIFIC))]
    assert promise.pages


@pytest.mark.parametrize("tag", ["On-Call", "on-call", "ON CALL", "oncall"])
def test_a_tag_makes_a_ticket_on_call(tag: str) -> None:
    """`policies.md` 5"""
    assert asked(shipped(PRIORITY), (tag, "P2")) == Asked("P2", role="on-call")
    assert asked(shipped(TIERS), (tag,)) == Asked()


@pytest.mark.parametrize(
    ("role", "fields", "missing"),
    [
        ("on-call", {}, ("Site", "Phone")),
        ("on-call", {"organization": "Acme", "Phone number": "+1 555 0100"}, ()),
        ("on-call", {"Site": "acme.example", "Phone": " "}, ("Phone",)),
        ("support", {}, ("Site", "Ticket type")),
        ("support", {"Site": "acme.example", "type": "billing"}, ()),
        ("support", {"Organization": "Acme", "Ticket type": "billing"}, ("Site",)),
    ],
)
def test_what_is_missing_is_asked_for_and_delays_nothing(
    role: str, fields: dict[str, str], missing: tuple[str, ...]
) -> None:
    """`policies.md` 5: the page goes out, and the acknowledgement asks for the number."""
    promise = promised(shipped(PRIORITY), Case("priority", role=role, fields=fields), WEDNESDAY)

    assert (promise.missing, len(promise.notes)) == (missing, len(missing))
    assert (promise.entitled, promise.pages, len(promise.targets)) == (True, role == "on-call", 1)
    assert all(name in note for name, note in zip(missing, promise.notes, strict=True))


def test_the_fields_of_both_forms_are_there() -> None:
    """`policies.md` 5"""
    wanted = shipped(PRIORITY).requirements

    assert [(one.name, *one.roles) for one in wanted] == [
        ("Subject",),
        ("Site", "support"),
        ("Ticket type", "support"),
        ("Site", "on-call"),
        ("Phone", "on-call"),
        ("Steps",),
        ("Environment",),
        ("Began",),
        ("Error message",),
        ("Screenshots",),
    ]
