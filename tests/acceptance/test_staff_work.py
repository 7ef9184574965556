"""A ticket's life by mail alone: real SMTP in, real mail out, a clock that the story moves."""

import asyncio
import json
import smtplib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import pytest

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


@dataclass
class Stage:
    """A desk at work, and people with mail programs; their time is the story's."""

    installation: Installation
    now: str = "2026-11-20T17:00:00Z"
    seen: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.installation.write()
        self.house = House(load(self.installation.config), ROLES, lambda: read(self.now))

    async def writes(self, who: str, subject: str, text: str, to: str = ALIAS) -> list[EmailMessage]:
        """Sends a mail; what mailgate sends because of it."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = who, to, subject
        mail.set_content(text)
        (place,) = self.house.listener.listening
        await asyncio.to_thread(deliver, place.host, place.port, mail)
        return await self.sent()

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

    async def ticket(self, number: int) -> Ticket:
        async with self.house.database.read() as unit:
            told = await timeline(unit, "acme", number)
        assert told is not None
        return told.ticket

    async def clocks(self, number: int) -> list[str]:
        """What is or was promised: kind, state, and when due."""
        promised = (one for one in (await self.ticket(number)).clocks if one.state is not ClockState.VOID)
        return [f"{one.kind} {one.state} {written(one.due)}" for one in promised]

    async def status(self, number: int) -> Status:
        return (await self.ticket(number)).status


def deliver(host: str, port: int, mail: EmailMessage) -> None:
    with smtplib.SMTP(host, port) as client:
        client.send_message(mail)


def to(mails: list[EmailMessage], who: str) -> EmailMessage:
    """The one mail to them."""
    (mail,) = [one for one in mails if one["To"] == who]
    return mail


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    whole: str = part.get_content()
    return whole


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(Installation(tmp_path))
    await stage.house.start()
    try:
        yield stage
    finally:
        await stage.house.stop()


async def begins(stage: Stage) -> tuple[EmailMessage, EmailMessage]:
    """A P1 comes, is taken, waits for its customer, goes on: Sam's notice of it, and what Bob got last."""
    mails = await stage.writes(BOB, "[P1] The fleet is down", "All of it.")
    notice = next(one for one in mails if one["To"] == "sam@example.com" and "PAGE" not in one["Subject"])
    assert await stage.clocks(1) == [
        "response running 2026-11-20T18:00:00Z",
        "resolution running 2026-11-22T17:00:00Z",
    ]
    assert await stage.answers("2026-11-20T17:05:00Z", notice, "/ack") == []
    (question,) = await stage.answers("2026-11-20T17:20:00Z", notice, "/wait\n\nWhich firmware?\n\nSam")
    assert text(question).startswith("Which firmware?")
    assert await stage.status(1) is Status.WAITING
    assert (await stage.clocks(1))[1] == "resolution paused 2026-11-22T17:00:00Z"
    (heard,) = await stage.answers("2026-11-20T18:20:00Z", question, "6.1")  # after an hour
    assert await stage.clocks(1) == [
        "response met 2026-11-20T18:00:00Z",
        "resolution running 2026-11-22T18:00:00Z",
    ]
    return heard, question


async def changes(stage: Stage, notice: EmailMessage, question: EmailMessage) -> EmailMessage:
    """It was never a P1, then it is one after all, then the worst is over; what tells Bob the end of it."""
    # Two business days from the very start: seven hours of Friday, without the hour that rested, then Monday.
    assert await stage.answers("2026-11-20T18:30:00Z", notice, "/priority P2") == []
    assert (await stage.clocks(1))[1] == "resolution running 2026-11-24T18:00:00Z"
    stage.now = "2026-11-20T19:00:00Z"
    await stage.writes(BOB, "Re: [P1] The fleet is down", "It is all of it!", question["Reply-To"])
    assert (await stage.clocks(1))[1] == "resolution running 2026-11-22T19:00:00Z"
    (relayed,) = await stage.answers("2026-11-20T20:00:00Z", notice, "/deescalate\nThere is a workaround.")
    assert "deescalate" not in relayed.as_string()
    assert (await stage.clocks(1))[1:] == [
        "resolution met 2026-11-22T19:00:00Z",
        "resolution running 2026-11-24T20:00:00Z",
    ]
    answer, end = await stage.answers("2026-11-20T21:00:00Z", notice, "/resolve\nIt is fixed in 6.2.")
    assert ("It is fixed in 6.2." in text(answer), "/resolve" in text(answer)) == (True, False)
    assert (end["Auto-Submitted"], end["Subject"]) == ("auto-replied", "Re: [ACME-1] The fleet is down")
    assert "Friday 4 December, 13:00 Pacific" in text(end)
    return end


async def merges(stage: Stage, first: EmailMessage) -> None:
    """Carol writes of the same; Sam puts her ticket to Bob's, where her answer is still owed."""
    stage.now = "2026-11-23T18:10:00Z"
    mails = await stage.writes(CAROL, "[P2] Gateways are gone", "All of them.")
    hers = to(mails, "sam@example.com")
    (wrong,) = await stage.answers("2026-11-23T18:20:00Z", hers, "/merge ACME-7\nOn it.")
    assert (wrong["To"], wrong["Subject"]) == ("sam@example.com", "[ACME-2] Not done: /merge ACME-7")
    assert await stage.answers("2026-11-23T18:30:00Z", hers, "/merge ACME-1") == []
    assert (await stage.status(2), await stage.clocks(2)) == (Status.CLOSED, [])
    assert (await stage.clocks(1))[3:] == [
        "resolution running 2026-11-25T01:00:00Z",
        "response running 2026-11-23T22:10:00Z",
    ]
    (answer,) = await stage.answers("2026-11-23T18:40:00Z", hers, "It is known, Carol.")
    assert (answer["To"], answer["Subject"]) == ("carol@acme.example", "Re: [ACME-1] The fleet is down")
    assert (await stage.clocks(1))[4] == "response met 2026-11-23T22:10:00Z"
    (heard,) = await stage.answers("2026-11-23T18:50:00Z", answer, "Thank you.")
    assert "[ACME-1]" in heard["Subject"]


async def test_a_p1_is_taken_waits_changes_ends_begins_again_and_takes_another_in(stage: Stage) -> None:
    """behaviour.md 3.4, 4.2; policies.md, Business time 7, 8, 9; 09:00-17:00 Pacific is 17:00-01:00 UTC"""
    notice, question = await begins(stage)
    end = await changes(stage, notice, question)
    assert await stage.status(1) is Status.RESOLVED

    # An hour of sixteen was used: seven are left on Monday, eight on Tuesday.
    (again,) = await stage.answers("2026-11-23T18:00:00Z", end, "It is down again.")
    assert "This mail has reopened the ticket." in text(again)
    assert await stage.status(1) is Status.OPEN
    assert (await stage.clocks(1))[3:] == ["resolution running 2026-11-25T01:00:00Z"]

    await merges(stage, again)

    story = await stage.asks("ticket", "ACME-1")
    for told in ("P1 to P2", "P2 to P1", "/deescalate in the mail of Sam Rivera of 20 November, 20:00 UTC"):
        assert told in story
    explained = await stage.asks("sla", "explain", "ACME-1")
    assert "waits for the customer since the mail of Sam Rivera of 20 November, 17:20 UTC" in " ".join(
        explained.split()
    )
    answer = await asyncio.to_thread(stage.installation.run, "sla", "verify")
    assert (answer.returncode, answer.stderr) == (0, "")


async def test_what_commands_would_do_is_told_beforehand(stage: Stage, tmp_path: Path) -> None:
    """contract.md, `mail explain`"""
    mails = await stage.writes(BOB, "[P2] A question", "How?")
    notice = to(mails, "sam@example.com")

    async def explained(body: str, *options: str) -> str:
        file = tmp_path / "reply.eml"
        file.write_text(f"From: {SAM}\nSubject: Re: x\nMessage-ID: <e@x>\n\n{body}\n")
        return await stage.asks("mail", "explain", str(file), "--to", notice["Reply-To"], *options)

    first, *others = (await explained("/ack\n/wait")).splitlines()
    assert (first.split()[0], first.rpartition(": ")[2]) == ("note", "no words, with /ack, /wait")
    assert others == [
        "ticket    ACME-1",
        "command   /ack: holds",
        "command   /wait: holds",
        "mail      none",
    ]
    told = json.loads(await explained("/reopen\nLike this.", "--json"))
    assert (told["outcome"], told["commands"], told["faults"]) == (
        "note",
        ["/reopen"],
        [{"line": "/reopen", "wrong": "cannot be: ACME-1 is not resolved", "right": "leave it out"}],
    )
    assert [(mail["kind"], mail["to"]) for mail in told["mails"]] == [("command_answer", ["sam@example.com"])]
    assert await stage.status(1) is Status.NEW
