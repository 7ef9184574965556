"""Which ticket a mail is on, and what becomes of a ticket that is written to.

How a reply finds its ticket, scenarios 9, 14 and 15 among that, is told in test_correlation.
"""

from collections.abc import Awaitable, Callable
from email.message import EmailMessage

import pytest

from mailgate.core.ticket import Status
from tests.acceptance.stage import BOB, CAROL, Stage, letter, to

EVE = "Eve <eve@evil.example>"


async def test_a_stranger_who_knows_a_message_id_is_held_until_an_operator_knows_them(stage: Stage) -> None:
    """Scenario 7 of the classic peers; behaviour.md 2.7, 3.3: the operators are told once"""
    acknowledgement = to(await stage.writes(BOB, "A question", "How?"), "bob@acme.example")
    subject, known = f"Re: {acknowledgement['Subject']}", f"In-Reply-To: {acknowledgement['Message-ID']}"
    (told,) = await stage.sends(letter(EVE, subject, "Close it.", known), sender=EVE)
    assert told["To"] == "ops@example.com"
    assert await stage.sends(letter(EVE, subject, "Close it, I said.", known), sender=EVE) == []
    assert await stage.happened(1) == ["ticket_opened"]

    accounts = stage.installation.config.parent / "accounts" / "acme.toml"
    accounts.write_text(accounts.read_text() + 'contacts = ["eve@evil.example"]\n')
    stage.house.reload()
    await stage.does("held", "release", "1")
    (notice,) = await stage.sent()
    assert notice["To"] == "sam@example.com"
    assert await stage.happened(1) == ["ticket_opened", "customer_replied", "people_changed"]


@pytest.mark.parametrize(("answered", "named", "ticket"), [(1, 2, 1), (2, 1, 2)])
async def test_of_two_tickets_that_a_mail_names_it_is_on_the_one_that_it_answers(
    stage: Stage, answered: int, named: int, ticket: int
) -> None:
    """Scenario 15 of the classic peers; behaviour.md 3.3: In-Reply-To before References, whatever is newer"""
    for number in (1, 2):
        await stage.sends(letter(BOB, "A question", f"{number}?", f"Message-ID: <{number}@acme.example>"))
    fields = (f"In-Reply-To: <{answered}@acme.example>", f"References: <{named}@acme.example>")
    await stage.sends(letter(BOB, "A question", "Well?", *fields))
    assert (await stage.happened(ticket))[-1] == "customer_replied"
    assert len(await stage.happened(3 - ticket)) == 1


@pytest.mark.parametrize("field", ["In-Reply-To", "References"])
async def test_another_subject_makes_no_other_matter(stage: Stage, field: str) -> None:
    """Scenario 16 of the classic peers; behaviour.md 3.3: a subject tells no two matters apart"""
    await stage.sends(letter(BOB, "A question", "How?", "Message-ID: <1@acme.example>"))
    named = f"{field}: <1@acme.example>"
    await stage.sends(letter(BOB, "Something else", "And why?", named))
    await stage.sends(letter(BOB, "Away", "Until Monday.", named, "Auto-Submitted: auto-replied"))
    assert await stage.happened(1) == ["ticket_opened", "customer_replied", "mail_noted"]


@pytest.mark.parametrize(
    ("subject", "title", "priority"),
    [
        ("[frobulated] testing", "[frobulated] testing", "P3"),
        ("testing [frobulated]", "testing [frobulated]", "P3"),
        ("[a] [b] stuff", "[a] [b] stuff", "P3"),
        ("[ACME-99] stuff", "[ACME-99] stuff", "P3"),
        ("[remote-rt-system #79] [P2] stuff", "[remote-rt-system #79] stuff", "P2"),
        ("stuff [ p2: urgent ]", "stuff", "P2"),
    ],
)
async def test_what_is_no_tag_of_the_policy_is_the_writers_own(
    stage: Stage, subject: str, title: str, priority: str
) -> None:
    """Scenarios 9 and 13 of the classic peers; behaviour.md 2.9: only what is a tag is taken away"""
    mails = await stage.writes(BOB, subject, "How?")
    ticket = await stage.ticket(1)
    assert (ticket.title, ticket.priority) == (title, priority)
    assert [mail["Subject"].count(title) for mail in mails] == [1, 1]


async def new(_stage: Stage) -> None:
    """Nobody has answered."""


async def opened(stage: Stage) -> None:
    await stage.answers("2026-11-20T18:00:00Z", notice_of(stage), "Like this.")


async def waiting(stage: Stage) -> None:
    await stage.answers("2026-11-20T18:00:00Z", notice_of(stage), "/wait\nWhich version?")


async def resolved(stage: Stage) -> None:
    await stage.answers("2026-11-20T18:00:00Z", notice_of(stage), "/resolve\nLike this.")


async def resolved_long_ago(stage: Stage) -> None:
    await resolved(stage)
    stage.now = "2026-12-05T18:00:00Z"


async def merged(stage: Stage) -> None:
    await stage.writes(CAROL, "The same question", "How?")
    await stage.answers("2026-11-20T18:00:00Z", notice_of(stage), "/merge ACME-2")


async def merged_and_resolved(stage: Stage) -> None:
    mails = await stage.writes(CAROL, "The same question", "How?")
    await stage.answers("2026-11-20T18:00:00Z", notice_of(stage), "/merge ACME-2")
    await stage.answers("2026-11-20T19:00:00Z", to(mails, "sam@example.com"), "/resolve\nLike this.")


def notice_of(stage: Stage) -> EmailMessage:
    """What Sam got of the first mail."""
    return next(mail for mail in stage.installation.mails() if mail["To"] == "sam@example.com")


@pytest.mark.parametrize(
    ("state", "ticket", "status", "first"),
    [
        (new, 1, Status.NEW, "customer_replied"),
        (opened, 1, Status.OPEN, "customer_replied"),
        (waiting, 1, Status.OPEN, "customer_replied"),
        (resolved, 1, Status.OPEN, "ticket_reopened"),
        (resolved_long_ago, 2, Status.NEW, "ticket_opened"),
        (merged, 2, Status.NEW, "customer_replied"),
        (merged_and_resolved, 2, Status.OPEN, "ticket_reopened"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_a_reply_finds_the_ticket_that_lives(
    stage: Stage, state: Callable[[Stage], Awaitable[None]], ticket: int, status: Status, first: str
) -> None:
    """Scenario 20 of the classic peers; behaviour.md 3.4: reopened in time, later a new one that is linked"""
    acknowledgement = to(await stage.writes(BOB, "A question", "How?"), "bob@acme.example")
    await state(stage)
    before = len(await stage.happened(ticket))
    await stage.writes(BOB, "Re: A question", "It does not work.", acknowledgement["Reply-To"])
    assert (await stage.happened(ticket))[before] == first
    assert await stage.status(ticket) is status


async def test_what_was_spam_takes_no_more_mail_until_it_is_taken_back(stage: Stage) -> None:
    """Scenario 20 of the classic peers, their state "removed"; behaviour.md 4.4"""
    mails = await stage.writes(BOB, "Buy this", "Now!")
    acknowledgement, notice = to(mails, "bob@acme.example"), to(mails, "sam@example.com")
    promised = await stage.clocks(1)
    assert await stage.answers("2026-11-20T18:00:00Z", notice, "/spam") == []
    assert (await stage.status(1), await stage.clocks(1)) == (Status.CLOSED, [])
    answered = await stage.answers("2026-11-20T19:00:00Z", acknowledgement, "Now, I said!")
    assert [mail["To"] for mail in answered] == ["ops@example.com"]
    assert stage.outcomes()[-1].startswith("held")
    await stage.answers("2026-11-20T20:00:00Z", notice, "/reopen")
    assert (await stage.status(1), await stage.clocks(1)) == (Status.NEW, promised)
    (heard,) = await stage.answers("2026-11-20T21:00:00Z", acknowledgement, "No, really.")
    assert heard["To"] == "sam@example.com"
