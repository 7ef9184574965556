"""`mailgate sla explain`: from the store of both databases, while the service runs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text, update

from mailgate.config import load
from mailgate.core.case import Case
from mailgate.core.change import PolicyVersion
from mailgate.core.event import TicketSetWaiting
from mailgate.core.policy import Policy
from mailgate.core.terms import terms
from mailgate.core.zone import RULES
from mailgate.store.apply import keep_policies
from mailgate.store.tables import tickets
from mailgate.store.unit import Database
from tests.cli.conftest import Ask
from tests.core.calendars import local
from tests.flows.stories import after, happens, lived, resolved

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
    assert out.splitlines()[:21] == [
        "ACME-1: P2, plan enterprise, region emea",
        "Policy particle, in the version under which the ticket was opened,",
        f"  {particle.digest}",
        f"Time zones by {RULES}; local times with their offset from UTC",
        "",
        "Response 1, P2: running",
        "  promised 4 business hours, by the calendar london (Europe/London)",
        "  began    Thu 2026-12-24 15:00:30+00:00 = 2026-12-24T15:00:30Z",
        "           the first mail of bob@acme.example",
        "  due      Tue 2026-12-29 11:00:30+00:00 = 2026-12-29T11:00:30Z",
        "  now      Tue 2026-12-29 10:30:00+00:00 = 2026-12-29T10:30:00Z",
        "      counted  from                           because",
        "+     1:59:30  Thu 2026-12-24 15:00:30+00:00  business hours",
        "            -  Thu 2026-12-24 17:00:00+00:00  outside business hours",
        "            -  Fri 2026-12-25 00:00:00+00:00  holiday: Christmas Day",
        "            -  Sat 2026-12-26 00:00:00+00:00  holiday: Boxing Day",
        "            -  Sun 2026-12-27 00:00:00+00:00  weekend",
        "            -  Mon 2026-12-28 00:00:00+00:00  holiday: Boxing Day (observed)",
        "            -  Tue 2026-12-29 00:00:00+00:00  outside business hours",
        "+     1:30:00  Tue 2026-12-29 09:00:00+00:00  business hours",
        "=     3:29:30  of 4:00:00, 0:30:30 left",
    ]


async def test_no_line_is_wider_than_a_letter(database: Database, ask: Ask) -> None:
    """`behaviour.md` 6.5: evidence for a customer."""
    await resolved(database)

    _, out, _ = await ask("sla", "explain", "ACME-1")

    assert [line for line in out.splitlines() if len(line) > 80] == []


async def test_every_epoch_is_shown_with_what_became_of_it(database: Database, ask: Ask) -> None:
    """`behaviour.md` 6.3, 6.5"""
    await resolved(database)

    _, out, _ = await ask("sla", "explain", "ACME-1")

    _, *shown = out.split("\n\n")
    assert [one.splitlines()[0] for one in shown] == [
        "Response 1, P2: void",
        "Response 2, P1: missed",
        "Resolution 1, P1: met",
    ]
    assert shown[0].splitlines()[5:8] == [
        "  void     Fri 2026-11-20 12:30:00+00:00 = 2026-11-20T12:30:00Z",
        "           replaced by the raise from P2 to P1 (the customer's reply asks for",
        "           P1)",
    ]
    assert shown[2].splitlines()[1:] == [
        "  promised 2 days, by the clock on the wall",
        "  began    Fri 2026-11-20 12:30:00+00:00 = 2026-11-20T12:30:00Z",
        "           the raise from P2 to P1 (the customer's reply asks for P1)",
        "  due      Sun 2026-11-22 20:30:00+00:00 = 2026-11-22T20:30:00Z",
        "  met      Fri 2026-11-20 23:40:00+00:00 = 2026-11-20T23:40:00Z",
        "           resolved by sam@example.com",
        "      counted  from                           because",
        "+     1:30:00  Fri 2026-11-20 12:30:00+00:00  wall-clock time always runs",
        "            -  Fri 2026-11-20 14:00:00+00:00  waits for the customer since the",
        "                                              mail m3@acme.example of Sam",
        "+     1:40:00  Fri 2026-11-20 22:00:00+00:00  wall-clock time always runs",
        "=     3:10:00  of 48:00:00, 44:50:00 left",
    ]


async def test_of_an_ended_ticket_the_same_bytes_are_told_for_ever(database: Database, ask: Ask) -> None:
    """`behaviour.md` 6.5"""
    await resolved(database)

    for form in ([], ["--json"]):
        soon = await ask("sla", "explain", "ACME-1", *form, "--now", "2026-11-20T12:00:00Z")
        late = await ask("sla", "explain", "ACME-1", *form, "--now", "2036-11-20T12:00:00Z")
        assert soon == late


async def test_years_are_told_in_a_few_lines_and_programs_get_each_stretch(
    world: "World", particle: Policy, ask: Ask
) -> None:
    """`behaviour.md` 6.5"""
    await opened(world, particle)
    later = ["--now", "2029-12-29T10:30:00Z"]

    _, out, _ = await ask("sla", "explain", "ACME-1", *later)
    _, plain, _ = await ask("sla", "explain", "ACME-1", "--json", *later)

    response = out.split("\n\n")[1]
    assert len(response.splitlines()) < 100
    counted = [line.split()[1] for line in response.splitlines() if line.startswith("+")]
    (used,) = (line.split()[1] for line in response.splitlines() if line.startswith("="))
    assert sum(map(seconds, counted)) == seconds(used)
    assert len(json.loads(plain)["clocks"][0]["stretches"]) > 1000


def seconds(length: str) -> int:
    hours, minutes, rest = map(int, length.split(":"))
    return 3600 * hours + 60 * minutes + rest


async def test_a_clock_that_rests_is_due_at_no_instant_that_is_known(database: Database, ask: Ask) -> None:
    """policies.md, Business time 8"""
    await lived(database)
    await happens(database, TicketSetWaiting(after(610), "sam@example.com", "the mail m4 of Sam", "/wait"))

    _, out, _ = await ask("sla", "explain", "ACME-1", "--now", "2026-11-21T12:00:00Z")
    _, plain, _ = await ask("sla", "explain", "ACME-1", "--json", "--now", "2026-11-21T12:00:00Z")

    line = "  due      when the customer has answered and 46:20:00 more is used up"
    assert line in out.splitlines()
    resting = json.loads(plain)["clocks"][2]
    assert (resting["state"], resting["due"], resting["consumed_ms"]) == ("paused", None, 6_000_000)


async def test_the_counted_stretches_of_the_json_add_up(world: "World", particle: Policy, ask: Ask) -> None:
    """`behaviour.md` 6.5"""
    await opened(world, particle)

    _, out, _ = await ask("sla", "explain", "[acme-1]", "--json", *NOW)

    told = json.loads(out)
    assert out.isascii()
    assert {name: value for name, value in told.items() if name != "clocks"} == {
        "ticket": "ACME-1",
        "policy": "particle",
        "version": particle.digest,
        "tzdata": RULES.removeprefix("tzdata "),
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


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("UPDATE journal SET kind = 'ticket_lost'", "ACME-1: a row of its journal cannot be read: "),
        ("UPDATE policies SET content = 'no policy'", "ACME-1: the policy version that it was opened under "),
    ],
)
async def test_what_cannot_be_read_is_one_line(broken: str, why: str, database: Database, ask: Ask) -> None:
    await lived(database)
    async with database.write() as unit:
        await unit.execute(text(broken))

    code, out, err = await ask("sla", "explain", "ACME-1")

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"mailgate: {why}")
