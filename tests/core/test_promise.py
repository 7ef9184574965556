from dataclasses import replace
from datetime import timedelta

import pytest

from mailgate.core.case import Case
from mailgate.core.clock import TargetKind
from mailgate.core.promise import Asked, Promise, Promised, UnknownCaseError, asked, promised
from mailgate.core.subject import tags
from tests.core.calendars import local
from tests.core.policies import BERLIN, VENDOR

FRIDAY = local("2026-11-20 15:00", BERLIN)


@pytest.mark.parametrize(
    ("subject", "meant"),
    [
        ("It broke", Asked()),
        ("[P1] It broke", Asked("P1")),
        ("Re: It broke [p2]", Asked("P2")),
        ("[ P3 ] It broke", Asked("P3")),
        ("[P1 - urgent]", Asked("P1")),
        ("[P1: urgent]", Asked("P1")),
        ("[P1-urgent]", Asked("P1")),
        ("[P1 urgent]", Asked("P1")),
        ("[P10]", Asked(unknown=("P10",))),
        ("[P2] [P1] [P3]", Asked("P1")),
        ("[critical]", Asked("P1")),
        ("[High: the site is down]", Asked("P2")),
        ("[High CPU load]", Asked()),
        ("[Highway]", Asked()),
        ("[P0]", Asked(unknown=("P0",))),
        ("[p9 - whatever]", Asked(unknown=("P9",))),
        ("[P0] [P2]", Asked("P2", unknown=("P0",))),
        ("[ACME-42] [External] [PR]", Asked()),
        ("[On-Call]", Asked(role="on-call")),
        ("[on-call] [P1]", Asked("P1", role="on-call")),
        ("[] [-] [ ]", Asked()),
    ],
)
def test_what_the_bracketed_words_of_a_subject_ask_for(subject: str, meant: Asked) -> None:
    """`policies.md`, Tags in a subject."""
    assert asked(VENDOR, tags(subject)) == meant


def test_a_promise_is_whole() -> None:
    promise = promised(VENDOR, Case("full", asked="P2"), FRIDAY)

    assert promise == Promise(
        entitled=True,
        asked="P2",
        priority="P2",
        because="",
        targets=(
            Promised(
                TargetKind.RESPONSE,
                "4 business hours",
                due=local("2026-11-23 11:00", BERLIN),
                warn_at=local("2026-11-23 10:00", BERLIN),
                zone=BERLIN,
                calendar="office",
            ),
            Promised(
                TargetKind.RESOLUTION,
                "2 business days",
                due=local("2026-11-24 15:00", BERLIN),
                warn_at=local("2026-11-24 11:00", BERLIN),
                zone=BERLIN,
                calendar="office",
            ),
        ),
        priority_name="High",
        zone=BERLIN,
    )


def test_an_urgent_priority_pages_and_asks_the_customer_to_be_available() -> None:
    promise = promised(VENDOR, Case("full", asked="P1"), FRIDAY)

    assert (promise.pages, promise.availability) == (True, "Please be available.")
    assert promise.targets == (
        Promised(
            TargetKind.RESPONSE,
            "15 minutes",
            due=FRIDAY + timedelta(minutes=15),
            warn_at=FRIDAY + timedelta(minutes=11, seconds=15),
            zone=BERLIN,
        ),
        Promised(
            TargetKind.RESOLUTION,
            "2 days",
            due=FRIDAY + timedelta(days=2),
            warn_at=FRIDAY + timedelta(hours=36),
            zone=BERLIN,
            met_by="de-escalation to P2",
        ),
    )


def test_no_tag_is_the_default_priority_and_says_so() -> None:
    promise = promised(VENDOR, Case("full"), FRIDAY)

    assert (promise.asked, promise.priority) == ("", "P3")
    assert promise.because == "no priority was named, so it is P3"


def test_an_unknown_tag_is_the_default_priority_and_says_so() -> None:
    """`policies.md`, Tags in a subject."""
    promise = promised(VENDOR, Case("full", unknown=("P0", "P9")), FRIDAY)

    assert (promise.asked, promise.priority) == ("", "P3")
    assert promise.because == "[P0], [P9] is no priority here, so it is P3"


def test_a_known_tag_beside_an_unknown_one_needs_no_reason() -> None:
    assert promised(VENDOR, Case("full", asked="P2", unknown=("P0",)), FRIDAY).because == ""


def test_a_range_is_expected_from_its_lower_end_and_best_effort_has_no_due_instant() -> None:
    response, resolution = promised(VENDOR, Case("full", asked="P3"), FRIDAY).targets

    assert response.words == "1-2 business days"
    assert response.expected_from == local("2026-11-23 15:00", BERLIN)
    assert response.due == local("2026-11-24 15:00", BERLIN)
    assert resolution == Promised(TargetKind.RESOLUTION, "best effort", None, zone=BERLIN)


@pytest.mark.parametrize(
    ("case", "priority", "because"),
    [
        (Case("full", asked="P1", environment="development"), "P2", "development is P2 at most"),
        (Case("full", asked="P1", environment=" TEST "), "P2", "development is P2 at most"),
        (Case("full", asked="P2", environment="test"), "P2", ""),
        (Case("full", asked="P3", environment="test"), "P3", ""),
        (Case("full", asked="P1", environment="production"), "P1", ""),
        (Case("full", asked="P1", environment="test", security_incident=True), "P1", ""),
        (Case("full", asked="P1", environment="staging"), "P3", "other environments are P3 at most"),
        (Case("full", asked="P1", fields={"environment": "test"}), "P2", "development is P2 at most"),
        (Case("full", asked="P1", fields={"device os": "4.2.1"}), "P2", "old versions are P2 at most"),
        (Case("full", asked="P1", fields={"Device OS": "6.1.0"}), "P1", ""),
        (Case("full", asked="P1", fields={"Device OS": "v5"}), "P1", ""),
        (Case("full", asked="P1", fields={"Device OS": "Device OS 6.x (LTS)"}), "P1", ""),
        (Case("full", asked="P1", fields={"Device OS": "0.7"}), "P2", "old versions are P2 at most"),
        (Case("full", asked="P1", fields={"Device OS": "56"}), "P2", "old versions are P2 at most"),
        (Case("full", asked="P1", fields={"Device OS": "9" * 9999}), "P2", "old versions are P2 at most"),
        (Case("full", asked="P1", fields={"Device OS": "latest"}), "P1", ""),
        (Case("full", asked="P1", fields={"Device OS": ""}), "P1", ""),
        (Case("full", asked="critical", environment="test"), "P2", "development is P2 at most"),
    ],
)
def test_caps_lower_what_was_asked_for_and_say_why(case: Case, priority: str, because: str) -> None:
    promise = promised(VENDOR, case, FRIDAY)

    assert (promise.priority, promise.because) == (priority, because)


def test_the_environment_that_is_given_beats_the_one_in_a_field_line() -> None:
    case = Case("full", asked="P1", environment="production", fields={"Environment": "test"})

    assert promised(VENDOR, case, FRIDAY).priority == "P1"


def test_a_region_has_its_own_calendar() -> None:
    promise = promised(VENDOR, Case("full", region="moon", asked="P2"), FRIDAY)

    assert [target.due for target in promise.targets] == [
        FRIDAY + timedelta(hours=4),
        FRIDAY + timedelta(days=2),
    ]


def test_a_role_has_its_own_targets_and_a_target_its_own_calendar() -> None:
    (escalation,) = promised(VENDOR, Case("full", role="on-call"), FRIDAY).targets

    assert (escalation.kind, escalation.due) == (TargetKind.ESCALATION, FRIDAY + timedelta(hours=1))


def test_a_role_that_the_plan_does_not_include_is_not_entitled() -> None:
    assert promised(VENDOR, Case("web-only", role="on-call"), FRIDAY).entitled is False


def test_a_role_that_no_plan_knows_is_ordinary_support() -> None:
    support_only = replace(VENDOR, plans={"web-only": VENDOR.plans["web-only"]}, role_tags={})
    case = Case("web-only", role="on-call", channel="web", asked="P2")

    assert promised(support_only, case, FRIDAY) == promised(
        support_only, replace(case, role="support"), FRIDAY
    )


def test_a_plan_without_tickets_says_what_it_includes() -> None:
    """`behaviour.md` 2.8"""
    promise = promised(VENDOR, Case("none", asked="P1"), FRIDAY)

    assert (promise.entitled, promise.targets) == (False, ())
    assert promise.notes == ("The plan None includes chat only.",)
    assert promise.pages is False


def test_an_ineligible_channel_has_no_targets_and_says_where_to_go() -> None:
    promise = promised(VENDOR, Case("web-only", asked="P2", channel="email"), FRIDAY)

    assert (promise.entitled, promise.targets) == (True, ())
    assert promise.notes == ("Open a ticket on the web for one with response times.",)


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        (Case("gold"), "vendor has no plan 'gold'; it has full, web-only, none"),
        (Case("full", region="mars"), "vendor has no region 'mars'; it has europe, moon"),
        (Case("full", asked="P7"), "vendor has no priority 'P7'; it has P1, P2, P3"),
    ],
)
def test_a_case_that_the_policy_does_not_know_is_refused(case: Case, wrong: str) -> None:
    with pytest.raises(UnknownCaseError) as caught:
        promised(VENDOR, case, FRIDAY)

    assert str(caught.value) == wrong


def test_without_a_warning_share_nobody_is_warned() -> None:
    promise = promised(replace(VENDOR, warn_at_percent=0), Case("full", asked="P2"), FRIDAY)

    assert [target.warn_at for target in promise.targets] == [None, None]
