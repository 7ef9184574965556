import json
import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from mailgate.cli.screen import Column, emit_json, moment, plain, say, table, tell

DUE = datetime(2026, 11, 23, 13, tzinfo=UTC)
SHOW = """
from mailgate.cli.screen import Column, table
table(["number", Column("state", {"missed": "bold red"})], [["ACME-1", "missed"], ["ACME-2", "x" * 100]])
"""


TOLD_BELOW = """
from mailgate.cli.screen import Column, table
columns = ["number", Column("subject", below="{}"), Column("opened", below="opened {}"), "state"]
rows = [["ACME-1", "{} of 40 gateways drop off the network", "Friday", "open"], ["ACME-2", "", "", "new"]]
table(columns, rows)
"""


def shown_on_a_terminal(program: str = SHOW, **environment: str) -> str:
    """What the table looks like on a terminal of 40 columns."""
    here, there = os.openpty()
    variables = {"PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "40", **environment}
    subprocess.run([sys.executable, "-c", program], stdout=there, env=variables, check=True, timeout=30)
    os.close(there)
    text = os.read(here, 100_000).decode()
    os.close(here)
    return text


def test_a_table_in_a_file_is_plain_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    subject = "long " * 100
    table(["number", "subject", "due"], [["ACME-1", subject, DUE], ["ACME-23", "short", None]])

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"number    {'subject':500}   due",
        "─" * len(lines[1]),
        f"ACME-1    {subject:500}   2026-11-23 13:00:00Z",
        "ACME-23   short",
    ]


def test_numbers_stand_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    table([Column("tries", right=True), "kind"], [[7, "a"], [12, "b"]])
    assert capsys.readouterr().out.splitlines()[2:] == ["    7   a", "   12   b"]


def test_untrusted_text_is_neither_markup_nor_a_command_to_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table(["subject"], [["[/nope] [bold]spam[/bold] \x1b[31m\x9b2J a\nb \u202egnp.exe \x07"]])
    assert capsys.readouterr().out.splitlines()[2] == "[/nope] [bold]spam[/bold] �[31m�2J a b �gnp.exe �"


def test_lines_keep_their_breaks_and_lose_what_steers(capsys: pytest.CaptureFixture[str]) -> None:
    say("one\n\ttwo \x1b]0;title\x07")
    tell("three \r four")

    assert capsys.readouterr() == ("one\n\ttwo �]0;title�\n", "three � four\n")


def test_letters_of_every_script_are_kept() -> None:
    assert plain("Grüße 東京 שלום 🎉") == "Grüße 東京 שלום 🎉"


def test_a_table_on_a_terminal_is_coloured_and_fits_it() -> None:
    text = shown_on_a_terminal()
    lines = [line.rstrip("\r") for line in text.splitlines()]

    assert "\x1b[1;31mmissed" in text
    assert text.count("x") == 100
    assert max(len(line) for line in lines if "\x1b" not in line) <= 40


def test_what_is_wordy_stands_under_its_row_where_the_terminal_is_narrow() -> None:
    text = re.sub(r"\x1b\[\d*m", "", shown_on_a_terminal(TOLD_BELOW))
    assert [line.rstrip() for line in text.splitlines()] == [
        "number   state",
        "──────────────",
        "ACME-1   open",
        "    {} of 40 gateways drop off the",
        "    network; opened Friday",
        "ACME-2   new",
    ]


def test_what_is_wordy_stands_beside_the_rest_where_there_is_room() -> None:
    text = re.sub(r"\x1b\[\d*m", "", shown_on_a_terminal(TOLD_BELOW, COLUMNS="80"))
    lines = text.splitlines()
    assert lines[0].split() == ["number", "subject", "opened", "state"]
    assert len(lines) == 4


def test_no_color_is_obeyed() -> None:
    assert "\x1b[1;31m" not in shown_on_a_terminal(NO_COLOR="1")


def test_json_writes_instants_in_utc_with_z(capsys: pytest.CaptureFixture[str]) -> None:
    east = timezone(timedelta(hours=2))
    emit_json(
        {
            "due": datetime(2026, 11, 23, 15, 0, 0, 250_000, east),
            "day": date(2026, 11, 23),
            "names": frozenset({"b", "a"}),
            "pair": (1, "ü"),
        },
        indent=None,
    )

    assert capsys.readouterr().out == (
        '{"due": "2026-11-23T13:00:00.250Z", "day": "2026-11-23", "names": ["a", "b"], "pair": [1, "ü"]}\n'
    )


def test_json_is_ascii_where_the_output_takes_no_unicode() -> None:
    program = "from mailgate.cli.screen import emit_json; emit_json({'subject': 'Grüße'})"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert b"\\u00fc" in answer.stdout
    assert json.loads(answer.stdout) == {"subject": "Grüße"}


def test_people_read_an_instant_in_utc() -> None:
    assert moment(datetime(2026, 11, 23, 8, tzinfo=timezone(timedelta(hours=-5)))) == "2026-11-23 13:00:00Z"
