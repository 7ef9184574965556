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
from mailgate.core.reply import NO_ROOM, NO_SUCH_USER, QUEUED, RELAY_DENIED, Reply, queued
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener

HERE = Path(__file__).parent
CERTIFICATE = HERE / "door.pem"  # for localhost, made for these tests
DOMAIN = "vendor.test"
KNOWN = {"acme", "globex", "postmaster", "abuse", "jörg"}
ANYWHERE = Place("127.0.0.1", 0)
PATIENCE = 5.0  # seconds
_LINE = re.compile(r"(?P<who>[CS]) ?(?P<times>\d+)?(?P<how>[:>~]) ?(?P<text>.*)")


def doorman(recipient: str, _reverse_path: str) -> Reply:
    local, _, domain = recipient.lower().rpartition("@")
    if not local and domain == "postmaster":
        return QUEUED
    if domain != DOMAIN:
        return RELAY_DENIED
    return QUEUED if local in KNOWN else NO_SUCH_USER


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


DIALOGS = {path.name: path.read_text(encoding="utf-8").splitlines() for path in sorted(HERE.glob("*.txt"))}


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


def settings_of(lines: list[str]) -> dict[str, str]:
    return dict(word.split("=") for line in lines if line.startswith("! ") for word in line[2:].split())


def rules_of(settings: dict[str, str], stage: Stage) -> Rules:
    kinds: dict[str, Any] = {item.name: type(item.default) for item in fields(Limits)}
    told = {name: kind(settings.pop(name)) for name, kind in kinds.items() if name in settings}
    limits = replace(Limits(error_delay=0.001), **told)
    rules = Rules("mail.vendor.test", doorman, stage.accept, limits, exempt=())
    if tls := settings.pop("tls", None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        rules = replace(rules, tls=context, tls_required=tls == "required")
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
    found = _LINE.fullmatch(line)
    assert found, "not a line of a dialogue"
    times = int(found["times"] or 1)
    if found["who"] == "C":
        stage.client.write((unescaped(found["text"]) + (b"\r\n" if found["how"] == ":" else b"")) * times)
        await stage.client.drain()
        return
    for _ in range(times):
        heard = (await stage.reader.readline()).decode()
        assert heard.endswith("\r\n"), f"heard {heard!r}"
        if found["how"] == "~":
            assert re.fullmatch(found["text"], heard[:-2]), f"heard {heard!r}"
        else:
            assert heard.startswith(found["text"]), f"heard {heard!r}"


def unescaped(text: str) -> bytes:
    parts = re.split(r"(\\x[0-9a-fA-F]{2}|\\[rn0\\])", text)
    named = {r"\r": b"\r", r"\n": b"\n", r"\0": b"\0", "\\\\": b"\\"}
    octets = (bytes.fromhex(part[2:]) if part.startswith(r"\x") else part.encode() for part in parts)
    return b"".join(named.get(part, octet) for part, octet in zip(parts, octets, strict=True))


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
