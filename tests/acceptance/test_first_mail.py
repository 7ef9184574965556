"""The first hour of a new user: a mail in, a ticket, an acknowledgement, an answer that stops a clock."""

import os
import shutil
import signal
import smtplib
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation, serving, wait_for, written

SOON = 30  # seconds; a second is what it takes, a busy machine is given more


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with serving(Installation(tmp_path_factory.mktemp("desk"))) as desk:
        yield desk


def send(desk: Installation, sender: str, to: str, subject: str, text: str) -> None:
    mail = written(sender, to, subject, text)
    with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
        client.send_message(mail)


def mails_to(desk: Installation, address: str, about: str) -> list[EmailMessage]:
    return [mail for mail in desk.mails() if mail["To"] == address and about in mail["Subject"]]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    text: str = part.get_content()
    return text


def test_a_mail_becomes_a_ticket_an_acknowledgement_and_a_notice(desk: Installation) -> None:
    """behaviour.md 2.9, 4.1, 5.2"""
    send(desk, "Bob <bob@acme.example>", "acme@support.example.com", "[P2] Gateways drop", "Every hour.")
    wait_for(lambda: len(desk.mails()) >= 2, SOON, desk.log)
    (acknowledgement,) = mails_to(desk, "bob@acme.example", "Gateways drop")
    assert acknowledgement["Auto-Submitted"] == "auto-replied"
    assert acknowledgement["Return-Path"] == "<>"
    text = text_of(acknowledgement)
    assert all(words in text for words in ("ACME-", "P2", "4 business hours", "2 business days"))
    assert acknowledgement.get_body(("html",)) is not None
    (notice,) = mails_to(desk, "sam@example.com", "Gateways drop")
    assert "Every hour." in text_of(notice)
    (ticket,) = [one for one in desk.json("tickets") if one["subject"] == "Gateways drop"]
    assert (ticket["priority"], ticket["status"], ticket["requester"]) == ("P2", "new", "bob@acme.example")
    assert [clock["state"] for clock in ticket["clocks"]] == ["running", "running"]


def test_a_staff_reply_reaches_the_customer_and_stops_the_clock(desk: Installation) -> None:
    """behaviour.md 4.2"""
    send(desk, "Bob <bob@acme.example>", "acme@support.example.com", "[P3] A question", "How?")
    wait_for(lambda: bool(mails_to(desk, "sam@example.com", "A question")), SOON, desk.log)
    (notice,) = mails_to(desk, "sam@example.com", "A question")
    quoted = "".join(f"> {line}\n" for line in text_of(notice).splitlines())
    answer = f"Like this.\n\nOn Friday, Example Support <{notice['Reply-To']}> wrote:\n{quoted}"
    send(desk, "Sam Rivera <sam@example.com>", notice["Reply-To"], f"Re: {notice['Subject']}", answer)
    wait_for(lambda: len(mails_to(desk, "bob@acme.example", "A question")) == 2, SOON, desk.log)
    relayed = mails_to(desk, "bob@acme.example", "A question")[1]
    assert relayed["From"] == '"Sam Rivera (Example Support)" <acme@support.example.com>'
    whole = relayed.as_string()
    assert "Like this." in text_of(relayed)
    assert "sam@example.com" not in whole
    assert notice["Reply-To"] not in whole
    assert "Resolution: due" not in whole
    (ticket,) = [one for one in desk.json("tickets") if one["subject"] == "A question"]
    states = {clock["kind"]: clock["state"] for clock in ticket["clocks"]}
    assert states == {"response": "met", "resolution": "running"}


def test_the_customers_answer_goes_on_the_same_ticket(desk: Installation) -> None:
    """behaviour.md 3.3"""
    send(desk, "Bob <bob@acme.example>", "acme@support.example.com", "[P3] Another one", "Hello?")
    wait_for(lambda: bool(mails_to(desk, "bob@acme.example", "Another one")), SOON, desk.log)
    (acknowledgement,) = mails_to(desk, "bob@acme.example", "Another one")
    send(desk, "Bob <bob@acme.example>", acknowledgement["Reply-To"], "Re: something else", "More.")
    (ticket,) = [one for one in desk.json("tickets") if one["subject"] == "Another one"]
    wait_for(lambda: len(desk.json("ticket", ticket["number"])["events"]) >= 2, SOON, desk.log)
    kinds = [event["kind"] for event in desk.json("ticket", ticket["number"])["events"]]
    assert kinds == ["ticket_opened", "customer_replied"]


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed")
def test_swaks_gets_a_ticket(desk: Installation) -> None:
    sent = subprocess.run(
        [
            "swaks",
            "--server",
            f"127.0.0.1:{desk.smtp}",
            "--from",
            "carol@acme.example",
            "--to",
            "acme@support.example.com",
            "--header",
            "Subject: [P1] From swaks",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert sent.returncode == 0, sent.stdout
    wait_for(lambda: bool(mails_to(desk, "carol@acme.example", "From swaks")), SOON, desk.log)
    (ticket,) = [one for one in desk.json("tickets") if one["subject"] == "From swaks"]
    assert ticket["priority"] == "P1"


def test_a_stranger_is_held_and_nobody_answers(desk: Installation) -> None:
    """behaviour.md 2.7"""
    send(desk, "eve@evil.example", "acme@support.example.com", "Buy this", "Now.")
    wait_for(lambda: bool(desk.json("held")), SOON, desk.log)
    assert [one["subject"] for one in desk.json("held")] == ["Buy this"]
    assert mails_to(desk, "eve@evil.example", "") == []


def test_a_whole_new_configuration_is_taken_and_a_broken_one_is_not(tmp_path: Path) -> None:
    """behaviour.md 7.3"""
    with serving(Installation(tmp_path)) as desk:
        accounts = desk.config.parent / "accounts" / "beta.toml"
        good = '[beta]\nname = "Beta"\npolicy = "particle"\nplan = "enterprise"\naliases = ["beta"]\n'
        assert desk.process is not None
        accounts.write_text(good.replace("aliases", "aliasses"))
        desk.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "stays as it was" in desk.log(), SOON, desk.log)
        assert "aliasses" in desk.log()
        accounts.write_text(good)
        desk.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "taken anew" in desk.log(), SOON, desk.log)
        with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
            client.ehlo()
            client.mail("x@beta.example")
            assert client.rcpt("beta@support.example.com")[0] == 250


def test_what_would_come_of_a_mail_is_told_and_nothing_comes_of_it(
    desk: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(
        b"From: Bob <bob@acme.example>\r\nTo: acme@support.example.com\r\nSubject: [P1] Down\r\n"
        b"Message-ID: <explained@acme.example>\r\n\r\nEnvironment: development\r\n\r\nDown.\r\n"
    )
    before = desk.json("tickets")
    options = ("mail", "explain", str(file), "--to", "acme", "--now", "2026-11-20T18:00:00Z")
    answer = desk.json(*options)
    assert (answer["outcome"], answer["reply_code"], answer["account"]) == ("new_ticket", 250, "acme")
    assert (answer["priority"]["asked"], answer["priority"]["effective"]) == ("P1", "P2")
    assert answer["targets"][0] == {"kind": "response", "due": "2026-11-20T22:00:00Z"}
    assert [(mail["kind"], mail["to"]) for mail in answer["mails"]] == [
        ("acknowledgement", ["bob@acme.example"]),
        ("staff_notice", ["sam@example.com"]),
    ]
    assert desk.json("tickets") == before
    refused = desk.json("mail", "explain", str(file), "--to", "nobody")
    assert (refused["outcome"], refused["reply_code"]) == ("rejected", 550)
    assert "new ticket (behaviour.md 2.9)" in desk.run(*options).stdout


def test_several_listener_processes_share_the_port_and_one_that_dies_comes_back(tmp_path: Path) -> None:
    desk = Installation(tmp_path, options=("--workers", "2"))
    with serving(desk):
        for number in range(8):
            send(desk, "Bob <bob@acme.example>", "acme@support.example.com", f"Worker {number}", "Hello.")
        wait_for(lambda: len(desk.json("tickets")) == 8, SOON, desk.log)
        assert 'mailgate_accepted_total{door="smtp"} 8.0' in desk.metrics()
        assert desk.process is not None
        workers = children(desk.process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        parent = desk.process.pid
        wait_for(lambda: len(set(children(parent)) - {workers[0]}) == 2, SOON, desk.log)
        left = children(parent)
        desk.stop(signal.SIGKILL)
        wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in left), SOON, desk.log)


def children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(one) for one in listed.split()]
