"""What deploy/ holds is whole: paths exist, roles are roles, and the sandbox is as tight as the page says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mailgate.app import HouseRole
from tests.acceptance.installation import MAILGATE
from tests.house.code import ROOT

DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
INSTALLED = "/opt/mailgate/bin/mailgate"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the container file with its words, continued lines made one."""
    lines = [
        line
        for line in (DEPLOY / "Containerfile").read_text("utf-8").splitlines()
        if line[:1] not in {"", "#"}
    ]
    whole = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(name, words.strip()) for name, _, words in (line.partition(" ") for line in whole)]


def said(name: str) -> list[str]:
    """What the container file says with this instruction."""
    return [words for one, words in instructions() if one == name]


def copied() -> set[str]:
    """What the image takes from the clone."""
    taken = [words.split()[:-1] for words in said("COPY") if not words.startswith("--from=")]
    return {path.rstrip("/") for paths in taken for path in paths}


def test_the_image_is_made_of_what_is_there_and_of_all_that_the_package_needs() -> None:
    assert [path for path in sorted(copied()) if not (ROOT / path).exists()] == []
    folders = re.findall(
        r'^"(\w+)" = "mailgate/_shipped', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    assert copied() >= {"mailgate", "requirements.lock", *folders}
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied()


def test_the_image_is_not_root_and_is_stopped_watched_and_started_as_the_service_wants() -> None:
    last = instructions()[max(n for n, (name, _) in enumerate(instructions()) if name == "FROM") :]
    words = {name: rest for name, rest in last if name != "COPY"}
    assert words["USER"] == "10001:10001"
    assert (words["STOPSIGNAL"], words["VOLUME"]) == ("SIGTERM", '["/srv/desk/var"]')
    assert (words["ENTRYPOINT"], words["CMD"]) == ('["/opt/mailgate/bin/mailgate"]', '["serve"]')
    assert "/healthz" in words["HEALTHCHECK"]
    assert [name for name in words if name == "RUN" and "pip" in words[name]] == []  # built before


def test_nothing_is_installed_without_a_hash() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (told,) = re.findall(r"^python3 -m venv /opt/mailgate\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    steps = [part for run in said("RUN") for part in run.split("&&")] + told.splitlines()
    fetching = [one for one in steps if re.search(r"/pip (install|wheel)", one) and "--no-index" not in one]
    assert len(fetching) == 6
    ours = [one for one in fetching if "--require-hashes" not in one]
    assert [one.rsplit(maxsplit=1)[1] for one in ours] == [".", "."]
    assert [one for one in ours if not ("--no-deps" in one and "--no-build-isolation" in one)] == []


def test_what_is_started_has_roles_that_exist_and_together_all_of_them() -> None:
    composed = re.findall(r'"--roles", "([\w,]+)"', (DEPLOY / "compose.yaml").read_text("utf-8"))
    assert {role for one in composed for role in one.split(",")} == set(HouseRole)
    assert [one for one in composed if "web" not in one.split(",")] == []  # which answers the health check
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert set(re.findall(r"mailgate@(\w+)(?=[ `\n])", page)) <= set(HouseRole)


def settings(unit: str) -> list[str]:
    """The lines of a unit without its comments."""
    lines = (UNITS / unit).read_text("utf-8").splitlines()
    return [line for line in lines if line[:1] not in {"", "#"}]


def test_a_role_is_shut_in_as_the_whole_service_is() -> None:
    whole, role = settings("mailgate.service"), settings("mailgate@.service")
    assert set(whole) - set(role) == {
        "Description=mailgate: enterprise support by e-mail",
        f"ExecStart={INSTALLED} serve",
        "RuntimeDirectory=mailgate",
        "WantedBy=multi-user.target",
    }
    assert set(role) - set(whole) == {
        "Description=mailgate: %i",
        "PartOf=mailgate.target",
        f"ExecStart={INSTALLED} serve --roles %i",
        "RuntimeDirectory=mailgate-%i",
        "WantedBy=mailgate.target",
    }


def written(folder: Path, *dropins: str) -> list[Path]:
    """The units with the program of this test, in a folder of their own."""
    for unit in ("mailgate.service", "mailgate@.service", "mailgate.target"):
        name = unit.replace("@", "@listener")
        text = (UNITS / unit).read_text("utf-8").replace(INSTALLED, str(MAILGATE))
        (folder / name).write_text(text)
        if name.endswith(".service"):
            (folder / f"{name}.d").mkdir()
            for one in dropins:
                shutil.copy(UNITS / one, folder / f"{name}.d")
    return sorted(one for one in folder.iterdir() if one.is_file())


def analysed(*words: str | Path) -> str:
    """What systemd says of units, which it finds good."""
    done = subprocess.run(
        ["systemd-analyze", "--no-pager", *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@needs_systemd
@pytest.mark.parametrize("dropins", [(), ("lmtp.conf",), ("port25.conf",), ("lmtp.conf", "port25.conf")])
def test_systemd_understands_every_unit(tmp_path: Path, dropins: tuple[str, ...]) -> None:
    assert analysed("verify", *written(tmp_path, *dropins)) == ""


@needs_systemd
def test_the_sandbox_is_rated_as_the_page_says(tmp_path: Path) -> None:
    services = [one for one in written(tmp_path) if one.suffix == ".service"]
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (told,) = re.findall(r"`systemd-analyze security --offline=true` rates it ([\d.]+)", page)
    rated = {
        one.name: re.findall(r"exposure level for \S+: ([\d.]+)", analysed("security", "--offline=true", one))
        for one in services
    }
    assert rated == {"mailgate.service": [told], "mailgate@listener.service": [told]}
