"""`mailgate audit`: what operators did by command, written with the change itself."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailgate import keyfile
from mailgate.cli.trace import operator
from mailgate.core.audit import Action, Audit
from mailgate.core.change import HoldKind
from mailgate.core.relay import OutboxState
from mailgate.store import audits
from mailgate.store.suppressions import suppress
from mailgate.store.unit import Database
from tests.cli.test_held import hold
from tests.cli.test_outbox import queue
from tests.cli.test_suppressed import BOB

if TYPE_CHECKING:
    from tests.cli.conftest import Ask
    from tests.conftest import World

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)


async def trail(ask: "Ask") -> list[tuple[object, ...]]:
    """What the trail says, without when and by whom: it is just now, and this user."""
    code, out, err = await ask("audit", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert {one["actor"] for one in found} <= {operator()}
    return [(one["action"], one["account"], one["subject"], one["details"]) for one in found]


async def test_an_empty_trail_says_so(ask: "Ask") -> None:
    assert await ask("audit") == (0, "No operator has changed anything.\n", "")
    assert await ask("audit", "--json") == (0, "[]\n", "")


async def test_what_is_done_to_held_mail_leaves_a_trace(world: "World", ask: "Ask") -> None:
    await hold(world)
    await hold(world)
    for _ in range(3):
        await hold(world, HoldKind.QUARANTINED)

    for words in ("release 1", "drop 2", "retry 3", "retry --all"):
        code, _, err = await ask("held", *words.split())
        assert (code, err) == (0, "")

    assert await trail(ask) == [
        ("held_release", "acme", "1", {"kind": "held"}),
        ("held_drop", "acme", "2", {"kind": "held"}),
        ("held_retry", "acme", "3", {"kind": "quarantined"}),
        ("held_retry", "acme", "4", {"kind": "quarantined"}),
        ("held_retry", "acme", "5", {"kind": "quarantined"}),
    ]


async def test_what_is_done_to_the_outbox_leaves_a_trace(database: Database, ask: "Ask") -> None:
    await queue(database, OutboxState.UNCERTAIN, OutboxState.FAILED)

    await ask("outbox", "retry", "1")
    await ask("outbox", "drop", "2")

    assert await trail(ask) == [
        ("outbox_retry", "acme", "1", {"kind": "acknowledgement", "state": "uncertain"}),
        ("outbox_drop", "acme", "2", {"kind": "acknowledgement", "state": "failed"}),
    ]


async def test_a_lifted_address_leaves_a_trace(database: Database, ask: "Ask") -> None:
    async with database.write() as unit:
        await suppress(unit, [BOB])

    await ask("suppressed", "lift", BOB.address)

    assert await trail(ask) == [("suppressed_lift", "", BOB.address, {})]


async def test_a_digest_sent_by_hand_leaves_a_trace_once(ask: "Ask") -> None:
    for _ in range(2):
        await ask("digest", "--send", "--now", "2026-11-20T20:00:00Z")

    assert await trail(ask) == [("digest_send", "", "2026-11-20", {})]


async def test_keys_leave_a_trace_and_never_themselves(configuration: Path, ask: "Ask") -> None:
    file = configuration.parent.parent / "var" / "secret.key"
    keyfile.keys(file, None)

    await ask("keys", "rotate", "--prepare")
    await ask("keys", "rotate")
    await ask("keys", "retire", "1")

    assert await trail(ask) == [
        ("keys_rotate", "", "2", {"prepare": True}),
        ("keys_rotate", "", "2", {"prepare": False}),
        ("keys_retire", "", "1", {}),
    ]


async def test_what_was_refused_leaves_none(configuration: Path, world: "World", ask: "Ask") -> None:
    keyfile.keys(configuration.parent.parent / "var" / "secret.key", None)
    await hold(world, HoldKind.NOT_ENTITLED)

    for words in ("held release 1", "held drop 7", "outbox retry 1", "suppressed lift x@y", "keys retire 1"):
        code, _, _ = await ask(*words.split())
        assert code != 0

    assert await trail(ask) == []


async def test_the_trail_is_listed_from_an_instant_on(database: Database, ask: "Ask") -> None:
    async with database.write() as unit:
        for at, subject in ((NINE, "1"), (TEN, "2")):
            await audits.note(unit, Audit(at, "sam", Action.HELD_DROP, "acme", subject))

    _, out, _ = await ask("audit", "--since", "2026-11-20T10:00:00Z", "--json")
    assert json.loads(out) == [
        {
            "at": "2026-11-20T10:00:00Z",
            "actor": "sam",
            "action": "held_drop",
            "account": "acme",
            "subject": "2",
            "details": {},
        }
    ]
    _, out, _ = await ask("audit")
    assert [line.split()[2:4] for line in out.splitlines()[2:]] == [["sam", "held_drop"]] * 2


async def test_details_are_told_in_words(database: Database, ask: "Ask") -> None:
    details = {"kind": "held", "prepare": True, "rows": 3}
    async with database.write() as unit:
        await audits.note(unit, Audit(NINE, "sam", Action.HELD_DROP, "acme", "1", details))

    _, out, _ = await ask("audit")
    assert out.splitlines()[-1].endswith("kind: held, prepare: true, rows: 3")


def test_the_one_for_whom_sudo_works_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    name = operator()
    monkeypatch.setenv("SUDO_USER", "sam")
    assert operator() == f"sam as {name}"


async def test_nonsense_is_bad_usage(ask: "Ask") -> None:
    for words in ("audit --since yesterday", "held retry", "held retry 1 --all", "held retry x"):
        code, out, err = await ask(*words.split())
        assert (code, out, "Traceback" in err) == (2, "", False)
