"""`mailgate suppressed`: which addresses get nothing for now, and how one gets mail again."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mailgate.core.suppression import Suppression
from mailgate.store.suppressions import suppress

if TYPE_CHECKING:
    from tests.cli.conftest import Ask
    from tests.conftest import World

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
NOW = "2026-11-20T10:00:00Z"
BOB = Suppression(
    "bob@acme.example", NINE, NINE + timedelta(days=60), "5.1.1", "[bold]no such user\x1b[31m", "acme"
)


async def bounced(world: "World") -> None:
    async with world.database.write() as unit:
        await suppress(unit, [BOB])


async def test_nothing_suppressed_says_so(world: "World", ask: "Ask") -> None:
    assert await ask("suppressed") == (0, "No address is suppressed.\n", "")
    assert await ask("suppressed", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize("words", [("suppressed",), ("suppressed", "list")])
async def test_addresses_are_listed_with_the_reason(
    words: tuple[str, ...], world: "World", ask: "Ask"
) -> None:
    """behaviour.md 5.5: visible"""
    await bounced(world)
    code, out, err = await ask(*words, "--json", "--now", NOW)
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {
            "address": "bob@acme.example",
            "since": "2026-11-20T09:00:00Z",
            "until": "2027-01-19T09:00:00Z",
            "status": "5.1.1",
            "reason": "[bold]no such user\x1b[31m",
            "account": "acme",
        }
    ]
    code, out, err = await ask(*words, "--now", NOW)
    assert "[bold]no such user\N{REPLACEMENT CHARACTER}[31m" in out
    assert "2026-11-20" in out


async def test_one_whose_time_is_over_is_not_listed(world: "World", ask: "Ask") -> None:
    await bounced(world)
    assert await ask("suppressed", "--json", "--now", "2027-01-19T09:00:00Z") == (0, "[]\n", "")


async def test_an_address_is_lifted(world: "World", ask: "Ask") -> None:
    """behaviour.md 5.5: reversible"""
    await bounced(world)
    said = "Lifted Bob@acme.example; what is written from now on goes to it again.\n"
    assert await ask("suppressed", "lift", "Bob@acme.example") == (0, said, "")
    assert await ask("suppressed", "--json", "--now", NOW) == (0, "[]\n", "")
    code, _, err = await ask("suppressed", "lift", "Bob@acme.example")
    assert code == 1
    assert "Bob@acme.example is not suppressed; `mailgate suppressed` lists what is" in err
