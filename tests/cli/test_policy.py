import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate.cli import run
from tests.config.shipped import NAMES
from tests.house.code import ROOT

CONFIG = str(ROOT / "config" / "mailgate.toml")
SHOW = ["--config", CONFIG, "policy", "show"]
IN_2026 = ["--now", "2026-11-20T12:00:00Z"]


def shown(capsys: pytest.CaptureFixture[str], name: str, config: str = CONFIG) -> dict[str, list[list[str]]]:
    """What is shown under each heading: lines, each as its cells."""
    assert run(["--config", config, "policy", "show", name, *IN_2026]) == 0
    sections: dict[str, list[list[str]]] = {"": []}
    blocks = re.split(r"\n\n(?=\S.*\n\n)", capsys.readouterr().out)
    for block in blocks:
        title, _, body = block.partition("\n\n")
        lines = [line for line in body.splitlines() if line.strip() and not line.startswith("─")]
        sections[title] = [re.split(r" {2,}", line.rstrip()) for line in lines]
    return sections


def test_a_plan_is_a_table_of_priorities(capsys: pytest.CaptureFixture[str]) -> None:
    """`policies.md` 1: the vendor's own table"""
    assert shown(capsys, "particle")["Plan Enterprise"] == [
        ["priority", "response", "resolution"],
        ["P1 (Urgent)", "1 hour", "2 days, to de-escalate to P2"],
        ["P2 (High)", "4 business hours", "2 business days"],
        ["P3 (Normal)", "2 business days", "5 business days"],
        ["P4 (Low)", "3 business days", "7 business days"],
    ]


def test_plans_with_one_kind_of_target_are_a_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    """`policies.md` 2: the vendor's own table"""
    two, sections = "2 business days (12x5)", shown(capsys, "planetscale")
    assert sections["Response"] == [
        ["", "P1 (Urgent)", "P2 (High)", "P3 (Normal)", "P4 (Low)"],
        ["Standard", two, two, two, two],
        ["Business", "1 hour (24x7)", "4 hours (24x7)", "1 business day (12x5)", two],
        [
            "Enterprise",
            "15 minutes (24x7)",
            "1 hour (24x7)",
            "4 business hours (12x5)",
            "12 business hours (12x5)",
        ],
    ]
    assert "Resolution: best effort." in sections


def test_ranges_and_best_effort_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`policies.md` 3: the vendor's own table"""
    assert shown(capsys, "platformsh")["Plan Standard"] == [
        ["priority", "response", "resolution"],
        ["P1 (Critical)", "1 hour (24x7)", "4 hours (24x7)"],
        ["P2 (High)", "1 business day", "best effort"],
        ["P3 (Normal)", "1-2 business days", "best effort"],
        ["P4 (Low)", "best effort", "best effort"],
    ]


def test_tiers_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    """`policies.md` 4: the vendor's own table"""
    bought, sections = "available for purchase", shown(capsys, "pantheon-tiers")
    assert sections["What is promised"] == [
        ["", "Silver", "Gold", "Platinum", "Diamond"],
        ["Scope", "Platform", "Technical", "Performance", "Dedicated"],
        ["Tickets: response", "none", "8 business hours (24x5)", "2 hours (24x7)", "1 hour (24x7)"],
        ["Emergency on-call: escalation", "none", "none", "1 hour (24x7)", "15 minutes (24x7)"],
        ["Chat", "24x5", "24x7", "24x7, priority", "24x7, top priority"],
        ["Professional services", "none", bought, bought, bought],
        ["Weight in the queue", "0", "10", "20", "30"],
    ]
    assert "At every priority." in sections


def test_kinds_of_request_and_their_fields_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`policies.md` 5"""
    sections = shown(capsys, "pantheon-priority")
    assert sections["What is promised"] == [
        ["", "Priority Enterprise Support"],
        ["Regular ticket: response", "2 business hours"],
        ["On-call ticket: escalation", "60 minutes (24x7)"],
        ["Onboarding and training", "by experts"],
        ["Weight in the queue", "20"],
    ]
    fields = [line[0] for line in sections["What a request says"]]
    assert fields == [
        "Subject",
        "Site",
        "Ticket type",
        "Site",
        "Phone",
        "Steps",
        "Environment",
        "Began",
        "Error message",
        "Screenshots",
    ]


def test_calendars_have_their_zone_hours_and_holidays(capsys: pytest.CaptureFixture[str]) -> None:
    sections = shown(capsys, "particle")
    assert sections["Calendar london"][:5] == [
        ["Zone", "Europe/London"],
        ["Monday to Friday", "09:00-17:00"],
        ["Saturday and Sunday", "closed"],
        ["A business day", "8 h"],
        ["Regions", "Europe, Middle East, Africa"],
    ]
    assert ["Easter Monday", "Monday 6 April", "Monday 29 March"] in sections["Calendar london"]
    assert ["Thanksgiving Day", "Thursday 26 November", "Thursday 25 November"] in sections[
        "Calendar pacific"
    ]


@pytest.fixture
def harbour(tmp_path: Path) -> str:
    """A configuration that holds a policy with every key of the language."""
    run(["init", str(tmp_path)])
    shutil.copy(ROOT / "tests" / "config" / "harbour.toml", tmp_path / "config" / "policies")
    return str(tmp_path / "config" / "mailgate.toml")


def texts(value: Any, key: str = "") -> Iterator[str]:
    """Every text in a TOML file, but for those that are reckoned with and told in other words."""
    match value:
        case dict():
            for name, one in value.items():
                yield from texts(one, name)
        case list():
            for one in value:
                yield from texts(one, key)
        case str() if key not in {"business_day", "without", "country", "subdivision", "default_region"}:
            yield value


def test_nothing_that_a_policy_says_is_left_out(harbour: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every text of a file that uses every key is shown."""
    file = Path(harbour).parent / "policies" / "harbour.toml"
    tree = tomllib.loads(file.read_text("utf-8"))
    capsys.readouterr()
    run(["--config", harbour, "policy", "show", "harbour", *IN_2026])
    said = capsys.readouterr().out.lower()

    del tree["lint"]
    told_in_words = {"acknowledgement": "somebody on call who takes it"}
    missing = [one for one in texts(tree) if told_in_words.get(one, one).lower() not in said]
    assert missing == []


def test_a_whole_policy_is_json(harbour: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["--config", harbour, "policy", "show", "harbour", "--json", *IN_2026]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["plans"]["mate"]["targets"]["support"]["Amber"] == {
        "response": "1-2 business days",
        "next_response": "1 business day, paused while it waits for the customer",
        "resolution": "best effort",
    }
    assert told["plans"]["deckhand"]["opens_by_note"] == "Deckhands write by the web form alone."
    assert told["regions"]["baltic"] == {"title": "Baltic", "calendar": "watch"}
    assert told["calendars"]["watch"]["hours"]["Saturday"] == ["22:00-48:00"]
    assert told["calendars"]["quay"]["business_day_minutes"] == 480
    assert {"date": "2026-12-24", "name": "Lantern night"} in told["calendars"]["quay"]["holidays"]
    assert {holiday["date"][:4] for holiday in told["calendars"]["quay"]["holidays"]} == {"2026", "2027"}
    assert [cap["priority"] for cap in told["caps"]] == ["Amber", "Green", "Amber"]
    assert told["fields"][0]["ask"] == "Where are you?"
    assert told["ladders"] == {"shore": "at once on-call; after 15 minutes team (by watch)"}


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_policy_is_shown_as_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SHOW, name, "--json", *IN_2026]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == name


def test_policies_are_listed_with_their_plans_and_accounts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--config", CONFIG, "policy", "list", "--json"]) == 0
    told = {one["name"]: (one["plans"], one["accounts"]) for one in json.loads(capsys.readouterr().out)}
    assert run(["--config", CONFIG, "policy", "list"]) == 0

    assert told == {
        "pantheon-priority": (["priority"], []),
        "pantheon-tiers": (["silver", "gold", "platinum", "diamond"], []),
        "particle": (["enterprise"], ["acme"]),
        "planetscale": (["standard", "business", "enterprise"], []),
        "platformsh": (["standard"], []),
    }
    assert "silver, gold, platinum, diamond" in capsys.readouterr().out


def test_an_unknown_policy_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SHOW, "particel"]) == 2
    assert capsys.readouterr() == ("", "mailgate: there is no policy 'particel': did you mean 'particle'?\n")
