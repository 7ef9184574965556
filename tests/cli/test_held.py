"""`mailgate held`: who was not let in is shown, and an operator decides."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mailgate.core.change import Hold, HoldKind, Outcome
from mailgate.store import claims
from mailgate.store.apply import apply
from mailgate.store.held import Held, HeldState, entry

if TYPE_CHECKING:
    from tests.cli.conftest import Ask
    from tests.conftest import World

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
KINDS = {
    HoldKind.HELD: Outcome.HELD,
    HoldKind.NOT_ENTITLED: Outcome.NOT_ENTITLED,
    HoldKind.QUARANTINED: Outcome.QUARANTINED,
    HoldKind.OPERATOR: Outcome.HELD,
}


async def hold(world: "World", kind: HoldKind = HoldKind.HELD) -> None:
    change = await world.spooled(NINE)
    held = Hold(kind, "eve@elsewhere.example", "[bold]Let me in\x1b[31m")
    async with world.database.write() as unit:
        await apply(
            unit, TEN, [replace(change, outcome=KINDS[kind], hold=held, reason="outside the account")]
        )


async def test_nothing_held_says_so(world: "World", ask: "Ask") -> None:
    assert await ask("held") == (0, "No held mail.\n", "")
    assert await ask("held", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize("words", [("held", "--json"), ("held", "list", "--json")])
async def test_held_mail_is_listed(words: tuple[str, ...], world: "World", ask: "Ask") -> None:
    await hold(world)
    await hold(world, HoldKind.QUARANTINED)

    code, out, err = await ask(*words, "--now", "2026-11-20T11:00:00Z")

    first, second = json.loads(out)
    assert (code, err, second["kind"]) == (0, "", "quarantined")
    assert first == {
        "id": 1,
        "kind": "held",
        "account": "acme",
        "at": "2026-11-20T10:00:00Z",
        "age": 3600,
        "attempts": 0,
        "from": "eve@elsewhere.example",
        "subject": "[bold]Let me in\x1b[31m",
        "reason": "outside the account",
    }


async def test_people_see_a_table_that_obeys_nothing(world: "World", ask: "Ask") -> None:
    await hold(world)

    _, out, _ = await ask("held")

    assert "eve@elsewhere.example   [bold]Let me in\N{REPLACEMENT CHARACTER}[31m" in out


@pytest.mark.parametrize(("kind", "allowed"), [(HoldKind.HELD, True), (HoldKind.QUARANTINED, False)])
async def test_a_released_mail_is_decided_again_with_its_sender_allowed(
    kind: HoldKind, world: "World", ask: "Ask", *, allowed: bool
) -> None:
    """behaviour.md 2.7: released by command; of one that nobody could read, no sender is known to allow."""
    await hold(world, kind)

    released = await ask("held", "release", "1")

    assert released == (0, "Released 1; a running service decides it within seconds.\n", "")
    assert await ask("held", "--json") == (0, "[]\n", "")
    async with world.database.write() as unit:
        (mail,) = await claims.claim_mails(unit, TEN, lease=TEN - NINE, limit=10)
    assert (mail.received, mail.attempts, mail.released) == (NINE, 1, allowed)


async def test_a_released_mail_that_cannot_be_let_in_is_listed_again(world: "World", ask: "Ask") -> None:
    await hold(world, HoldKind.QUARANTINED)
    await ask("held", "release", "1")
    change = replace(await world.spooled(NINE), spool_id=1, raw_id=1, outcome=Outcome.QUARANTINED)
    held = Hold(HoldKind.QUARANTINED, "eve@elsewhere.example", "")
    async with world.database.write() as unit:
        await apply(unit, TEN, [replace(change, hold=held, reason="still too deep")])

    _, out, _ = await ask("held", "--json")

    assert [(one["id"], one["reason"]) for one in json.loads(out)] == [(1, "still too deep")]


async def test_a_dropped_mail_is_off_the_list_and_never_decided(world: "World", ask: "Ask") -> None:
    await hold(world)

    assert await ask("held", "drop", "1") == (0, "Dropped 1.\n", "")
    assert await ask("held", "--json") == (0, "[]\n", "")
    async with world.database.write() as unit:
        found = await entry(unit, 1)
        assert await claims.claim_mails(unit, TEN, lease=TEN - NINE, limit=10) == ()
    assert isinstance(found, Held)
    assert found.state is HeldState.DROPPED


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("release 7", "mailgate: no held mail has the number 7; `mailgate held` lists them\n"),
        ("drop 7", "mailgate: no held mail has the number 7; `mailgate held` lists them\n"),
        (
            "release 1",
            "mailgate: mail 1 cannot be released: it is kept as not_entitled, not for its sender\n",
        ),
        ("release 2", "mailgate: mail 2 is dropped already\n"),
        ("drop 2", "mailgate: mail 2 is dropped already\n"),
    ],
)
async def test_nonsense_changes_nothing_and_is_one_line(
    words: str, said: str, world: "World", ask: "Ask"
) -> None:
    await hold(world, HoldKind.NOT_ENTITLED)
    await hold(world)
    await ask("held", "drop", "2")

    assert await ask("held", *words.split()) == (1, "", said)


async def test_json_is_said_of_the_list(world: "World", ask: "Ask") -> None:
    code, out, err = await ask("held", "--json", "drop", "1")

    assert (code, out) == (2, "")
    assert "unexpected extra arguments (drop 1)" in err


async def test_only_what_was_quarantined_is_read_again(world: "World", ask: "Ask") -> None:
    await hold(world)
    await hold(world, HoldKind.QUARANTINED)

    said = "mail 1 cannot be tried again: it is kept as held, and was read well; `release` lets it in"
    assert await ask("held", "retry", "1") == (1, "", f"mailgate: {said}\n")
    said = "Quarantined mails that are read again, by a running service within seconds: 1.\n"
    assert await ask("held", "retry", "--all") == (0, said, "")
    assert await ask("held", "retry", "2") == (1, "", "mailgate: mail 2 is released already\n")
