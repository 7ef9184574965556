"""Particle's policy as it is shipped (`policies.md` 1), cell by cell."""

from datetime import datetime
from pathlib import Path

import pytest

from mailgate.config.policies import read_policy
from mailgate.config.toml import read
from mailgate.core.case import Case
from mailgate.core.clock import TargetKind
from mailgate.core.policy import Policy
from mailgate.core.promise import asked, promised
from tests.core.calendars import local

FILE = Path(__file__).resolve().parents[2] / "config" / "policies" / "particle.toml"
PACIFIC, LONDON = "America/Los_Angeles", "Europe/London"
ZONES = {"americas": PACIFIC, "emea": LONDON}


@pytest.fixture(scope="module")
def particle() -> Policy:
    policy, problems = read_policy(read(FILE))
    assert problems == ()
    assert policy is not None
    return policy


def due(policy: Policy, case: Case, start: datetime) -> dict[TargetKind, datetime | None]:
    return {target.kind: target.due for target in promised(policy, case, start).targets}


@pytest.mark.parametrize(
    ("priority", "response", "resolution"),
    [
        ("P1", "1 hour", "2 days"),
        ("P2", "4 business hours", "2 business days"),
        ("P3", "2 business days", "5 business days"),
        ("P4", "3 business days", "7 business days"),
    ],
)
def test_every_cell_of_the_table_is_told_in_its_own_words(
    particle: Policy, priority: str, response: str, resolution: str
) -> None:
    promise = promised(particle, Case("enterprise", asked=priority), local("2026-06-01 12:00", PACIFIC))

    assert [(target.kind.value, target.words) for target in promise.targets] == [
        ("response", response),
        ("resolution", resolution),
    ]


@pytest.mark.parametrize("region", ["americas", "emea"])
@pytest.mark.parametrize(
    ("priority", "response", "resolution"),
    [
        # From a Thursday at 15:00 in a fortnight without holidays.
        ("P1", "2026-06-04 16:00", "2026-06-06 15:00"),
        ("P2", "2026-06-05 11:00", "2026-06-08 15:00"),
        ("P3", "2026-06-08 15:00", "2026-06-11 15:00"),
        ("P4", "2026-06-09 15:00", "2026-06-15 15:00"),
    ],
)
def test_every_cell_of_the_table_is_due_on_time(
    particle: Policy, region: str, priority: str, response: str, resolution: str
) -> None:
    zone = ZONES[region]
    case = Case("enterprise", region=region, asked=priority)

    assert due(particle, case, local("2026-06-04 15:00", zone)) == {
        TargetKind.RESPONSE: local(response, zone),
        TargetKind.RESOLUTION: local(resolution, zone),
    }


@pytest.mark.parametrize(
    ("region", "start", "response"),
    [
        pytest.param("emea", "2026-11-20 23:30", "2026-11-23 13:00", id="the example of the contract"),
        pytest.param("americas", "2026-11-25 15:00", "2026-11-27 11:00", id="Thanksgiving"),
        pytest.param("emea", "2026-11-25 15:00", "2026-11-26 11:00", id="no Thanksgiving in EMEA"),
        pytest.param("americas", "2026-07-02 16:00", "2026-07-06 12:00", id="4 July falls on a Saturday"),
        pytest.param("emea", "2026-07-02 16:00", "2026-07-03 12:00", id="no 4 July in EMEA"),
        pytest.param("americas", "2026-06-30 16:00", "2026-07-02 12:00", id="Canada Day"),
        pytest.param("americas", "2026-09-15 16:00", "2026-09-17 12:00", id="Mexican Independence Day"),
        pytest.param("americas", "2026-05-18 08:00", "2026-05-18 13:00", id="Victoria Day is not nationwide"),
        pytest.param("americas", "2026-12-28 08:00", "2026-12-28 13:00", id="Boxing Day is not nationwide"),
        pytest.param("americas", "2026-04-02 16:00", "2026-04-06 12:00", id="Good Friday is one of Canada's"),
        pytest.param("emea", "2026-04-02 16:00", "2026-04-07 12:00", id="Easter in England"),
        pytest.param("emea", "2026-08-28 16:00", "2026-09-01 12:00", id="England's August bank holiday"),
        pytest.param("emea", "2026-12-24 16:00", "2026-12-29 12:00", id="a substitute for Boxing Day"),
        pytest.param(
            "americas", "2027-12-30 16:00", "2028-01-04 12:00", id="Canada's substitute New Year's Day"
        ),
        pytest.param("americas", "2026-03-06 16:00", "2026-03-09 12:00", id="clocks go forward in the US"),
        pytest.param("americas", "2026-10-30 16:00", "2026-11-02 12:00", id="clocks go back in the US"),
        pytest.param("emea", "2026-03-27 16:00", "2026-03-30 12:00", id="clocks go forward in the UK"),
        pytest.param("emea", "2026-10-23 16:00", "2026-10-26 12:00", id="clocks go back in the UK"),
    ],
)
def test_four_business_hours_by_the_regions_own_hours_and_holidays(
    particle: Policy, region: str, start: str, response: str
) -> None:
    zone = ZONES[region]
    targets = due(particle, Case("enterprise", region=region, asked="P2"), local(start, zone))

    assert targets[TargetKind.RESPONSE] == local(response, zone)


def test_an_account_without_a_region_has_pacific_hours(particle: Policy) -> None:
    start = local("2026-06-04 15:00", PACIFIC)

    without, americas = Case("enterprise", asked="P2"), Case("enterprise", region="americas", asked="P2")

    assert promised(particle, without, start) == promised(particle, americas, start)


def test_p1_pages_and_is_met_by_lowering_it_and_asks_the_customer_to_be_available(particle: Policy) -> None:
    promise = promised(particle, Case("enterprise", asked="P1"), local("2026-06-06 03:00", PACIFIC))

    assert promise.pages
    assert "available" in promise.availability
    assert [target.met_by for target in promise.targets] == ["", "de-escalation to P2"]


@pytest.mark.parametrize("priority", ["P2", "P3", "P4"])
def test_no_other_priority_pages(particle: Policy, priority: str) -> None:
    promise = promised(particle, Case("enterprise", asked=priority), local("2026-06-06 03:00", PACIFIC))

    assert (promise.pages, promise.availability) == (False, "")


@pytest.mark.parametrize(
    ("named", "in_force"), [("P1", "P2"), ("P2", "P2"), ("P3", "P3"), ("P4", "P4"), ("", "P3")]
)
@pytest.mark.parametrize(
    "fields",
    [
        {"Device OS": "4.2.1"},
        {"Device OS": "7.0.0"},
        {"Environment": "development"},
        {"Environment": "Testing"},
    ],
)
def test_an_unsupported_device_os_and_development_are_p2_at_most(
    particle: Policy, named: str, in_force: str, fields: dict[str, str]
) -> None:
    case = Case("enterprise", asked=named, fields=fields)

    assert promised(particle, case, local("2026-06-01 12:00", PACIFIC)).priority == in_force


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Device OS": "5.9.0"},
        {"Device OS": "6.1.0", "Environment": "production"},
        {"Device OS": "the newest"},
        {"Environment": "field trial"},
    ],
)
def test_a_supported_device_os_in_production_is_not_capped(particle: Policy, fields: dict[str, str]) -> None:
    case = Case("enterprise", asked="P1", fields=fields)

    assert promised(particle, case, local("2026-06-01 12:00", PACIFIC)).priority == "P1"


def test_no_tag_and_unknown_tags_are_p3(particle: Policy) -> None:
    named = asked(particle, ("P0",))

    assert (named.priority, named.unknown) == ("", ("P0",))
    assert promised(particle, Case("enterprise"), local("2026-06-01 12:00", PACIFIC)).priority == "P3"


def test_the_acknowledgement_points_to_self_help_and_the_status_page(particle: Policy) -> None:
    assert list(particle.links.values()) == [
        "https://support.particle.io",
        "https://community.particle.io",
        "https://status.particle.io",
    ]
