"""flows/intake: spooled mail becomes tickets, on both databases, whatever the mail is like."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from mailgate.core.account import Account, Desk
from mailgate.core.address import Token, TokenRole, principal, signed_address
from mailgate.core.authentication import Authentication
from mailgate.core.change import Change, Outcome, SpooledMail
from mailgate.core.instant import read
from mailgate.core.message import Envelope, Mailbox, MailObject, Message, Reading
from mailgate.core.outgoing import Draft, Outgoing
from mailgate.core.ticket import TicketId
from mailgate.flows.decision import Work, sorted_out
from mailgate.flows.intake import TRIES, Intake, apart
from mailgate.flows.office import Office
from mailgate.flows.spool import Spool
from mailgate.mail.parse import parse
from mailgate.store.faults import StoreFullError
from mailgate.store.records import unpacked
from mailgate.store.tables import clocks, decisions, held, journal, messages, outbox, spool, tickets
from mailgate.store.unit import Database
from tests.core.desks import ACME, BOB, DOMAIN, EVE, KEYS, NOON, SAM
from tests.flows.offices import disproved, office


class Desktop:
    """A spool and an intake on one database, at a time that stands still until it is moved."""

    def __init__(self, database: Database, account: Account = ACME) -> None:
        self.database = database
        self.now = NOON
        self.told: list[Change] = []
        self.office = office(account)
        self.spool = Spool(database, lambda: self.now, lambda: None)
        self.proven: Authentication | None = None
        self.intake = Intake(
            database, self.read, lambda: self.office, lambda: self.now, self.told.append, self.prove
        )

    async def read(self, raw: bytes) -> Reading:
        return parse(raw)

    async def prove(self, _mail: SpooledMail, _reading: Reading) -> Authentication | None:
        return self.proven

    async def takes(self, raw: bytes, *to: str, sender: str = BOB.address) -> None:
        envelope = Envelope(sender, to or (f"acme@{DOMAIN}",), "127.0.0.1", "client")
        reply = await self.spool.accept(MailObject(envelope, raw))
        assert reply.accepted

    async def decides(self) -> list[Outcome]:
        """Sweeps until nothing is due; what was decided, in order. Rows and journal agree after that."""
        before = len(self.told)
        while (following := await self.intake.sweep()) is not None and following <= self.now:
            pass
        assert await disproved(self.database) == []
        return [change.outcome for change in self.told[before:]]

    async def rows(self, query: object) -> list[tuple[object, ...]]:
        async with self.database.read() as unit:
            return [tuple(row) for row in await unit.execute(query)]  # type: ignore[call-overload] # any select


class Stumbling(Desktop):
    """A desk whose reader makes of one mail what no reader makes: the decision has a bug to stumble over."""

    async def read(self, raw: bytes) -> Reading:
        reading = parse(raw)
        if b"poison" in raw and isinstance(reading, Message):
            return replace(reading, text=None)  # type: ignore[arg-type]
        return reading


class Slow(Desktop):
    """A desk whose reader takes as long as the test likes."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.reading, self.go_on = asyncio.Event(), asyncio.Event()

    async def read(self, raw: bytes) -> Reading:
        self.reading.set()
        await self.go_on.wait()
        return parse(raw)


def letter(
    number: int = 1, subject: str = "[P2] Printer on fire", more: str = "", sender: str = BOB.address
) -> bytes:
    return (
        f"From: Bob <{sender}>\r\nTo: acme@{DOMAIN}\r\nSubject: {subject}\r\n"
        f"Date: Fri, 20 Nov 2026 12:00:00 +0000\r\nMessage-ID: <m{number}@acme.example>\r\n{more}\r\n"
        f"It burns, number {number}.\r\n"
    ).encode()


def reply_address(role: TokenRole, who: Mailbox) -> str:
    return signed_address("acme", Token(role, TicketId(1), principal(who.address)), DOMAIN, KEYS)


@pytest.fixture
def desk(database: Database) -> Desktop:
    return Desktop(database)


async def test_a_mail_becomes_ticket_clock_journal_and_mails_in_one_go(desk: Desktop) -> None:
    """behaviour.md 2.9, 1.3"""
    await desk.takes(letter())
    assert await desk.decides() == [Outcome.NEW_TICKET]
    assert await desk.rows(
        select(tickets.c.account, tickets.c.number, tickets.c.title, tickets.c.priority, tickets.c.opened)
    ) == [("acme", 1, "Printer on fire", "P2", NOON)]
    assert await desk.rows(select(clocks.c.kind, clocks.c.started, clocks.c.due)) == [
        ("response", NOON, read("2026-11-20T16:00:00Z"))
    ]
    assert await desk.rows(select(journal.c.kind)) == [("ticket_opened",)]
    assert await desk.rows(select(outbox.c.kind, outbox.c.recipients).order_by(outbox.c.id)) == [
        ("acknowledgement", [BOB.address]),
        ("staff_notice", ["sam@example.com"]),
        ("staff_notice", ["kim@example.com"]),
    ]
    assert await desk.rows(select(decisions.c.outcome, decisions.c.rule, decisions.c.reason)) == [
        ("new_ticket", "2.9", "a new matter")
    ]
    assert await desk.rows(select(spool.c.state)) == [("done",)]


async def test_the_log_calls_a_ticket_what_people_call_it(desk: Desktop) -> None:
    await desk.takes(letter())
    with capture_logs() as lines:
        await desk.decides()
    assert [line["ticket"] for line in lines if line["what"] is Outcome.NEW_TICKET] == ["ACME-1"]


async def test_the_same_mail_again_is_one_ticket_and_one_acknowledgement(desk: Desktop) -> None:
    """behaviour.md 2.1, 5.3: a 250 that got lost makes the sender send again."""
    for _ in range(3):
        await desk.takes(letter())
    assert await desk.decides() == [Outcome.NEW_TICKET, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert len(await desk.rows(select(tickets.c.id))) == 1
    assert len(await desk.rows(select(outbox.c.id).where(outbox.c.kind == "acknowledgement"))) == 1


async def test_a_mail_to_two_aliases_of_an_account_is_one_ticket(desk: Desktop) -> None:
    """behaviour.md 1.7"""
    await desk.takes(letter(), f"acme@{DOMAIN}", f"acme-oncall@{DOMAIN}")
    assert await desk.decides() == [Outcome.NEW_TICKET]


async def test_a_mail_to_two_accounts_is_a_ticket_for_each_and_neither_sees_the_other(
    database: Database,
) -> None:
    """behaviour.md 1.7"""
    desk = Desktop(database)
    beta = replace(ACME, key="beta", name="Beta", aliases=("beta",), on_call_aliases=())
    head = desk.office.head
    accounts = {"acme": ACME, "beta": beta}
    both = Desk(head.desk.name, DOMAIN, accounts, head.desk.policies, head.desk.staff, head.desk.operators)
    desk.office = replace(desk.office, head=replace(head, desk=both))
    await desk.takes(letter(), f"acme@{DOMAIN}", f"beta@{DOMAIN}")
    assert await desk.decides() == [Outcome.NEW_TICKET, Outcome.NEW_TICKET]
    assert await desk.rows(select(tickets.c.account, tickets.c.number).order_by(tickets.c.account)) == [
        ("acme", 1),
        ("beta", 1),
    ]
    assert await desk.rows(
        select(messages.c.account).where(messages.c.direction == "in").order_by(messages.c.account)
    ) == [
        ("acme",),
        ("beta",),
    ]


async def test_a_whole_exchange_customer_staff_customer(desk: Desktop) -> None:
    """behaviour.md 2.5, 2.6, 4.2"""
    await desk.takes(letter(1))
    await desk.decides()
    to_staff = signed_address(
        "acme", Token(TokenRole.STAFF, TicketId(1), principal(SAM.address)), DOMAIN, KEYS
    )
    to_customer = signed_address(
        "acme", Token(TokenRole.CUSTOMER, TicketId(1), principal(BOB.address)), DOMAIN, KEYS
    )
    desk.now = NOON + timedelta(hours=1)
    await desk.takes(letter(2, "Re: fire", sender=SAM.address), to_staff, sender=SAM.address)
    desk.now = NOON + timedelta(hours=2)
    await desk.takes(letter(3, "Re: fire"), to_customer)
    assert await desk.decides() == [Outcome.STAFF_REPLY, Outcome.REPLY]
    assert await desk.rows(select(clocks.c.state, clocks.c.stopped)) == [("met", NOON + timedelta(hours=1))]
    assert await desk.rows(select(journal.c.kind).order_by(journal.c.id)) == [
        ("ticket_opened",),
        ("staff_replied",),
        ("customer_replied",),
    ]
    assert await desk.rows(select(tickets.c.status)) == [("open",)]


async def test_a_mail_that_cannot_be_read_is_quarantined_shown_and_delays_nobody(desk: Desktop) -> None:
    """behaviour.md 2: parsing never fails"""
    bomb = (
        b"From: bob@acme.example\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5000
    )
    await desk.takes(bomb)
    await desk.takes(letter())
    assert sorted(await desk.decides()) == [Outcome.NEW_TICKET, Outcome.QUARANTINED]
    assert await desk.rows(select(held.c.kind, held.c.state)) == [("quarantined", "held")]
    assert await desk.rows(select(spool.c.state).order_by(spool.c.id)) == [("quarantined",), ("done",)]


async def test_a_mail_that_breaks_us_is_tried_again_then_quarantined_and_the_others_go_on(
    database: Database,
) -> None:
    """behaviour.md 1.3: no bug of ours loses a mail"""
    desk = Stumbling(database)
    await desk.takes(letter(1, "poison"))
    await desk.takes(letter(2))
    assert await desk.decides() == [Outcome.NEW_TICKET]
    for _ in range(TRIES - 2):
        desk.now += timedelta(minutes=1)
        assert await desk.decides() == []
    desk.now += timedelta(minutes=1)
    assert await desk.decides() == [Outcome.QUARANTINED]
    assert await desk.rows(select(held.c.kind, held.c.reason)) == [
        ("quarantined", "it could not be decided; the log tells why")
    ]


async def test_a_stranger_is_held_released_and_then_a_ticket(desk: Desktop) -> None:
    """behaviour.md 2.7"""
    await desk.takes(letter(sender=EVE.address), sender=EVE.address)
    assert await desk.decides() == [Outcome.HELD]
    assert await desk.rows(select(held.c.kind, held.c.sender)) == [("held", EVE.address)]
    assert await desk.rows(select(outbox.c.kind)) == [("operator_notice",)]
    async with desk.database.write() as unit:
        await unit.execute(update(spool).values(state="waiting", released=True, leased_until=None))
    assert await desk.decides() == [Outcome.NEW_TICKET]


async def test_mail_to_the_operators_is_kept_and_passed_on(desk: Desktop) -> None:
    """behaviour.md 1.1"""
    await desk.takes(letter(), f"postmaster@{DOMAIN}", sender=EVE.address)
    assert await desk.decides() == [Outcome.HELD]
    assert await desk.rows(select(held.c.kind, held.c.account)) == [("operator", "")]
    assert await desk.rows(select(outbox.c.kind, outbox.c.recipients)) == [
        ("operator_notice", ["ops@example.com"])
    ]


async def test_a_recipient_that_is_gone_since_its_rcpt_is_shown_to_the_operators(desk: Desktop) -> None:
    await desk.takes(letter(), f"formerly@{DOMAIN}")
    assert await desk.decides() == [Outcome.HELD]
    assert await desk.rows(select(held.c.reason)) == [(f"it was sent to formerly@{DOMAIN}",)]


async def test_two_programs_that_sweep_at_once_decide_each_mail_once(database: Database) -> None:
    """behaviour.md 1.3"""
    first, second = Desktop(database), Desktop(database)
    for number in range(40):
        await first.takes(letter(number, sender=f"bob{number}@acme.example"))
    await asyncio.gather(first.decides(), second.decides())
    assert len(await first.rows(select(tickets.c.id))) == 40
    assert sorted(await first.rows(select(tickets.c.number))) == [(number,) for number in range(1, 41)]
    assert len(await first.rows(select(outbox.c.id).where(outbox.c.kind == "acknowledgement"))) == 40


async def test_a_notice_that_is_attached_to_the_answer_stays_inside(database: Database) -> None:
    """behaviour.md 4.2"""
    desktop = Desktop(database)
    await desktop.takes(
        b"From: bob@acme.example\r\nSubject: [P2] Fire\r\nMessage-ID: <1@acme.example>\r\n\r\nHot."
    )
    assert await desktop.decides() == [Outcome.NEW_TICKET]
    told = await desktop.rows(select(outbox.c.packed).where(outbox.c.kind == "staff_notice"))
    notice = message_from_bytes(unpacked(told[0][0]), policy=policy.default)  # type: ignore[arg-type]
    answer = EmailMessage()
    answer["From"], answer["Subject"] = notice["To"], "Re: Fire"
    answer.set_content("Use water.\n")
    answer.add_attachment(notice)
    answer.add_attachment(b"how to", maintype="text", subtype="plain", filename="manual.txt")
    await desktop.takes(answer.as_bytes(policy=policy.SMTP), str(notice["Reply-To"]), sender=SAM.address)
    assert await desktop.decides() == [Outcome.STAFF_REPLY]
    sent = await desktop.rows(select(outbox.c.packed).where(outbox.c.kind == "relayed_reply"))
    relayed = message_from_bytes(unpacked(sent[0][0]), policy=policy.default)  # type: ignore[arg-type]
    assert [part.get_filename() for part in relayed.iter_attachments()] == ["manual.txt"]


def test_mails_that_may_know_of_each_other_are_decided_one_after_the_other() -> None:
    def group_sizes(*raws: bytes) -> list[int]:
        return [len(group) for group in apart(work(number, raw) for number, raw in enumerate(raws))]

    assert group_sizes(letter(0), letter(1), letter(2)) == [3]
    assert group_sizes(letter(1), letter(1)) == [1, 1]
    answer = letter(2, more="In-Reply-To: <m1@acme.example>\r\n")
    assert group_sizes(letter(1), letter(3), answer) == [2, 1]


def work(number: int, raw: bytes) -> Work:
    envelope = Envelope(BOB.address, (f"acme@{DOMAIN}",))
    return sorted_out(SpooledMail(number, number, NOON, envelope, raw, 1), parse(raw), office())


async def test_a_database_that_fails_is_no_fault_of_the_mail(sqlite_database: Database) -> None:
    """behaviour.md 1.3: only a mail that fails by itself is ever quarantined."""
    desk = Desktop(sqlite_database)
    await desk.takes(letter())
    async with sqlite_database.write() as unit:
        await unit.exec_driver_sql("PRAGMA max_page_count = 1")  # as large as it is: the disk is full
    for _ in range(TRIES + 1):
        with pytest.raises(StoreFullError):
            await desk.decides()
        desk.now += timedelta(minutes=1)
    async with sqlite_database.write() as unit:
        await unit.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert await desk.decides() == [Outcome.NEW_TICKET]


async def test_a_file_of_the_customers_goes_along_to_staff_and_not_into_the_acknowledgement(
    sqlite_database: Database,
) -> None:
    """behaviour.md 4.1"""
    desk = Desktop(sqlite_database)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BOB.address, f"acme@{DOMAIN}", "[P2] With a log"
    mail.set_content("See the log.")
    mail.add_attachment(b"\x00\x01log" * 100_000, maintype="application", subtype="gzip", filename="log.gz")
    await desk.takes(mail.as_bytes(policy=policy.SMTP))
    assert await desk.decides() == [Outcome.NEW_TICKET]
    async with sqlite_database.read() as unit:
        rows = (await unit.execute(select(outbox.c.kind, outbox.c.packed).order_by(outbox.c.id))).all()
    files = {
        row.kind: list(message_from_bytes(unpacked(row.packed)).walk())[-1].get_filename() for row in rows
    }
    assert files == {"acknowledgement": None, "staff_notice": "log.gz"}


@dataclass(frozen=True, slots=True)
class Overtaken(Office):
    """An office during whose letters another program opens tickets."""

    meanwhile: Callable[[], None] = field(kw_only=True)

    def composed(self, drafts: Iterable[Draft]) -> tuple[Outgoing, ...]:
        self.meanwhile()
        return Office.composed(self, drafts)


async def test_letters_composed_for_what_has_changed_meanwhile_are_composed_anew(
    sqlite_database: Database,
) -> None:
    """behaviour.md 1.3: what is written was decided under the writer's lock, whatever was foreseen."""
    desk = Desktop(sqlite_database)
    calls: list[None] = []

    def open_41_tickets() -> None:
        calls.append(None)
        if len(calls) == 1:
            with closing(sqlite3.connect(str(sqlite_database.file))) as other, other:
                other.execute("INSERT INTO counters (account, last_number) VALUES ('acme', 41)")

    desk.office = Overtaken(
        desk.office.head, desk.office.look, desk.office.restore, meanwhile=open_41_tickets
    )
    await desk.takes(letter())
    assert await desk.decides() == [Outcome.NEW_TICKET]
    assert await desk.rows(select(tickets.c.number)) == [(42,)]
    subjects = [str(subject) for (subject,) in await desk.rows(select(outbox.c.subject))]
    assert all("[ACME-42]" in subject for subject in subjects)
