"""Two desks that answer each other: an acknowledgement of the one is a request to the other, and so on."""

import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.acceptance.installation import ACCOUNT, Installation, wait_for, written
from tests.acceptance.wire import Wire, server_at, wired

US, THEM = "acme@support.example.com", "acme@help.acme.example"
OPEN = ACCOUNT.replace('unknown_senders = "hold"', 'unknown_senders = "accept"')
SOON = 30.0  # seconds, for what takes a fraction of one
QUIET = 3.0  # seconds in which a round of the loop would long have happened


@contextmanager
def two_desks(folder: Path, *, strips: bool) -> Iterator[tuple[Wire, Installation, Installation]]:
    """Two services at work; each sends what it sends to the other's door, over one relay."""
    wire = Wire(strips=strips)
    ours = Installation(folder / "ours", relay=f"smtp://127.0.0.1:{wire.port}", account=OPEN)
    theirs = Installation(folder / "theirs", relay=f"smtp://127.0.0.1:{wire.port}", account=OPEN)
    wire.places = {
        "support.example.com": server_at(ours.smtp),
        "help.acme.example": server_at(theirs.smtp),
    }
    for desk in (ours, theirs):
        desk.write()
    settings = theirs.config.read_text()
    theirs.config.write_text(settings.replace("support.example.com", "help.acme.example"))
    with wired(wire):
        started = []
        try:
            for desk in (ours, theirs):
                desk.start()
                started.append(desk)
            yield wire, ours, theirs
        finally:
            for desk in started:
                desk.stop()


def begin(desk: Installation) -> None:
    """Somebody writes to the one desk as the other."""
    mail = written(
        THEM,
        US,
        "Your invoice of November",
        "Please find the invoice attached. We wait for the money until the end of the month.",
    )
    mail["Message-ID"] = "<invoice@acme.example>"
    with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
        client.send_message(mail, THEM, US)


def settle(wire: Wire) -> list[str]:
    """The recipients of what went between them, once nothing has for a while."""
    wait_for(lambda: bool(wire.to(US, THEM)), SOON)
    seen, since = 0, time.monotonic()
    while time.monotonic() - since < QUIET:
        if len(wire.to(US, THEM)) != seen:
            seen, since = len(wire.to(US, THEM)), time.monotonic()
        time.sleep(0.05)
    return [recipient for recipient, _ in wire.carried if recipient in {US, THEM}]


def braked(desk: Installation) -> bool:
    """Whether its metrics say that the brake has held."""
    with urlopen(f"http://127.0.0.1:{desk.web}/metrics") as page:
        return 'mailgate_braked_total{outcome="new_ticket"} 1.0' in page.read().decode()


def test_two_desks_that_hide_what_they_are_stop_within_five_mails(tmp_path: Path) -> None:
    """behaviour.md 5.3: a brake that needs no header; tickets are made, the operators are told once"""
    with two_desks(tmp_path, strips=True) as (wire, ours, theirs):
        begin(ours)
        between = settle(wire)
        assert between == [THEM, US, THEM, US, THEM], wire.carried
        assert len(ours.json("tickets")) == 3
        assert len(theirs.json("tickets")) == 3
        assert len(wire.to("ops@example.com")) == 1
        assert (braked(ours), braked(theirs)) == (False, True)


def test_two_desks_that_say_what_they_are_exchange_one_mail(tmp_path: Path) -> None:
    """behaviour.md 2.4, RFC 3834 section 2"""
    with two_desks(tmp_path, strips=False) as (wire, ours, theirs):
        begin(ours)
        assert settle(wire) == [THEM], wire.carried
        assert (len(ours.json("tickets")), len(theirs.json("tickets"))) == (1, 1)
        assert wire.to("ops@example.com") == []
