"""`mailgate sla verify`: every ticket is proved; it changes nothing, and tells what differs."""

import json

import pytest
from sqlalchemy import update

from mailgate.core.instant import written
from mailgate.store.tables import clocks
from mailgate.store.unit import Database
from tests.cli.conftest import Ask
from tests.flows.stories import after, lived


async def test_what_is_proved_is_told_in_a_line(database: Database, ask: Ask) -> None:
    """behaviour.md 6.5"""
    await lived(database)

    assert await ask("sla", "verify") == (0, "1 ticket: what is stored is what the journal says.\n", "")


async def test_differences_are_a_table_and_a_fault(database: Database, ask: Ask) -> None:
    """behaviour.md 6.5"""
    await lived(database)
    async with database.write() as unit:
        resolution = clocks.c.kind == "resolution"
        await unit.execute(update(clocks).where(resolution).values(due=after(0), rests=[]))

    code, out, err = await ask("sla", "verify", "ACME-1")

    assert (code, err) == (1, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "ticket of field stored recomputed"
    assert lines[2:] == [
        "ACME-1 resolution 1 due 2026-11-20 12:00:00Z 2026-11-22 20:30:00Z",
        (
            "ACME-1 resolution 1 rests none "
            "2026-11-20 14:00:00Z to 2026-11-20 22:00:00Z, the mail m3@acme.example of Sam"
        ),
        "",
        "1 ticket, 1 with differences.",
    ]


async def test_programs_get_the_values(database: Database, ask: Ask) -> None:
    """behaviour.md 6.5"""
    await lived(database)
    async with database.write() as unit:
        await unit.execute(update(clocks).where(clocks.c.kind == "resolution").values(due=after(0)))

    code, out, _ = await ask("sla", "verify", "--json", "--account", "acme")

    assert (code, json.loads(out)) == (
        1,
        {
            "tickets": 1,
            "wrong": 1,
            "differences": [
                {
                    "ticket": "ACME-1",
                    "kind": "resolution",
                    "epoch": 1,
                    "field": "due",
                    "stored": written(after(0)),
                    "recomputed": "2026-11-22T20:30:00Z",
                }
            ],
        },
    )


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("ACME-9",), 1, "there is no ticket ACME-9"),
        (("ACME",), 1, "there is no ticket ACME"),
        (("ACME-1", "--account", "acme"), 2, "--account is for every ticket of one: give it, or NUMBER"),
        (("--account", "amce"), 2, "there is no account 'amce': did you mean 'acme'?"),
    ],
)
async def test_what_cannot_be_proved_is_one_line(
    words: tuple[str, ...], code: int, line: str, database: Database, ask: Ask
) -> None:
    await lived(database)

    assert await ask("sla", "verify", *words) == (code, "", f"mailgate: {line}\n")


async def test_without_tickets_nothing_is_wrong(database: Database, ask: Ask) -> None:
    nothing = (0, "0 tickets: what is stored is what the journal says.\n", "")

    assert await ask("sla", "verify") == nothing
    assert await ask("sla", "verify", "--account", "ACME") == nothing
