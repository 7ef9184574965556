"""A command, run on a configuration of its own beside a database of either kind."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mailgate.cli import run

Ask = Callable[..., Awaitable[tuple[int, str, str]]]
"""Runs a command; its exit code, standard output and standard error."""


@pytest.fixture
def configuration(tmp_path: Path, database_url: str) -> Path:
    run(["init", str(tmp_path / "desk")])
    file = tmp_path / "desk" / "config" / "mailgate.toml"
    shown = '# url = "sqlite:///../var/mailgate.db"'
    text = file.read_text("utf-8")
    assert shown in text
    file.write_text(text.replace(shown, f'url = "{database_url}" #'), "utf-8")
    return file


@pytest.fixture
def ask(configuration: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    async def asked(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(run, ["--config", str(configuration), *words])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return asked
