"""`mailgate keys`: which key signs is shown, a new one takes its place, an old one is taken away."""

import asyncio
import json
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailgate.core.address import Keys
from mailgate.keyfile import ENVIRONMENT, keys, listed

if TYPE_CHECKING:
    from tests.cli.conftest import Ask


@pytest.fixture
def file(configuration: Path) -> Path:
    """The file of the keys, with one of a first start."""
    path = configuration.parent.parent / "var" / "secret.key"
    keys(path, None)
    return path


async def test_keys_are_listed_without_themselves(ask: "Ask", file: Path) -> None:
    secret = b64encode(keys(file, None).secrets[1]).decode()
    code, shown, _ = await ask("keys")
    assert (code, shown.split(), secret in shown) == (
        0,
        ["number", "use", "made", *_rule(shown), "1", "current"],
        False,
    )
    code, shown, _ = await ask("keys", "list", "--json")
    assert (code, json.loads(shown)) == (0, [{"number": 1, "use": "current", "made": None}])


async def test_a_rotation_and_a_retirement_say_what_is_recognised(ask: "Ask", file: Path) -> None:
    """behaviour.md 3.2"""
    first = keys(file, None).secrets[1]
    said = "Key 2 signs what is new; what key 1 signed is still recognised."
    told = "Every running mailgate takes the keys anew on SIGHUP."
    assert await ask("keys", "rotate") == (0, f"{said} {told}\n", "")
    assert keys(file, None).secrets[1] == first
    code, shown, _ = await ask("keys", "retire", "1")
    assert (code, shown.startswith("Key 1 is gone: the reply addresses that it signed")) == (0, True)
    assert list(keys(file, None).secrets) == [2]


async def test_a_key_is_prepared_before_it_signs(ask: "Ask", file: Path) -> None:
    code, shown, _ = await ask("keys", "rotate", "--prepare")
    assert (code, shown.startswith("Key 2 is there, and signs nothing before the next")) == (0, True)
    assert keys(file, None).current == 1
    code, shown, _ = await ask("keys", "list", "--json")
    assert [(one["number"], one["use"]) for one in json.loads(shown)] == [(1, "current"), (2, "next")]
    await ask("keys", "rotate")
    assert keys(file, None).current == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [(["retire", "1"], "key 1 signs what is new"), (["retire", "9"], "there is no key 9: it holds 1")],
)
async def test_what_cannot_be_retired_stays(ask: "Ask", file: Path, words: list[str], said: str) -> None:
    before = listed(file)
    code, shown, wrong = await ask("keys", *words)
    assert (code, shown, said in wrong, listed(file)) == (2, "", True, before)


async def test_without_a_first_start_there_is_nothing_to_rotate(ask: "Ask", configuration: Path) -> None:
    code, _, wrong = await ask("keys", "rotate")
    assert (code, "is missing" in wrong, "a first start makes one" in wrong) == (2, True, True)
    assert not (configuration.parent.parent / "var" / "secret.key").exists()


async def test_a_key_in_the_environment_is_told_the_way_into_the_file(
    ask: "Ask", file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, "0123456789abcdef")
    before = listed(file)
    for words in (["rotate"], ["retire", "1"]):
        code, shown, wrong = await ask("keys", *words)
        assert (code, shown, listed(file)) == (2, "", before)
        assert wrong.startswith(f"mailgate: {ENVIRONMENT} is set: it is the only key")
        assert str(file) in wrong
    code, shown, _ = await ask("keys", "list", "--json")
    assert (code, json.loads(shown)) == (0, [{"number": 1, "use": "current", "made": None}])


@pytest.mark.parametrize("secret", ["0123456789abcdef", "ein % längeres \\n 'Geheimnis' " * 9])
async def test_the_way_out_of_the_environment_keeps_what_was_signed(
    ask: "Ask", file: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    """The line that the command tells, in a shell."""
    monkeypatch.setenv(ENVIRONMENT, secret)
    _, _, wrong = await ask("keys", "rotate")
    (line,) = (one for one in wrong.splitlines() if one.startswith("  "))
    put_away(file)
    shell = await asyncio.create_subprocess_shell(line)
    assert await shell.wait() == 0
    assert keys(file, None) == keys(file, secret) == Keys(1, {1: secret.encode()})


def put_away(file: Path) -> None:
    file.unlink()


def _rule(shown: str) -> list[str]:
    return [word for word in shown.split() if set(word) == {"─"}]
