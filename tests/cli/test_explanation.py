"""`mailgate sla explain`: from the store of both databases, while the service runs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from mailgate.config import load
from mailgate.core.change import PolicyVersion
from mailgate.core.policy import Case, Policy
from mailgate.core.terms import terms
from mailgate.store.apply import keep_policies
from mailgate.store.tables import tickets
from tests.cli.conftest import Ask
from tests.core.calendars import local

if TYPE_CHECKING:
    from tests.conftest import World

OPENED = local("2026-12-24 15:00:30", "Europe/London")  # a Thursday
NOW = ["--now", "2026-12-29T10:30:00Z"]


@pytest.fixture
def particle(configuration: Path) -> Policy:
    return load(configuration).desk.policies["particle"]


async def opened(world: "World", policy: Policy) -> None:
    """A P2 ticket of an account in EMEA under that version of the policy."""
    promised = terms(policy, Case("enterprise", region="emea"), "P2").values()
    await world.opened(OPENED, *(term.clock(OPENED) for term in promised))
    async with world.database.write() as unit:
        await keep_policies(unit, OPENED, [PolicyVersion(policy.digest, policy.name, policy.content)])
        await unit.execute(update(tickets).values(policy=policy.digest))


async def test_a_person_is_shown_every_stretch(world: "World", particle: Policy, ask: Ask) -> None:
    """`behaviour.md` 6.5"""
    await opened(world, particle)

    code, out, err = await ask("sla", "explain", "ACME-1", *NOW)

    assert (code, err) == (0, "")
    assert out.replace(" GMT", "").splitlines()[:14] == [
        "ACME-1: P2, plan enterprise, region emea",
        f"Policy particle, version {particle.digest[:12]}, under which the ticket was opened",
        "",
        "Response at P2: 4 business hours, business time of the calendar london",
        "  started  Thu 2026-12-24 15:00:30 (Europe/London)",
        "  due      Tue 2026-12-29 11:00:30",
        "  running  Tue 2026-12-29 10:30:00",
        "  used up  3:29:30 of 4:00:00",
        "  +        1:59:30  Thu 2026-12-24 15:00:30 to Thu 2026-12-24 17:00:00: business hours",
        "           7:00:00  Thu 2026-12-24 17:00:00 to Fri 2026-12-25 00:00:00: outside business hours",
        "          24:00:00  Fri 2026-12-25 00:00:00 to Sat 2026-12-26 00:00:00: holiday: Christmas Day",
        "          24:00:00  Sat 2026-12-26 00:00:00 to Sun 2026-12-27 00:00:00: holiday: Boxing Day",
        "          24:00:00  Sun 2026-12-27 00:00:00 to Mon 2026-12-28 00:00:00: weekend",
        (
            "          24:00:00  Mon 2026-12-28 00:00:00 to Tue 2026-12-29 00:00:00:"
            " holiday: Boxing Day (observed)"
        ),
    ]


async def test_the_counted_stretches_of_the_json_add_up(world: "World", particle: Policy, ask: Ask) -> None:
    """`behaviour.md` 6.5"""
    await opened(world, particle)

    _, out, _ = await ask("sla", "explain", "[acme-1]", "--json", *NOW)

    told = json.loads(out)
    assert {name: told[name] for name in ("ticket", "policy", "version", "plan", "region", "priority")} == {
        "ticket": "ACME-1",
        "policy": "particle",
        "version": particle.digest,
        "plan": "enterprise",
        "region": "emea",
        "priority": "P2",
    }
    for clock in told["clocks"]:
        stretches = clock["stretches"]
        assert sum(one["ms"] for one in stretches if one["counted"]) == clock["consumed_ms"] == 12_570_000
        assert [one["to"] for one in stretches[:-1]] == [one["from"] for one in stretches[1:]]
        assert (stretches[0]["from"], stretches[-1]["to"]) == (clock["started"], clock["until"])


async def test_the_version_that_was_in_force_then_explains_and_not_todays(
    world: "World", configuration: Path, particle: Policy, ask: Ask
) -> None:
    """`behaviour.md` 6.5; edge case 40."""
    await opened(world, particle)
    before = await ask("sla", "explain", "ACME-1", *NOW)
    file = configuration.parent / "policies" / "particle.toml"
    file.write_text(file.read_text("utf-8").replace("09:00-17:00", "10:00-16:00"), "utf-8")

    after = await ask("sla", "explain", "ACME-1", *NOW)

    assert load(configuration).desk.policies["particle"].digest != particle.digest
    assert after == before


@pytest.mark.parametrize("number", ["ACME-2", "GLOBEX-1", "ACME", "-1", "ACME-9999999999", "1"])
async def test_an_unknown_ticket_is_one_line(number: str, world: "World", particle: Policy, ask: Ask) -> None:
    await opened(world, particle)

    assert await ask("sla", "explain", "--", number) == (
        1,
        "",
        f"mailgate: there is no ticket {number}\n",
    )
