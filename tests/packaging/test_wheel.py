"""The wheel is built without a network, installed outside the repository, and does the whole job there."""

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0  # seconds


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as hatchling builds it from the clone."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE)
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def mailgate(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a fresh environment that holds the wheel, and borrows only the libraries of this one."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, symlinks=True)
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
    subprocess.run([*install, "--python", str(home), str(wheel)], check=True, timeout=PATIENCE)
    (packages,) = home.glob("lib/python*/site-packages")
    # A path in a .pth file brings the libraries, but not the .pth of the clone itself.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return home / "bin" / "mailgate"


def run(mailgate: Path, *arguments: str, folder: Path) -> str:
    answer = subprocess.run(
        [mailgate, *arguments],
        cwd=folder,
        env=outside(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def outside() -> dict[str, str]:
    """An environment that knows nothing of the clone."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MAILGATE"))}


@contextmanager
def serving(mailgate: Path, folder: Path) -> Iterator[int]:
    """The service at work; gives the port that it takes mail on."""
    command = [str(mailgate), "serve"]
    with subprocess.Popen(command, cwd=folder, env=outside(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
            assert found
            yield int(found[1])
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def tickets(mailgate: Path, folder: Path) -> list[dict[str, Any]]:
    """The tickets, as soon as there is one."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found: list[dict[str, Any]] = json.loads(run(mailgate, "tickets", "--json", folder=folder))
        if found:
            return found
        time.sleep(0.1)
    pytest.fail("no ticket came of the mail")


def test_the_wheel_holds_what_the_program_needs_to_find(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    shipped = {
        f"mailgate/_shipped/{file.relative_to(ROOT)}"
        for room in ("templates", "migrations", "config")
        for file in (ROOT / room).rglob("*")
        if file.is_file() and file.suffix != ".pyc" and file.name != ".gitkeep"
    }

    assert shipped - names == set()
    assert [name for name in names if name.endswith((".pyc", ".db", ".key"))] == []
    assert "mailgate/py.typed" in names


def test_the_installed_program_is_the_wheel_and_not_the_clone(mailgate: Path, tmp_path: Path) -> None:
    program = [str(mailgate.with_name("python")), "-c", "import mailgate; print(mailgate.__file__)"]
    answer = subprocess.run(program, cwd=tmp_path, env=outside(), capture_output=True, text=True, check=True)
    assert Path(answer.stdout).is_relative_to(mailgate.parents[1])


def test_an_installed_mailgate_takes_one_mail_the_whole_way(mailgate: Path, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    run(mailgate, "init", str(folder), folder=tmp_path)
    assert "good  configuration" in run(mailgate, "check", folder=folder)
    settings = folder / "config" / "mailgate.toml"
    free = settings.read_text("utf-8").replace('# smtp = ["127.0.0.1:2525"]', 'smtp = ["127.0.0.1:0"]')
    settings.write_text(free.replace('# listen = "127.0.0.1:8025"', 'listen = "127.0.0.1:0"'), "utf-8")

    with serving(mailgate, folder) as port:
        send_as_the_readme_shows(port)
        (ticket,) = tickets(mailgate, folder)
        sent = delivered(folder / "var" / "sent" / "new", 2)

    assert (ticket["number"], ticket["priority"], ticket["status"]) == ("ACME-1", "P2", "new")
    assert ticket["requester"] == "bob@acme.example"
    assert sorted(sent) == ["bob@acme.example", "sam@example.com"]
    assert "good  database" in run(mailgate, "check", folder=folder)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["desk"]
    assert sorted(one.name for one in folder.iterdir()) == ["config", "var"]


def send_as_the_readme_shows(port: int) -> None:
    """Runs the README's Python block, on the port of this test."""
    (block,) = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    exec(compile(block.replace("2525", str(port)), "README.md", "exec"), {})  # noqa: S102 - our own page


def delivered(maildir: Path, number: int) -> list[str]:
    """Whom the mails that went out are to, once there are so many."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and len(list(maildir.glob("*"))) < number:
        time.sleep(0.1)
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in maildir.glob("*")]
    return [mail["To"].addresses[0].addr_spec for mail in mails]
