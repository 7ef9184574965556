import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from mailgate.cli import COMMANDS, frame
from mailgate.cli.fault import BUG, Fault, told
from mailgate.config.problem import ConfigurationError, Problem
from mailgate.store.faults import NewerDatabaseError

HEAVY = ["alembic", "jinja2", "pydantic", "rich", "sqlalchemy", "starlette", "structlog"]


def mailgate(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mailgate", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], **environment},
    )


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    """behaviour.md 7.2"""
    program = f"""
import json, sys
from mailgate.cli import run
code = run(["--help"])
print(json.dumps([code, sorted(set({HEAVY!r}) & sys.modules.keys())]), file=sys.stderr)
"""
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert json.loads(answer.stderr) == [0, []]
    assert all(f"\n  {name} " in answer.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_group_tells_each_command_in_a_whole_sentence(name: str) -> None:
    command = frame.get_command(click.Context(frame), name)
    if isinstance(command, click.Group):
        listed = command.get_help(click.Context(command, info_name=f"mailgate {name}")).partition(
            "Commands:"
        )[2]
        assert "..." not in listed


def test_the_version_is_told() -> None:
    answer = mailgate("--version")
    assert (answer.returncode, answer.stdout.split()[0]) == (0, "mailgate")


@pytest.mark.parametrize("arguments", [["nope"], ["--nope"], ["init"], ["init", "a", "b"]])
def test_bad_usage_is_2_and_says_so_on_standard_error(arguments: list[str]) -> None:
    answer = mailgate(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Error: " in answer.stderr


def test_the_configuration_is_named_by_option_or_environment(tmp_path: Path) -> None:
    named = mailgate("--config", f"{tmp_path}/a.toml", "check", "--json")
    known = mailgate("check", "--json", MAILGATE_CONFIG=f"{tmp_path}/b.toml")

    assert named.returncode == known.returncode == 2
    assert f"{tmp_path}/a.toml: no such file" in named.stdout
    assert f"{tmp_path}/b.toml: no such file" in known.stdout


def test_a_reader_that_goes_away_is_no_fault() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mailgate", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(30), said) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_disk_that_is_full_is_said_in_one_line() -> None:
    with Path("/dev/full").open("w", encoding="ascii") as full:
        answer = subprocess.run(
            [sys.executable, "-m", "mailgate", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    expected = "mailgate: there is no room left to write to: free some of the disk\n"
    assert (answer.returncode, answer.stderr) == (2, expected)


def interruptible(request: pytest.FixtureRequest) -> None:
    """A shell starts what runs in the background with interruptions ignored, and so would be its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))


def test_an_interruption_is_quiet(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    slow = tmp_path / "mailgate.toml"
    os.mkfifo(slow)
    interruptible(request)
    with subprocess.Popen(
        [sys.executable, "-m", "mailgate", "--config", slow, "check"], stderr=subprocess.PIPE, text=True
    ) as process:
        writer = os.open(slow, os.O_WRONLY)  # returns when the command has opened it
        time.sleep(0.5)  # a signal between opening and reading is noticed only after the reading
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
        os.close(writer)

    assert (process.returncode, said.strip()) == (130, "")


def test_a_fault_is_one_line_with_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(Fault("127.0.0.1:25 is in use: stop the other program")) == 2
    assert told(Fault("two targets were missed", 1)) == 1
    assert capsys.readouterr().err == (
        "mailgate: 127.0.0.1:25 is in use: stop the other program\nmailgate: two targets were missed\n"
    )


def test_mistakes_in_the_configuration_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("mailgate.toml")
    mistakes = [
        Problem(file, 3, "web.lisen", "unknown key", "did you mean 'listen'?"),
        Problem(file, 0, "", "a", "b"),
    ]

    assert told(ConfigurationError(mistakes)) == 2
    assert capsys.readouterr().err == (
        "mailgate.toml:3: web.lisen: unknown key: did you mean 'listen'?\nmailgate.toml: a: b\n"
    )


def test_a_fault_of_the_database_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(NewerDatabaseError("the database is newer than this program")) == 2
    assert capsys.readouterr().err == "mailgate: the database is newer than this program\n"


def test_a_bug_is_one_line_and_its_details_lie_in_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("MAILGATE_DEBUG", raising=False)

    assert told(ZeroDivisionError("a secret")) == BUG

    (details,) = tmp_path.iterdir()
    assert capsys.readouterr().err == (
        f"mailgate: a bug of ours, ZeroDivisionError: please report it with {details}\n"
    )
    assert "ZeroDivisionError: a secret" in details.read_text("utf-8")
    assert details.stat().st_mode & 0o777 == 0o600


def test_the_details_of_a_bug_are_shown_where_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILGATE_DEBUG", "1")
    assert told(ZeroDivisionError("why")) == BUG
    assert capsys.readouterr().err.endswith("ZeroDivisionError: why\n\n")


def test_a_service_without_a_role_is_a_mistake() -> None:
    answer = mailgate("serve", "--roles", " ,")

    assert answer.returncode == 2
    assert "no role is named; choose from listener,timers,relay,web" in " ".join(answer.stderr.split())
