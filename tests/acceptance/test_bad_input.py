"""Bad input: one clear line each, exit 2, nothing half done."""

import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation


@pytest.fixture
def desk(tmp_path: Path) -> Installation:
    desk = Installation(tmp_path)
    desk.write()
    return desk


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def account(desk: Installation) -> Path:
    return desk.config.parent / "accounts" / "acme.toml"


def policy(desk: Installation) -> Path:
    return desk.config.parent / "policies" / "particle.toml"


def unknown_policy(desk: Installation) -> str:
    edit(account(desk), '"particle"', '"particles"')
    return f"{account(desk)}:3: acme.policy: "


def misspelt_key(desk: Installation) -> str:
    edit(desk.config, "timezone", "timezon")
    return "digest.timezon: "


def wrong_zone(desk: Installation) -> str:
    edit(desk.config, "America/Los_Angeles", "America/Los_Angles")
    return "digest.timezone: "


def empty_calendar(desk: Installation) -> str:
    lines = policy(desk).read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if '= ["09:00-17:00"]' in line)
    lines[at] = lines[at].replace('["09:00-17:00"]', "[]")
    policy(desk).write_text("".join(lines))
    return f"{policy(desk)}:"


def undefined_name_in_a_template(desk: Installation) -> str:
    own = desk.config.parent / "templates" / "acknowledgement" / "body.txt"
    own.parent.mkdir(parents=True)
    own.write_text("Hello,\nyour ticket is {{ tickett }}.\n")
    own.with_name("body.html").write_text("<p>Hello,</p>\n<p>your ticket is {{ ticket }}.</p>\n")
    return f"{own}:2: "


@pytest.mark.parametrize(
    "spoil", [unknown_policy, misspelt_key, wrong_zone, empty_calendar, undefined_name_in_a_template]
)
def test_a_mistake_in_what_is_written_is_told_with_its_place(
    desk: Installation, spoil: Callable[[Installation], str]
) -> None:
    where = spoil(desk)
    for command in ("serve", "check"):
        answer = desk.run(command)
        assert answer.returncode == 2
        told = answer.stderr if command == "serve" else answer.stderr + answer.stdout
        (line,) = [line for line in told.splitlines() if where in line]
        assert "Traceback" not in told
        if command == "serve":
            assert told.splitlines() == [line]
    assert not (desk.folder / "var" / "mailgate.db").exists()


@pytest.mark.parametrize("door", ["smtp", "web"])
def test_a_port_in_use_is_told_by_its_address(desk: Installation, door: str) -> None:
    with socket.socket() as taken:
        port = desk.smtp if door == "smtp" else desk.web
        taken.bind(("127.0.0.1", port))
        taken.listen()
        answer = desk.run("serve")
    assert answer.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}: address already in use" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_database_newer_than_the_program_is_left_alone(desk: Installation) -> None:
    assert desk.run("db", "upgrade").returncode == 0
    file = desk.folder / "var" / "mailgate.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    before = file.read_bytes()
    answer = desk.run("serve")
    assert answer.returncode == 2
    (line,) = answer.stderr.splitlines()
    assert "9999" in line
    assert file.read_bytes() == before


def test_no_configuration_is_told_in_one_line(tmp_path: Path) -> None:
    desk = Installation(tmp_path)
    answer: subprocess.CompletedProcess[str] = desk.run("serve")
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1
    assert str(desk.config) in answer.stderr
