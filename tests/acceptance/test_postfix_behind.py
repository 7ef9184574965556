"""A real Postfix behind mailgate, as docs/operations.md sets it up, and one of a customer's at the other end.

The first of them is in front of mailgate as well: what cannot be delivered comes back on the same road.
"""

import os
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance import postfix
from tests.acceptance.installation import Installation, serving, wait_for, written
from tests.acceptance.postfix import Postfix, mailboxes, posted, shown
from tests.ports import free_port

pytestmark = pytest.mark.skipif(
    not postfix.is_installed(), reason="postfix is not installed, or we are not root"
)

ALIAS, BOB, SAM = "acme@support.example.com", "bob@acme.example", "sam@example.com"
SOON = 120.0  # seconds, for what takes one or two
DOVECOT = Path("/usr/sbin/dovecot")
PASSWORDS = """\
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot
log_path = {folder}/log.dovecot
protocols =
ssl = no
auth_mechanisms = plain
passdb {{
  driver = passwd-file
  args = {folder}/passwords
}}
service auth {{
  unix_listener {folder}/queue/private/auth {{
    mode = 0600
    user = postfix
  }}
}}
"""


@dataclass
class Town:
    """A desk, the server on both sides of it, and the one with the mailboxes of customers and staff."""

    desk: Installation
    mx: Postfix
    world: Postfix

    def writes(self, sender: str, to: str, subject: str, words: str) -> None:
        """Somebody sends a mail to the desk; it is taken."""
        mail = written(sender, to, subject, words)
        with self.mx.client() as client:
            client.send_message(mail, sender, to)

    def got(self, address: str, count: int) -> list[EmailMessage]:
        """The mailbox, once it has so many mails."""
        wait_for(lambda: len(self.world.mailbox(address)) >= count, SOON, self.trouble)
        return self.world.mailbox(address)

    def becomes(self, *states: str) -> None:
        """Returns when the clocks of the one ticket are so."""
        wait_for(lambda: self.clocks() == list(states), SOON, lambda: f"{self.clocks()} {self.trouble()}")

    def clocks(self) -> list[str]:
        """How they are."""
        rows = self.desk.rows("SELECT state FROM clocks WHERE state != 'void' ORDER BY id")
        return [state for (state,) in rows]

    def trouble(self) -> str:
        """What all of them have written."""
        return self.mx.log() + self.desk.log()


@contextmanager
def town(folder: Path, more: str = "") -> Iterator[Town]:
    """All of it at work until the block ends."""
    world = Postfix("mail.acme.example", mailboxes(BOB, SAM, "ops@example.com"))
    port = free_port()
    table = tomllib.loads(shown("mailgate.toml: a smarthost on this machine", {":25": f":{port}"}))["relay"]
    desk = Installation(folder, relay=table["url"], more_of_relay=f'tls = "{table["tls"]}"')
    front = shown("main.cf: in front of mailgate, by SMTP", {"[127.0.0.1]:2525": f"[127.0.0.1]:{desk.smtp}"})
    behind = shown("main.cf: behind mailgate, as its smarthost", {"127.0.0.0/8": "127.0.0.1"})
    onward = f"relayhost = [127.0.0.1]:{world.port}\n"
    mx = Postfix("mx.example.com", front + behind + onward + more, port)
    with serving(desk), posted(mx, world):
        yield Town(desk, mx, world)


def test_what_mailgate_sends_arrives_once_each(tmp_path: Path) -> None:
    """behaviour.md 5.2, 5.3"""
    with town(tmp_path) as place:
        place.writes(BOB, ALIAS, "[P2] Printer on fire", "It burns.")
        (acknowledgement,) = place.got(BOB, 1)
        assert (acknowledgement["Return-Path"], acknowledgement["Auto-Submitted"]) == ("<>", "auto-replied")
        (notice,) = place.got(SAM, 1)
        place.writes(SAM, notice["Reply-To"], f"Re: {notice['Subject']}", "Use water.")
        answer = place.got(BOB, 2)[1]
        assert "Use water." in answer.as_string()
        assert answer["Return-Path"].startswith("<acme+")
        place.writes(BOB, answer["Reply-To"], f"Re: {answer['Subject']}", "It went out.")
        place.got(SAM, 2)
        wait_for(lambda: not place.mx.queue(), SOON, place.mx.log)
        assert (len(place.world.mailbox(BOB)), len(place.world.mailbox(SAM))) == (2, 2)
        assert place.desk.rows("SELECT state FROM outbox WHERE state != 'sent'") == []


def test_an_answer_that_nobody_takes_comes_back_and_the_clock_runs_again(tmp_path: Path) -> None:
    """behaviour.md 2.3: the customer's server knows nobody of that name, and ours writes the report"""
    gone = "gone@acme.example"
    with town(tmp_path) as place:
        place.writes(gone, ALIAS, "[P2] Printer on fire", "It burns.")
        (notice,) = place.got(SAM, 1)
        place.becomes("running", "running")
        place.writes(SAM, notice["Reply-To"], f"Re: {notice['Subject']}", "Use water.")
        problem = place.got(SAM, 2)[1]
        place.becomes("running", "running")
        assert [row[0] for row in place.desk.rows("SELECT outcome FROM decisions ORDER BY id")] == [
            "new_ticket",
            "staff_reply",
            "delivery_report",
        ]
        text = problem.as_string()
        assert (gone in text, "5.1.1" in text) == (True, True)
        report = place.mx.deliveries(gone)[-1]
        assert (report.status, "User unknown" in report.reply) == ("bounced", True)
        shown_on_ticket = place.desk.json("ticket", "ACME-1")
        assert "response_withdrawn" in [event["kind"] for event in shown_on_ticket["events"]]


def test_a_delay_is_noted_and_the_answer_counts(tmp_path: Path) -> None:
    """behaviour.md 2.3"""
    with town(tmp_path, "delay_warning_time = 1s\n") as place:
        place.writes(BOB, ALIAS, "[P2] Printer on fire", "It burns.")
        (notice,) = place.got(SAM, 1)
        place.got(BOB, 1)
        place.world.stop()
        place.writes(SAM, notice["Reply-To"], f"Re: {notice['Subject']}", "Use water.")
        reports = "SELECT id FROM decisions WHERE outcome = 'delivery_report'"
        wait_for(lambda: place.desk.rows(reports) != [], SOON, place.trouble)
        place.world.start()
        place.mx.flush()
        place.got(BOB, 2)
        assert place.clocks() == ["met", "running"]
        assert len(place.desk.rows(reports)) == 1


def test_while_the_smarthost_is_down_mail_waits(tmp_path: Path) -> None:
    """behaviour.md 5.4"""
    with town(tmp_path) as place:
        place.mx.stop()
        mail = written(BOB, ALIAS, "[P2] Printer on fire", "It burns.")
        with postfix.session("127.0.0.1", place.desk.smtp) as client:
            client.send_message(mail)
        deferred = "SELECT id FROM outbox WHERE attempts > 0 AND state = 'waiting'"
        wait_for(lambda: len(place.desk.rows(deferred)) == 2, SOON, place.desk.log)
        place.mx.start()
        for (number,) in place.desk.rows(deferred):
            assert place.desk.run("outbox", "retry", str(number)).returncode == 0
        assert (len(place.got(BOB, 1)), len(place.got(SAM, 1))) == (1, 1)


@contextmanager
def passwords(server: Postfix) -> Iterator[None]:
    """Dovecot, which tells the server whose password is right, until the block ends."""
    (server.folder / "passwords").write_text("mailgate:{PLAIN}secret\n")
    (server.folder / "dovecot.conf").write_text(PASSWORDS.format(folder=server.folder))
    with (server.folder / "log.dovecot").open("wb") as log:
        dovecot = subprocess.Popen(
            [DOVECOT, "-F", "-c", server.folder / "dovecot.conf"], stdout=log, stderr=log
        )
    try:
        wait_for((server.folder / "queue" / "private" / "auth").is_socket, SOON)
        yield
    finally:
        dovecot.terminate()
        dovecot.wait(30)


def certificate(folder: Path) -> Path:
    """A new certificate for localhost, with its key."""
    file = folder / "localhost.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    new = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    subprocess.run([*new, *names, "-keyout", file, "-out", folder / "only"], check=True, capture_output=True)
    file.write_text(file.read_text() + (folder / "only").read_text())
    return file


@pytest.mark.skipif(not DOVECOT.exists(), reason="dovecot, which keeps the passwords, is not installed")
def test_a_smarthost_elsewhere_gets_mail_in_tls_and_for_a_password(tmp_path: Path) -> None:
    """behaviour.md 5.4"""
    file = certificate(tmp_path)
    page = "/etc/postfix/smtp.example.com"
    lines = shown(
        "main.cf: behind mailgate, from elsewhere", {f"{page}.pem": str(file), f"{page}.key": str(file)}
    )
    submission = Postfix("smtp.example.com", lines + "default_transport = discard\nmynetworks =\n")
    url = {"smtp.example.com:587": f"localhost:{submission.port}"}
    table = tomllib.loads(shown("mailgate.toml: a smarthost elsewhere", url))["relay"]
    desk = Installation(tmp_path / "desk", relay=table["url"], more_of_relay=f'tls = "{table["tls"]}"')
    desk.surroundings = {"SSL_CERT_FILE": os.fspath(file)}
    with posted(submission), passwords(submission), serving(desk):
        mail = written(BOB, ALIAS, "[P2] Printer on fire", "It burns.")
        with postfix.session("127.0.0.1", desk.smtp) as client:
            client.send_message(mail)
        wait_for(lambda: bool(submission.deliveries(BOB)), SOON, lambda: submission.log() + desk.log())
        assert [one.relay for one in submission.deliveries(BOB)] == ["none"]
        assert "sasl_method=PLAIN, sasl_username=mailgate" in submission.log()
