import json
from dataclasses import replace
from datetime import date

import pytest

from mailgate.core.calendar import Holiday
from mailgate.core.policy import Policy
from tests.core.policies import FULL, NORMAL, VENDOR


def test_urgency_is_the_place_in_the_order() -> None:
    assert [VENDOR.urgency(name) for name in ("P1", "P2", "P3")] == [0, 1, 2]
    assert VENDOR.priority("P2").title == "High"
    with pytest.raises(KeyError):
        VENDOR.urgency("P7")


def test_no_region_is_the_default_one() -> None:
    assert VENDOR.region("").name == "europe"
    assert VENDOR.region("moon").name == "moon"


def test_the_same_rules_have_the_same_version() -> None:
    assert replace(VENDOR).digest == VENDOR.digest
    assert len(VENDOR.digest) == 64


def _with_another_holiday() -> Policy:
    office = VENDOR.calendars["office"]
    holidays = (*office.holidays, Holiday(date(2026, 12, 26), "Boxing Day"))
    return replace(VENDOR, calendars={**VENDOR.calendars, "office": replace(office, holidays=holidays)})


@pytest.mark.parametrize(
    "other",
    [
        replace(VENDOR, title="Another"),
        replace(VENDOR, default_priority="P2"),
        replace(VENDOR, warn_at_percent=50),
        replace(VENDOR, caps=()),
        replace(VENDOR, plans={"full": replace(FULL, targets={"support": {"P1": NORMAL}})}),
        _with_another_holiday(),
    ],
)
def test_other_rules_are_another_version(other: Policy) -> None:
    """Edge case 40: a holiday that is added makes a new version, it changes no promise."""
    assert other.digest != VENDOR.digest


def test_the_content_is_canonical() -> None:
    content = VENDOR.content

    assert content == json.dumps(
        json.loads(content), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    assert '"on":"2026-12-25"' in content
