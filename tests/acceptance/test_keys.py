"""Signing keys of a running service: rotated and retired while it takes mail in."""

import signal
import smtplib
from pathlib import Path

from mailgate.core.address import Keys, Token, TokenRole, principal, signed_address
from mailgate.core.ticket import TicketId
from mailgate.keyfile import keys
from tests.acceptance.installation import Installation, serving, wait_for

WORKERS = 2
SOON = 60  # seconds


def test_every_process_of_a_service_takes_new_keys_on_sighup(tmp_path: Path) -> None:
    """behaviour.md 3.2, 7.3"""
    file = tmp_path / "var" / "secret.key"
    with serving(Installation(tmp_path, options=("--workers", str(WORKERS)))) as desk:
        wait_for(lambda: desk.log().count("mailgate is up.") == 1 + WORKERS, SOON, desk.log)
        first = keys(file, None, make=False)
        for words in (("rotate",), ("retire", "1")):
            assert desk.run("keys", *words).returncode == 0
        second = keys(file, None, make=False)
        assert [reply_to_rcpt(desk, of_staff(one)) for one in (first, second)] == [250, 550]

        assert desk.process is not None
        desk.process.send_signal(signal.SIGHUP)
        wait_for(lambda: desk.log().count("The signing keys were taken anew.") == 1 + WORKERS, SOON, desk.log)
        assert [reply_to_rcpt(desk, of_staff(one)) for one in (first, second) for _ in range(8)] == [
            *[550] * 8,
            *[250] * 8,
        ]


def of_staff(signing: Keys) -> str:
    """An address that is refused where its key is not believed."""
    token = Token(TokenRole.STAFF, TicketId(1), principal("sam@example.com"))
    return signed_address("acme", token, "support.example.com", signing)


def reply_to_rcpt(desk: Installation, address: str) -> int:
    """What whichever process answers says to it."""
    with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
        client.ehlo()
        client.mail("sam@example.com")
        return client.rcpt(address)[0]
