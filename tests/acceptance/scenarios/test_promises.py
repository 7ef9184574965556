"""Promises under a policy of its own: what is due when, what was used of it, and what a pause is worth."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailgate.core.ticket import Status
from tests.acceptance.installation import ACCOUNT, Installation
from tests.acceptance.stage import BOB, Stage, playing, to

MONDAY = "2027-01-04T09:30:00Z"
SHOP = """\
title = "A shop with hours of its own"
source = "https://shop.example/support"
default_priority = "P2"
default_region = "here"
reopen_days = 14
[calendars.day]
timezone = "UTC"
hours = { "mon-fri" = ["08:00-18:00"] }
[calendars.newyork]
timezone = "America/New_York"
hours = { "mon-fri" = ["09:00-18:00"] }
[calendars.moscow]
timezone = "Europe/Moscow"
hours = { "mon-fri" = ["09:00-18:00"] }
[regions.here]
title = "Here"
calendar = "day"
[regions.newyork]
title = "New York"
calendar = "newyork"
[regions.moscow]
title = "Moscow"
calendar = "moscow"
[[priorities]]
name = "P1"
title = "Now"
[[priorities]]
name = "P2"
title = "Soon"
[[priorities]]
name = "P3"
title = "Some day"
[plans.whole]
title = "Whole"
[plans.whole.targets.support]
P1 = { response = "2 business hours" }
P3 = { response = "best effort" }
[plans.whole.targets.support.P2]
response = "60 business minutes"
next_response = "120 business minutes"
resolution = "180 business minutes"
"""


def shop(folder: Path, region: str = "here") -> Installation:
    account = ACCOUNT.replace("particle", "shop").replace("enterprise", "whole").replace("americas", region)
    return Installation(folder, account=account, policies={"shop": SHOP})


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with playing(shop(tmp_path), MONDAY) as stage:
        yield stage


async def used(stage: Stage, number: int) -> dict[str, tuple[int, int]]:
    """Of each clock, by its kind: how many minutes it used, and how many were left of it."""
    told = json.loads(await stage.asks("sla", "explain", f"ACME-{number}", "--json"))
    return {
        one["kind"]: (one["consumed_ms"] // 60_000, (one["amount_ms"] - one["consumed_ms"]) // 60_000)
        for one in told["clocks"]
    }


async def test_the_oldest_unanswered_mail_is_what_an_answer_is_due_for(stage: Stage) -> None:
    """Scenario 23 of the classic peers; policies.md: a response, and a next response"""
    mails = await stage.writes(BOB, "A question", "How?")
    notice, acknowledgement = to(mails, "sam@example.com"), to(mails, "bob@acme.example")
    await stage.answers("2027-01-04T10:00:00Z", acknowledgement, "Anybody?")
    assert (await stage.clocks(1))[0] == "response running 2027-01-04T10:30:00Z"

    (answer,) = await stage.answers("2027-01-04T10:20:00Z", notice, "Like this.")
    await stage.answers("2027-01-04T10:40:00Z", notice, "Or like that.")
    assert [one for one in await stage.clocks(1) if "response" in one] == [
        "response met 2027-01-04T10:30:00Z"
    ]

    await stage.answers("2027-01-04T11:00:00Z", answer, "It does not work.")
    await stage.answers("2027-01-04T11:30:00Z", answer, "Not at all.")
    assert "next_response running 2027-01-04T13:00:00Z" in await stage.clocks(1)
    await stage.answers("2027-01-04T12:00:00Z", notice, "Then this.")
    await stage.answers("2027-01-04T12:10:00Z", notice, "And that.")
    assert [one for one in await stage.clocks(1) if "next" in one] == [
        "next_response met 2027-01-04T13:00:00Z"
    ]


async def test_what_was_used_of_each_promise_is_told_to_the_minute(stage: Stage) -> None:
    """Scenario 24 of the classic peers: promised until 10:30 and 12:30, kept at 14:00 and 13:00"""
    first = to(await stage.writes(BOB, "A question", "How?"), "sam@example.com")
    second = to(await stage.writes(BOB, "Another", "Why?"), "sam@example.com")
    promised = ["response running 2027-01-04T10:30:00Z", "resolution running 2027-01-04T12:30:00Z"]
    assert await stage.clocks(1) == await stage.clocks(2) == promised
    await stage.answers("2027-01-04T13:00:00Z", second, "/resolve\nLike this.")
    await stage.answers("2027-01-04T14:00:00Z", first, "Like this.")
    assert (await used(stage, 1))["response"] == (270, -210)
    assert (await used(stage, 2))["resolution"] == (210, -30)


async def test_a_priority_without_a_promise_ends_the_promise(stage: Stage) -> None:
    """Scenario 24 of the classic peers; policies.md Business time 7"""
    notice = to(await stage.writes(BOB, "A question", "How?"), "sam@example.com")
    await stage.answers("2027-01-04T09:40:00Z", notice, "/priority P3")
    assert await stage.clocks(1) == []
    await stage.answers("2027-01-04T09:50:00Z", notice, "/priority P1")
    assert await stage.clocks(1) == ["response running 2027-01-04T11:50:00Z"]


@pytest.mark.parametrize(
    ("region", "due"), [("newyork", "2007-01-02T15:00:00Z"), ("moscow", "2007-01-02T08:00:00Z")]
)
async def test_two_business_hours_end_by_the_clocks_of_the_region(
    tmp_path: Path, region: str, due: str
) -> None:
    """Scenario 24 of the classic peers"""
    async with playing(shop(tmp_path, region), "2007-01-01T22:00:00Z") as stage:
        await stage.writes(BOB, "[P1] A question", "How?")
        assert await stage.clocks(1) == [f"response running {due}"]


async def test_a_pause_is_worth_its_business_time_and_no_more(stage: Stage) -> None:
    """Scenario 25 of the classic peers; policies.md Business time 9"""
    mails = await stage.writes(BOB, "A question", "How?")
    notice = to(mails, "sam@example.com")
    (question,) = await stage.answers("2027-01-04T10:00:00Z", notice, "/wait\nWhich version?")
    await stage.answers("2027-01-04T10:45:00Z", question, "Six.")
    assert (await stage.clocks(1))[1] == "resolution running 2027-01-04T13:15:00Z"


async def test_a_pause_while_nobody_works_moves_nothing(stage: Stage) -> None:
    """Scenario 25 of the classic peers"""
    stage.now = "2027-01-04T17:00:00Z"
    notice = to(await stage.writes(BOB, "A question", "How?"), "sam@example.com")
    assert (await stage.clocks(1))[1] == "resolution running 2027-01-05T10:00:00Z"
    mails = await stage.answers("2027-01-04T19:00:00Z", notice, "/wait\nWhich version?")
    question = to(mails, "bob@acme.example")
    await stage.answers("2027-01-05T06:00:00Z", question, "Six.")
    assert (await stage.clocks(1))[1] == "resolution running 2027-01-05T10:00:00Z"


async def test_who_pauses_without_an_answer_has_missed_it_all_the_same(stage: Stage) -> None:
    """Scenario 25 of the classic peers: a pause moves the resolution, never the first answer"""
    notice = to(await stage.writes(BOB, "A question", "How?"), "sam@example.com")
    assert await stage.answers("2027-01-04T10:00:00Z", notice, "/wait") == []
    assert await stage.status(1) is Status.WAITING
    stage.now = "2027-01-04T10:31:00Z"
    stage.house.sweeps.ring()
    (missed,) = await stage.sent()
    assert missed["To"] == "sam@example.com"
    assert (await stage.clocks(1))[0] == "response missed 2027-01-04T10:30:00Z"
