"""`mailgate dkim`: a key is made, its record printed; the key itself is never shown and never overwritten."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailgate.cli import run
from mailgate.core.dnsrecord import zone_line
from mailgate.mail.dkimkey import read, record

if TYPE_CHECKING:
    from tests.cli.conftest import Ask

NAME = "mg1._domainkey.support.example.com"


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    run(["init", str(tmp_path)])
    return tmp_path / "config" / "mailgate.toml"


@pytest.mark.parametrize("algorithm", ["rsa", "ed25519"])
async def test_a_key_is_made_and_its_record_printed(ask: "Ask", configuration: Path, algorithm: str) -> None:
    """behaviour.md 5.6"""
    code, shown, _ = await ask("dkim", "keygen", "--algorithm", algorithm, "--selector", "mg1")
    place = configuration.parent.parent / "var" / "dkim-mg1.key"
    pem = place.read_bytes()
    assert (code, place.stat().st_mode & 0o777) == (0, 0o600)
    assert zone_line(NAME, record(read(pem))) in shown
    assert f'[[dkim]]\nselector = "mg1"\nkey_file = "{place}"\n' in shown
    assert pem.decode().splitlines()[1] not in shown

    with configuration.open("a", encoding="utf-8") as file:
        file.write(shown[shown.index("[[dkim]]") :])
    code, again, _ = await ask("dkim", "show")
    assert (code, again.strip()) == (0, zone_line(NAME, record(read(pem))))


async def test_a_key_is_never_overwritten(ask: "Ask", configuration: Path, tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert (await ask("dkim", "keygen", "--algorithm", "ed25519", "--selector", "mg1", str(file)))[0] == 0
    before = file.read_bytes()
    assert await ask("dkim", "keygen", "--selector", "mg1", str(file)) == (
        2,
        "",
        f"mailgate: {file}: is there already: name another file, or move it away\n",
    )
    assert file.read_bytes() == before


async def test_what_was_made_is_told_to_programs(ask: "Ask", configuration: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    code, shown, _ = await ask("dkim", "keygen", "--selector", "mg1", "--bits", "3072", str(key), "--json")
    told = json.loads(shown)
    value = record(read(key.read_bytes()))
    assert (code, told) == (
        0,
        {
            "selector": "mg1",
            "algorithm": "rsa",
            "file": str(key),
            "name": NAME,
            "type": "TXT",
            "value": value,
            "strings": [value[:255], value[255:510], value[510:]],
            "zone": zone_line(NAME, value),
        },
    )


async def test_without_a_key_it_says_how_one_is_made(ask: "Ask", configuration: Path) -> None:
    assert await ask("dkim", "show") == (
        0,
        "No key is configured: mail goes out unsigned. `mailgate dkim keygen --selector mg1` makes one.\n",
        "",
    )
    assert await ask("dkim", "show", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--selector", "Mg 1"), "lower-case letters, digits and `-`"),
        (("--selector", "mg1", "--bits", "1024"), "1024 is not in the range"),
        ((), "Missing option '--selector'"),
    ],
)
async def test_bad_usage_is_told(ask: "Ask", configuration: Path, words: tuple[str, ...], said: str) -> None:
    code, _, told = await ask("dkim", "keygen", *words)
    assert (code, said in told) == (2, True)
