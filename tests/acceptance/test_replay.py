"""Somebody tries a policy on mail that they have: here, on what the service itself got and sent."""

import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.installation import Installation, serving, wait_for, written

SOON = 30  # seconds; a second is what it takes, a busy machine is given more


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Installation]:
    with serving(Installation(tmp_path / "desk")) as desk:
        yield desk


def send(desk: Installation, sender: str, to: str, subject: str, text: str) -> EmailMessage:
    mail = written(sender, to, subject, text)
    mail["Message-ID"] = f"<{len(text)}@{sender.partition('@')[2]}>"
    with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
        client.send_message(mail)
    return mail


def to(desk: Installation, address: str) -> list[EmailMessage]:
    return [mail for mail in desk.mails() if mail["To"] == address]


def clocks(ticket: dict[str, Any]) -> list[tuple[str, datetime, bool]]:
    """Kind, due instant to the second as a header tells it, whether it was stopped."""
    return [
        (
            clock["kind"],
            datetime.fromisoformat(clock["due"]).replace(microsecond=0),
            clock["stopped"] is not None,
        )
        for clock in ticket["clocks"]
    ]


def test_a_replay_of_what_the_service_got_and_sent_says_what_the_service_did(desk: Installation) -> None:
    """behaviour.md 6.1"""
    asked = send(desk, "bob@acme.example", "acme@support.example.com", "[P2] Gateways drop", "Every hour.")
    wait_for(lambda: bool(to(desk, "sam@example.com")), SOON, desk.log)
    (notice,) = to(desk, "sam@example.com")
    send(
        desk, "sam@example.com", str(notice["Reply-To"]), f"Re: {notice['Subject']}", "Which firmware is it?"
    )
    wait_for(lambda: len(to(desk, "bob@acme.example")) == 2, SOON, desk.log)  # the acknowledgement, the reply
    (ticket,) = desk.json("tickets")

    opened = datetime.fromisoformat(ticket["opened"])
    stamp = f"Received: from acme.example by mx.support.example.com; {format_datetime(opened)}\n"
    inbox = desk.folder / "inbox.mbox"
    inbox.write_bytes(b"From - Mon Mar  2 10:00:00 2026\n" + stamp.encode() + asked.as_bytes() + b"\n")
    now = (opened + timedelta(minutes=10)).isoformat()
    told = desk.json(
        "replay", str(inbox), str(desk.sent.parent), "--account", "acme", "--tickets", "--now", now
    )
    (case,) = told["cases"]
    assert (case["priority"], case["subject"]) == ("P2", "Gateways drop")
    assert clocks(case) == clocks(ticket)
    assert {clock["kind"]: clock["outcome"] for clock in case["clocks"]} == {
        "response": "met",
        "resolution": "unknown",
    }
    assert [one["reason"] for one in told["mails"]["left_out"]] == [  # the notice to staff
        "automatic mail of staff's own side that answers no known mail"
    ]
    text = desk.run("replay", str(inbox), str(desk.sent.parent), "--account", "acme", "--now", now)
    assert (text.returncode, text.stderr) == (0, "")
    assert "response     4 business hours          1     1        0" in text.stdout
