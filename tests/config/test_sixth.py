"""A sixth vendor, invented here, that uses every key of the language: it is a file, and needs no code."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mailgate.config.policies import read_policy, restored
from mailgate.config.policytable import PolicyTable
from mailgate.config.toml import read
from mailgate.core.case import Case
from mailgate.core.policy import Policy
from mailgate.core.promise import Asked, Promise, asked, promised
from tests.core.calendars import local, utc

FILE = Path(__file__).with_name("harbour.toml")
TOKYO, BERLIN = "Asia/Tokyo", "Europe/Berlin"
MATE = Case("mate")
TUESDAY = local("2026-11-17 16:00", TOKYO)


@pytest.fixture(scope="module")
def harbour() -> Policy:
    policy, problems = read_policy(read(FILE))
    assert problems == ()
    assert policy is not None
    return policy


def dues(promise: Promise) -> dict[str, object]:
    return {one.kind.value: one.due for one in promise.targets}


def keys(kind: Any) -> Iterator[str]:
    """Every key of the tables that a file may hold."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield name
            yield from keys(field.annotation)
    for inner in get_args(kind):
        yield from keys(inner)


def test_it_uses_every_key_of_the_language() -> None:
    written = set(re.findall(r"[\w-]+(?= =|[.\]])", FILE.read_text("utf-8")))

    assert set(keys(PolicyTable)) - written == set()


def test_its_content_restores_it(harbour: Policy) -> None:
    """`behaviour.md` 6.5"""
    assert restored(harbour.content) == harbour
    assert restored(harbour.content).digest == harbour.digest


@pytest.mark.parametrize(
    ("tags", "meant"),
    [
        (("sos",), Asked("Red")),
        (("Mayday", "Green"), Asked("Red")),
        (("pan-pan",), Asked("Amber")),
        (("Flare", "green"), Asked("Green", role="on-call")),
        (("P1",), Asked("", ("P1",))),
        (("fire",), Asked()),
    ],
)
def test_its_words_are_its_tags(harbour: Policy, tags: tuple[str, ...], meant: Asked) -> None:
    """Tags in a subject (`policies.md`)"""
    assert asked(harbour, tags) == meant


def test_a_night_shift_runs_past_midnight_and_up_to_48(harbour: Policy) -> None:
    """Business time 1 (`policies.md`)"""
    red = replace(MATE, region="baltic", asked="Red")
    expected = {
        "2026-11-17 23:00": "2026-11-18 01:00",  # within a night
        "2026-11-18 05:00": "2026-11-18 23:00",  # an hour before the night ends
        "2026-11-22 22:30": "2026-11-23 22:30",  # Saturday's shift ends on Sunday at 24:00
        "2026-11-22 21:00": "2026-11-22 23:00",  # and is open until then
        "2026-03-29 00:30": "2026-03-29 03:30",  # the night in which the clocks go forward
        "2026-10-25 01:30": "2026-10-25 02:30",  # and back
    }

    found = {start: dues(promised(harbour, red, local(start, BERLIN)))["response"] for start in expected}

    assert found == {
        start: local(due, BERLIN, fold=int(start.startswith("2026-10"))) for start, due in expected.items()
    }


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("2026-11-17 16:00", "2026-11-19 16:00", id="two days of eight hours"),
        pytest.param("2026-11-19 13:00", "2026-11-24 17:00", id="a short Friday, Labour Thanksgiving"),
        pytest.param("2026-11-25 17:00", "2026-11-30 11:00", id="moving day, a short Friday, stocktaking"),
        pytest.param("2026-12-23 17:00", "2026-12-29 12:00", id="lantern night of each year"),
        pytest.param("2026-12-29 17:00", "2027-01-04 15:00", id="half day, New Year"),
        pytest.param("2026-07-17 12:00", "2026-07-21 17:00", id="Marine Day is worked"),
        pytest.param("2026-05-01 12:00", "2026-05-07 17:00", id="4 May is worked"),
    ],
)
def test_odd_days_count_as_they_are(harbour: Policy, start: str, due: str) -> None:
    amber = promised(harbour, MATE, local(start, TOKYO))

    assert dues(amber)["response"] == local(due, TOKYO)


def test_a_row_has_every_kind_of_target_with_its_range_and_its_warning(harbour: Policy) -> None:
    promise = promised(harbour, MATE, TUESDAY)

    assert [(one.kind.value, one.words, one.due, one.expected_from) for one in promise.targets] == [
        (
            "response",
            "1-2 business days",
            local("2026-11-19 16:00", TOKYO),
            local("2026-11-18 16:00", TOKYO),
        ),
        ("next_response", "1 business day", None, None),
        ("resolution", "best effort", None, None),
    ]
    assert promise.targets[0].warn_at == local("2026-11-18 16:00", TOKYO)


def test_what_stops_and_what_pauses_a_target_is_data(harbour: Policy) -> None:
    """Business time 7 and 8 (`policies.md`)"""
    red = harbour.targets("mate", "support", "Red")
    amber = harbour.targets("mate", "support", "Amber")
    (escalation,) = harbour.targets("mate", "on-call", "Green")

    assert [(one.kind.value, one.stops, one.pauses) for one in (*red, amber[1], escalation)] == [
        ("response", ("reply",), False),
        ("next_response", ("reply",), False),
        ("resolution", ("reply", "resolution"), False),
        ("next_response", ("reply",), True),
        ("escalation", ("acknowledgement",), False),
    ]


def test_a_channel_may_have_targets_of_its_own_or_none_or_no_tickets(harbour: Policy) -> None:
    """`behaviour.md` 2.8"""
    by_web = promised(harbour, replace(MATE, channel="web"), TUESDAY)
    deckhand = promised(harbour, Case("deckhand"), TUESDAY)
    cook = promised(harbour, Case("cook", channel="web"), TUESDAY)

    assert dues(by_web) == {"response": local("2026-11-17 16:30", TOKYO)}
    assert (deckhand.entitled, deckhand.notes) == (False, ("Deckhands write by the web form alone.",))
    assert promised(harbour, Case("deckhand", channel="web"), TUESDAY).entitled
    assert (cook.entitled, cook.targets) == (True, ())
    assert cook.notes == ("What comes by the web is read on Sundays.",)


def test_a_role_pages_asks_and_has_its_own_targets(harbour: Policy) -> None:
    flare = promised(harbour, replace(MATE, role="on-call", asked="Red"), TUESDAY)

    assert dues(flare) == {"escalation": local("2026-11-17 16:20", TOKYO)}
    assert (flare.pages, flare.missing, flare.notes) == (True, ("Position",), ("Where are you?",))
    assert flare.availability == "Please stay on channel 16. Please keep firing."
    assert promised(harbour, Case("cook", role="on-call"), TUESDAY).notes == ("Cooks have no flares.",)


@pytest.mark.parametrize(
    ("case", "priority"),
    [
        (Case("mate", asked="Red"), "Red"),
        (Case("mate", asked="Red", fields={"cargo": "SAND"}), "Amber"),
        (Case("mate", asked="Red", fields={"cargo": "rice"}), "Red"),
        (Case("mate", asked="Red", fields={"cargo": "sand", "Berth": "outer"}), "Amber"),
        (Case("mate", asked="Red", fields={"cargo": "sand", "Berth": "inner"}), "Red"),
        (Case("mate", asked="Red", fields={"cargo": "sand"}, launches=(date(2026, 11, 18),)), "Red"),
        (Case("mate", asked="Red", fields={"cargo": "sand"}, launches=(date(2026, 11, 19),)), "Amber"),
        (Case("mate", asked="Red", fields={"cargo": "sand"}, options=("pilot",)), "Red"),
        (Case("mate", asked="Red", environment="drydock"), "Red"),
        (Case("mate", asked="Red", environment="Drydock", fields={"radar": "v2.1"}), "Green"),
        (Case("mate", asked="Red", environment="Drydock", fields={"radar": "3.9"}), "Red"),
        (Case("mate", asked="Red", environment="sea", fields={"radar": "2"}), "Red"),
        (
            Case("mate", asked="Red", environment="drydock", fields={"radar": "2"}, security_incident=True),
            "Red",
        ),
        (Case("mate", asked="Red", environment="river"), "Amber"),
        (Case("mate", asked="Green", environment="river"), "Green"),
    ],
)
def test_caps_and_what_lifts_them(harbour: Policy, case: Case, priority: str) -> None:
    assert promised(harbour, case, TUESDAY).priority == priority


def test_a_launch_is_counted_in_the_regions_own_dates(harbour: Policy) -> None:
    """16 November 15:30Z is the 17th in Tokyo and still the 16th in Berlin."""
    case = Case("mate", asked="Red", fields={"cargo": "sand"}, launches=(date(2026, 11, 18),))
    start = utc("2026-11-16 15:30")

    assert promised(harbour, case, start).priority == "Red"
    assert promised(harbour, replace(case, region="baltic"), start).priority == "Amber"


@pytest.mark.parametrize(
    ("projects", "ship", "told"),
    [
        ((), "", "No ship of yours is in port."),
        (("Alba",), "", None),
        (("Alba", "Bora"), "", "Which ship? Please name it."),
        (("Alba", "Bora"), "bora", None),
        (("Alba",), "Cora", "No such ship is in port."),
    ],
)
def test_a_project_is_needed(harbour: Policy, projects: tuple[str, ...], ship: str, told: str | None) -> None:
    """`behaviour.md` 2.8"""
    case = replace(MATE, projects=projects, fields={"Ship": ship})
    promise = promised(harbour, case, TUESDAY)

    assert (promise.entitled, promise.notes) == ((True, ()) if told is None else (False, (told,)))
