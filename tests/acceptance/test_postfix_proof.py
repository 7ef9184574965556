"""A real Postfix says who sent a mail, and is believed: nobody else who writes such a field is."""

import smtplib
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance import postfix
from tests.acceptance.installation import Installation, serving, wait_for
from tests.acceptance.milter import Milter, filtering
from tests.acceptance.postfix import Postfix, posted, shown
from tests.acceptance.road import ALIAS, SOON, mail

pytestmark = pytest.mark.skipif(
    not postfix.is_installed(), reason="postfix is not installed, or we are not root"
)

TRUE = "mx.example.com; dmarc=pass (p=reject dis=none) header.from=acme.example"
FALSE = "mx.example.com; dmarc=fail (p=reject dis=none) header.from=acme.example"
FORGED = f"Authentication-Results: {TRUE}\r\n".encode()
BOB, EVE, SILENT = "bob@acme.example", "eve@evil.example", "silent@acme.example"


@contextmanager
def fronted(folder: Path) -> Iterator[tuple[Installation, Postfix, Milter]]:
    """A desk that believes its Postfix, which has a filter; until the block ends."""
    lines = shown("mailgate.toml: behind a mail server that verifies", {"192.0.2.1": "127.0.0.1"})
    table = tomllib.loads(lines)["authentication"]
    assert table["authserv_id"] == "mx.example.com"
    desk = Installation(folder, more=lines)
    front = shown("main.cf: in front of mailgate, by SMTP", {"127.0.0.1]:2525": f"127.0.0.1]:{desk.smtp}"})
    with filtering({BOB: TRUE, EVE: FALSE}) as milter:
        says = shown("main.cf: in front of mailgate, saying who sent it", {"8891": str(milter.port)})
        mx = Postfix("mx.example.com", front + says)
        with serving(desk), posted(mx):
            yield desk, mx, milter


def hand_over(place: Postfix | Installation, reverse_path: str, content: bytes) -> None:
    """Somebody's mail, which says that it is Bob's."""
    port = place.port if isinstance(place, Postfix) else place.smtp
    with postfix.session("127.0.0.1", port) as client:
        assert client.sendmail(reverse_path, [ALIAS], content) == {}


def proofs(desk: Installation) -> dict[str, str]:
    """What is known of the sender of each mail that came, by its subject."""
    known = "SELECT subject, json_extract(authentication, '$.proof') FROM messages WHERE direction = 'in'"
    return dict(desk.rows(known))


def test_what_postfix_writes_is_believed_and_what_others_write_is_not(tmp_path: Path) -> None:
    """behaviour.md 1.6, 2.7"""
    with fronted(tmp_path) as (desk, mx, _):
        hand_over(mx, BOB, mail("Truly mine"))
        hand_over(mx, EVE, FORGED + mail("In the name of Bob"))
        hand_over(mx, SILENT, FORGED + mail("Nobody looked"))
        hand_over(desk, BOB, FORGED + mail("Past Postfix"))  # not from the address of the Postfix
        wait_for(lambda: len(proofs(desk)) == 4, SOON, lambda: f"{proofs(desk)} {desk.log()}")
        assert proofs(desk) == {
            "Truly mine": "passed",
            "In the name of Bob": "failed",
            "Nobody looked": "none",
            "Past Postfix": "none",
        }
        assert [one["subject"] for one in desk.json("held")] == ["In the name of Bob"]


def test_while_the_filter_is_away_no_mail_comes_by_unlooked_at(tmp_path: Path) -> None:
    """behaviour.md 1.6"""
    with fronted(tmp_path) as (_, mx, milter):
        milter.shutdown()
        milter.server_close()
        with mx.client() as client, pytest.raises(smtplib.SMTPResponseException) as refused:
            client.sendmail(BOB, [ALIAS], FORGED + mail("Unlooked at"))
        assert refused.value.smtp_code == 451
