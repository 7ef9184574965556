"""`mailgate digest`: shown, written, sent once."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from mailgate.cli import run
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.store.tables import outbox
from mailgate.store.unit import Database

if TYPE_CHECKING:
    from tests.conftest import World

OPENED = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
MISSED = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, started=OPENED, due=DUE)
NOW = ("--now", "2026-11-23T16:00:00Z")  # 08:00 in Los Angeles


@pytest.fixture
def configuration(tmp_path: Path, database_url: str) -> Path:
    run(["init", str(tmp_path / "desk")])
    file = tmp_path / "desk" / "config" / "mailgate.toml"
    shown = '# url = "sqlite:///../var/mailgate.db"'
    text = file.read_text("utf-8")
    assert shown in text
    file.write_text(text.replace(shown, f'url = "{database_url}" #'), "utf-8")
    return file


async def answer(
    capsys: pytest.CaptureFixture[str], configuration: Path, *words: str
) -> tuple[int, str, str]:
    capsys.readouterr()
    code = await asyncio.to_thread(run, ["--config", str(configuration), "digest", *words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


async def queued(database: Database) -> list[str]:
    async with database.read() as unit:
        return [row.cause for row in await unit.execute(select(outbox.c.cause))]


async def test_the_digest_of_today_is_printed(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """contract.md, `digest`"""
    await world.opened(OPENED, MISSED)
    code, out, err = await answer(capsys, configuration, *NOW)
    assert (code, err) == (0, "")
    assert out.startswith("SLA digest of Monday 23 November 2026\n")
    assert "ACME-1 P2 response: was due Sun 22 Nov 13:00 PST, still open\n" in out
    assert await queued(world.database) == []


async def test_a_quiet_day_says_so(
    database: Database, configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """behaviour.md 7.1"""
    _, out, _ = await answer(capsys, configuration, *NOW, "--date", "2026-11-20")
    assert "A quiet day" in out
    assert "From Thursday 19 November, 08:00 Pacific" in out


async def test_json_has_all_of_it(
    world: "World", configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.opened(OPENED, MISSED)
    _, out, _ = await answer(capsys, configuration, *NOW, "--json")
    row = {
        "ticket": "ACME-1",
        "title": "Help",
        "account": "acme",
        "company": "Acme Corp",
        "priority": "P2",
        "kind": "response",
        "state": "running",
        "due": "2026-11-22T21:00:00Z",
        "stopped": None,
        "assignee": "",
    }
    assert json.loads(out) == {
        "date": "2026-11-23",
        "timezone": "America/Los_Angeles",
        "window": {"start": "2026-11-22T16:00:00Z", "end": "2026-11-23T16:00:00Z"},
        "days": 1,
        "quiet": False,
        "missed": [row],
        "overdue": [row],
        "due_next": [],
        "waiting": [
            {
                "ticket": "ACME-1",
                "title": "Help",
                "company": "Acme Corp",
                "priority": "P2",
                "opened": "2026-11-22T17:00:00Z",
                "due": "2026-11-22T21:00:00Z",
            }
        ],
        "kept": [{"company": "Acme Corp", "priority": "P2", "kind": "response", "promised": 1, "kept": 0}],
        "held": [],
        "undeliverable": [],
        "paged": [],
        "opened": 1,
    }


async def test_html_is_written_to_a_file(
    world: "World", configuration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.opened(OPENED, MISSED)
    file = tmp_path / "digest.html"
    code, out, err = await answer(capsys, configuration, *NOW, "--html", str(file))
    assert (code, out, err) == (0, "", f"Wrote {file}.\n")
    assert "Missed since the last digest" in file.read_text("utf-8")


async def test_a_digest_is_sent_once(
    database: Database, configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = await answer(capsys, configuration, *NOW, "--send")
    again = await answer(capsys, configuration, *NOW, "--send")
    before = await answer(capsys, configuration, *NOW, "--send", "--date", "2026-11-22")
    assert sent == (0, "The digest of 2026-11-23 is queued to ops@example.com.\n", "")
    assert again == (0, "The digest of 2026-11-23 was queued before; none is sent twice.\n", "")
    assert before == (0, "A later digest has told of 2026-11-22; nothing is sent.\n", "")
    assert await queued(database) == ["digest:2026-11-23"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--date", "yesterday"), "'yesterday' is no date; write one like 2026-11-23"),
        (("--date", "2026-11-24"), "2026-11-24 has not begun in America/Los_Angeles"),
        (("--html", "/nowhere/digest.html"), "/nowhere/digest.html cannot be written: No such file"),
    ],
)
async def test_what_cannot_be_told_is_refused_in_one_line(
    words: tuple[str, ...],
    said: str,
    database: Database,
    configuration: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = await answer(capsys, configuration, *NOW, *words)
    assert (code, out) == (2, "")
    assert said in err
