"""`mailgate prune`: what ended long ago goes, in words and for programs."""

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from mailgate.core.clock import ClockState
from mailgate.store.tables import clocks, outbox, tickets
from mailgate.store.unit import Database
from tests.conftest import World
from tests.flows.test_retention import settled

if TYPE_CHECKING:
    from tests.cli.conftest import Ask

LATER = ("--now", "2028-04-03T12:00:00Z")
OLD = ("prune", "--older-than", "400d", *LATER)


async def test_a_dry_run_changes_nothing_and_counts(world: World, database: Database, ask: "Ask") -> None:
    await settled(database, 2)

    code, out, err = await ask(*OLD, "--dry-run", "--json")
    told = json.loads(out)
    assert (code, err, told["dry_run"], told["account"], told["before"]) == (
        *(0, "", True, None),
        "2027-02-28T12:00:00Z",
    )
    assert (told["rows"]["tickets"], told["rows"]["raw_mails"], told["free_octets"]) == (2, 2, None)
    assert told["kept"] == [
        {"month": "2026-11", "account": "acme", "priority": "P2", "kind": "response", "met": 2, "missed": 0}
    ]
    code, again, err = await ask(*OLD, "--json")
    assert (code, json.loads(again)["rows"]) == (0, told["rows"])
    assert err.startswith("tickets ...\n")
    _, out, _ = await ask("audit", "--json")
    (entry,) = json.loads(out)
    assert (entry["action"], entry["details"]["rows"]) == ("prune", told["rows"])
    _, out, _ = await ask(*OLD, "--dry-run")
    assert out == "Of what ended before 2027-02-28 12:00:00Z, 0 rows would go.\n"


async def test_people_are_told_what_went_and_what_stays_known(database: Database, ask: "Ask") -> None:
    await settled(database)

    code, out, _ = await ask(*OLD, "--account", "acme")

    assert code == 0
    assert out.startswith("Of what ended before 2027-02-28 12:00:00Z of acme, ")
    assert "Of the promises among it stays in `mailgate audit`:" in out
    assert ["2026-11", "acme", "P2", "response", "1", "0"] in [line.split() for line in out.splitlines()]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("prune", 2, "Missing option '--older-than'"),
        ("prune --older-than 400", 2, "'400' is no age; write one in days, like 400d"),
        ("prune --older-than 6d", 2, "nothing younger than 7d goes: copies of mails may still come"),
        ("prune --older-than 400d --account nobody", 1, "'nobody' is no account, and never was one"),
    ],
)
async def test_nonsense_is_one_line(words: str, code: int, said: str, database: Database, ask: "Ask") -> None:
    await settled(database)
    answer, out, err = await ask(*words.split())
    assert (answer, out, said in err, "Traceback" in err) == (code, "", True, False)


async def test_a_file_gives_back_what_is_free(database: Database, ask: "Ask") -> None:
    await settled(database, 60)
    async with database.write() as unit:
        await unit.execute(update(tickets).values(title="x" * 20_000))
        await unit.execute(update(outbox).values(subject="y" * 5_000))
        await unit.execute(update(clocks).values(state=ClockState.MET))
    code, out, _ = await ask(*OLD)
    if not database.is_sqlite:
        assert (code, "octets of the file" in out) == (0, False)
        code, _, err = await ask("db", "vacuum")
        assert (code, "VACUUM FULL" in err) == (2, True)
        return
    assert "octets of the file are free and are used again; `mailgate db vacuum` gives them back.\n" in out
    code, out, err = await ask("db", "vacuum")
    before, after = (int(word) for word in out.split() if word.isdigit())
    assert (code, err, before > 4 * after) == (0, "", True)
    assert (await ask("db", "check"))[0] == 0
