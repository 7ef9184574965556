"""A real Postfix in front of mailgate by LMTP, on a socket file and on TCP: a fate for each recipient."""

import shutil
import signal
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance import postfix
from tests.acceptance.installation import ACCOUNT, Installation, serving, wait_for
from tests.acceptance.postfix import Postfix, posted, shown
from tests.acceptance.road import ALIAS, SOON, await_tickets, hand_over, locked, mail
from tests.ports import free_port

pytestmark = pytest.mark.skipif(
    not postfix.is_installed(), reason="postfix is not installed, or we are not root"
)

BETA, GAMMA = "beta@support.example.com", "gamma@support.example.com"
OTHERS = """\
[{name}]
name = "{name}"
policy = "particle"
plan = "enterprise"
aliases = ["{name}"]
unknown_senders = "accept"
"""
BY_SMTP = "transport_maps = inline:{support.example.com=smtp:[127.0.0.1]:2525}\n"
PAGE = "unix:/run/mailgate/lmtp.sock"


@contextmanager
def fronted(folder: Path, place: str) -> Iterator[tuple[Installation, Postfix]]:
    """A desk of three accounts that listens there, and its Postfix, until the block ends."""
    table = tomllib.loads(shown("mailgate.toml: behind a mail server, by LMTP", {PAGE: place}))["listener"]
    doors = f'lmtp = {table["lmtp"]}\nlmtp_socket_mode = "{table["lmtp_socket_mode"]}"'
    accounts = ACCOUNT + OTHERS.format(name="beta") + OTHERS.format(name="gamma")
    desk = Installation(folder, listener=doors, account=accounts)
    nexthop = place if place.startswith("unix:") else f"inet:{place}"
    lines = shown("main.cf: in front of mailgate, by SMTP", {BY_SMTP: ""})
    lines += shown("main.cf: in front of mailgate, by LMTP", {PAGE: nexthop})
    mx = Postfix("mx.example.com", lines + "default_transport = discard\n")
    with serving(desk), posted(mx):
        yield desk, mx


@pytest.fixture
def run() -> Iterator[Path]:
    """A folder for a socket file that only Postfix and root may enter, as the page says."""
    with tempfile.TemporaryDirectory(prefix="mailgate-run-") as folder:
        shutil.chown(folder, group="postfix")
        Path(folder).chmod(0o2750)
        yield Path(folder)


def test_each_recipient_has_its_own_fate_on_a_socket_file(tmp_path: Path, run: Path) -> None:
    """behaviour.md 1.6, 1.7"""
    with fronted(tmp_path, f"unix:{run}/lmtp.sock") as (desk, mx):
        hand_over(mx, mail("To all of them"), to=[ALIAS, BETA, GAMMA])
        wait_for(lambda: len(desk.rows("SELECT id FROM tickets")) == 3, SOON, mx.log)
        # Postfix remembers the third alias for a month, and mailgate has it no more.
        (desk.config.parent / "accounts" / "acme.toml").write_text(ACCOUNT + OTHERS.format(name="beta"))
        assert desk.process is not None
        desk.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "taken anew" in desk.log(), SOON, desk.log)
        hand_over(mx, mail("To two that exist"), to=[ALIAS, BETA, GAMMA])
        wait_for(lambda: mx.deliveries(GAMMA)[-1].status == "bounced", SOON, mx.log)
        fates = {to: mx.deliveries(to)[-1] for to in (ALIAS, BETA, GAMMA)}
        assert {to: one.status for to, one in fates.items()} == {
            ALIAS: "sent",
            BETA: "sent",
            GAMMA: "bounced",
        }
        assert "550 5.1.1" in fates[GAMMA].reply
        assert fates[ALIAS].relay.endswith(f"[{run}/lmtp.sock]")
        wait_for(lambda: len(desk.rows("SELECT id FROM tickets")) == 5, SOON, desk.log)
        accounts = desk.rows("SELECT account FROM tickets WHERE title = 'To two that exist' ORDER BY account")
        assert accounts == [("acme",), ("beta",)]


def test_who_must_wait_waits_and_is_one_ticket_by_tcp(tmp_path: Path) -> None:
    """behaviour.md 1.3, 1.6"""
    with fronted(tmp_path, f"127.0.0.1:{free_port()}") as (desk, mx):
        with locked(desk):
            hand_over(mx, mail("While it was locked"), to=[ALIAS])
            wait_for(lambda: any("451 4.3.0" in one.reply for one in mx.deliveries(ALIAS)), SOON, mx.log)
        mx.flush()
        await_tickets(desk, mx, "While it was locked")
        desk.stop(signal.SIGKILL)
        hand_over(mx, mail("While it was down"), mail("Then, too"))
        wait_for(lambda: len(mx.queue()) == 2, SOON, mx.log)
        desk.start()
        mx.flush()
        await_tickets(desk, mx, "While it was down", "Then, too")
        titles = [title for (title,) in desk.rows("SELECT title FROM tickets ORDER BY title")]
        assert titles == ["Then, too", "While it was down", "While it was locked"]
