"""A real vacation responder (Dovecot with Sieve) at the customer's: it is not answered, or not for long."""

import smtplib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailgate.store.records import unpacked
from tests.acceptance.installation import Installation, serving, wait_for, written
from tests.acceptance.responder import AGENT, SIEVE, Responder
from tests.acceptance.wire import Wire, read, server_at, wired

pytestmark = pytest.mark.skipif(
    not (AGENT.exists() and SIEVE.exists()), reason="dovecot-sieve is not installed"
)

BOB, ALIAS, SAM = "bob@acme.example", "acme@support.example.com", "sam@example.com"
SOON = 60.0  # seconds, for what takes a fraction of one
QUIET = 3.0  # seconds in which a round of a loop would long have happened


@dataclass
class Town:
    """A desk, the mailbox of a customer who is away, and the wire between them."""

    desk: Installation
    wire: Wire
    away: Responder

    def writes(self, sender: str, to: str, subject: str, words: str) -> None:
        mail = written(sender, to, subject, words)
        with smtplib.SMTP("127.0.0.1", self.desk.smtp) as client:
            client.send_message(mail, sender, to)

    def rest(self) -> None:
        """Returns when nothing has gone either way for a while."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET:
            if len(self.wire.carried) != seen:
                seen, since = len(self.wire.carried), time.monotonic()
            time.sleep(0.05)

    def outcomes(self) -> list[str]:
        rows = self.desk.rows("SELECT outcome, rule FROM decisions ORDER BY id")
        return [f"{outcome} {rule}" for outcome, rule in rows]


def signed_address(packed: bytes) -> str:
    """Where the reader of a mail in the outbox would answer it."""
    return str(read(unpacked(packed))["Reply-To"])


@contextmanager
def town(folder: Path, *, strips: bool) -> Iterator[Town]:
    """All of it at work until the block ends."""
    wire = Wire(strips=strips)
    desk = Installation(folder, relay=f"smtp://127.0.0.1:{wire.port}")
    with tempfile.TemporaryDirectory(dir="/tmp") as mailbox:
        Path(mailbox).chmod(0o777)
        away = Responder(Path(mailbox), wire.port)
        wire.places = {"support.example.com": server_at(desk.smtp), "acme.example": away.take}
        with wired(wire), serving(desk):
            yield Town(desk, wire, away)


def test_a_responder_is_given_nothing_to_answer_and_is_a_note_where_it_does(tmp_path: Path) -> None:
    """behaviour.md 2.4, 5.2: it leaves automatic mail alone, and its answer to a person moves nothing"""
    with town(tmp_path, strips=False) as place:
        place.writes(BOB, ALIAS, "[P2] Printer on fire", "It burns since nine o'clock, on the second floor.")
        wait_for(lambda: place.away.delivered == 1, SOON, place.desk.log)  # the acknowledgement
        place.rest()
        assert place.away.answered == 0

        (notice,) = place.desk.rows("SELECT packed FROM outbox WHERE kind = 'staff_notice'")
        place.writes(SAM, signed_address(notice[0]), "Re: Printer on fire", "Use water.")
        wait_for(lambda: place.away.answered == 1, SOON, place.desk.log)  # the answer of a person
        place.rest()
        assert place.outcomes() == ["new_ticket 2.9", "staff_reply 2.5", "note 2.4"]
        (ticket,) = place.desk.json("tickets")
        assert (ticket["status"], ticket["clocks"][0]["state"]) == ("open", "met")


def test_a_responder_that_hides_what_it_is_stops_within_five_mails(tmp_path: Path) -> None:
    """behaviour.md 5.3: a brake that needs no header, and a reverse-path of ours that only machines know"""
    with town(tmp_path, strips=True) as place:
        place.writes(BOB, ALIAS, "[P2] Printer on fire", "It burns since nine o'clock, on the second floor.")
        wait_for(lambda: place.away.answered > 0, SOON, place.desk.log)
        place.rest()
        assert place.wire.to(BOB, ALIAS) == [
            "Re: Printer on fire",
            "Away",
            "Re: Away",
            "Away",
            "Re: Away",
            "Away",
        ]
        assert place.outcomes() == ["new_ticket 2.9"] * 4
        assert len(place.wire.to("ops@example.com")) == 1

        (notice, *_) = place.desk.rows("SELECT packed FROM outbox WHERE kind = 'staff_notice' ORDER BY id")
        place.writes(SAM, signed_address(notice[0]), "Re: Printer on fire", "Use water.")
        wait_for(lambda: place.away.answered == 4, SOON, place.desk.log)
        place.rest()
        assert place.outcomes()[4:] == ["staff_reply 2.5", "note 2.4"]
