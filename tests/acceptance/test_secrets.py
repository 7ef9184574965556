"""A secret in every place that has one, every command run, the service in trouble: none is shown."""

import asyncio
import json
import signal
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailgate.app import House
from mailgate.app.office import notifiers
from mailgate.cli import COMMANDS, run
from mailgate.config import load
from mailgate.mail.dkimkey import fresh, written
from mailgate.mail.signing import Algorithm
from mailgate.privatefile import put
from tests.acceptance.installation import Installation, wait_for
from tests.acceptance.stage import handed_over
from tests.sink import Sink, serving

CANARY = "canary-that-sings-to-nobody"
MAIL = (
    b"From: bob@acme.example\r\nTo: acme@support.example.com\r\nSubject: [P1] Down\r\n"
    b"Message-ID: <1@acme.example>\r\n\r\nAll of it.\r\n"
)
NUMBER = "ACME-1"
BOB = "bob@acme.example"

ASKED = {
    "init": ("elsewhere",),
    "check": ("--relay", "--json"),
    "serve": ("--roles", "nobody"),
    "demo": ("--help",),
    "tickets": ("--json",),
    "ticket": (NUMBER,),
    "mail": ("explain", "mail.eml", "--to", "acme", "--json"),
    "template": ("check",),
    "sla": ("explain", NUMBER),
    "replay": ("mail.eml", "--policy", "particle", "--tickets"),
    "policy": ("show", "particle"),
    "oncall": (),
    "digest": ("--json",),
    "outbox": ("--json",),
    "held": ("--json",),
    "suppressed": (),
    "keys": ("rotate",),
    "dkim": ("show", "--json"),
    "prune": ("--older-than", "400d", "--dry-run"),
    "erase": ("nobody@acme.example", "--dry-run"),
    "audit": ("--json",),
    "db": ("check",),
}
"""Every command, asked for something that it does with the whole configuration."""


@dataclass
class Desk:
    """An installation whose every secret is known, and all that it said."""

    installation: Installation
    secrets: set[str]

    def silent(self, said: str) -> None:
        """None of the secrets was said."""
        assert [secret for secret in self.secrets if secret in said] == []


def secret_file(folder: Path, name: str) -> str:
    put(folder / name, f"{CANARY}-{name}".encode())
    return f"{CANARY}-{name}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    installation = Installation(tmp_path)
    installation.relay = f"smtp://mailgate:{CANARY}@127.0.0.1:9"
    installation.more_of_relay = 'tls = "off"\ntimeout_seconds = 1'
    installation.more = (
        '[notify.hook]\nurl_file = "hook.url"\nsecret_file = "hook.key"\n'
        '[[dkim]]\nselector = "mg1"\nkey_file = "../var/dkim-mg1.key"\n'
    )
    installation.write()
    config = installation.config.parent
    put(config / "hook.url", f"http://user:{CANARY}@127.0.0.1:9/{CANARY}-path".encode())
    secret_file(config, "hook.key")
    secret_file(config, "web.token")
    text = installation.config.read_text("utf-8")
    installation.config.write_text(text.replace("[web]\n", '[web]\ntoken_file = "web.token"\n'), "utf-8")
    (tmp_path / "var").mkdir()
    (tmp_path / "mail.eml").write_bytes(MAIL)
    put(tmp_path / "var" / "dkim-mg1.key", written(fresh(Algorithm.ED25519)))
    pem = (tmp_path / "var" / "dkim-mg1.key").read_text("ascii").splitlines()
    known = Desk(installation, {CANARY, b64encode(CANARY.encode()).decode().rstrip("="), *pem[1:-1]})
    yield known
    if installation.process is not None:
        installation.stop()


@asynccontextmanager
async def at_work(desk: Desk) -> AsyncIterator[Sink]:
    """The service runs, and its smarthost believes no password."""
    async with serving(Sink(credentials="PLAIN of somebody else")) as sink:
        config = desk.installation.config
        text = config.read_text("utf-8").replace("@127.0.0.1:9", f"@127.0.0.1:{sink.port}")
        config.write_text(text, "utf-8")
        desk.installation.surroundings = {"MAILGATE_DEBUG": "1"}
        await asyncio.to_thread(desk.installation.start)
        yield sink


def test_every_command_is_asked() -> None:
    assert set(ASKED) == set(COMMANDS)


async def test_no_secret_is_shown_by_the_service_or_a_command(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """behaviour.md 1.3, 7.3"""
    installation, key = desk.installation, tmp_path / "var" / "dkim-mg1.key"
    monkeypatch.setenv("MAILGATE_DEBUG", "1")
    monkeypatch.chdir(tmp_path)
    async with at_work(desk) as sink:
        place = ("127.0.0.1", installation.smtp)
        assert await asyncio.to_thread(handed_over, place, BOB, "acme@support.example.com", MAIL) == 250
        await until(lambda: any("AUTH" in line for line in sink.commands), installation)
        tried = "SELECT 1 FROM outbox WHERE attempts > 0 AND via = 'hook'"
        await until(lambda: bool(installation.rows(tried)), installation)
        key.chmod(0o644)
        assert installation.process
        installation.process.send_signal(signal.SIGHUP)
        await until(lambda: "reload_refused" in installation.log(), installation)
        key.chmod(0o600)
        desk.secrets |= secret_keys(tmp_path / "var" / "secret.key")
        for name, words in ASKED.items():
            for asked in ((name, "--help"), (name, *words)):
                await asyncio.to_thread(run, ["--config", str(installation.config), *asked])
                said = capsys.readouterr()
                desk.silent(said.out + said.err)
        stored = installation.rows("SELECT reply FROM outbox")
    assert await asyncio.to_thread(installation.stop) == 0
    desk.silent(installation.log() + json.dumps(stored))


async def until(holds: Callable[[], bool], installation: Installation) -> None:
    await asyncio.to_thread(wait_for, holds, 60, installation.log)


def secret_keys(file: Path) -> set[str]:
    """The keys that sign reply addresses, as they stand in the file."""
    lines = file.read_text("ascii").splitlines()
    return {line.split()[1] for line in lines if not line.startswith("#")}


def test_no_value_shows_a_secret_in_a_traceback(desk: Desk) -> None:
    configuration = load(desk.installation.config)
    house = House(configuration)
    try:
        desk.secrets |= {repr(octets)[2:-1] for octets in house.signing.secrets.values()}
        desk.silent(repr(configuration) + str(configuration) + str(vars(configuration.settings)))
        desk.silent(repr(notifiers(configuration)) + repr(house._office) + repr(vars(house)))
    finally:
        asyncio.run(house.database.close())


def url(more: str = "") -> str:
    return f'url = "smtp://mailgate:{CANARY}@127.0.0.1:9{more}"'


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("sqlite:///../var/mailgate.db", f"postgresql://mailgate:{CANARY}@127.0.0.1:1/mailgate"),
        ("sqlite:///../var/mailgate.db", f"mysql://mailgate:{CANARY}@127.0.0.1:1/mailgate"),
        ("smtp://", "sntp://"),
        ("@127.0.0.1:9", "@127.0.0.1:99999"),
        (url(), url("/x")),
        (url(), f"url = {{ to = {url().partition(' = ')[2]} }}"),
        (url(), url().removesuffix('"')),
        (url(), f'password = "{CANARY}"'),
        ("[web]\n", f'[web]\ntoken = "{CANARY}"\n'),
        ("[notify.hook]\n", f'[notify.other]\nurl = "slack://{CANARY}/b/c"\n[notify.hook]\n'),
        ("[notify.hook]\n", f'[notify.other]\nurl = "http://x:{CANARY}@[::1"\n[notify.hook]\n'),
        ("[service]\n", f'[service]\nsecret = "{CANARY}"\n'),
    ],
    ids=[
        "database",
        "no database",
        "scheme",
        "port",
        "path",
        "table",
        "quote",
        "key",
        "token",
        "slack",
        "host",
        "secret",
    ],
)
def test_a_mistake_beside_a_secret_is_told_without_it(
    desk: Desk, was: str, becomes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = desk.installation.config
    text = config.read_text("utf-8")
    assert was in text
    config.write_text(text.replace(was, becomes), "utf-8")
    capsys.readouterr()
    for words in (["check"], ["check", "--json"], ["tickets"]):
        assert run(["--config", str(config), *words]) in {1, 2}
        said = capsys.readouterr()
        assert said.out + said.err
        desk.silent(said.out + said.err)
