"""A small crash campaign; the long one is `python -m campaign` (docs/campaign.md)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from campaign import commands, mutations
from campaign.__main__ import main
from campaign.breakages import Mutation
from campaign.plan import Plan, drawn
from campaign.points import every
from campaign.rounds import run
from campaign.tally import Tally
from tests import postgresql

on_postgresql = (
    pytest.mark.postgresql,
    pytest.mark.skipif(
        not postgresql.is_installed(), reason="PostgreSQL's server programs are not installed"
    ),
)

ON_POSTGRESQL = "test_postgresql_is_not_upgraded_by_the_start_of_the_service"


def played(plans: Sequence[Plan], folder: Path, *, postgresql: bool) -> Tally:
    lines: list[str] = []
    tally = asyncio.run(run(plans, folder / "campaign", lines.append, postgresql=postgresql))
    assert [one.breaches for one in tally.rounds] == [()] * len(plans), lines
    return tally


@pytest.mark.slow
@pytest.mark.parametrize("on", [False, pytest.param(True, marks=on_postgresql)], ids=["sqlite", "postgresql"])
def test_nothing_is_lost_or_done_twice_while_the_server_is_killed(tmp_path: Path, *, on: bool) -> None:
    """behaviour.md 1.3, 2.1, 5.3, 5.4, 6.3"""
    tally = played([drawn(seed, postgresql=on) for seed in (1, 2)], tmp_path, postgresql=on)
    assert sum(one.acknowledged for one in tally.rounds) > 40


@pytest.mark.slow
def test_nothing_is_lost_or_done_twice_wherever_the_server_dies(tmp_path: Path) -> None:
    tally = played(every(1, thorough=False, postgresql=False), tmp_path, postgresql=False)
    assert [one.told for one in tally.rounds if not one.reached] == []


@pytest.mark.slow
def test_a_schema_and_a_digest_that_were_killed_half_way_are_whole_the_next_time(tmp_path: Path) -> None:
    lines: list[str] = []
    assert commands.run(tmp_path, None, lines.append) == [], lines


@pytest.mark.slow
def test_the_campaign_finds_what_is_broken_on_purpose() -> None:
    lines: list[str] = []
    assert mutations.run(["reply_before_commit"], lines.append) == 0, lines


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "told"),
    [
        pytest.param("store/test_migrate.py::" + ON_POSTGRESQL, "it passed", marks=on_postgresql),
        ("nowhere", "it failed otherwise: ERROR: file or directory not found: tests/nowhere"),
    ],
)
def test_a_mutation_that_is_not_caught_says_whether_its_command_could_run(test: str, told: str) -> None:
    unbroken = Mutation("none", ("pytest", "-q", f"tests/{test}"), "^FAILED ", ())
    assert mutations.tried(unbroken).line.endswith(f" NOT CAUGHT: {told}")


def test_a_mutation_that_there_is_not_is_named() -> None:
    lines: list[str] = []
    assert mutations.run(["no_locks"], lines.append) == 2
    assert lines[0].startswith("No mutation is called no_locks; choose from reply_before_commit, ")


@pytest.mark.parametrize("place", ["nowhere", "", "after_mark:explode:1", "after_mark:kill:often"])
def test_a_place_that_there_is_not_is_told_before_anything_begins(
    place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--at", place])
    told = capsys.readouterr().err
    assert (ended.value.code, "argument --at: MAILGATE_FAILPOINT: " in told) == (2, True)
