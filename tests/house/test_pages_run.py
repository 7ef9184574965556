"""What the pages show is run: each `console` block in a folder of its own, and its answer compared."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mailgate.cli import COMMANDS
from tests.house.code import ROOT

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{one.name}" for one in sorted((ROOT / "docs").glob("*.md"))),
]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A command, with a text for it up to END if it asks for one, and what it answers.
STEP = re.compile(r"^\$ (.*<<'END'\n(?:.*\n)*?END|.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def steps(page: str) -> list[tuple[str, str]]:
    """Each command of a page's `console` blocks, with the answer that the page shows."""
    blocks = BLOCK.findall((ROOT / page).read_text("utf-8"))
    return [(command, answer) for block in blocks for command, answer in STEP.findall(block)]


@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)])
def test_a_page_shows_what_happens(page: str, tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
    }
    for command, shown in steps(page):
        answer = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (answer.returncode, answer.stderr) == (0, ""), command
        assert doctest.OutputChecker().check_output(shown, answer.stdout, doctest.ELLIPSIS), answer.stdout


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_commands_that_exist(page: str) -> None:
    blocks = re.findall(r"```.*?```|`[^`\n]+`", (ROOT / page).read_text("utf-8"), re.DOTALL)
    named = {
        name
        for block in blocks
        for name in re.findall(r"mailgate (?:--config \S+ )?([a-z]+)\b(?![./])", block)
    }
    assert named - set(COMMANDS) == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_make_targets_that_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = (ROOT / page).read_text("utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z]+)\b", text, re.MULTILINE))
    assert named - targets == set()
