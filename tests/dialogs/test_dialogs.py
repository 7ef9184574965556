"""The conversations of this folder, held with the real listener (see README.md)."""

import asyncio
import re
import ssl
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from mailgate.core.listening import Address, BareNewlines, Place, SocketFile
from mailgate.core.message import MailObject
from mailgate.core.reply import NO_ROOM, Reply, queued
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener
from tests.dialogs.door import CERTIFICATE, HOSTNAME, doorman, tls
from tests.dialogs.written import DIALOGS, LINE, said, settings_of, unescaped

ANYWHERE = Place("127.0.0.1", 0)
PATIENCE = 5.0  # seconds


async def fails(_letter: MailObject) -> Reply:
    raise RuntimeError("a bug of ours: (INSERT ...)\nsecret")


async def full(_letter: MailObject) -> Reply:
    return NO_ROOM


async def nothing(_letter: MailObject) -> Reply:
    return None  # type: ignore[return-value] # a bug of ours


@dataclass
class Stage:
    """One conversation: the listener, the client's streams, the mails that were handed over."""

    letters: list[MailObject] = field(default_factory=list)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    reader: asyncio.StreamReader = field(default_factory=asyncio.StreamReader)
    writer: asyncio.StreamWriter | None = None
    others: list[asyncio.StreamWriter] = field(default_factory=list)
    address: Address = ANYWHERE

    async def accept(self, letter: MailObject) -> Reply:
        await asyncio.sleep(0.01)  # as long as a commit
        async with self.came:
            self.letters.append(letter)
            self.came.notify_all()
        return queued(len(self.letters))

    async def enter(self) -> None:
        """A connection of its own; an earlier one stays open."""
        if self.writer is not None:
            self.others.append(self.writer)
        match self.address:
            case Place(host, port):
                self.reader, self.writer = await asyncio.open_connection(host, port)
            case SocketFile(path):
                self.reader, self.writer = await asyncio.open_unix_connection(path)

    @property
    def client(self) -> asyncio.StreamWriter:
        assert self.writer is not None
        return self.writer


@pytest.mark.parametrize("name", DIALOGS)
async def test_dialog(name: str, tmp_path: Path) -> None:
    """behaviour.md 1"""
    lines = DIALOGS[name]
    assert lines[0].startswith("# "), "the first line of a dialogue says why it exists"
    stage = Stage()
    settings = settings_of(lines)
    lmtp = settings.pop("lmtp", None)
    address: Address = SocketFile(str(tmp_path / "door.sock")) if lmtp == "unix" else ANYWHERE
    rules = rules_of(settings, stage)
    listener = Listener((), rules, lmtp=(address,)) if lmtp else Listener((ANYWHERE,), rules)
    await listener.start()
    try:
        stage.address = (listener.listening or listener.listening_lmtp)[0]
        await stage.enter()
        for number, line in enumerate(lines, start=1):
            try:
                await asyncio.wait_for(play(line, stage), PATIENCE)
            except (AssertionError, TimeoutError) as fault:
                raise AssertionError(f"{name}:{number}: {line}: {str(fault) or 'no answer'}") from None
    finally:
        for writer in (*stage.others, stage.client):
            writer.close()
        await listener.stop(0)


def rules_of(settings: dict[str, str], stage: Stage) -> Rules:
    kinds: dict[str, Any] = {item.name: type(item.default) for item in fields(Limits)}
    told = {name: kind(settings.pop(name)) for name, kind in kinds.items() if name in settings}
    limits = replace(Limits(error_delay=0.001), **told)
    rules = Rules(HOSTNAME, doorman, stage.accept, limits, exempt=())
    if wanted := settings.pop("tls", None):
        rules = replace(rules, tls=tls(), tls_required=wanted == "required")
    if bare := settings.pop("bare_newlines", None):
        rules = replace(rules, bare_newlines=BareNewlines(bare))
    if accept := settings.pop("accept", None):
        rules = replace(rules, accept={"fails": fails, "full": full, "nothing": nothing}[accept])
    if proxies := settings.pop("proxy_from", None):
        rules = replace(rules, proxy_from=(ip_network(proxies),))
    if free := settings.pop("free", None):
        rules = replace(rules, free_bytes=lambda: int(free))
    assert not settings, f"unknown settings: {settings}"
    return rules


async def play(line: str, stage: Stage) -> None:
    match line.split(" ", 1):
        case ["" | "#" | "!", *_]:
            pass
        case ["C", "again"]:
            await stage.enter()
        case ["C", "tls"]:
            context = ssl.create_default_context(cafile=CERTIFICATE)
            await stage.client.start_tls(context, server_hostname="localhost")
        case ["C", deed] if deed.partition(" ")[0] in {"end", "close", "reset", "wait"}:
            await do(deed, stage)
        case ["S", "closed"]:
            await expect_the_end(stage)
        case ["=", expected]:
            await expect_mail(expected, stage)
        case _:
            await say_or_hear(line, stage)


async def do(deed: str, stage: Stage) -> None:
    match deed.split():
        case ["end"]:
            stage.client.write_eof()
        case ["close"]:
            stage.client.close()
        case ["reset"]:
            stage.client.transport.abort()
            await asyncio.sleep(0.05)
        case _:
            await asyncio.sleep(float(deed.removeprefix("wait ")))


async def say_or_hear(line: str, stage: Stage) -> None:
    found = LINE.fullmatch(line)
    assert found, "not a line of a dialogue"
    if found["who"] == "C":
        octets, times = said(found)
        stage.client.write(octets * times)
        await stage.client.drain()
        return
    for _ in range(int(found["times"] or 1)):
        heard = (await stage.reader.readline()).decode()
        assert heard.endswith("\r\n"), f"heard {heard!r}"
        if found["how"] == "~":
            assert re.fullmatch(found["text"], heard[:-2]), f"heard {heard!r}"
        else:
            assert heard.startswith(found["text"]), f"heard {heard!r}"


async def expect_the_end(stage: Stage) -> None:
    try:
        left = await stage.reader.read()
    except ConnectionError:
        left = b""
    assert not left, f"heard {left!r}"


async def expect_mail(expected: str, stage: Stage) -> None:
    what, _, value = expected.partition(" ")
    if value in {"mails", "mail"}:
        async with stage.came:
            await stage.came.wait_for(lambda: len(stage.letters) >= int(what))
        assert len(stage.letters) == int(what)
        return
    last = stage.letters[-1]
    seen = {
        "from": last.envelope.reverse_path.encode(),
        "to": " ".join(last.envelope.recipients).encode(),
        "peer": last.envelope.peer.encode(),
        "greeting": last.envelope.greeting.encode(),
        "content": last.content,
    }
    assert seen[what] == unescaped(value), f"is {seen[what]!r}"
