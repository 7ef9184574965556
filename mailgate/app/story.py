"""Knows the demonstration: a day of a support desk in seconds, told as it happens.

Only the clock is its own. The listener, the database and the mail that goes out are real, in a folder that is
thrown away.
"""

import asyncio
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from mailgate import shipped
from mailgate.app.house import House, HouseRole
from mailgate.config import load
from mailgate.core.instant import read
from mailgate.core.listening import Place
from mailgate.core.localtime import told

ROLES = frozenset({HouseRole.LISTENER, HouseRole.RELAY, HouseRole.TIMERS})
_ZONE = "America/Los_Angeles"
_BEGIN = "2026-11-20T17:00:00Z"
_FOLDED = 100  # columns
_PATIENCE = 30.0  # seconds, for what takes a fraction of one
_GLANCE = 0.005  # seconds between two looks
_SETTINGS = """\
[service]
name = "Example Support"
domain = "support.example.com"
[listener]
smtp = ["127.0.0.1:0"]
[digest]
to = ["ops@example.com"]
timezone = "America/Los_Angeles"
[[staff]]
name = "Sam Rivera"
email = "sam@example.com"
"""
_ACCOUNT = """\
[acme]
name = "Acme Corp"
policy = "particle"
plan = "enterprise"
region = "americas"
aliases = ["acme"]
domains = ["acme.example"]
"""
_ALIAS = "acme@support.example.com"
_BOB, _SAM, _OPS = "bob@acme.example", "sam@example.com", "ops@example.com"
_PEOPLE = {_BOB: "Bob, a customer", _SAM: "Sam, who answers tickets", _OPS: "the operator"}


@dataclass(slots=True)
class _Clock:
    """The time of the story: it stands still until the story moves it."""

    instant: datetime

    def __call__(self) -> datetime:
        return self.instant


@dataclass(slots=True)
class Story:
    """A desk at work on a clock of its own.

    Args:
        say: takes each line.
        seen: mails that were told of already.
    """

    house: House
    clock: _Clock
    outbox: Path
    say: Callable[[str], None]
    seen: set[Path] = field(default_factory=set)

    async def tell(self) -> None:
        """The whole story."""
        self.say("Acme Corp bought enterprise support: four priorities, each with promised times. It mails")
        self.say("acme@support.example.com, and nobody in this story needs anything but mail.")
        await self._comes(_BEGIN)
        await self._writes(_BOB, "[P2] Gateways drop offline every hour", "They come back by themselves.")
        await self._comes("2026-11-20T17:10:00Z")
        await self._writes(_BOB, "Where are last month's invoices?", "Thanks!")
        await self._comes("2026-11-20T20:00:00.001Z", "Three quarters of the first ticket's time are used.")
        await self._comes("2026-11-20T20:30:00Z")
        await self._writes(_BOB, "[P1] The whole fleet is down", "We are losing business.")
        await self._comes("2026-11-20T20:50:00Z")
        await self._answers("The whole fleet is down", "A certificate had run out. It is renewed.")
        await self._comes("2026-11-20T21:00:00.001Z", "Nobody has answered the first ticket in time.")
        await self._comes("2026-11-21T16:00:00Z", "The next morning.")
        self.say("")
        self.say("Every mail became a ticket, every promise had a clock, and what was missed was said.")

    async def _comes(self, instant: str, sentence: str = "") -> None:
        """Moves the clock, and lets everything happen that is due by then."""
        self.clock.instant = read(instant)
        self.say("")
        self.say(f"{told(self.clock.instant, _ZONE)}. {sentence}".rstrip())
        self.house.sweeps.ring()
        await self._quiet()

    async def _writes(self, sender: str, subject: str, text: str, to: str = _ALIAS) -> None:
        """Sends a mail by SMTP, as a mail program does."""
        self.say(f"  -> {_PEOPLE[sender]}, writes: {subject}")
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail.set_content(text)
        (place,) = self.house.listener.listening
        await asyncio.to_thread(_send, place, mail)
        await self._quiet()

    async def _answers(self, title: str, text: str) -> None:
        """Sam replies to the notice of that ticket, in a mail program."""
        to_sam = (mail for mail in map(_read, sorted(self.seen)) if mail["To"] == _SAM)
        notice = next(mail for mail in to_sam if re.match(rf"\[ACME-\d+\].*{title}", mail["Subject"]))
        await self._writes(_SAM, f"Re: {notice['Subject']}", text, to=notice["Reply-To"])
        self.say("     The clock of the response has stopped.")

    async def _quiet(self) -> None:
        """Waits until nothing is under way, and tells what went out."""
        async with asyncio.timeout(_PATIENCE):
            while not await self.house.sweeps.at_rest():  # noqa: ASYNC110 - a look is all that tells
                await asyncio.sleep(_GLANCE)
        for file in sorted(set(self.outbox.glob("*")) - self.seen):
            self.seen.add(file)
            self._tell_of(_read(file))

    def _tell_of(self, mail: EmailMessage) -> None:
        self.say(f"  <- mailgate to {_PEOPLE[mail['To']]}: {mail['Subject']}")
        body = mail.get_body(("plain",))
        lines = body.get_content().splitlines() if isinstance(body, EmailMessage) else []
        for line in _telling(lines, whole=mail["To"] == _OPS):
            self.say(f"       {line}"[:_FOLDED])


async def tell(folder: Path, say: Callable[[str], None]) -> None:
    """Tells the story of a desk that is set up in this folder."""
    config = folder / "config"
    (config / "policies").mkdir(parents=True)
    (config / "accounts").mkdir()
    (config / "mailgate.toml").write_text(_SETTINGS)
    (config / "accounts" / "acme.toml").write_text(_ACCOUNT)
    particle = shipped.folder("config") / "policies" / "particle.toml"
    (config / "policies" / "particle.toml").write_bytes(particle.read_bytes())
    clock = _Clock(read(_BEGIN))
    house = House(load(config / "mailgate.toml"), ROLES, clock)
    await house.start()
    try:
        await Story(house, clock, folder / "var" / "sent" / "new", say).tell()
    finally:
        await house.stop()


def _send(place: Place, mail: EmailMessage) -> None:
    with smtplib.SMTP(place.host, place.port) as client:
        client.send_message(mail)


def _read(file: Path) -> EmailMessage:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    if not isinstance(mail, EmailMessage):
        raise TypeError(f"{file} is no mail")
    return mail


def _telling(lines: list[str], *, whole: bool) -> list[str]:
    """The lines of a mail that the story needs: all of the digest, of other mails those that promise."""
    if whole:
        return lines
    promises = lines[: lines.index("WHAT HAPPENS NEXT")] if "WHAT HAPPENS NEXT" in lines else lines
    return [line for line in promises if line.startswith(("  ", "Priority", "The "))][:8]
