"""What the five shipped policies promise, in the words of an acknowledgement."""

from datetime import datetime

import pytest

from mailgate.core.case import Case
from mailgate.core.promise import promised
from mailgate.core.telling import in_words
from tests.config.shipped import PACIFIC, shipped
from tests.core.calendars import local, utc

FRIDAY = local("2026-11-20 15:00", PACIFIC)
CASES = [
    (
        "particle",
        Case("enterprise", asked="P1"),
        [
            "by Friday 20 November, 16:00 Pacific (1 hour, around the clock)",
            "by Sunday 22 November, 15:00 Pacific (2 days, around the clock, met by de-escalation to P2)",
        ],
    ),
    (
        "particle",
        Case("enterprise", asked="P2"),
        [
            "by Monday 23 November, 11:00 Pacific (4 business hours)",
            "by Tuesday 24 November, 15:00 Pacific (2 business days)",
        ],
    ),
    (
        "particle",
        Case("enterprise", region="emea", asked="P2"),
        [
            "by Monday 23 November, 13:00 UK time (4 business hours)",
            "by Tuesday 24 November, 17:00 UK time (2 business days)",
        ],
    ),
    (
        "planetscale",
        Case("enterprise", asked="P3", channel="web"),
        [
            "by Monday 23 November, 07:00 UTC-8 (4 business hours)",
            "as soon as we can (best effort, without a fixed time)",
        ],
    ),
    (
        "platformsh",
        Case("standard", asked="Normal"),
        [
            "expected from Monday 23 November, 17:00, by Tuesday 24 November, 17:00 UTC (1-2 business days)",
            "as soon as we can (best effort, without a fixed time)",
        ],
    ),
    ("pantheon-tiers", Case("gold"), ["by Friday 20 November, 23:00 Pacific (8 business hours)"]),
    (
        "pantheon-priority",
        Case("priority", role="on-call"),
        ["by Friday 20 November, 16:00 Pacific (60 minutes, around the clock)"],
    ),
]


@pytest.mark.parametrize(("policy", "case", "words"), CASES)
def test_every_vendor_promises_in_words_that_a_customer_understands(
    policy: str, case: Case, words: list[str]
) -> None:
    targets = promised(shipped(policy), case, FRIDAY).targets

    assert [in_words(target, FRIDAY) for target in targets] == words


@pytest.mark.parametrize(
    ("received", "words"),
    [
        (utc("2026-12-31 22:00"), "by Monday 4 January 2027, 10:00 Pacific (4 business hours)"),
        (utc("2027-01-04 17:00"), "by Monday 4 January, 13:00 Pacific (4 business hours)"),
    ],
)
def test_the_year_is_told_over_new_year(received: datetime, words: str) -> None:
    target = promised(shipped("particle"), Case("enterprise", asked="P2"), received).targets[0]

    assert in_words(target, received) == words
