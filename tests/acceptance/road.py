"""Knows the road through a real mail server to a desk: what Bob hands to it becomes a ticket there."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from email.message import EmailMessage

from tests.acceptance.installation import Installation, wait_for
from tests.acceptance.postfix import Postfix

ALIAS = "acme@support.example.com"
SOON = 120.0  # seconds, for what takes one or two


def mail(subject: str, text: str = "Since this morning.\n") -> bytes:
    """Of Bob's."""
    words = EmailMessage()
    words["From"], words["To"], words["Subject"] = "Bob <bob@acme.example>", ALIAS, subject
    words["Message-ID"] = f"<{subject.replace(' ', '.')}@acme.example>"
    words.set_content(text)
    return words.as_bytes(policy=words.policy.clone(linesep="\r\n"))


def hand_over(mx: Postfix, *mails: bytes, to: Sequence[str] = (ALIAS,)) -> None:
    """Bob's mails, in one session; each gets its 250."""
    with mx.client() as client:
        for one in mails:
            assert client.sendmail("bob@acme.example", to, one) == {}


def titles(desk: Installation) -> Counter[str]:
    """The tickets there are, by title: how many of each."""
    return Counter(title for (title,) in desk.rows("SELECT title FROM tickets"))


def await_tickets(desk: Installation, mx: Postfix, *expected: str) -> None:
    """Each of these is one ticket, and none of them waits any more."""
    wait_for(lambda: not mx.queue() and set(expected) <= set(titles(desk)), SOON, mx.log)
    assert {title: titles(desk)[title] for title in expected} == dict.fromkeys(expected, 1)


@contextmanager
def locked(desk: Installation) -> Iterator[None]:
    """Nobody writes into the desk's database until the block ends."""
    with closing(sqlite3.connect(desk.folder / "var" / "mailgate.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
