"""Knows a desk at work for tests that read like stories: real SMTP in, real mail out, a time of its own."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from mailgate.app.house import House, HouseRole
from mailgate.config import load
from mailgate.core.clock import ClockState
from mailgate.core.instant import read, written
from mailgate.core.ticket import Status, Ticket
from mailgate.store.lists import timeline
from tests.acceptance.installation import Installation, read_mail

ROLES = frozenset({HouseRole.LISTENER, HouseRole.TIMERS, HouseRole.RELAY})
BOB, CAROL = "Bob <bob@acme.example>", "Carol <carol@acme.example>"
SAM = "Sam Rivera <sam@example.com>"
PATIENCE = 60  # seconds, for what takes a fraction of one
ALIAS = "acme@support.example.com"
BEGIN = "2026-11-20T17:00:00Z"  # a Friday; nine o'clock in Los Angeles, where the hours begin


@dataclass
class Stage:
    """A desk at work, and people with mail programs; their time is the story's."""

    installation: Installation
    now: str = BEGIN
    seen: set[Path] = field(default_factory=set)
    written: int = 0

    def __post_init__(self) -> None:
        self.installation.write()
        self.house = House(load(self.installation.config), ROLES, lambda: read(self.now))

    async def writes(self, who: str, subject: str, text: str, to: str = ALIAS) -> list[EmailMessage]:
        """Sends a mail as a mail program does; what mailgate sends because of it."""
        mail = EmailMessage()
        self.written += 1
        mail["Message-ID"] = f"<{self.written}@programs.example>"
        mail["From"], mail["To"], mail["Subject"] = who, to, subject
        mail.set_content(text)
        return await self.sends(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")), to, who)

    async def sends(self, raw: bytes, to: str = ALIAS, sender: str = BOB) -> list[EmailMessage]:
        """Sends these very bytes, which are taken; what mailgate sends because of them."""
        assert await self.hands_over(raw, to, sender) == 250
        return await self.sent()

    async def hands_over(self, raw: bytes, to: str = ALIAS, sender: str = BOB) -> int:
        """The reply to the mail, or to the command before it that is refused. `sender` "" is nobody."""
        (place,) = self.house.listener.listening
        return await asyncio.to_thread(handed_over, (place.host, place.port), sender, to, raw)

    async def answers(self, instant: str, mail: EmailMessage, text: str) -> list[EmailMessage]:
        """Whoever got the mail presses Reply at that instant, and quotes it."""
        self.now = instant
        whole = mail.get_body(("plain",))
        assert isinstance(whole, EmailMessage)
        quoted = "".join(f"> {line}\n" for line in whole.get_content().splitlines())
        who = {"sam@example.com": SAM, "bob@acme.example": BOB, "carol@acme.example": CAROL}[mail["To"]]
        said = f"{text}\n\nOn Friday, {mail['From']} wrote:\n{quoted}"
        return await self.writes(who, f"Re: {mail['Subject']}", said, mail["Reply-To"])

    async def sent(self) -> list[EmailMessage]:
        """What has gone out since the last look, once nothing is under way."""
        async with asyncio.timeout(PATIENCE):
            while not await self.house.sweeps.at_rest():  # noqa: ASYNC110 - a look is all that tells
                await asyncio.sleep(0.01)
        fresh = sorted(set(self.installation.sent.glob("*")) - self.seen)
        self.seen.update(fresh)
        return [read_mail(file) for file in fresh]

    async def asks(self, *words: str) -> str:
        """What a command prints at the story's time."""
        answer = await asyncio.to_thread(self.installation.run, *words, "--now", self.now)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    async def does(self, *words: str) -> None:
        """Runs a command that changes something; what follows has begun when it returns."""
        answer = await asyncio.to_thread(self.installation.run, *words)
        assert answer.returncode == 0, answer.stderr
        self.house.sweeps.ring()

    async def ticket(self, number: int) -> Ticket:
        """As it stands in the database."""
        async with self.house.database.read() as unit:
            told = await timeline(unit, "acme", number)
        assert told is not None
        return told.ticket

    async def happened(self, number: int) -> list[str]:
        """The kinds of its events, oldest first; none where there is no such ticket."""
        async with self.house.database.read() as unit:
            told = await timeline(unit, "acme", number)
        return [event.kind for event in told.events] if told else []

    async def clocks(self, number: int) -> list[str]:
        """What is or was promised: kind, state, and when due."""
        promised = (one for one in (await self.ticket(number)).clocks if one.state is not ClockState.VOID)
        return [f"{one.kind} {one.state} {written(one.due)}" for one in promised]

    async def status(self, number: int) -> Status:
        return (await self.ticket(number)).status

    def outcomes(self) -> list[str]:
        """What each mail so far was found to be, and by which rule."""
        rows = self.installation.rows("SELECT outcome, rule FROM decisions ORDER BY id")
        return [f"{outcome} {rule}" for outcome, rule in rows]


@asynccontextmanager
async def playing(installation: Installation, now: str = BEGIN) -> AsyncIterator[Stage]:
    """A desk at work until the block ends."""
    stage = Stage(installation, now)
    await stage.house.start()
    try:
        yield stage
    finally:
        await stage.house.stop()


def handed_over(place: tuple[str, int], sender: str, to: str, raw: bytes) -> int:
    """The reply to a mail, as a mail server would hear it."""
    with smtplib.SMTP(*place) as client:
        try:
            client.sendmail(sender, to, raw)
        except smtplib.SMTPRecipientsRefused as refused:
            return refused.recipients[to][0]
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code
    return 250


def letter(who: str, subject: str, text: str, *fields: str) -> bytes:
    """A plain mail as its bytes; the fields stand as they are given, and are the last ones."""
    head = [f"From: {who}", f"To: {ALIAS}", f"Subject: {subject}", *fields]
    return "\r\n".join((*head, "", text, "")).encode()


def to(mails: list[EmailMessage], who: str) -> EmailMessage:
    """The one mail to them."""
    (mail,) = [one for one in mails if one["To"] == who]
    return mail


def text(mail: EmailMessage) -> str:
    """What its reader reads, without HTML."""
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    whole: str = part.get_content()
    return whole
