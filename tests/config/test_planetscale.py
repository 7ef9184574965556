"""PlanetScale's policy as it is shipped (`policies.md` 2), cell by cell."""

import pytest

from mailgate.core.case import Case
from mailgate.core.promise import promised
from tests.config.shipped import Told, shipped, told
from tests.core.calendars import utc

# 12x5 is 14:00Z to 02:00Z the day after, all year.
MONDAY = utc("2026-11-16 15:00")  # 07:00 at UTC-8
FRIDAY_NIGHT = utc("2026-11-21 01:30")  # Friday 17:30 at UTC-8, half an hour before it closes
SUMMER = utc("2026-07-06 13:30")  # Monday 05:30 at UTC-8, though 06:30 by the clocks of Los Angeles

CELLS = [
    # plan, priority, from Monday morning, from Friday evening, from a summer morning
    ("standard", "P1", "2026-11-18 15:00", "2026-11-25 01:30", "2026-07-08 02:00"),
    ("standard", "P2", "2026-11-18 15:00", "2026-11-25 01:30", "2026-07-08 02:00"),
    ("standard", "P3", "2026-11-18 15:00", "2026-11-25 01:30", "2026-07-08 02:00"),
    ("standard", "P4", "2026-11-18 15:00", "2026-11-25 01:30", "2026-07-08 02:00"),
    ("business", "P1", "2026-11-16 16:00", "2026-11-21 02:30", "2026-07-06 14:30"),
    ("business", "P2", "2026-11-16 19:00", "2026-11-21 05:30", "2026-07-06 17:30"),
    ("business", "P3", "2026-11-17 15:00", "2026-11-24 01:30", "2026-07-07 02:00"),
    ("business", "P4", "2026-11-18 15:00", "2026-11-25 01:30", "2026-07-08 02:00"),
    ("enterprise", "P1", "2026-11-16 15:15", "2026-11-21 01:45", "2026-07-06 13:45"),
    ("enterprise", "P2", "2026-11-16 16:00", "2026-11-21 02:30", "2026-07-06 14:30"),
    ("enterprise", "P3", "2026-11-16 19:00", "2026-11-23 17:30", "2026-07-06 18:00"),
    ("enterprise", "P4", "2026-11-17 15:00", "2026-11-24 01:30", "2026-07-07 02:00"),
]


@pytest.mark.parametrize(("plan", "priority", "monday", "friday", "summer"), CELLS)
def test_every_cell_of_the_table_is_due_on_time(
    plan: str, priority: str, monday: str, friday: str, summer: str
) -> None:
    """`policies.md` 2; resolution is best effort everywhere."""
    case = Case(plan, asked=priority, channel="web", environment="production")

    for start, due in ((MONDAY, monday), (FRIDAY_NIGHT, friday), (SUMMER, summer)):
        assert told("planetscale", case, start) == Told(priority, {"response": utc(due), "resolution": None})


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ("standard", ["2 business days"] * 4),
        ("business", ["1 hour", "4 hours", "1 business day", "2 business days"]),
        ("enterprise", ["15 minutes", "1 hour", "4 business hours", "12 business hours"]),
    ],
)
def test_every_cell_of_the_table_is_told_in_its_own_words(plan: str, words: list[str]) -> None:
    told_in = [
        promised(shipped("planetscale"), Case(plan, asked=priority, channel="web"), MONDAY).targets[0].words
        for priority in ("P1", "P2", "P3", "P4")
    ]

    assert told_in == words


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-11-25 23:00", "2026-11-27 15:00", id="Thanksgiving"),
        pytest.param("2026-07-02 23:00", "2026-07-06 15:00", id="4 July falls on a Saturday"),
        pytest.param("2026-03-06 23:00", "2026-03-09 15:00", id="clocks go forward, not here"),
        pytest.param("2026-10-30 23:00", "2026-11-02 15:00", id="clocks go back, not here"),
        pytest.param("2026-11-16 13:59", "2026-11-16 18:00", id="a minute before it opens"),
        pytest.param("2026-11-17 02:00", "2026-11-17 18:00", id="as it closes"),
        pytest.param("2026-11-17 01:59", "2026-11-17 17:59", id="a minute before it closes"),
        pytest.param("2026-12-31 23:00", "2027-01-04 15:00", id="New Year's Day"),
    ],
)
def test_four_hours_of_12x5_by_a_fixed_offset_and_the_federal_holidays(start: str, due: str) -> None:
    """`policies.md` 2: Pacific Standard Time, UTC-8, in summer too."""
    case = Case("enterprise", asked="P3", channel="web")

    assert told("planetscale", case, utc(start)).targets["response"] == utc(due)


@pytest.mark.parametrize(("named", "in_force"), [("P1", "P3"), ("P2", "P3"), ("P3", "P3"), ("P4", "P4")])
@pytest.mark.parametrize("environment", ["development", "staging", "Test", "qa"])
def test_outside_production_it_is_p3_at_most(named: str, in_force: str, environment: str) -> None:
    """`policies.md` 2, but for a confirmed security incident."""
    case = Case("business", asked=named, channel="web", fields={"environment": environment})
    incident = Case("business", asked=named, channel="web", environment=environment, security_incident=True)

    assert promised(shipped("planetscale"), case, MONDAY).priority == in_force
    assert promised(shipped("planetscale"), incident, MONDAY).priority == named


@pytest.mark.parametrize("environment", ["", "production", "Production", "prod", "LIVE"])
def test_production_is_not_capped(environment: str) -> None:
    case = Case("business", asked="P1", channel="web", environment=environment)

    assert promised(shipped("planetscale"), case, MONDAY).priority == "P1"


@pytest.mark.parametrize("plan", ["standard", "business", "enterprise"])
def test_mail_makes_a_ticket_without_a_clock_and_is_told_where_to_open_one_that_has(plan: str) -> None:
    """`policies.md` 2: tickets must come by web ticketing to be eligible for response times."""
    promise = promised(shipped("planetscale"), Case(plan, asked="P1"), MONDAY)

    assert (promise.entitled, promise.priority, promise.targets) == (True, "P1", ())
    assert ["https://support.planetscale.com/hc/en-us" in note for note in promise.notes] == [True]


def test_on_call_is_ordinary_support_here() -> None:
    case = Case("business", asked="P2", channel="web", role="on-call")

    assert told("planetscale", case, MONDAY) == Told(
        "P2", {"response": utc("2026-11-16 19:00"), "resolution": None}
    )


def test_enterprise_alone_has_options() -> None:
    policy = shipped("planetscale")

    assert {name: plan.options for name, plan in policy.plans.items() if plan.options} == {
        "enterprise": ("technical-account-manager", "slack", "phone")
    }
    assert list(policy.options.values()) == [
        "Technical account manager",
        "Support by Slack",
        "Phone escalation",
    ]
