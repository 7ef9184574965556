"""A service whose disk has too little room says so and takes no mail, until there is room again."""

import json
import signal
import smtplib
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation, serving, wait_for

NEVER = 1 << 60  # octets: more than any disk has
MAIL = "From: bob@acme.example\r\nSubject: Fire\r\nMessage-ID: <1@acme.example>\r\n\r\nIt burns.\r\n"


def asked(desk: Installation, path: str) -> str:
    with closing(HTTPConnection("127.0.0.1", desk.web, timeout=10)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            return answer.read().decode()


def write(desk: Installation) -> None:
    with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
        client.sendmail("bob@acme.example", ["acme@support.example.com"], MAIL)


def test_no_mail_is_taken_while_the_disk_has_no_room_for_it(tmp_path: Path) -> None:
    """behaviour.md 1.3: disk full is 452"""
    desk = Installation(tmp_path)
    desk.database = f'{desk.database}"\nmin_free_bytes = {NEVER} #'
    with serving(desk):
        with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
            write(desk)
        assert refusal.value.smtp_code == 452
        wrong = json.loads(asked(desk, "/readyz"))["wrong"]
        assert "MiB no mail is taken, and nothing is decided now" in wrong["disk"]
        assert "mailgate_disk_free_bytes " in asked(desk, "/metrics")

        desk.config.write_text(desk.config.read_text().replace(str(NEVER), "0"))
        assert desk.process is not None
        desk.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "The configuration was taken anew" in desk.log(), 20, desk.log)
        write(desk)
        wait_for(lambda: len(desk.json("tickets")) == 1, 30, desk.log)
        assert json.loads(asked(desk, "/readyz")) == {"ready": True, "wrong": {}}
