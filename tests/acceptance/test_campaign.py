"""A small crash campaign; the long one is `python -m campaign` (docs/campaign.md)."""

import asyncio
from pathlib import Path

import pytest

from campaign.plan import drawn
from campaign.rounds import run
from tests import postgresql


@pytest.mark.slow
@pytest.mark.parametrize(
    "on_postgresql",
    [False, pytest.param(True, marks=pytest.mark.postgresql)],
    ids=["sqlite", "postgresql"],
)
def test_nothing_is_lost_or_done_twice_while_the_server_is_killed(
    tmp_path: Path, *, on_postgresql: bool
) -> None:
    """behaviour.md 1.3, 2.1, 5.3, 5.4, 6.3"""
    if on_postgresql and not postgresql.is_installed():
        pytest.skip("PostgreSQL's server programs are not installed")
    plans = [drawn(seed, postgresql=on_postgresql) for seed in (1, 2, 3)]
    lines: list[str] = []
    tally = asyncio.run(run(plans, tmp_path / "campaign", lines.append, postgresql=on_postgresql))
    assert [one.breaches for one in tally.rounds] == [(), (), ()], lines
    assert sum(one.acknowledged for one in tally.rounds) > 60
