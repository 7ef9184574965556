"""Files that hold a secret and that others may read: told, with what would be right."""

from pathlib import Path

import pytest

from mailgate.app.exposed import exposed
from mailgate.cli import run
from mailgate.config import load

RELAY = '[relay]\nurl = "smtp://mailgate:hush@mx.example.com"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    run(["init", str(tmp_path)])
    return tmp_path / "config" / "mailgate.toml"


def test_a_configuration_without_a_secret_may_be_read(file: Path) -> None:
    file.chmod(0o644)
    assert list(exposed(load(file))) == []


def test_one_that_holds_a_password_is_told_where_others_may_read_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(file.read_text("utf-8").replace("[relay]\n", RELAY), "utf-8")
    file.chmod(0o640)
    said = f"{file}: others may read it, and it holds a password: chmod 600 {file}"
    assert list(exposed(load(file))) == [said]
    assert run(["--config", str(file), "check"]) == 1
    assert said in capsys.readouterr().out
    file.chmod(0o600)
    assert list(exposed(load(file))) == []


@pytest.mark.parametrize("opened", ["us:hush@db/m", "us@db/m?password=hush", "us@db/m?sslpassword=x"])
def test_the_password_of_a_database_is_one_however_it_is_written(file: Path, opened: str) -> None:
    database = f'[database]\nurl = "postgresql://{opened}"\n'
    file.write_text(file.read_text("utf-8").replace("[database]\n", database), "utf-8")
    file.chmod(0o644)
    assert len(list(exposed(load(file)))) == 1
