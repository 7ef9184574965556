import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mailgate import shipped
from mailgate.cli import run


def test_init_writes_a_configuration_that_check_accepts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path)]) == 0
    assert f"Wrote {tmp_path}/config/mailgate.toml.\n" in capsys.readouterr().out
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config"]

    assert run(["--config", str(tmp_path / "config" / "mailgate.toml"), "check"]) == 0
    assert capsys.readouterr().out.startswith("good  configuration: 1 account")


def test_init_writes_every_file_of_the_starter_configuration(tmp_path: Path) -> None:
    run(["init", str(tmp_path)])
    source, copy = shipped.folder("config"), tmp_path / "config"
    names = {str(file.relative_to(source)) for file in source.rglob("*.toml")}

    assert {str(file.relative_to(copy)) for file in copy.rglob("*") if file.is_file()} == names
    assert all((copy / name).read_bytes() == (source / name).read_bytes() for name in names)


def test_init_writes_templates_on_request(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path), "--templates"]) == 0
    assert (tmp_path / "config" / "templates" / "acknowledgement" / "subject.txt").is_file()


def test_init_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config").mkdir()

    assert run(["init", str(tmp_path), "--templates"]) == 2
    assert list((tmp_path / "config").iterdir()) == []
    assert capsys.readouterr().err == (
        f"mailgate: {tmp_path}/config exists: name another folder, or move it away\n"
    )


def test_init_where_nothing_can_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run(["init", str(tmp_path / "file" / "below")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_check_lists_every_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", str(tmp_path)])
    file = tmp_path / "config" / "mailgate.toml"
    file.write_text(file.read_text("utf-8").replace("domain =", "domian ="), "utf-8")
    capsys.readouterr()

    assert run(["--config", str(file), "check", "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["checks"][0]["part"]) == (False, "configuration")
    assert {(one["name"], one["level"]) for one in answer["findings"]} == {("mistake", "error")}
    assert answer["checks"][0]["faults"][1].endswith("service.domian: unknown key: did you mean 'domain'?")

    assert run(["--config", str(file), "check"]) == 2
    assert "wrong configuration\n" in capsys.readouterr().out


def test_check_tells_what_is_doubtful_in_a_policy_and_how_much_it_matters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["init", str(tmp_path)])
    policy = tmp_path / "config" / "policies" / "particle.toml"
    sound = policy.read_text("utf-8")
    line = next(n for n, text in enumerate(sound.splitlines(), 1) if text.startswith("P1 = "))
    place = f"{policy}:{line}: plans.enterprise.targets.support.P1"
    check = ["--config", str(tmp_path / "config" / "mailgate.toml"), "check", "--now", "2026-11-20T12:00:00Z"]

    policy.write_text(sound.replace("pages = true\n", "# no page\n"), "utf-8")
    capsys.readouterr()
    assert run(check) == 1
    assert f"\n      {place}.response: 1 hour by the clock" in capsys.readouterr().out
    assert run([*check, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    (found,) = [one for one in answer["findings"] if one["level"] == "warning" and not one["allowed"]]
    assert answer["ok"] is False
    assert (found["name"], found["file"], found["line"]) == ("unstaffed-hours", str(policy), line)

    policy.write_text(sound.partition("[lint]\n")[0], "utf-8")
    assert run(check) == 0
    assert f"\n      note: {place}.resolution: 2 days is at times more" in capsys.readouterr().out

    policy.write_text(sound, "utf-8")
    assert run(check) == 0
    assert str(policy) not in capsys.readouterr().out
    assert run([*check, "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    (kept,) = [one for one in findings if one["file"] == str(policy)]
    assert (kept["name"], kept["level"], kept["allowed"][:12]) == (
        "less-urgent-sooner",
        "note",
        "the handbook",
    )


def test_check_finds_a_template_that_names_what_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["init", str(tmp_path), "--templates"])
    subject = tmp_path / "config" / "templates" / "acknowledgement" / "subject.txt"
    subject.write_text("{{ tickett }}", "utf-8")
    capsys.readouterr()

    assert run(["--config", str(tmp_path / "config" / "mailgate.toml"), "check"]) == 2
    said = capsys.readouterr().out
    assert run(["--config", str(tmp_path / "config" / "mailgate.toml"), "serve"]) == 2
    assert capsys.readouterr().err.startswith(f"{subject}:1: ")
    assert not (tmp_path / "var").exists()
    assert f"wrong templates\n      {subject}:1: " in said
    assert "tickett" in said


def test_check_looks_for_the_smarthost_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", str(tmp_path)])
    file = tmp_path / "config" / "mailgate.toml"
    capsys.readouterr()
    assert run(["--config", str(file), "check", "--relay"]) == 0
    assert f"good  relay: maildir:{tmp_path}/var/sent\n" in capsys.readouterr().out

    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and no one listens on it
        route = f"smtp://127.0.0.1:{nobody.getsockname()[1]}"
        text = file.read_text("utf-8").replace('# url = "maildir:../var/sent"', f'url = "{route}"')
        file.write_text(text, "utf-8")
        assert run(["--config", str(file), "check", "--relay"]) == 1
    assert f"wrong relay\n      {route}: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("json://127.0.0.1/hush", 0, "good  notification: telephones"),
        ("nosuch://hush", 2, "mailgate.toml: notify.telephones: Apprise cannot make anything of its URL"),
    ],
)
def test_check_looks_whether_pages_can_go_to_a_service(
    url: str, code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """behaviour.md 6.4"""
    run(["init", str(tmp_path)])
    file = tmp_path / "config" / "mailgate.toml"
    file.write_text(file.read_text("utf-8") + '[notify.telephones]\nurl_file = "telephones.url"\n', "utf-8")
    secret = tmp_path / "config" / "telephones.url"
    secret.touch(mode=0o600)
    secret.write_text(url)
    capsys.readouterr()

    assert run(["--config", str(file), "check"]) == code
    shown = capsys.readouterr().out
    assert said in shown
    assert "hush" not in shown


def test_check_says_when_the_schema_is_missing_or_newer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["init", str(tmp_path)])
    config = ["--config", str(tmp_path / "config" / "mailgate.toml")]
    (tmp_path / "var").mkdir()
    with closing(sqlite3.connect(tmp_path / "var" / "mailgate.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        database.commit()
        assert run([*config, "check"]) == 1
        assert "mailgate db upgrade" in capsys.readouterr().out

        database.execute("INSERT INTO alembic_version VALUES ('of_the_future')")
        database.commit()
        assert run([*config, "check"]) == 2
        assert "newer" in capsys.readouterr().out


def test_check_says_when_others_can_read_the_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", str(tmp_path)])
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret.key").write_text("1 x\n")
    (tmp_path / "var" / "secret.key").chmod(0o644)

    assert run(["--config", str(tmp_path / "config" / "mailgate.toml"), "check"]) == 2
    assert "chmod 600" in capsys.readouterr().out
