"""`mailgate check --dns` against a real name server: what is there, missing, wrong, unanswered."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailgate.cli import run
from mailgate.mail.dkimkey import read, record
from tests.nameserver import Fault, Nameserver, answering

if TYPE_CHECKING:
    from tests.cli.conftest import Ask

DOMAIN = "support.example.com"
KEY = f"mg1._domainkey.{DOMAIN}"


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    run(["init", str(tmp_path)])
    file = tmp_path / "config" / "mailgate.toml"
    run(["--config", str(file), "dkim", "keygen", "--selector", "mg1"])
    return file


@pytest.fixture
def zone(configuration: Path) -> dict[tuple[str, str], list[str]]:
    """All that is right."""
    public = record(read((configuration.parent.parent / "var" / "dkim-mg1.key").read_bytes()))
    return {
        (DOMAIN, "MX"): ["10 mx.example.com."],
        ("mx.example.com", "A"): ["192.0.2.1"],
        (DOMAIN, "TXT"): ["v=spf1 mx -all"],
        (KEY, "TXT"): [public],
        ("_dmarc.example.com", "TXT"): ["v=DMARC1; p=reject"],
    }


def asks(configuration: Path, server: Nameserver) -> None:
    text = configuration.read_text("utf-8")
    key = '[[dkim]]\nselector = "mg1"\nkey_file = "../var/dkim-mg1.key"\n'
    named = f'dns_servers = ["{server.place}"]\ndns_seconds = 1\n'
    text = text.replace("[authentication] ", f"[authentication]\n{named}#")
    assert named in text
    configuration.write_text(text + key, "utf-8")


def told(shown: str) -> dict[str, tuple[bool, bool, str]]:
    """Of each record whether it is good, whether nobody could say, and what is said."""
    checks = [one for one in json.loads(shown)["checks"] if one["part"].startswith("DNS ")]
    return {
        one["part"].removeprefix("DNS "): (
            one["ok"],
            one["unknown"],
            "; ".join([*one["faults"], one["note"]]),
        )
        for one in checks
    }


async def test_what_is_right_is_told_so(
    ask: "Ask", configuration: Path, zone: dict[tuple[str, str], list[str]]
) -> None:
    """behaviour.md 5.6"""
    async with answering(zone) as server:
        asks(configuration, server)
        code, shown, _ = await ask("check", "--dns")
    assert code == 0
    assert shown.splitlines()[-4:] == [
        "good  DNS MX: mx.example.com",
        "good  DNS SPF: v=spf1 mx -all",
        f"good  DNS DKIM mg1: our key is published at {KEY}",
        "good  DNS DMARC: p=reject",
    ]


async def test_what_is_missing_is_told_with_the_record_to_add(
    ask: "Ask", configuration: Path, zone: dict[tuple[str, str], list[str]]
) -> None:
    """behaviour.md 5.6"""
    async with answering({}) as server:
        asks(configuration, server)
        code, shown, _ = await ask("check", "--dns", "--json")
    found = told(shown)
    assert (code, {name: one[:2] for name, one in found.items()}) == (
        1,
        dict.fromkeys(("MX", "SPF", "DKIM mg1", "DMARC"), (False, False)),
    )
    assert f'{DOMAIN}. IN TXT "v=spf1 mx -all"' in found["SPF"][2]
    assert f"{KEY}. IN TXT (" in found["DKIM mg1"][2]


async def test_another_key_in_the_dns_is_told(
    ask: "Ask", configuration: Path, zone: dict[tuple[str, str], list[str]]
) -> None:
    """behaviour.md 5.6"""
    async with answering({**zone, (KEY, "TXT"): ["v=DKIM1; k=rsa; p=QUJD"]}) as server:
        asks(configuration, server)
        code, shown, _ = await ask("check", "--dns", "--json")
    found = told(shown)
    assert (code, [name for name, one in found.items() if not one[0]]) == (1, ["DKIM mg1"])
    assert f"{KEY} publishes another key" in found["DKIM mg1"][2]


@pytest.mark.parametrize("fault", [Fault.SERVFAIL, Fault.SILENCE])
async def test_what_nobody_answers_is_not_called_wrong(
    ask: "Ask", configuration: Path, zone: dict[tuple[str, str], list[str]], fault: Fault
) -> None:
    async with answering(zone, {"*": fault}) as server:
        asks(configuration, server)
        code, shown, _ = await ask("check", "--dns", "--json")
        _, plain, _ = await ask("check", "--dns")
    assert (code, {one[:2] for one in told(shown).values()}) == (1, {(False, True)})
    assert [line.split()[0] for line in plain.splitlines() if " DNS " in line] == ["open"] * 4
