"""`mailgate outbox`: mail that goes out, and what an operator does about it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from mailgate.core.relay import Outage, OutboxState
from mailgate.store import mailq, outages, tables
from mailgate.store.posting import post
from mailgate.store.unit import Database
from tests.outgoing import ACKNOWLEDGEMENT

if TYPE_CHECKING:
    from tests.cli.conftest import Ask

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONE = datetime(2026, 11, 20, 13, tzinfo=UTC)


async def queue(database: Database, *states: OutboxState) -> None:
    """A mail in each of these states; number 1 is in the first."""
    for number, state in enumerate(states, 1):
        mail = replace(
            ACKNOWLEDGEMENT,
            cause=f"acknowledgement:{number}",
            message_id=f"{number}@support.example.com",
            content=b"Subject: [ACME-1] Help\r\n\r\n",
        )
        going = state in {OutboxState.WAITING, OutboxState.SENDING}
        async with database.write() as unit:
            await post(unit, NOON, [(None, mail)])
            await unit.execute(
                update(tables.outbox)
                .where(tables.outbox.c.cause == mail.cause)
                .values(state=state, attempts=2, reply="451 later", next_at=ONE if going else None)
            )


async def state(database: Database, id_: int) -> tuple[str, datetime | None]:
    async with database.read() as unit:
        entry = await mailq.entry(unit, id_)
    assert entry
    return entry.state, entry.next_at


async def test_an_empty_outbox_says_so(database: Database, ask: "Ask") -> None:
    await queue(database, OutboxState.SENT, OutboxState.DROPPED)

    assert await ask("outbox") == (0, "No mail waits, is uncertain or has failed.\n", "")
    assert await ask("outbox", "list", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize("words", [("outbox", "--json"), ("outbox", "list", "--json")])
async def test_what_is_no_success_is_listed(words: tuple[str, ...], database: Database, ask: "Ask") -> None:
    """behaviour.md 5.4: operators see it."""
    await queue(database, *OutboxState)

    code, out, err = await ask(*words, "--now", "2026-11-20T12:30:00Z")

    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [one["state"] for one in found] == ["waiting", "sending", "uncertain", "failed"]
    assert found[0] == {
        "id": 1,
        "kind": "acknowledgement",
        "account": "acme",
        "to": ["bob@acme.example"],
        "subject": "[ACME-1] Help",
        "state": "waiting",
        "attempts": 2,
        "created": "2026-11-20T12:00:00Z",
        "age": 1800,
        "next": "2026-11-20T13:00:00Z",
        "reply": "451 later",
        "via": "mail",
    }


async def test_people_see_a_table(database: Database, ask: "Ask") -> None:
    await queue(database, OutboxState.WAITING)

    _, out, _ = await ask("outbox", "--now", "2026-11-22T12:30:00Z")

    head, _, row = out.splitlines()
    assert head.split() == ["id", "kind", "to", "state", "age", "attempts", "next", "reply"]
    assert row.split() == [
        *("1", "acknowledgement", "bob@acme.example", "waiting", "2", "d", "2"),
        *("2026-11-20", "13:00:00Z", "451", "later"),
    ]


@pytest.mark.parametrize("before", [OutboxState.WAITING, OutboxState.UNCERTAIN, OutboxState.FAILED])
async def test_a_mail_is_tried_again_now(before: OutboxState, database: Database, ask: "Ask") -> None:
    await queue(database, before)

    answer = await ask("outbox", "retry", "1", "--now", "2026-11-20T12:30:00Z")

    assert answer == (0, "Mail 1 is due now; a running service sends it within seconds.\n", "")
    assert await state(database, 1) == ("waiting", datetime(2026, 11, 20, 12, 30, tzinfo=UTC))


@pytest.mark.parametrize("before", [OutboxState.WAITING, OutboxState.UNCERTAIN, OutboxState.FAILED])
async def test_a_mail_is_given_up(before: OutboxState, database: Database, ask: "Ask") -> None:
    await queue(database, before)

    assert await ask("outbox", "drop", "1") == (0, "Dropped 1.\n", "")
    assert await state(database, 1) == ("dropped", None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("retry 7", "no mail in the outbox has the number 7; `mailgate outbox` lists them"),
        ("drop 7", "no mail in the outbox has the number 7; `mailgate outbox` lists them"),
        ("retry 1", "mail 1 cannot be sent again: it is sent"),
        ("drop 1", "mail 1 cannot be dropped: it is sent"),
        ("retry 2", "mail 2 cannot be sent again: it is sending"),
        ("drop 2", "mail 2 cannot be dropped: it is sending"),
        ("retry 3", "mail 3 cannot be sent again: it is dropped"),
        ("drop 3", "mail 3 cannot be dropped: it is dropped"),
    ],
)
async def test_nonsense_changes_nothing_and_is_one_line(
    words: str, said: str, database: Database, ask: "Ask"
) -> None:
    states = (OutboxState.SENT, OutboxState.SENDING, OutboxState.DROPPED)
    await queue(database, *states)

    assert await ask("outbox", *words.split()) == (1, "", f"mailgate: {said}\n")
    assert [(await state(database, number))[0] for number in (1, 2, 3)] == list(states)


async def test_a_number_is_a_number(database: Database, ask: "Ask") -> None:
    code, out, err = await ask("outbox", "retry", "x")

    assert (code, out) == (2, "")
    assert "'x' is not a valid integer" in err


async def test_dead_letters_are_listed_by_themselves(database: Database, ask: "Ask") -> None:
    await queue(database, *OutboxState)

    _, out, _ = await ask("outbox", "list", "--failed", "--json")
    assert [one["state"] for one in json.loads(out)] == ["uncertain", "failed"]
    _, out, _ = await ask("outbox", "--failed", "--json")
    assert [one["state"] for one in json.loads(out)] == ["uncertain", "failed"]


async def test_a_server_that_is_away_is_told_before_the_list(database: Database, ask: "Ask") -> None:
    away = Outage("smtp://mx.example:25", NOON, ONE, "192.0.2.1 port 25: Connection refused")
    async with database.write() as unit:
        await outages.write(unit, "node", [away], NOON)

    told = await ask("outbox", "list", "--json", "--now", "2026-11-20T13:01:00Z")
    later = await ask("outbox", "list", "--json", "--now", "2026-11-20T15:00:00Z")

    assert told == (
        *(0, "[]\n"),
        (
            "smtp://mx.example:25 cannot be reached since 2026-11-20T12:00:00Z, and mail for it waits: "
            "192.0.2.1 port 25: Connection refused\n"
        ),
    )
    assert later == (0, "[]\n", "")  # whoever wrote it would have probed again
