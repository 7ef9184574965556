"""Platform.sh's policy as it is shipped (`policies.md` 3), cell by cell."""

from datetime import date

import pytest

from mailgate.core.case import Case
from mailgate.core.promise import Asked, asked, promised
from tests.config.shipped import Told, shipped, told
from tests.core.calendars import utc

THURSDAY = utc("2026-11-19 15:00")


@pytest.mark.parametrize(
    ("priority", "response", "resolution"),
    [
        ("P1", utc("2026-11-19 16:00"), utc("2026-11-19 19:00")),
        ("P2", utc("2026-11-20 15:00"), None),
        ("P3", utc("2026-11-23 15:00"), None),
        ("P4", None, None),
    ],
)
def test_every_cell_of_the_table_is_due_on_time(priority: str, response: object, resolution: object) -> None:
    """`policies.md` 3"""
    for word in (priority, {"P1": "Critical", "P2": "High", "P3": "Normal", "P4": "Low"}[priority]):
        answer = told("platformsh", Case("standard", asked=word), THURSDAY)

        assert (answer.priority, answer.entitled) == (priority, True)
        assert answer.targets == {"response": response, "resolution": resolution}


@pytest.mark.parametrize(
    ("priority", "response", "resolution"),
    [
        ("P1", utc("2026-11-21 04:00"), utc("2026-11-21 07:00")),
        ("P2", utc("2026-11-23 17:00"), None),
        ("P3", utc("2026-11-24 17:00"), None),
        ("P4", None, None),
    ],
)
def test_at_the_weekend_critical_runs_and_business_time_waits(
    priority: str, response: object, resolution: object
) -> None:
    answer = told("platformsh", Case("standard", asked=priority), utc("2026-11-21 03:00"))

    assert answer.targets == {"response": response, "resolution": resolution}


def test_normal_is_told_with_its_range() -> None:
    """`policies.md` 3: target 2, expectation from 1, both told."""
    response = promised(shipped("platformsh"), Case("standard"), THURSDAY).targets[0]

    assert (response.words, response.expected_from, response.due) == (
        "1-2 business days",
        utc("2026-11-20 15:00"),
        utc("2026-11-23 15:00"),
    )


def test_there_are_no_holidays() -> None:
    case = Case("standard", asked="High")

    assert told("platformsh", case, utc("2026-12-24 15:00")).targets["response"] == utc("2026-12-25 15:00")


@pytest.mark.parametrize(
    ("tags", "meant"),
    [
        (("Critical",), Asked("P1")),
        (("HIGH",), Asked("P2")),
        (("normal",), Asked("P3")),
        (("low",), Asked("P4")),
        (("P1",), Asked("P1")),
        (("Low", "High"), Asked("P2")),
        (("P9", "Low"), Asked("P4", ("P9",))),
        (("P0",), Asked("", ("P0",))),
        (("Urgent",), Asked()),
    ],
)
def test_the_vendors_words_are_tags(tags: tuple[str, ...], meant: Asked) -> None:
    """Tags in a subject (`policies.md`)"""
    assert asked(shipped("platformsh"), tags) == meant


@pytest.mark.parametrize(("named", "in_force"), [("P1", "P2"), ("P2", "P2"), ("P3", "P3"), ("P4", "P4")])
@pytest.mark.parametrize("environment", ["staging", "development", "Feature-12"])
def test_outside_production_it_is_high_at_most(named: str, in_force: str, environment: str) -> None:
    """`policies.md` 3"""
    case = Case("standard", asked=named, environment=environment)

    assert told("platformsh", case, THURSDAY).priority == in_force


@pytest.mark.parametrize(
    ("launches", "in_force"),
    [
        pytest.param((), "P2", id="none was told"),
        pytest.param(("2026-11-19",), "P1", id="today"),
        pytest.param(("2026-11-22",), "P1", id="3 days ahead"),
        pytest.param(("2026-11-23",), "P2", id="4 days ahead"),
        pytest.param(("2026-11-18",), "P2", id="yesterday"),
        pytest.param(("2027-01-10", "2026-11-21"), "P1", id="one of several"),
    ],
)
def test_a_launch_at_most_three_days_ahead_lifts_the_cap(launches: tuple[str, ...], in_force: str) -> None:
    """`policies.md` 3: and support had been told of the date."""
    case = Case(
        "standard",
        asked="Critical",
        environment="staging",
        launches=tuple(date.fromisoformat(one) for one in launches),
    )

    for start in ("2026-11-19 00:00", "2026-11-19 23:59"):
        assert told("platformsh", case, utc(start)).priority == in_force


def test_a_subscription_with_round_the_clock_support_elsewhere_lifts_the_cap() -> None:
    """`policies.md` 3"""
    case = Case("standard", asked="P1", environment="staging", options=("non-production-24x7",))

    assert told("platformsh", case, THURSDAY) == Told(
        "P1", {"response": utc("2026-11-19 16:00"), "resolution": utc("2026-11-19 19:00")}
    )


@pytest.mark.parametrize(
    ("projects", "named", "entitled"),
    [
        pytest.param(None, "", True, id="no account is known"),
        pytest.param((), "", False, id="none is active"),
        pytest.param((), "shop", False, id="none is active, one is named"),
        pytest.param(("shop",), "", True, id="one need not be named"),
        pytest.param(("shop",), " SHOP ", True, id="the one"),
        pytest.param(("shop",), "intranet", False, id="another than the one"),
        pytest.param(("shop", "intranet"), "", False, id="which of two"),
        pytest.param(("shop", "intranet"), "Intranet", True, id="one of two"),
        pytest.param(("shop", "intranet"), "blog", False, id="none of two"),
    ],
)
def test_a_ticket_needs_an_active_project(
    projects: tuple[str, ...] | None, named: str, *, entitled: bool
) -> None:
    """`policies.md` 3, `behaviour.md` 2.8"""
    case = Case("standard", fields={"Project": named} if named else {}, projects=projects)
    promise = promised(shipped("platformsh"), case, THURSDAY)

    assert (promise.entitled, len(promise.notes)) == (entitled, 0 if entitled else 1)
    assert bool(promise.targets) is entitled
