"""A real Postfix in front of mailgate, as docs/operations.md sets it up: nothing is lost between them."""

import signal
import smtplib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.acceptance import postfix
from tests.acceptance.installation import ACCOUNT, Installation, serving, wait_for
from tests.acceptance.postfix import Postfix, posted, shown
from tests.acceptance.road import ALIAS, SOON, await_tickets, hand_over, locked, mail, titles

pytestmark = pytest.mark.skipif(
    not postfix.is_installed(), reason="postfix is not installed, or we are not root"
)

LIMIT = 26_000_000  # of the page
FRONT = "main.cf: in front of mailgate, by SMTP"


@contextmanager
def fronted(desk: Installation) -> Iterator[Postfix]:
    """The desk at work, and its Postfix, until the block ends."""
    lines = shown(FRONT, {"[127.0.0.1]:2525": f"[127.0.0.1]:{desk.smtp}", " 10m": " 2s", " 5m": " 1s"})
    mx = Postfix("mx.example.com", lines)
    with serving(desk), posted(mx):
        yield mx


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Postfix]]:
    desk = Installation(tmp_path_factory.mktemp("desk"))
    with fronted(desk) as mx:
        yield desk, mx


def test_mail_goes_through_and_who_is_unknown_is_refused_while_the_sender_is_there(
    house: tuple[Installation, Postfix],
) -> None:
    """behaviour.md 1.1, 1.6"""
    desk, mx = house
    with mx.client() as client:
        client.ehlo("mail.acme.example")
        client.mail("bob@acme.example")
        code, words = client.rcpt("nobody@support.example.com")
        assert (code, b"no such user here" in words) == (550, True)
        assert client.rcpt("bob@elsewhere.example")[0] in {454, 554}  # Postfix is no open relay
        assert client.rcpt(ALIAS)[0] == 250
    hand_over(mx, mail("Through Postfix"))
    await_tickets(desk, mx, "Through Postfix")


def test_a_new_alias_is_known_soon(tmp_path: Path) -> None:
    desk = Installation(tmp_path)
    with fronted(desk) as mx:

        def reply() -> int:
            with mx.client() as client:
                client.ehlo("mail.acme.example")
                client.mail("bob@acme.example")
                return client.rcpt("beta@support.example.com")[0]

        assert reply() == 550
        beta = '[beta]\nname = "Beta"\npolicy = "particle"\nplan = "enterprise"\naliases = ["beta"]\n'
        (desk.config.parent / "accounts" / "beta.toml").write_text(beta)
        assert desk.process is not None
        desk.process.send_signal(signal.SIGHUP)
        wait_for(lambda: reply() == 250, SOON, mx.log)


def test_an_account_that_rejects_strangers_does_not_reject_the_question_who_exists(tmp_path: Path) -> None:
    """behaviour.md 2.7: Postfix asks as nobody, and then hands over what Bob wrote"""
    desk = Installation(tmp_path, account=ACCOUNT.replace('"hold"', '"reject"'))
    with fronted(desk) as mx:
        hand_over(mx, mail("Of their own"))
        await_tickets(desk, mx, "Of their own")


def test_a_reply_to_a_signed_address_finds_its_ticket(house: tuple[Installation, Postfix]) -> None:
    """behaviour.md 3.2: with `recipient_delimiter = +`, Postfix leaves the address as it is"""
    desk, mx = house
    hand_over(mx, mail("Signed"))
    await_tickets(desk, mx, "Signed")

    def acknowledged() -> list[EmailMessage]:
        return [one for one in desk.mails() if one["To"] == "bob@acme.example" and "Signed" in one["Subject"]]

    wait_for(lambda: bool(acknowledged()), SOON, desk.log)
    (acknowledgement,) = acknowledged()
    address = acknowledgement["Reply-To"]
    assert address.startswith("acme+")
    hand_over(mx, mail("No number, no thread"), to=[address])
    wait_for(lambda: desk.rows("SELECT outcome FROM decisions WHERE outcome = 'reply'") != [], SOON, desk.log)
    assert "No number, no thread" not in titles(desk)
    assert mx.deliveries(address)[-1].status == "sent"


def test_a_session_is_used_for_many_mails_and_every_one_is_a_ticket(
    house: tuple[Installation, Postfix],
) -> None:
    desk, mx = house
    subjects = [f"One of many {number}" for number in range(60)]
    hand_over(mx, *map(mail, subjects))
    await_tickets(desk, mx, *subjects)
    assert max(one.use for one in mx.deliveries(ALIAS)) > 2


def test_what_postfix_takes_is_not_too_big_for_mailgate(house: tuple[Installation, Postfix]) -> None:
    """behaviour.md 1.4"""
    desk, mx = house
    line = "0123456789abcdef" * 4 + "\n"
    head = len(mail("The largest", "\n"))
    lines = (LIMIT - head - 5_000) // (len(line) + 1)  # in the queue, a mail is some thousand octets larger
    hand_over(mx, mail("The largest", line * lines))
    await_tickets(desk, mx, "The largest")
    with mx.client() as client, pytest.raises(smtplib.SMTPSenderRefused) as refused:
        client.sendmail("bob@acme.example", [ALIAS], mail("Too large", line * (lines + 100)))
    assert refused.value.smtp_code == 552


@pytest.mark.parametrize("end", ["\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n.\n"])
def test_nothing_is_smuggled_past_both(house: tuple[Installation, Postfix], end: str) -> None:
    """behaviour.md 1.5: whatever one of them takes for the end of a mail, the other does too"""
    desk, mx = house
    name = end.encode().hex()
    hidden = (
        f"MAIL FROM:<eve@acme.example>\r\nRCPT TO:<{ALIAS}>\r\nDATA\r\n"
        f"From: eve@acme.example\r\nSubject: Smuggled {name}\r\n\r\nIn.\r\n"
    )
    with mx.client() as client:
        client.ehlo("mail.acme.example")
        client.mail("bob@acme.example")
        client.rcpt(ALIAS)
        assert client.docmd("DATA")[0] == 354
        client.send(mail(f"Outside {name}").removesuffix(b"\r\n") + f"{end}{hidden}\r\n.\r\n".encode())
        assert client.getreply()[0] == 250
        assert client.noop()[0] == 250  # one reply for all of it
    await_tickets(desk, mx, f"Outside {name}")
    assert f"Smuggled {name}" not in titles(desk)


def test_while_the_database_is_locked_postfix_keeps_the_mail(tmp_path: Path) -> None:
    """behaviour.md 1.3"""
    desk = Installation(tmp_path)
    with fronted(desk) as mx:
        with locked(desk):
            hand_over(mx, mail("While it was locked"))
            wait_for(lambda: any("451 4.3.0" in one.reply for one in mx.deliveries(ALIAS)), SOON, mx.log)
            assert mx.queue() == [ALIAS]
        mx.flush()
        await_tickets(desk, mx, "While it was locked")


def test_while_mailgate_is_down_postfix_keeps_the_mail(tmp_path: Path) -> None:
    """behaviour.md 1.6"""
    subjects = [f"While it was down {number}" for number in range(20)]
    desk = Installation(tmp_path)
    with fronted(desk) as mx:
        hand_over(mx, mail("Before"))
        await_tickets(desk, mx, "Before")
        desk.stop(signal.SIGKILL)
        hand_over(mx, *map(mail, subjects))
        wait_for(lambda: any(one.status == "deferred" for one in mx.deliveries(ALIAS)), SOON, mx.log)
        with mx.client() as client:
            client.ehlo("mail.acme.example")
            client.mail("bob@acme.example")
            assert client.rcpt("never.asked@support.example.com")[0] == 450  # it cannot know, so: come again
        assert len(mx.queue()) == len(subjects)
        desk.start()
        mx.flush()
        await_tickets(desk, mx, "Before", *subjects)


def test_a_postfix_that_is_killed_in_the_middle_loses_nothing_and_nothing_is_twice(tmp_path: Path) -> None:
    """behaviour.md 2.1: what it sends again, because it died before it heard the 250, is known"""
    subjects = [f"In the middle {number}" for number in range(40)]
    desk = Installation(tmp_path)
    with fronted(desk) as mx:
        hand_over(mx, mail("Before"))
        await_tickets(desk, mx, "Before")
        with locked(desk):
            hand_over(mx, *map(mail, subjects))
            time.sleep(2)  # the final dots are sent, and mailgate waits for the database, for five seconds
            mx.kill()
        mx.start()
        mx.flush()
        await_tickets(desk, mx, "Before", *subjects)
        assert desk.rows("SELECT id FROM decisions WHERE outcome = 'duplicate'") != []
        acknowledged = Counter(
            one["Subject"] for one in desk.mails() if one["Auto-Submitted"] == "auto-replied"
        )
        assert max(acknowledged.values()) == 1
