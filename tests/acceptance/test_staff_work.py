"""A ticket's life by mail alone: real SMTP in, real mail out, a clock that the story moves."""

import asyncio
import json
from email.message import EmailMessage
from pathlib import Path

from mailgate.core.ticket import Status
from tests.acceptance.stage import BOB, CAROL, SAM, Stage, text, to


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
    copy, answer = await stage.answers("2026-11-23T18:40:00Z", hers, "It is known, Carol.")
    assert (answer["To"], answer["Subject"]) == ("carol@acme.example", "Re: [ACME-1] The fleet is down")
    assert (copy["To"], copy["Cc"], answer["Cc"]) == (
        "bob@acme.example",
        "carol@acme.example",
        "bob@acme.example",
    )
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
        "would     you would have it, and nobody else would be woken",
        "would     it would wait for its customer",
        "would     no words would go to the customer",
        "mail      none",
    ]
    first, *others = (await explained("/cc carol@acme.example\nLike this.")).splitlines()
    assert first.startswith("staff reply")
    assert others == [
        "ticket    ACME-1",
        "command   /cc carol@acme.example: holds",
        "would     carol@acme.example would get copies from now on",
        "would     its response would be met",
        "would     your words would go to bob@acme.example and carol@acme.example",
        "mail      relayed reply to bob@acme.example: Re: [ACME-1] A question",
        "mail      relayed reply to carol@acme.example: Re: [ACME-1] A question",
    ]
    told = json.loads(await explained("/reopen\nLike this.", "--json"))
    assert (told["outcome"], told["commands"], told["faults"]) == (
        "note",
        ["/reopen"],
        [{"line": "/reopen", "wrong": "cannot be: ACME-1 is not resolved", "right": "leave it out"}],
    )
    assert told["would"] == []
    told = json.loads(await explained("/check\n/resolve", "--json"))
    assert (told["outcome"], told["commands"], told["would"]) == ("note", ["/check", "/resolve"], [])
    told = json.loads(await explained("/resolve", "--json"))
    assert told["would"] == [
        "it would be resolved",
        "bob@acme.example would be told that it is resolved",
        "no words would go to the customer",
    ]
    told = json.loads(await explained("/reopen\nLike this.", "--json"))
    assert [(mail["kind"], mail["to"]) for mail in told["mails"]] == [("command_answer", ["sam@example.com"])]
    assert await stage.status(1) is Status.NEW
