import json
from pathlib import Path

import pytest

from mailgate.cli import run

CONFIG = str(Path(__file__).resolve().parents[2] / "config" / "mailgate.toml")
SHOW = ["--config", CONFIG, "policy", "show"]
IN_2026 = ["--now", "2026-11-20T12:00:00Z"]


def test_a_policy_is_shown_as_the_vendors_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SHOW, "particle", *IN_2026]) == 0

    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert said[0].startswith("Particle: Enterprise Support Handbook (particle, version ")
    assert said[said.index("Plan Enterprise") + 1 :][:7] == [
        "",
        "priority response resolution",
        said[said.index("Plan Enterprise") + 3],
        "P1 Urgent 1 hour 2 days, to de-escalate to P2",
        "P2 High 4 business hours 2 business days",
        "P3 Normal 2 business days 5 business days",
        "P4 Low 3 business days 7 business days",
    ]
    assert {
        "Calendar pacific, America/Los_Angeles",
        "Calendar london, Europe/London",
        "Monday to Friday: 09:00-17:00",
        "Thursday 26 November 2026 Thanksgiving Day",
        "Monday 29 March 2027 Easter Monday",
        "Without a tag: P3",
    } <= set(said)
    assert "2028" not in " ".join(said)


def test_a_policy_as_json_holds_what_the_tables_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SHOW, "particle", "--json", *IN_2026]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["plans"]["enterprise"]["targets"]["support"]["P2"] == {
        "response": "4 business hours",
        "resolution": "2 business days",
    }
    assert told["regions"]["emea"] == {"title": "Europe, Middle East, Africa", "calendar": "london"}
    london = told["calendars"]["london"]
    assert (london["timezone"], london["business_day_minutes"]) == ("Europe/London", 480)
    assert london["hours"]["Friday"] == ["09:00-17:00"]
    assert london["hours"]["Saturday"] == []
    assert {"date": "2026-08-31", "name": "Late Summer Bank Holiday"} in london["holidays"]
    assert {holiday["date"][:4] for holiday in london["holidays"]} == {"2026", "2027"}
    assert [cap["priority"] for cap in told["caps"]] == ["P2", "P2"]


def test_an_unknown_policy_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SHOW, "particel"]) == 2
    assert capsys.readouterr() == ("", "mailgate: there is no policy 'particel': did you mean 'particle'?\n")
