"""Mails of the past for tests of the replay."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from mailgate.core.instant import read
from mailgate.core.message import Mailbox
from mailgate.core.past import DatedBy, PastMail, Staff, Writer
from tests.core.desks import BOB, SAM

STAFF = Staff(domains=frozenset({"example.com"}))


def past(number: int, at: str, writer: Writer = Writer.CUSTOMER, **more: object) -> PastMail:
    """The mail `mN@x.example`; of Bob or Sam, unless it is said otherwise."""
    senders = {Writer.CUSTOMER: BOB, Writer.STAFF: SAM}
    mail = PastMail(
        place=f"mail {number}",
        at=instant(at),
        dated_by=DatedBy.RECEIVED,
        writer=writer,
        sender=senders.get(writer, Mailbox("robot@acme.example")),
        subject="Printer on fire",
        identity=f"identity {number}",
        message_id=f"m{number}@x.example",
        for_customer=writer is Writer.STAFF,
    )
    return replace(mail, **more)  # type: ignore[arg-type] # a test names fields of PastMail


def answers(number: int) -> dict[str, Any]:
    """What a mail that answers the mail of that number refers to."""
    return {"references": (f"m{number}@x.example",)}


def instant(text: str) -> datetime:
    """`02 09:30` is that time of March 2026, in UTC; the 2nd is a Monday."""
    day, time = text.split()
    return read(f"2026-03-{day}T{time}:00Z")
