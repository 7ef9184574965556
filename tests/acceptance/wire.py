"""Knows the way between mail servers for tests: a relay on loopback that hands on whatever it gets.

At its worst it takes away all by which programs tell each other that they are programs.
"""

import asyncio
import re
import smtplib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import free_port

MARKS = ("auto-submitted", "precedence", "references", "in-reply-to", "reply-to", "return-path")
"""Fields that mark automatic mail, or name the thread that it belongs to; so do all that begin with `X-`."""

NUMBER = re.compile(r"\[[A-Z]+-\d+\] ?")

Place = Callable[[str, str, bytes], None]
"""Takes a mail: its reverse-path, its recipient, its bytes."""


@dataclass
class Wire:
    """The relay.

    Args:
        places: who takes the mail for a domain; mail for any other one is only kept.
        strips: takes the marks away, and a ticket's number out of the subject, and gives what has no
            reverse-path the one in From.
        carried: recipient and subject of each mail, in their order.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    strips: bool = False
    port: int = field(default_factory=free_port)
    carried: list[tuple[str, str]] = field(default_factory=list)

    def to(self, *recipients: str) -> list[str]:
        """The subjects of what went to these, in their order."""
        return [subject for recipient, subject in self.carried if recipient in recipients]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Hands a mail on before it is answered for."""
        content, reverse_path = envelope.content, (envelope.mail_from or "").strip("<>")
        assert isinstance(content, bytes)
        if self.strips:
            content, reverse_path = stripped(content, reverse_path)
        for recipient in envelope.rcpt_tos:
            self.carried.append((bare(recipient), str(read(content)["Subject"])))
            place = self.places.get(recipient.rpartition("@")[2])
            if place is not None:
                await asyncio.to_thread(place, reverse_path, recipient, content)
        return "250 taken"


@contextmanager
def wired(wire: Wire) -> Iterator[Wire]:
    """The relay at work until the block ends."""
    server = Controller(wire, hostname="127.0.0.1", port=wire.port, enable_SMTPUTF8=True)
    server.start()
    try:
        yield wire
    finally:
        server.stop()


def server_at(port: int) -> Place:
    """The mail server that listens there."""

    def take(reverse_path: str, recipient: str, content: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail(reverse_path, recipient, content)

    return take


def stripped(content: bytes, reverse_path: str) -> tuple[bytes, str]:
    """The mail without a mark that a program wrote it."""
    mail = read(content)
    for name in set(mail.keys()):
        if name.lower() in MARKS or name.lower().startswith(("x-", "list-")):
            del mail[name]
    mail.replace_header("Subject", NUMBER.sub("", str(mail["Subject"])))
    return mail.as_bytes(policy=policy.SMTP), reverse_path or parseaddr(str(mail["From"]))[1]


def bare(address: str) -> str:
    """The address without what is signed in it."""
    local, _, domain = address.partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def read(content: bytes) -> EmailMessage:
    """A mail as a mail program reads it."""
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail
