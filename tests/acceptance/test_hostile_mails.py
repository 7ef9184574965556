"""Every mail that was written to hurt, through a server at work: its outcome, and that it hurts nobody else.

Behind each goes an ordinary mail of somebody else, which must not wait for it. What the service has in
memory, with the child that reads large mails, is weighed before and after.
"""

import json
import smtplib
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.acceptance.installation import ACCOUNT, Installation, family, serving, wait_for
from tests.mail.hostile import MAILS, Hostile, Outcome

ALIAS = "acme@support.example.com"
SOON = 30  # seconds; two are promised and hundredths are usual, a busy machine is given more
# What heaps and page caches keep: measured are 3 MB for these 140 mails, and as much for 140 ordinary ones.
SLACK = 16 * 1024 * 1024
FIRST = 20  # ordinary mails, until everything is loaded that is loaded at the first use


class Fate(NamedTuple):
    """What became of a mail: the reply to it, what it was found to be, an acknowledgement on its ticket."""

    reply: int
    outcome: str = ""
    rule: str = ""
    acknowledged: bool = False


@dataclass
class Scene:
    """The desk, and what was seen while the mails came."""

    desk: Installation
    fates: dict[str, Fate] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)  # seconds until the mail behind it was a ticket
    before: tuple[int, int] = (0, 0)  # processes, and bytes that are theirs
    after: tuple[int, int] = (0, 0)


TICKET = Fate(250, "new_ticket", "2.9", acknowledged=True)
KEPT_ASIDE = Fate(250, "quarantined", "2")
BY_MACHINE = TICKET._replace(acknowledged=False)
OUTCOMES = {Outcome.READ: TICKET, Outcome.NOBODY: KEPT_ASIDE}
FATES = {
    # behaviour.md 2.4: what a machine writes of its own accord is a ticket, for it may be a monitor's alarm.
    "an automatic answer": BY_MACHINE,
    "a mailing list": BY_MACHINE,
    "a delivery report": Fate(250, "delivery_report", "2.3"),
    # behaviour.md 2.2: with the name of a customer on it the mark proves nothing, and nothing answers it.
    "our own loop mark": BY_MACHINE,
    "101 hosts": Fate(554),
    "20000 fields": Fate(552),
    # behaviour.md 2.1: it has the Message-ID of the mail before it, and other words: both are on one ticket.
    "an ordinary mail": Fate(250, "reply", "2.1", acknowledged=True),
}


def wanted(mail: Hostile) -> Fate:
    return FATES[mail.name] if mail.name in FATES else OUTCOMES[mail.outcome]


def addressed(mail: Hostile) -> bytes:
    """The mail as somebody of this desk's customer would send it; each by a person of its own."""
    place = MAILS.index(mail)
    names = {
        b"cust@acme.test": b"cust%d@acme.example" % place,
        b"staff@vendor.test": b"sam@example.com",
        b"=?utf-8?q?staff?=@vendor.test": b"=?utf-8?q?sam?=@example.com",
        b"acme@vendor.test": ALIAS.encode(),
        b"vendor.test": b"support.example.com",
    }
    if mail.name not in {"an ordinary mail", "the same Message-ID with other words"}:
        names[b"<m1@acme.test>"] = b"<m%d@acme.example>" % place
    else:
        names[b"cust@acme.test"] = b"twice@acme.example"
    raw = mail.raw
    for old, new in names.items():
        raw = raw.replace(old, new)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def ordinary(name: str) -> bytes:
    return (
        f"From: Bob <{name}@acme.example>\r\nTo: {ALIAS}\r\nSubject: [P3] {name}\r\n"
        f"Message-ID: <{name}@acme.example>\r\n\r\nIs it on, {name}?\r\n"
    ).encode()


def handed_over(desk: Installation, raw: bytes) -> int:
    """The reply to the mail; its words go as they are."""
    with smtplib.SMTP("127.0.0.1", desk.smtp) as client:
        client.ehlo()
        client.mail("somebody@acme.example")
        client.rcpt(ALIAS)
        return client.data(raw)[0]


def until_a_ticket(desk: Installation, name: str) -> float:
    """Sends an ordinary mail; how many seconds it took from its 250 until it was a ticket."""
    assert handed_over(desk, ordinary(name)) == 250
    began = time.monotonic()
    wait_for(lambda: desk.rows("SELECT id FROM tickets WHERE title = ?", name) != [], SOON, desk.log)
    return time.monotonic() - began


def warm(desk: Installation) -> None:
    """Has everything loaded that is loaded at its first use: also what guesses a charset, and the child."""
    for number in range(FIRST):
        until_a_ticket(desk, f"first-{number}")
    assert handed_over(desk, ordinary("large") + b"It is large.\r\n" * 2000) == 250
    assert handed_over(desk, ordinary("guessed") + "Schöne Grüße aus Köln.\r\n".encode("latin-1")) == 250


def at_rest(desk: Installation) -> bool:
    waiting = "SELECT id FROM spool WHERE state = 'waiting'"
    unsent = "SELECT id FROM outbox WHERE state IN ('waiting', 'sending')"
    return not desk.rows(waiting) and not desk.rows(unsent)


def weighed(desk: Installation) -> tuple[int, int]:
    """How many processes serve, and how many bytes are theirs alone or shared among them."""
    assert desk.process is not None
    members = family(desk.process.pid)
    return len(members), sum(proportional(member) for member in members)


def proportional(process: int) -> int:
    fields = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    (kilobytes,) = [line.split()[1] for line in fields if line.startswith("Pss:")]
    return int(kilobytes) * 1024


def seen(desk: Installation) -> dict[bytes, Fate]:
    """What became of each mail, by the very bytes that were sent."""
    query = """
        SELECT packed, outcome, rule,
            EXISTS (SELECT 1 FROM outbox WHERE ticket_id = decisions.ticket_id AND kind = 'acknowledgement')
        FROM spool JOIN raw_mails ON raw_mails.id = raw_id JOIN decisions ON spool_id = spool.id
    """
    return {
        zlib.decompress(packed): Fate(250, outcome, rule, bool(acknowledged))
        for packed, outcome, rule, acknowledged in desk.rows(query)
    }


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A desk to which all of them were sent, and an ordinary mail behind each."""
    account = ACCOUNT.replace('"hold"', '"accept"')
    folder = tmp_path_factory.mktemp("hostile")
    with serving(Installation(folder, account=account)) as desk:
        scene = Scene(desk)
        warm(desk)
        wait_for(lambda: at_rest(desk) and weighed(desk)[0] == 2, SOON, desk.log)
        scene.before = weighed(desk)
        replies = {}
        for place, mail in enumerate(MAILS):
            replies[mail.name] = handed_over(desk, addressed(mail))
            scene.waits[mail.name] = until_a_ticket(desk, f"behind-{place}")
        wait_for(lambda: at_rest(desk), SOON, desk.log)
        scene.after = weighed(desk)
        fates = seen(desk)
        for mail in MAILS:
            fate = Fate(replies[mail.name])
            scene.fates[mail.name] = fates.get(addressed(mail), Fate(0)) if fate.reply == 250 else fate
        yield scene


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_a_hostile_mail_has_its_outcome(scene: Scene, mail: Hostile) -> None:
    """behaviour.md 1.3, 2: its bytes are kept as they came, and it is what the rules say"""
    assert scene.fates[mail.name] == wanted(mail)


def test_a_mail_behind_a_hostile_one_does_not_wait_for_it(scene: Scene) -> None:
    """behaviour.md 2: one bad mail never delays the next"""
    assert max(scene.waits.values()) < SOON


def test_memory_and_processes_are_as_before(scene: Scene) -> None:
    """behaviour.md 2: reading is bounded in time and memory"""
    processes, size = scene.after
    assert processes == scene.before[0]
    assert size < scene.before[1] + SLACK, (scene.before, scene.after)


def test_nothing_broke_on_the_way(scene: Scene) -> None:
    """behaviour.md 1.3: no bug of ours"""
    log = scene.desk.log()
    assert [
        word for word in ("Traceback", "bug of ours", "worker_ended", "could not be decided") if word in log
    ] == []


def test_nobody_is_written_to_but_who_wrote_and_who_serves(scene: Scene) -> None:
    """behaviour.md 5.5"""
    recipients = {
        name
        for (listed,) in scene.desk.rows("SELECT recipients FROM outbox")
        for name in json.loads(listed)
        if not name.endswith("@acme.example")
    }
    assert recipients == {"sam@example.com", "ops@example.com", "evil@x.test"}


def test_what_nobody_could_read_is_listed_for_the_operators(scene: Scene) -> None:
    """behaviour.md 2, 7.2"""
    listed = [one for one in scene.desk.json("held") if one["kind"] == "quarantined"]
    assert len(listed) == sum(wanted(mail) == KEPT_ASIDE for mail in MAILS)


def test_the_first_of_many_tags_counts(scene: Scene) -> None:
    """behaviour.md 2.9"""
    (ticket,) = [
        one
        for one in scene.desk.json("tickets")
        if one["requester"] == f"cust{[mail.name for mail in MAILS].index('many tags')}@acme.example"
    ]
    assert ticket["priority"] == "P1"


def test_the_same_mail_again_is_taken_and_nothing_comes_of_it(scene: Scene) -> None:
    """behaviour.md 2.1"""
    desk = scene.desk
    before = desk.rows("SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM outbox)")
    decided = "SELECT count(*) FROM decisions WHERE outcome = 'duplicate'"
    (count,) = desk.rows(decided)
    (again,) = [mail for mail in MAILS if mail.name == "an ordinary mail"]
    assert handed_over(desk, addressed(again)) == 250
    wait_for(lambda: desk.rows(decided) == [(count[0] + 1,)], SOON, desk.log)
    assert desk.rows("SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM outbox)") == before
