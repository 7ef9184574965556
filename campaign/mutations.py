"""Knows how the promises can be broken on purpose, and what must notice each breakage.

A mutation replaces a few lines in a copy of the tree, word for word, and names the command that must fail.
Lines that are gone are an error: the mutation is to be written anew for what stands there now.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from campaign.breakages import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[1]
_COPIED = (
    "mailgate",
    "migrations",
    "templates",
    "config",
    "campaign",
    "tests",
    "pyproject.toml",
    "alembic.ini",
)
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "corpus")
_PATIENCE = 300  # seconds
_PASSABLE = 0o711  # a PostgreSQL that root starts runs as somebody else, in a folder of its own in there
_TOLD = 100  # characters of what has noticed it


class GoneError(Exception):
    """The lines that a mutation replaces are not there, or not once."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutation.

    Args:
        noticed: the line that told of it; empty if nobody did.
        otherwise: what the command came to then: it passed, or failed of something else.
    """

    mutation: Mutation
    noticed: str
    otherwise: str = ""

    @property
    def line(self) -> str:
        """The verdict in one line of a table."""
        told = self.noticed or f"NOT CAUGHT: {self.otherwise}"
        return f"{self.mutation.name:28} {' '.join(self.mutation.command):70} {told[:_TOLD]}"


def run(names: Sequence[str], said: Callable[[str], None]) -> int:
    """Tries these mutations, or all; tells what caught each. The exit code: 1 if one was not caught."""
    unknown = set(names) - {mutation.name for mutation in MUTATIONS}
    if unknown:
        known = ", ".join(mutation.name for mutation in MUTATIONS)
        said(f"No mutation is called {', '.join(sorted(unknown))}; choose from {known}")
        return 2
    missed = 0
    for mutation in MUTATIONS:
        if not names or mutation.name in names:
            verdict = tried(mutation)
            missed += not verdict.noticed
            said(verdict.line)
    said("every mutation was caught" if not missed else f"not caught: {missed}")
    return 1 if missed else 0


def tried(mutation: Mutation) -> Verdict:
    """Breaks a copy of the tree, and lets its command notice."""
    with tempfile.TemporaryDirectory(prefix="mailgate-mutation-") as name:
        Path(name).chmod(_PASSABLE)
        tree = Path(name) / "tree"
        copy(tree)
        break_(tree, mutation)
        answer = subprocess.run(
            [sys.executable, "-m", *mutation.command],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree), "TMPDIR": name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    if not answer.returncode:
        return Verdict(mutation, "", "it passed")
    lines = answer.stdout.strip().splitlines()
    noticed = [line.strip() for line in lines if re.search(mutation.noticed_by, line)]
    return Verdict(mutation, noticed[0] if noticed else "", f"it failed otherwise: {' '.join(lines[-1:])}")


def copy(tree: Path) -> None:
    """All that a command of the campaign, or a test, needs of this tree."""
    tree.mkdir()
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=_NOT_COPIED)
        else:
            shutil.copy(ROOT / name, tree / name)


def break_(tree: Path, mutation: Mutation) -> None:
    """Replaces the lines.

    Raises:
        GoneError: they are not there exactly once.
    """
    for edit in mutation.edits:
        file = tree / edit.file
        text = file.read_text("utf-8")
        if text.count(edit.old) != 1:
            raise GoneError(f"{mutation.name}: {edit.file} has {text.count(edit.old)} times:\n{edit.old}")
        file.write_text(text.replace(edit.old, edit.new), "utf-8")
