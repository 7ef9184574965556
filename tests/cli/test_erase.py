"""`mailgate erase`: what goes and what stays is told before and after, and nobody is erased by mistake."""

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from mailgate.store.tables import outbox, tickets
from mailgate.store.unit import Database
from tests.core.desks import NOON
from tests.flows.test_erasure import BOBINA, CAROL, Story, told

if TYPE_CHECKING:
    from tests.cli.conftest import Ask


async def test_a_dry_run_tells_and_changes_nothing(database: Database, ask: "Ask") -> None:
    desk = await told(database)

    code, out, err = await ask("erase", BOBINA.address, "--dry-run", "--json")

    seen = json.loads(out)
    assert (code, "Reading their mails ..." in err) == (0, True)
    assert (seen["dry_run"], seen["tickets"], seen["mails"], seen["held"]) == (True, ["ACME-1"], 4, 0)
    assert [(one["ticket"], one["from"]) for one in seen["stays"]] == [("ACME-2", CAROL.address)]
    assert await desk.rows(select(tickets.c.requester).order_by(tickets.c.id)) == [
        (BOBINA.address,),
        (CAROL.address,),
    ]
    assert (await ask("audit", "--json"))[1].count("erase") == 0


async def test_the_trail_names_nobody(database: Database, ask: "Ask") -> None:
    await told(database)

    code, out, _ = await ask("erase", BOBINA.address, "--json")

    seen = json.loads(out)
    _, trail, _ = await ask("audit", "--json")
    last = json.loads(trail)[-1]
    assert (code, last["action"], last["subject"]) == (0, "erase", seen["pseudonym"])
    assert last["details"] == {
        "mails": 4,
        "letters": seen["letters"],
        "held": 0,
        "rows": seen["rows"],
        "stays": 1,
    }
    assert BOBINA.address not in trail
    assert (await ask("sla", "verify"))[0] in {0, 1}  # of the tests' own policy no file is kept


async def test_people_read_what_stays(database: Database, ask: "Ask") -> None:
    await told(database)

    _, out, _ = await ask("erase", BOBINA.address, "--no-vacuum")

    assert out.startswith(f"{BOBINA.address} was taken out; in that place stands erased-")
    assert "Tickets: ACME-1.\n" in out
    assert "What others wrote names them and stays:\n" in out


async def test_who_is_not_here_is_not_erased(database: Database, ask: "Ask") -> None:
    await told(database)
    said = "Nothing here names nobody@acme.example.\n"
    assert (await ask("erase", "nobody@acme.example"))[:2] == (0, said)
    assert (await ask("audit", "--json"))[1].count('"erase"') == 0


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("bobina", 2, "'bobina' is no address"),
        ("sam@example.com", 2, "sam@example.com is in the configuration: take them out of it first"),
        ("ops@example.com", 2, "ops@example.com is in the configuration: take them out of it first"),
        (CAROL.address, 1, "ACME-2 has not ended: resolve it first, or say --also-open; nothing was changed"),
    ],
)
async def test_nobody_is_erased_by_mistake(
    address: str, code: int, said: str, database: Database, ask: "Ask"
) -> None:
    await told(database)
    answer, out, err = await ask("erase", address)
    assert (answer, out, said in err) == (code, "", True)


async def test_a_letter_that_is_not_sent_yet_is_only_listed(database: Database, ask: "Ask") -> None:
    """One of somebody else's that names them goes out as it was written."""
    desk = await told(database)
    async with database.write() as unit:
        letter = outbox.c.ticket_id == 2
        to_carol = select(outbox.c.id).where(letter, outbox.c.kind == "staff_notice").limit(1)
        (id_,) = (await unit.execute(to_carol)).scalars()
        await unit.execute(update(outbox).where(outbox.c.id == id_).values(state="waiting", next_at=NOON))
    assert isinstance(desk, Story)

    _, out, _ = await ask("erase", BOBINA.address, "--json")

    assert [one["outbox"] for one in json.loads(out)["stays"] if "outbox" in one] == [id_]
    assert await desk.rows(select(outbox.c.state).where(outbox.c.id == id_)) == [("waiting",)]
