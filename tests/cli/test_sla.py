import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mailgate.cli import run

CONFIG = str(Path(__file__).resolve().parents[2] / "config" / "mailgate.toml")
DUE = ["--config", CONFIG, "sla", "due"]
CASE = {"policy": "particle", "plan": "enterprise", "received": "2026-11-20T23:30:00Z"}


def answers(*lines: str | bytes) -> list[dict[str, Any]]:
    """What `sla due --jsonl` says to each line, in a program of its own."""
    asked = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    done = subprocess.run(
        [sys.executable, "-m", "mailgate", *DUE, "--jsonl"], input=asked, capture_output=True, check=True
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_cases_are_answered_as_the_contract_writes_it() -> None:
    whole = {
        **CASE,
        "id": 1,
        "region": "emea",
        "priority": "P2",
        "channel": "email",
        "role": "support",
        "environment": "production",
        "fields": {"Device OS": "6.1.0"},
        "security_incident": False,
    }
    bare = {**CASE, "id": "b"}
    capped = {**CASE, "id": 2.5, "priority": "p1", "fields": {"device os": 4}, "region": None}

    assert answers(*map(json.dumps, (whole, bare, capped))) == [
        {
            "id": 1,
            "priority": "P2",
            "entitled": True,
            "targets": [
                {"kind": "response", "due": "2026-11-23T13:00:00Z"},
                {"kind": "resolution", "due": "2026-11-24T17:00:00Z"},
            ],
        },
        {
            "id": "b",
            "priority": "P3",
            "entitled": True,
            "targets": [
                {"kind": "response", "due": "2026-11-24T23:30:00Z"},
                {"kind": "resolution", "due": "2026-11-30T23:30:00Z"},
            ],
        },
        {
            "id": 2.5,
            "priority": "P2",
            "entitled": True,
            "targets": [
                {"kind": "response", "due": "2026-11-23T19:30:00Z"},
                {"kind": "resolution", "due": "2026-11-24T23:30:00Z"},
            ],
        },
    ]


BAD: dict[str, tuple[str | bytes, object, str | None]] = {
    "no JSON": ('{"id": 1', None, "the line is no JSON: Expecting ',' delimiter at column 9"),
    "no object": ("[1]", None, "a case is a JSON object"),
    "not UTF-8": (b'{"id": "\xff"}', None, "the line is not UTF-8"),
    "nested": ("[" * 100_000, None, "the line is nested too deeply"),
    "huge number": (f'{{"id": {"9" * 5000}}}', None, None),
    "too long a number": ('{"id": ' + "9" * 5_000 + "}", None, "a number in the line is too long"),
    "no number": ('{"id": NaN}', None, "NaN is no JSON"),
    "infinite id": ('{"id": 1e999}', None, "policy is missing"),
    "no policy": (
        json.dumps({**CASE, "id": 1, "policy": "acme"}),
        1,
        (
            "there is no policy 'acme'; there is"
            " pantheon-priority, pantheon-tiers, particle, planetscale, platformsh"
        ),
    ),
    "no plan": (json.dumps({"id": 1, "policy": "particle"}), 1, "plan is missing"),
    "another plan": (
        json.dumps({**CASE, "id": 1, "plan": "gold"}),
        1,
        "particle has no plan 'gold'; it has enterprise",
    ),
    "another region": (
        json.dumps({**CASE, "id": 1, "region": "moon"}),
        1,
        "particle has no region 'moon'; it has americas, emea",
    ),
    "another priority": (
        json.dumps({**CASE, "id": 1, "priority": "P9"}),
        1,
        "particle has no priority 'P9'; it has P1, P2, P3, P4",
    ),
    "another channel": (
        json.dumps({**CASE, "id": 1, "channel": "fax"}),
        1,
        "channel 'fax' is not known; it is one of email, web",
    ),
    "another role": (
        json.dumps({**CASE, "id": 1, "role": "boss"}),
        1,
        "role 'boss' is not known; it is one of support, on-call",
    ),
    "a number for a text": (json.dumps({**CASE, "id": 1, "plan": 7}), 1, "plan is a text"),
    "a text for fields": (json.dumps({**CASE, "id": 1, "fields": "x"}), 1, "fields is an object of texts"),
    "a list in fields": (
        json.dumps({**CASE, "id": 1, "fields": {"a": []}}),
        1,
        "fields is an object of texts",
    ),
    "a text for a truth": (
        json.dumps({**CASE, "id": 1, "security_incident": "no"}),
        1,
        "security_incident is true or false",
    ),
    "no instant": (
        json.dumps({**CASE, "id": 1, "received": "today"}),
        1,
        "'today' is no instant; write one like 2026-11-20T23:30:00Z",
    ),
    "no offset": (
        json.dumps({**CASE, "id": 1, "received": "2026-11-20T23:30:00"}),
        1,
        "'2026-11-20T23:30:00' has no offset from UTC; write one like 2026-11-20T23:30:00Z",
    ),
    "the last year": (
        json.dumps({**CASE, "id": 1, "received": "9999-12-31T00:00:00Z"}),
        1,
        "it would be after the year 9999",
    ),
    "an id that is no name": (json.dumps({**CASE, "id": {}, "plan": "gold"}), None, None),
}


def test_bad_lines_are_told_one_by_one_and_stop_nothing() -> None:
    good = json.dumps({**CASE, "id": "good"})

    told = answers(*(line for line, _, _ in BAD.values()), "", "  ", good)

    for (name, (_, identity, error)), answer in zip(BAD.items(), told, strict=False):
        assert answer == {"id": identity, "error": error or answer.get("error")}, name
    assert len(told) == len(BAD) + 1
    assert told[-1]["id"] == "good"
    assert "targets" in told[-1]


def test_a_case_is_answered_before_the_next_is_asked() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mailgate", *DUE, "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for number in range(3):
            program.stdin.write(json.dumps({**CASE, "id": number}).encode() + b"\n")
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["id"] == number
        program.stdin.close()


def test_a_person_is_told_a_sentence_and_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--priority", "P1", "--received", "2026-11-25T20:00:00Z"]

    assert run([*DUE, *asked]) == 0

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if not line.startswith("─")] == [
        (
            "P1 (Urgent): first response by Wednesday 25 November, 13:00 Pacific;"
            " resolution by Friday 27 November, 12:00 Pacific."
        ),
        (
            "Particle: Enterprise Support Handbook, plan Enterprise, Americas;"
            " accepted Wednesday 25 November 2026, 12:00 Pacific."
        ),
        "The person on call is notified at once.",
        "",
        "target within due due (UTC) warning",
        (
            "response 1 hour Wednesday 25 November, 13:00 Pacific 2026-11-25 21:00:00Z"
            " Wednesday 25 November, 12:45 Pacific"
        ),
        (
            "resolution 2 days, met by de-escalation to P2 Friday 27 November, 12:00 Pacific"
            " 2026-11-27 20:00:00Z Friday 27 November, 00:00 Pacific"
        ),
    ]


def test_a_cap_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--policy", "particle", "--plan", "enterprise", "--priority", "P1", "--field", "Device OS=4.2.1"]

    assert run([*DUE, *asked, "--now", "2026-11-25T20:00:00Z"]) == 0

    said = capsys.readouterr().out
    assert "P2 because an issue on a version of Device OS that is no longer supported counts as P2" in said


def test_the_start_is_the_reception_else_now(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*DUE, "--json", "--priority", "P1", "--now", "2026-11-25T20:00:00Z"]) == 0
    now = json.loads(capsys.readouterr().out)
    received = ["--received", "2026-11-24T20:00:00Z"]
    assert run([*DUE, "--json", "--priority", "P1", "--now", "2026-11-25T20:00:00Z", *received]) == 0
    then = json.loads(capsys.readouterr().out)

    assert [one["targets"][0]["due"] for one in (now, then)] == [
        "2026-11-25T21:00:00Z",
        "2026-11-24T21:00:00Z",
    ]


def test_json_tells_all_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*DUE, "--json", "--region", "emea", "--received", "2026-11-20T23:30:00Z"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        "policy": "particle",
        "plan": "enterprise",
        "received": "2026-11-20T23:30:00Z",
        "priority": "P3",
        "entitled": True,
        "asked": "",
        "because": "no priority was named, so it is P3",
        "pages": False,
        "notes": [],
        "missing": [],
        "targets": [
            {
                "kind": "response",
                "due": "2026-11-24T17:00:00Z",
                "within": "2 business days",
                "expected_from": None,
                "warn_at": "2026-11-24T13:00:00Z",
                "calendar": "london",
                "timezone": "Europe/London",
                "met_by": None,
            },
            {
                "kind": "resolution",
                "due": "2026-11-27T17:00:00Z",
                "within": "5 business days",
                "expected_from": None,
                "warn_at": "2026-11-26T15:00:00Z",
                "calendar": "london",
                "timezone": "Europe/London",
                "met_by": None,
            },
        ],
    }


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--policy", "partcle"], "mailgate: there is no policy 'partcle': did you mean 'particle'?\n"),
        (["--plan", "gold"], "mailgate: particle has no plan 'gold': one of 'enterprise'\n"),
        (["--priority", "P7"], "mailgate: particle has no priority 'P7'; it has P1, P2, P3, P4\n"),
        (
            ["--field", "6.1"],
            "mailgate: --field 6.1: write NAME=VALUE, such as --field 'Device OS=6.1.0'\n",
        ),
    ],
)
def test_bad_usage_is_one_line(asked: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*DUE, *asked]) == 2
    assert capsys.readouterr() == ("", told)


def test_a_person_is_told_about_an_account(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--account", "acme", "--priority", "P2", "--received", "2026-11-20T23:30:00Z"]

    assert run([*DUE, *asked]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        (
            "P2 (High): first response by Monday 23 November, 13:00 UK time;"
            " resolution by Tuesday 24 November, 17:00 UK time."
        ),
        (
            "Particle: Enterprise Support Handbook, plan Enterprise, Europe, Middle East, Africa;"
            " accepted Friday 20 November 2026, 23:30 UK time."
        ),
    ]


PLATFORM = ["--policy", "platformsh", "--priority", "Critical", "--environment", "staging"]
BUSINESS = ["--policy", "planetscale", "--plan", "business", "--priority", "P1"]
ACCEPTED = ["--received", "2026-11-20T12:00:00Z"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            [*PLATFORM, *ACCEPTED],
            "P2 (High): first response by Monday 23 November, 12:00 UTC; resolution as soon as we can.",
        ),
        (
            [*PLATFORM, *ACCEPTED, "--launch", "2026-11-23"],
            (
                "P1 (Critical): first response by Friday 20 November, 13:00 UTC;"
                " resolution by Friday 20 November, 16:00 UTC."
            ),
        ),
        (
            [*PLATFORM, *ACCEPTED, "--option", "non-production-24x7"],
            (
                "P1 (Critical): first response by Friday 20 November, 13:00 UTC;"
                " resolution by Friday 20 November, 16:00 UTC."
            ),
        ),
        (
            ["--policy", "pantheon-tiers", "--plan", "diamond", "--role", "on-call", *ACCEPTED],
            "P3 (Normal): taken by a person on call by Friday 20 November, 04:15 Pacific.",
        ),
        (
            ["--policy", "pantheon-tiers", "--plan", "silver", *ACCEPTED],
            "No ticket: it gets one courteous answer, and is kept and listed.",
        ),
        (
            [*BUSINESS, *ACCEPTED],
            "P1 (Urgent): no time is promised.",
        ),
        (
            [
                "--policy",
                "planetscale",
                "--plan",
                "business",
                "--channel",
                "web",
                "--priority",
                "P1",
                *ACCEPTED,
            ],
            "P1 (Urgent): first response by Friday 20 November, 05:00 UTC-8; resolution as soon as we can.",
        ),
    ],
)
def test_every_vendor_answers_in_a_sentence(
    asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*DUE, *asked]) == 0
    assert capsys.readouterr().out.splitlines()[0] == said


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--account", "acmee"], "mailgate: there is no account 'acmee': did you mean 'acme'?\n"),
        (
            ["--policy", "planetscale"],
            "mailgate: --plan is missing: one of standard, business, enterprise\n",
        ),
        (
            [*PLATFORM, "--launch", "soon"],
            "mailgate: --launch soon: write a date, such as --launch 2026-12-01\n",
        ),
        (
            [*PLATFORM, "--option", "non-production"],
            "mailgate: platformsh has no option 'non-production': did you mean 'non-production-24x7'?\n",
        ),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    asked: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*DUE, *asked]) == 2
    assert capsys.readouterr() == ("", told)


def test_a_policy_must_be_named_where_accounts_have_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["init", str(tmp_path)])
    file = tmp_path / "config" / "accounts" / "globex.toml"
    file.write_text(
        '[globex]\nname = "Globex"\npolicy = "pantheon-tiers"\nplan = "gold"\naliases = ["globex"]\n', "utf-8"
    )
    capsys.readouterr()

    assert run(["--config", str(tmp_path / "config" / "mailgate.toml"), "sla", "due"]) == 2
    assert capsys.readouterr().err == (
        "mailgate: --policy is missing: one of"
        " pantheon-priority, pantheon-tiers, particle, planetscale, platformsh\n"
    )


def test_what_an_account_has_may_be_said_in_a_case() -> None:
    case = {"policy": "platformsh", "plan": "standard", "received": "2026-11-20T12:00:00Z", "priority": "P1"}
    staging = {**case, "environment": "staging"}

    told = answers(
        *map(
            json.dumps,
            (
                {**staging, "id": 1},
                {**staging, "id": 2, "launches": ["2026-11-23"]},
                {**staging, "id": 3, "options": ["non-production-24x7"]},
                {**case, "id": 4, "projects": []},
                {**case, "id": 5, "projects": ["shop"]},
                {**case, "id": 6, "projects": "shop"},
                {**case, "id": 7, "launches": ["soon"]},
            ),
        )
    )

    assert [(one.get("priority"), one.get("entitled")) for one in told[:5]] == [
        ("P2", True),
        ("P1", True),
        ("P1", True),
        ("P1", False),
        ("P1", True),
    ]
    assert [one["error"] for one in told[5:]] == [
        "projects is a list of texts",
        "'soon' is no date; write one like 2026-12-01",
    ]
