"""mailgate replay: past mail under a policy, by the command itself."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mailgate.cli import run

Told = tuple[int, str, str]
Replay = Callable[..., Told]


def mail(
    number: int, sender: str, date: str, subject: str = "[P2] Fire", *more: str, body: str = "It burns."
) -> str:
    """Of March 2026. Customers' mail has a Received, as in a mailbox; staff's has none, as it was sent."""
    day, time = date.split()
    at = f"{day} Mar 2026 {time}:00 +0000"
    sent = sender.endswith("@example.com")
    received = [] if sent else [f"Received: from out.example by mx.example.com; {at}"]
    to = "bob@acme.example" if sent else "acme@support.example.com"
    header = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {at}",
        f"Message-ID: <m{number}@x.example>",
    ]
    return "\n".join([*received, *header, *more, "", body, ""])


def answers(number: int) -> str:
    return f"In-Reply-To: <m{number}@x.example>"


INBOX = [
    mail(1, "Bob <bob@acme.example>", "2 17:00"),  # 09:00 Pacific, a Monday
    mail(
        3,
        "bob@acme.example",
        "2 18:30",
        "Re: [P2] Fire",
        answers(2),
        body="Thanks.\n\nFrom here it looks well.",
    ),
    mail(4, "carol@acme.example", "2 19:00", "=Question()"),
    mail(5, "mailer-daemon@acme.example", "2 20:00", "failure"),
    "Subject: nobody knows when\n\nx\n",
]
SENT = [mail(2, "sam@example.com", "2 18:00", "Re: [P2] Fire", answers(1), body="We look.")]


def mbox(mails: list[str]) -> str:
    quoted = [one.replace("\nFrom ", "\n>From ") for one in mails]
    return "".join(f"From - Mon Mar  2 10:00:00 2026\n{one}\n" for one in quoted)


@pytest.fixture
def replay(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Replay:
    run(["init", str(tmp_path / "desk")])
    monkeypatch.chdir(tmp_path)
    Path("inbox.mbox").write_text(mbox(INBOX), "utf-8")
    Path("sent").mkdir()
    for number, one in enumerate(SENT):
        Path(f"sent/{number}.eml").write_bytes(one.replace("\n", "\r\n").encode())

    def asked(*words: str) -> Told:
        capsys.readouterr()
        code = run(["--config", "desk/config/mailgate.toml", "replay", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return asked


PROGRAM = (sys.executable, "-m", "mailgate", "--config", "desk/config/mailgate.toml")
PARTICLE = ("--policy", "particle")
MAILS = ("inbox.mbox", "sent", "--staff", "example.com", "--until", "2026-03-06T00:00:00Z")
ALL = (*MAILS, *PARTICLE)


def test_replay_tells_people_what_was_promised_met_and_missed(replay: Replay) -> None:
    code, out, err = replay(*ALL, "--tickets")
    lines = [" ".join(one.split()) for one in out.splitlines() if one and "───" not in one]
    assert (code, err) == (0, "")
    assert (
        "\n".join(lines)
        == """\
6 mails in inbox.mbox, sent, from 2026-03-02 17:00:00Z to 2026-03-02 20:00:00Z
2 threads, 1 further mail of customers, 1 answer of staff, 0 notes, 2 left out
Particle: Enterprise Support Handbook, plan Enterprise, Americas; the clock stops at 2026-03-06 00:00:00Z
2 tickets
priority tickets target within promised met missed running unknown attained half by 90 % by
P2 1 response 4 business hours 1 1 0 0 0 100.0 % 1:00 1:00
resolution 2 business days 1 0 0 0 1
P3 1 response 2 business days 1 0 1 0 0 0.0 %
resolution 5 business days 1 0 0 0 1
no. opened priority from subject response resolution status
1 2026-03-02 17:00:00Z P2 bob@acme.example Fire met 1:00 unknown 31:00 open
2 2026-03-02 19:00:00Z P3 carol@acme.example =Question() missed 29:00 unknown 29:00 new
Assumed
- A mail was accepted when the last host's Received says (4), or else its Date (1).
- Staff: example.com.
- Resolved is only what a line /resolve of staff says (0 of 2 tickets), so of resolutions nothing is known; \
with --resolved-by last-reply staff's last answer counts as the end.
Left out: 2 mails
- no Received and no Date that names an instant: inbox.mbox, mail 5
- a delivery report about no known mail: inbox.mbox, mail 4"""
    )


def test_replay_gives_programs_one_object(replay: Replay) -> None:
    code, out, _ = replay(*ALL, "--json", "--tickets", "--resolved-by", "last-reply")
    told = json.loads(out)
    version = told.pop("version")
    cases = told.pop("cases")
    assert (code, len(version)) == (0, 64)
    assert told == {
        "mails": {
            "read": 6,
            "by_received": 4,
            "by_date": 1,
            "first": "2026-03-02T17:00:00Z",
            "last": "2026-03-02T20:00:00Z",
            "customers": 3,
            "staff": 1,
            "notes": 0,
            "failures": 0,
            "copies": 0,
            "moved": 0,
            "left_out": [
                {"place": "inbox.mbox, mail 5", "reason": "no Received and no Date that names an instant"},
                {"place": "inbox.mbox, mail 4", "reason": "a delivery report about no known mail"},
            ],
        },
        "staff": ["example.com"],
        "policy": "particle",
        "plan": "enterprise",
        "region": "americas",
        "channel": "email",
        "resolved_by": "last-reply",
        "until": "2026-03-06T00:00:00Z",
        "tickets": 2,
        "not_entitled": [],
        "attainment": [
            line("P2", "response", "4 business hours", met=1, used=3_600_000),
            line("P2", "resolution", "2 business days", met=1, used=3_600_000),
            line("P3", "response", "2 business days", missed=1),
            line("P3", "resolution", "5 business days", running=1),
        ],
    }
    assert cases[0] == {
        "ticket": 1,
        "place": "inbox.mbox, mail 1",
        "message_id": "m1@x.example",
        "subject": "Fire",
        "requester": "bob@acme.example",
        "by_machine": False,
        "opened": "2026-03-02T17:00:00Z",
        "priority": "P2",
        "asked": "P2",
        "because": "",
        "status": "resolved",
        "went_on": True,
        "clocks": [
            {
                "kind": kind,
                "priority": "P2",
                "within": words,
                "started": "2026-03-02T17:00:00Z",
                "due": due,
                "stopped": "2026-03-02T18:00:00Z",
                "outcome": "met",
                "consumed_ms": 3_600_000,
            }
            for kind, words, due in (
                ("response", "4 business hours", "2026-03-02T21:00:00Z"),
                ("resolution", "2 business days", "2026-03-04T01:00:00Z"),
            )
        ],
    }


def line(
    priority: str,
    kind: str,
    within: str,
    *,
    met: int = 0,
    missed: int = 0,
    running: int = 0,
    used: int | None = None,
) -> dict[str, object]:
    return {
        "priority": priority,
        "kind": kind,
        "within": [within],
        "promised": met + missed + running,
        "met": met,
        "missed": missed,
        "running": running,
        "unknown": 0,
        "replaced": 0,
        "percent": 100.0 * met / (met + missed) if met + missed else None,
        "median_ms": used,
        "ninetieth_ms": used,
    }


def test_replay_writes_tables_for_spreadsheets_in_which_nothing_is_a_formula(replay: Replay) -> None:
    _, out, _ = replay(*ALL, "--csv")
    rows = list(csv.DictReader(out.splitlines()))
    assert [(row["policy"], row["priority"], row["kind"], row["met"], row["median_ms"]) for row in rows] == [
        ("particle", "P2", "response", "1", "3600000"),
        ("particle", "P2", "resolution", "0", ""),
        ("particle", "P3", "response", "0", ""),
        ("particle", "P3", "resolution", "0", ""),
    ]
    _, out, _ = replay(*ALL, "--csv", "--tickets")
    rows = list(csv.DictReader(out.splitlines()))
    assert [(row["ticket"], row["kind"], row["outcome"], row["due"]) for row in rows[:2]] == [
        ("1", "response", "met", "2026-03-02T21:00:00Z"),
        ("1", "resolution", "unknown", "2026-03-04T01:00:00Z"),
    ]
    assert {row["subject"] for row in rows} == {"Fire", "'=Question()"}


def strict(desk: Path) -> None:
    """A second policy beside the first: like it, with an hour for a P2."""
    text = (desk / "particle.toml").read_text("utf-8")
    assert text.count('"4 business hours"') == 1
    (desk / "strict.toml").write_text(
        text.replace('"4 business hours"', '"30 minutes"').replace(
            "Particle: Enterprise", "Strict: Enterprise"
        ),
        "utf-8",
    )


def test_replay_tells_what_would_have_ended_otherwise_under_another_policy(replay: Replay) -> None:
    strict(Path("desk/config/policies"))
    code, out, _ = replay(*ALL, "--against", "strict")
    assert code == 0
    lines = out.splitlines()
    assert "Otherwise with strict enterprise than with particle enterprise: 1 ticket" in lines
    side_by_side = lines[lines.index("Side by side") + 4 :][:2]
    assert [one.split("  ")[0] for one in side_by_side] == ["P2", "P2"]
    assert [" ".join(one.split()) for one in side_by_side] == [
        "P2 response 1 of 1, 100.0 % 0 of 1, 0.0 %",
        "P2 resolution nothing ended nothing ended",
    ]
    row = next(one for one in lines if one.startswith("2026-03-02 17:00:00Z"))
    assert [cell.strip() for cell in row.split("   ") if cell.strip()] == [
        "2026-03-02 17:00:00Z",
        "bob@acme.example",
        "[P2] Fire",
        "response",
        "P2: met, 4 business hours to 2026-03-02 21:00:00Z, used 1:00",
        "P2: missed, 30 minutes to 2026-03-02 17:30:00Z, used 1:00",
    ]
    told = json.loads(replay(*ALL, "--against", "strict", "--json")[1])
    assert told["against"]["policy"] == "strict"
    assert [
        (one["place"], one["before"]["outcomes"]["response"], one["after"]["outcomes"]["response"])
        for one in told["differences"]
    ] == [("inbox.mbox, mail 1", "met", "missed")]


def test_replay_by_an_account_takes_its_policy_and_its_people(replay: Replay) -> None:
    Path("other.eml").write_text(mail(9, "eve@evil.example", "3 10:00"), "utf-8")
    told = json.loads(replay(*MAILS, "other.eml", "--account", "acme", "--json")[1])
    assert (told["policy"], told["plan"], told["region"], told["tickets"]) == (
        "particle",
        "enterprise",
        "emea",
        2,
    )
    assert told["mails"]["left_out"][-1] == {
        "place": "other.eml",
        "reason": "its sender is in none of the account's domains and contacts",
    }


def test_replay_of_nothing_is_a_report_of_nothing(replay: Replay) -> None:
    Path("empty").mkdir()
    code, out, err = replay("empty", *PARTICLE)
    assert (code, err) == (0, "")
    assert out.startswith("0 mails in empty\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("gone.mbox", *PARTICLE),
            "gone.mbox: No such file or directory; name an mbox, a maildir, a mail file or a folder of them",
        ),
        (("inbox.mbox", "--policy", "particel"), "there is no policy 'particel': did you mean 'particle'?"),
        (("inbox.mbox", *PARTICLE, "--plan", "gold"), "particle has no plan 'gold': one of 'enterprise'"),
        (
            ("inbox.mbox", *PARTICLE, "--region", "asia"),
            "particle has no region 'asia': one of 'americas', 'emea'",
        ),
        (("inbox.mbox", "--account", "acne"), "there is no account 'acne': did you mean 'acme'?"),
        (
            ("inbox.mbox", *PARTICLE, "--against", "particel"),
            "there is no policy 'particel': did you mean 'particle'?",
        ),
        (
            ("inbox.mbox", "--policy", "planetscale"),
            "--plan is missing: one of standard, business, enterprise",
        ),
        (
            ("inbox.mbox", *PARTICLE, "--staff", "sam"),
            "--staff sam: write an address or a domain, such as sam@example.com or example.com",
        ),
        (("inbox.mbox", "--csv", "--json"), "--csv and --json: choose one of them"),
    ],
)
def test_replay_says_in_one_line_what_is_wrong_and_what_would_be_right(
    replay: Replay, words: tuple[str, ...], line: str
) -> None:
    code, out, err = replay(*words)
    assert (code, out) == (2, "")
    assert err.startswith(f"mailgate: {line}")
    assert err.count("\n") == 1


def test_without_a_policy_it_is_the_one_that_the_accounts_have(replay: Replay) -> None:
    code, out, _ = replay("inbox.mbox")
    assert code == 0
    assert "Particle: Enterprise Support Handbook, plan Enterprise" in out


def test_replay_without_an_archive_is_bad_usage(replay: Replay) -> None:
    code, out, err = replay()
    assert (code, out) == (2, "")
    assert "Missing argument 'MBOX...'" in err


def test_replay_reads_a_pipe_and_says_nothing_of_its_progress_to_one(replay: Replay) -> None:
    done = subprocess.run(
        [*PROGRAM, "replay", "-", *PARTICLE, "--json"],
        input=mbox(INBOX * 200).encode(),
        capture_output=True,
        check=True,
    )
    mails = json.loads(done.stdout)["mails"]
    assert (done.stderr, mails["read"], mails["copies"]) == (b"", 1000, 796)


def test_replay_tells_a_person_at_a_terminal_how_far_it_is(replay: Replay) -> None:
    Path("long.mbox").write_text(mbox(INBOX * 100), "utf-8")
    terminal, line = os.openpty()
    try:
        subprocess.run(
            [*PROGRAM, "replay", "long.mbox", *PARTICLE],
            stdout=subprocess.DEVNULL,
            stderr=line,
            check=True,
        )
        told = os.read(terminal, 4096)
    finally:
        os.close(line)
        os.close(terminal)
    assert told == b"\r500 mails read\r\x1b[K"
