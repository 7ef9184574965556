"""`mailgate oncall`: who is on call, until when, why, and who is next."""

import json
from pathlib import Path

import pytest

from mailgate.cli import run
from tests.config.test_rotas import ROTA, write

NOW = ["--now", "2026-12-23T12:00:00Z"]


def asked(folder: Path, *words: str) -> int:
    return run(["--config", str(folder / "mailgate.toml"), "oncall", *words])


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip(" ─")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, ROTA)
    return tmp_path


def test_who_is_on_call_now_is_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """behaviour.md 6.4"""
    assert asked(folder, *NOW) == 0

    assert shown(capsys) == [
        "rota on call e-mail until why next",
        "on-call Sam Rivera sam@example.com Thu 24 Dec 18:00 GMT rotation Kim Park",
    ]


def test_the_next_days_are_a_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(folder, "--days", "7", "--rota", "on-call", "--now", "2026-12-23T12:00:00Z") == 0

    assert shown(capsys) == [
        "rota from until on call e-mail why",
        "on-call Mon 21 Dec 18:00 GMT Thu 24 Dec 18:00 GMT Sam Rivera sam@example.com rotation",
        "on-call Thu 24 Dec 18:00 GMT Sun 27 Dec 09:30 GMT Kim Park kim@example.com exception",
        "on-call Sun 27 Dec 09:30 GMT Mon 4 Jan 18:00 GMT Sam Rivera sam@example.com rotation",
    ]


def test_a_program_is_told_the_same_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(folder, *NOW, "--json", "--days", "1") == 0
    sam = {
        "person": "Sam Rivera",
        "email": "sam@example.com",
        "since": "2026-12-21T18:00:00Z",
        "until": "2026-12-24T18:00:00Z",
        "why": "rotation",
    }

    assert json.loads(capsys.readouterr().out) == [
        {
            "rota": "on-call",
            "timezone": "Europe/London",
            "at": "2026-12-23T12:00:00Z",
            **sam,
            "next": {
                "person": "Kim Park",
                "email": "kim@example.com",
                "since": "2026-12-24T18:00:00Z",
                "until": "2026-12-27T09:30:00Z",
                "why": "exception",
            },
            "turns": [sam],
        }
    ]


def test_a_rota_that_is_none_is_refused_and_none_at_all_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(folder, "--rota", "oncall") == 2
    assert capsys.readouterr().err == "mailgate: there is no rota 'oncall': did you mean 'on-call'?\n"
    write(folder)
    assert asked(folder) == 0
    assert shown(capsys) == [
        "There is no rota: a page goes to the whole staff of the account. See [rotas] in mailgate.toml."
    ]


@pytest.mark.parametrize("now", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_where_dates_end_nobody_is_on_call(
    folder: Path, capsys: pytest.CaptureFixture[str], now: str
) -> None:
    assert asked(folder, "--now", now) == 2
    assert capsys.readouterr().err == (
        f"mailgate: nobody knows who is on call in {int(now[:4])}: name a year from 1970 to 8999\n"
    )


def test_an_instant_in_no_year_is_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(folder, "--now", "9999-12-31T23:59:59-12:00") == 2
    assert "is before the year 1 or after the year 9999" in capsys.readouterr().err
