"""`mailgate tickets` and `mailgate ticket`: while the service runs, on both databases."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from mailgate.cli import run
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.event import StaffReplied, TargetMissed, TicketResolved
from mailgate.core.message import Mailbox
from mailgate.core.participant import Participant, PeopleChanged, Side, TicketAssigned
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.store.journal import record
from mailgate.store.tables import tickets
from mailgate.store.unit import Database
from tests.outgoing import ACKNOWLEDGEMENT

if TYPE_CHECKING:
    from tests.conftest import World

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
RESPONSE = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, START, DUE)
MISSED = replace(RESPONSE, state=ClockState.MISSED, detected=datetime(2026, 11, 20, 13, 0, 1, tzinfo=UTC))
MET = replace(
    RESPONSE,
    kind=TargetKind.RESOLUTION,
    state=ClockState.MET,
    stopped=datetime(2026, 11, 20, 10, tzinfo=UTC),
)
TICKET = {
    "number": "ACME-1",
    "account": "acme",
    "subject": "Help",
    "priority": "P2",
    "status": "new",
    "requester": "bob@acme.example",
    "assignee": None,
    "people": [],
    "opened": "2026-11-20T09:00:00Z",
    "clocks": [
        {
            "kind": "response",
            "priority": "P2",
            "epoch": 1,
            "state": "running",
            "due": "2026-11-20T13:00:00Z",
            "stopped": None,
        },
        {
            "kind": "resolution",
            "priority": "P2",
            "epoch": 1,
            "state": "met",
            "due": "2026-11-20T13:00:00Z",
            "stopped": "2026-11-20T10:00:00Z",
        },
    ],
}


async def answer(
    capsys: pytest.CaptureFixture[str], configuration: Path, *words: str
) -> tuple[int, str, str]:
    capsys.readouterr()
    code = await asyncio.to_thread(run, ["--config", str(configuration), *words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


async def test_tickets_are_listed_newest_first(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """contract.md, `tickets --json`"""
    await world.opened(START, RESPONSE, MET)
    await world.opened(START, account="globex")
    code, out, err = await answer(capsys, configuration, "tickets", "--json")
    first, second = json.loads(out)
    assert (code, err) == (0, "")
    assert (first["number"], second) == ("GLOBEX-1", TICKET)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("", ["GLOBEX-1", "ACME-3", "ACME-2", "ACME-1"]),
        ("--account Acme", ["ACME-3", "ACME-2", "ACME-1"]),
        ("--account acme --status open", ["ACME-3"]),
        ("--status new --limit 2", ["GLOBEX-1", "ACME-2"]),
        ("--overdue --now 2026-11-20T13:00:00Z", []),
        ("--overdue --now 2026-11-20T13:00:00.001Z", ["ACME-2", "ACME-1"]),
        ("--overdue --now 2026-11-20T14:00:00+01:00", []),
        ("--account nobody", []),
    ],
)
async def test_a_list_is_narrowed(
    words: str,
    numbers: list[str],
    world: "World",
    configuration: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await world.opened(START, RESPONSE)
    await world.opened(START, MISSED)
    replied = await world.opened(START, RESPONSE)
    await world.opened(START, MET, account="globex")
    late = replace(MISSED, stopped=datetime(2026, 11, 20, 15, tzinfo=UTC))
    async with world.database.write() as unit:
        event = StaffReplied(START, "sam@example.com", "a staff reply", (late,))
        await record(unit, START, [(replied.id, event)])
    code, out, _ = await answer(capsys, configuration, "tickets", "--json", *words.split())
    assert (code, [one["number"] for one in json.loads(out)]) == (0, numbers)


async def test_one_ticket_tells_its_whole_story(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """contract.md, `ticket NUMBER --json`"""
    ticket = await world.opened(START, RESPONSE, MET, mails=(ACKNOWLEDGEMENT,))
    async with world.database.write() as unit:
        await record(unit, MISSED.detected or DUE, [(ticket.id, TargetMissed(DUE, MISSED))])
    code, out, err = await answer(capsys, configuration, "ticket", "acme-1", "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["clocks"][0]["state"] == "missed"
    opened, missed = told["events"]
    assert (opened["at"], opened["kind"], opened["reason"]) == (
        "2026-11-20T09:00:00Z",
        "ticket_opened",
        "a new matter",
    )
    assert (missed["at"], missed["kind"], missed["clock"]["detected"]) == (
        "2026-11-20T13:00:00Z",
        "target_missed",
        "2026-11-20T13:00:01Z",
    )
    assert told["messages"] == [
        {
            "at": "2026-11-20T09:00:00Z",
            "direction": "in",
            "from": "bob@acme.example",
            "subject": "Help",
            "delivery": "received",
            "kind": "new_ticket",
            "to": [],
            "reply": "",
            "authentication": None,
        },
        {
            "at": "2026-11-20T09:00:00Z",
            "direction": "out",
            "from": "acme@support.example.com",
            "subject": "[ACME-1] Help",
            "delivery": "waiting",
            "kind": "acknowledgement",
            "to": ["bob@acme.example"],
            "reply": "",
            "authentication": None,
        },
    ]


async def test_people_see_the_same_in_words(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.opened(START, RESPONSE, mails=(ACKNOWLEDGEMENT,))
    later = ["--now", "2026-11-20T13:00:01Z"]
    _, out, _ = await answer(capsys, configuration, "tickets", *later)
    assert [word in out for word in ("ACME-1", "Help", "response", "2026-11-20 13:00:00Z", "overdue")] == [
        True
    ] * 5
    code, out, err = await answer(capsys, configuration, "ticket", "[ACME-1]", *later)
    assert (code, err, out.splitlines()[:3]) == (
        0,
        "",
        [
            "ACME-1  Help",
            "P2, new, opened 2026-11-20 09:00:00Z by bob@acme.example",
            "assigned to nobody; plan enterprise, region emea",
        ],
    )
    (sent,) = [line for line in out.splitlines() if "mail out: acknowledgement, waiting" in line]
    assert "to bob@acme.example" in sent


CAROL = Participant(Mailbox("carol@acme.example", "Carol"))
KIM = Participant(Mailbox("kim@example.com"), Side.STAFF)
PEOPLE = (
    PeopleChanged(
        START, (CAROL, KIM), ("carol@acme.example", "kim@example.com"), (), "sam@example.com", "/cc"
    ),
    TicketAssigned(START, "sam@example.com", "kim@example.com", "", "/assign"),
    TicketAssigned(START, "kim@example.com", "sam@example.com", "kim@example.com", "/assign"),
    TicketMarkedSpam(START, "sam@example.com", "/spam"),
    TicketRestored(START, "the operators", None, "let in"),
    PeopleChanged(START, (CAROL,), (), ("kim@example.com",), "sam@example.com", "/uncc"),
    PeopleChanged(START, (CAROL, KIM), ("kim@example.com",), (), "sam@example.com", "/cc"),
)


async def test_who_is_on_a_ticket_and_how_they_came_and_went_is_told(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """behaviour.md 7.2; contract.md, `ticket NUMBER --json`"""
    ticket = await world.opened(START, RESPONSE)
    async with world.database.write() as unit:
        await record(unit, START, [(ticket.id, event) for event in PEOPLE])
    _, out, _ = await answer(capsys, configuration, "ticket", "ACME-1", "--json")
    told = json.loads(out)
    assert (told["assignee"], told["people"]) == (
        "sam@example.com",
        [
            {"address": "carol@acme.example", "name": "Carol", "side": "customer"},
            {"address": "kim@example.com", "name": "", "side": "staff"},
        ],
    )
    assert [one["kind"] for one in told["events"][1:]] == [
        "people_changed",
        "ticket_assigned",
        "ticket_assigned",
        "ticket_marked_spam",
        "ticket_restored",
        "people_changed",
        "people_changed",
    ]
    _, out, _ = await answer(capsys, configuration, "ticket", "ACME-1")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[2:5] == [
        "assigned to sam@example.com; plan enterprise, region emea",
        "with carol@acme.example",
        "followed by kim@example.com",
    ]
    shown = " ".join(lines)
    for words in (
        "people changed sam@example.com carol@acme.example and kim@example.com joined: /cc",
        "ticket assigned sam@example.com kim@example.com: /assign",
        "ticket assigned kim@example.com sam@example.com, after kim@example.com: /assign",
        "marked as spam sam@example.com /spam",
        "restored: no spam the operators let in",
        "people changed sam@example.com kim@example.com left: /uncc",
    ):
        assert words in shown


async def test_a_ticket_of_an_account_that_names_no_region_shows_none(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.opened(START)
    async with world.database.write() as unit:
        await unit.execute(update(tickets).values(region=""))

    _, out, _ = await answer(capsys, configuration, "ticket", "ACME-1")

    assert out.splitlines()[2] == "assigned to nobody; plan enterprise"


async def test_without_tickets_a_list_says_so(
    database: Database, configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await answer(capsys, configuration, "tickets") == (0, "No tickets.\n", "")
    wrong = "mailgate: there is no account 'acmee': did you mean 'acme'?\n"
    assert await answer(capsys, configuration, "tickets", "--account", "acmee") == (2, "", wrong)
    assert await answer(capsys, configuration, "tickets", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize("number", ["ACME-7", "ACME-1000000000000000000000", "acme", "-1", "ACME-²", "42"])
async def test_an_unknown_ticket_is_one_line(
    number: str, world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.opened(START)
    expected = (1, "", f"mailgate: there is no ticket {number}\n")
    assert await answer(capsys, configuration, "ticket", "--", number) == expected


def test_without_a_database_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", str(tmp_path)])
    capsys.readouterr()
    assert run(["--config", str(tmp_path / "config" / "mailgate.toml"), "tickets"]) == 1
    assert capsys.readouterr().err == (
        f"mailgate: there is no database {tmp_path}/var/mailgate.db yet: "
        "`mailgate serve` and `mailgate db upgrade` make it\n"
    )
    assert not (tmp_path / "var").exists()


async def test_the_queue_is_what_is_to_be_taken_next(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`policies.md` 4: queue order"""
    later = replace(RESPONSE, due=datetime(2026, 11, 20, 16, tzinfo=UTC))
    await world.opened(START, later)
    await world.opened(START, RESPONSE)
    await world.opened(START, MET)
    done = await world.opened(START, RESPONSE)
    async with world.database.write() as unit:
        await record(unit, START, [(done.id, TicketResolved(START, "sam@example.com", "done"))])

    _, out, _ = await answer(capsys, configuration, "tickets", "--json", "--queue")
    assert [one["number"] for one in json.loads(out)] == ["ACME-2", "ACME-1", "ACME-3"]
    _, out, _ = await answer(capsys, configuration, "tickets", "--json", "--queue", "--limit", "1")
    assert [one["number"] for one in json.loads(out)] == ["ACME-2"]


async def test_a_clock_that_rests_has_no_due_instant_and_one_that_is_void_is_not_listed(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """policies.md, Business time 8: a script that alarms on `due` is left in peace."""
    resting = replace(MET, state=ClockState.PAUSED, stopped=None)
    void = replace(RESPONSE, state=ClockState.VOID, stopped=START)
    await world.opened(START, void, replace(RESPONSE, epoch=2, due=DUE.replace(hour=15)), resting)

    _, out, _ = await answer(capsys, configuration, "tickets", "--json")
    _, table, _ = await answer(capsys, configuration, "tickets", "--now", "2026-11-20T14:00:00Z")
    _, late, _ = await answer(capsys, configuration, "tickets", "--overdue", "--now", "2026-11-20T14:00:00Z")

    (told,) = json.loads(out)
    assert [(one["kind"], one["epoch"], one["state"], one["due"]) for one in told["clocks"]] == [
        ("response", 2, "running", "2026-11-20T15:00:00Z"),
        ("resolution", 1, "paused", None),
    ]
    assert table.splitlines()[2].split()[-4:] == ["response", "2026-11-20", "15:00:00Z", "running"]
    assert late == "No tickets.\n"


async def test_a_ticket_that_only_rests_is_listed_without_a_due_instant(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.opened(START, replace(MET, state=ClockState.PAUSED, stopped=None))

    _, table, _ = await answer(capsys, configuration, "tickets")

    assert table.splitlines()[2].split()[-2:] == ["resolution", "paused"]
