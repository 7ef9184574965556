"""Promises are kept an eye on whatever dies: two servers of one PostgreSQL, one of them killed at random.

The long run is `python -m bench promises`, which asks for two seconds; here are a few hundred, and a busy
machine is given more.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.wallclock import now
from tests.promises import Plan, run

pytestmark = pytest.mark.postgresql


def test_each_promise_is_warned_of_and_missed_and_paged_for_once_and_none_late(
    tmp_path: Path, postgresql_url: str
) -> None:
    """behaviour.md 6.2, 6.3, 6.4"""
    first = now() + timedelta(seconds=20)
    within, warned = timedelta(seconds=6), timedelta(seconds=2)
    plan = Plan(400, first, within, warned, paged=True, mails=40, pause=2)
    outcome = run(tmp_path, postgresql_url, plan, now)

    assert outcome.kills > 0
    assert outcome.faults(plan, patience=timedelta(seconds=5)) == []
