"""Mail that no person wrote: it is seen, kept, and nobody answers it."""

import json

import pytest

from mailgate.core.ticket import Status
from tests.acceptance.stage import ALIAS, BOB, Stage, letter, text, to

STAFF_ALONE = ["sam@example.com"]


async def test_any_of_several_precedences_tells_a_machine(stage: Stage) -> None:
    """Scenario 10 of the classic peers; behaviour.md 2.4: a new matter from a machine, without an answer"""
    alarm = letter(BOB, "Disk full", "sda1", "Precedence: never-bounce", "Precedence: bulk")
    mails = await stage.sends(alarm)
    assert [mail["To"] for mail in mails] == STAFF_ALONE
    assert stage.outcomes() == ["new_ticket 2.9"]


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: Auto-Generated",
        "AUTO-SUBMITTED: auto-notified; owner-email=x@acme.example",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Loop: acme",
        "X-No-Loop: yes",
        "Precedence: Bulk",
        "Precedence: list",
    ],
)
async def test_a_machine_says_so_in_one_of_these_fields(stage: Stage, field: str) -> None:
    """Scenario 11 of the classic peers; behaviour.md 2.4"""
    mails = await stage.sends(letter(BOB, "Your request", "A machine writes.", field))
    assert [mail["To"] for mail in mails] == STAFF_ALONE


@pytest.mark.parametrize(
    "field",
    [
        "Auto-submitted:   No  ",
        "Auto-Submitted: no (a person)",
        "X-Auto-Response-Suppress: None",
        "Precedence: first-class",
        "X-Autoreply: no",
        "X-Priority: 1",
    ],
)
async def test_a_person_is_answered_whatever_their_program_adds(stage: Stage, field: str) -> None:
    """Scenario 11 of the classic peers; behaviour.md 2.4: no person is taken for a machine"""
    mails = await stage.sends(letter(BOB, "Your request", "A person writes.", field))
    assert sorted(mail["To"] for mail in mails) == ["bob@acme.example", *STAFF_ALONE]


async def test_nobody_answers_the_null_reverse_path(stage: Stage) -> None:
    """Scenario 11 of the classic peers; behaviour.md 2.4, 5.5"""
    mails = await stage.sends(letter(BOB, "Your request", "It says nothing of itself."), sender="")
    assert [mail["To"] for mail in mails] == STAFF_ALONE


@pytest.mark.parametrize("lost", [(), ("X-Mailgate-Loop", "Auto-Submitted")])
async def test_our_own_mail_that_comes_back_is_a_note_and_goes_nowhere(
    stage: Stage, lost: tuple[str, ...]
) -> None:
    """Scenario 12 of the classic peers; behaviour.md 2.2: by its mark, and by its Message-ID alone"""
    acknowledgement = to(await stage.writes(BOB, "A question", "How?"), "bob@acme.example")
    for name in lost:
        del acknowledgement[name]
    assert await stage.sends(acknowledgement.as_bytes()) == []
    assert stage.outcomes() == ["new_ticket 2.9", "note 2.2"]
    assert await stage.happened(1) == ["ticket_opened", "mail_noted"]


def report(to_: str, action: str, status: str, original: str) -> bytes:
    """A delivery report as RFC 3464 has it, with the header of the mail that it speaks of."""
    return (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.acme.example>\r\n"
        f"To: {to_}\r\nSubject: Delivery Status Notification\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <{action}.{status}@mx.acme.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n"
        "--r\r\nContent-Type: text/plain\r\n\r\nAbout your mail.\r\n"
        "--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.example\r\n\r\n"
        f"Final-Recipient: rfc822; bob@acme.example\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; no such user\r\n\r\n"
        f"--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nFrom: {ALIAS}\r\n\r\n"
        "--r--\r\n"
    ).encode()


async def test_a_resolved_ticket_stays_resolved_whatever_machines_write_to_it(stage: Stage) -> None:
    """Scenario 19 of the classic peers; behaviour.md 2.3, 2.4, 3.4: a person alone reopens it"""
    notice = to(await stage.writes(BOB, "A question", "How?"), "sam@example.com")
    end = await stage.answers("2026-11-20T18:00:00Z", notice, "/resolve\nLike this.")
    relayed, note = end
    bounce = relayed["Return-Path"].strip("<>")

    assert await stage.sends(report(bounce, "delayed", "4.4.1", relayed["Message-ID"]), bounce, "") == []
    away = letter(BOB, "Automatic reply: away", "Back on Monday.", "Auto-Submitted: auto-replied")
    assert await stage.sends(away, note["Reply-To"], "") == []
    assert await stage.status(1) is Status.RESOLVED
    assert stage.outcomes()[2:] == ["delivery_report 2.3", "note 2.4"]

    (told,) = await stage.sends(report(bounce, "failed", "5.1.1", relayed["Message-ID"]), bounce, "")
    assert told["To"] == "sam@example.com"
    assert "no such user" in text(told)
    assert "bob@acme.example" in text(told)
    assert await stage.status(1) is Status.RESOLVED


async def test_nothing_more_goes_to_an_address_that_is_nobodys_until_somebody_writes_from_it(
    stage: Stage,
) -> None:
    """Scenario 19 of the classic peers; behaviour.md 5.5: a bounce of another kind keeps nothing back"""
    notice = to(await stage.writes(BOB, "A question", "How?"), "sam@example.com")
    (relayed,) = await stage.answers("2026-11-20T18:00:00Z", notice, "Like this.")
    bounce = relayed["Return-Path"].strip("<>")

    await stage.sends(report(bounce, "failed", "5.2.2", relayed["Message-ID"]), bounce, "")
    (relayed,) = await stage.answers("2026-11-20T18:10:00Z", notice, "Once more: like this.")
    assert relayed["To"] == "bob@acme.example"

    await stage.sends(report(bounce, "failed", "5.1.1", relayed["Message-ID"]), bounce, "")
    assert [one["address"] for one in json.loads(await stage.asks("suppressed", "--json"))] == [
        "bob@acme.example"
    ]
    clocks = await stage.clocks(1)
    assert clocks[0].startswith("response running")  # the answer that nobody got is none
    (told,) = await stage.answers("2026-11-20T18:20:00Z", notice, "Did you get that?")
    assert (told["To"], await stage.clocks(1)) == ("sam@example.com", clocks)

    await stage.writes(BOB, "Re: A question", "I am back.", relayed["Reply-To"])
    (relayed,) = await stage.answers("2026-11-20T18:30:00Z", notice, "Good. Like this, then.")
    assert relayed["To"] == "bob@acme.example"


async def test_a_person_reopens_what_is_resolved(stage: Stage) -> None:
    """Scenario 19 of the classic peers; behaviour.md 3.4"""
    notice = to(await stage.writes(BOB, "A question", "How?"), "sam@example.com")
    answer, _ = await stage.answers("2026-11-20T18:00:00Z", notice, "/resolve\nLike this.")
    (heard,) = await stage.answers("2026-11-20T19:00:00Z", answer, "It does not work.")
    assert heard["To"] == "sam@example.com"
    assert await stage.status(1) is Status.OPEN
