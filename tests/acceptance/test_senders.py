"""Who sent it: a whole service, clients at addresses of their own, a name server that knows their domains."""

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from email.message import EmailMessage
from pathlib import Path

from tests.acceptance.installation import ACCOUNT, Installation, read_mail, wait_for
from tests.nameserver import Fault, Nameserver, Zone, answering
from tests.signatures import rsa, rsa_record, signed

BOB, CAROL, SAM = "bob@acme.example", "carol@acme.test", "sam@example.com"
ALIAS = "acme@support.example.com"
OF_ACME, ELSEWHERE = "192.0.2.7", "198.51.100.9"
ZONE: Zone = {
    ("acme.example", "TXT"): ["v=spf1 ip4:192.0.2.7 -all"],
    ("_dmarc.acme.example", "TXT"): ["v=DMARC1; p=reject"],
    ("_dmarc.example.com", "TXT"): ["v=DMARC1; p=none"],
    ("s1._domainkey.example.com", "TXT"): [rsa_record(rsa())],
    ("acme.test", "TXT"): ["v=spf1 -all"],
}
OWN = '[authentication]\nverify = "own"\ndns_servers = ["{}"]\ndns_seconds = 1\n'
UPSTREAM = (
    '[authentication]\nverify = "upstream"\nupstream = ["192.0.2.0/24"]\nauthserv_id = "mx.example.com"\n'
)


class Client(smtplib.SMTP):
    """A client whose address a proxy tells."""

    address = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        connection.sendall(f"PROXY TCP4 {self.address} 127.0.0.1 40000 25\r\n".encode())
        return connection


@contextmanager
def serving(folder: Path, authentication: str) -> Iterator[Installation]:
    account = ACCOUNT.replace('["acme.example"]', '["acme.example", "acme.test"]')
    listener = 'proxy_from = ["127.0.0.0/8"]'
    installation = Installation(folder, account=account, listener=listener, more=authentication)
    installation.write()
    installation.start()
    try:
        yield installation
    finally:
        installation.stop()


@asynccontextmanager
async def looking(
    folder: Path, faults: Mapping[str, Fault] | None = None
) -> AsyncIterator[tuple[Installation, Nameserver]]:
    async with answering(ZONE, faults) as server:
        starting = serving(folder, OWN.format(server.place))
        installation = await asyncio.to_thread(starting.__enter__)
        try:
            yield installation, server
        finally:
            await asyncio.to_thread(starting.__exit__, None, None, None)


def letter(sender: str, subject: str, to: str = ALIAS, head: str = "") -> bytes:
    return (
        f"{head}From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\n"
        f"Message-ID: <{subject.replace(' ', '.')}@programs.example>\r\n\r\nIt is {subject}.\r\n"
    ).encode()


def sends(installation: Installation, raw: bytes, sender: str, address: str, to: str = ALIAS) -> None:
    client = type("One", (Client,), {"address": address})("127.0.0.1", installation.smtp)
    with client:
        client.sendmail(sender, to, raw)


def mails(installation: Installation, subject: str, count: int = 1) -> list[EmailMessage]:
    """What went out with that in its subject, once there is so much of it."""

    def found() -> list[EmailMessage]:
        sent = map(read_mail, sorted(installation.sent.glob("*")))
        return [mail for mail in sent if subject in mail["Subject"]]

    wait_for(lambda: len(found()) >= count, 60, installation.log)
    return found()


def held(installation: Installation, count: int) -> list[str]:
    """Why each mail that is held is held, once there are so many."""
    wait_for(lambda: len(installation.json("held", "list")) >= count, 60, installation.log)
    return [one["reason"] for one in installation.json("held", "list")]


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return " ".join(part.get_content().split())


async def test_who_is_proven_is_served_and_who_is_forged_is_held(tmp_path: Path) -> None:
    """behaviour.md 2.7, 4.3"""
    async with looking(tmp_path) as (installation, _):
        await asyncio.to_thread(played, installation)


def played(installation: Installation) -> None:
    sends(installation, letter(BOB, "the first"), BOB, OF_ACME)
    notice = next(mail for mail in mails(installation, "the first", 2) if mail["To"] == SAM)
    assert "not proven" not in words(notice)

    sends(installation, letter(BOB, "the forgery"), BOB, ELSEWHERE)
    (forged,) = held(installation, 1)
    assert forged.startswith(
        "it may be forged: neither SPF nor DKIM proves it, and acme.example asks for its"
    )
    (told,) = mails(installation, "may be forged")
    assert told["To"] == "ops@example.com"

    leaked = str(notice["Reply-To"])
    sends(installation, letter(SAM, "a lie", leaked), SAM, ELSEWHERE, leaked)
    assert held(installation, 2)[1].startswith("it is not proven who sent it: neither SPF nor DKIM proves it")
    true = signed(letter(SAM, "the truth", leaked), "example.com")
    sends(installation, true, SAM, ELSEWHERE, leaked)
    (answer,) = [mail for mail in mails(installation, "the first", 3) if "It is the truth." in words(mail)]
    assert answer["To"].endswith(BOB)
    assert not any("It is a lie." in words(read_mail(file)) for file in installation.sent.glob("*"))

    proofs = [one["authentication"] for one in installation.json("ticket", "ACME-1")["messages"]]
    assert [one and one["proof"] for one in proofs if one] == ["passed", "passed"]
    file = installation.folder / "forgery.eml"
    file.write_bytes(letter(BOB, "another"))
    for address, outcome in ((ELSEWHERE, "held"), (OF_ACME, "new_ticket")):
        would = installation.json("mail", "explain", str(file), "--to", "acme", "--peer", address)
        assert would["outcome"] == outcome


async def test_a_name_server_that_does_not_answer_refuses_nobody(tmp_path: Path) -> None:
    """behaviour.md 4.3"""
    async with looking(tmp_path, {"_dmarc.acme.test": Fault.SILENCE}) as (installation, _):
        await asyncio.to_thread(sends, installation, letter(CAROL, "a question"), CAROL, ELSEWHERE)
        (notice,) = await asyncio.to_thread(mails, installation, "a question")
        assert notice["To"] == SAM
        (answer,) = await asyncio.to_thread(mails, installation, "We have received your request")
        assert "a question" not in words(answer)
        assert f"It is not proven that {CAROL} sent this mail" in words(notice)
        assert "could not be asked: no answer within" in words(notice)
        told = await asyncio.to_thread(installation.run, "ticket", "ACME-1")
        assert "sender not proven" in " ".join(told.stdout.split())


def test_only_the_mail_server_in_front_is_believed(tmp_path: Path) -> None:
    """behaviour.md 1.6"""
    with serving(tmp_path, UPSTREAM) as installation:
        says = "Authentication-Results: mx.example.com; dmarc={} (p=reject) header.from=acme.example\r\n"
        sends(installation, letter(BOB, "the proven", head=says.format("pass")), BOB, OF_ACME)
        sends(installation, letter(BOB, "the forged", head=says.format("fail")), BOB, OF_ACME)
        sends(installation, letter(BOB, "the boasting", head=says.format("pass")), BOB, ELSEWHERE)
        for subject, doubted in (("the proven", False), ("the boasting", True)):
            notice = next(mail for mail in mails(installation, subject, 2 - doubted) if mail["To"] == SAM)
            assert ("It is not proven that" in words(notice)) is doubted
        assert held(installation, 1) == [
            "it may be forged: mx.example.com says that DMARC does not prove it; DMARC fail (acme.example)"
        ]
