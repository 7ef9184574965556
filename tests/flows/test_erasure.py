"""One person is taken out of everything, and every other thing stays right."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mailgate.core.address import Token, TokenRole, principal, signed_address
from mailgate.core.audit import Action, Audit
from mailgate.core.change import Outcome
from mailgate.core.erasure import pseudonym
from mailgate.core.event import TicketResolved
from mailgate.core.message import Mailbox
from mailgate.core.relay import OutboxState
from mailgate.core.suppression import Suppression
from mailgate.core.ticket import TicketId
from mailgate.flows.erasure import Found, NotNowError, Wish, erase, found
from mailgate.store import audits
from mailgate.store.records import packed, unpacked
from mailgate.store.registers import suppressions
from mailgate.store.schema import metadata
from mailgate.store.suppressions import lift, suppress
from mailgate.store.tables import clocks, journal, messages, outbox, raw_mails, spool, tickets
from mailgate.store.unit import Database
from mailgate.store.vacuum import vacuum
from tests.core.desks import DOMAIN, EVE, KEYS, NOON, SAM
from tests.flows.offices import disproved
from tests.flows.stories import happens
from tests.flows.test_intake import Desktop, reply_address

BOBINA = Mailbox("bobina@acme.example", "Bobina Tables")
CAROL = Mailbox("carol@acme.example", "Carol")
CANARY = "the vault code is heliotrope"
SUBJECT = "[P2] heliotrope"
COPIED = f"{BOBINA.name} <{BOBINA.address}>"
GONE = pseudonym("1a2b3c4d")
AUDIT = Audit(NOON, "sam", Action.ERASE, "", GONE)


def mail(number: int, who: Mailbox, text: str = CANARY, cc: str = "", subject: str = SUBJECT) -> bytes:
    copied = f"Cc: {cc}\r\n" if cc else ""
    named = f"m{number}.{who.address}" if number == 3 else f"m{number}@{who.domain}"  # some programs do so
    return (
        f"From: {who.name} <{who.address}>\r\nTo: acme@{DOMAIN}\r\n{copied}Subject: {subject}\r\n"
        f"Message-ID: <{named}>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


class Story(Desktop):
    """What happened before somebody wants to be forgotten."""

    async def writes(self, number: int, who: Mailbox, *to: str, **more: str) -> Outcome:
        self.now += timedelta(minutes=1)
        await self.takes(mail(number, who, **more), *to, sender=who.address)
        (outcome,) = await self.decides()
        return outcome

    async def sends_all(self) -> None:
        async with self.database.write() as unit:
            sent = {"state": OutboxState.SENT, "next_at": None, "settled": self.now}
            await unit.execute(update(outbox).values(sent))

    async def ends(self, ticket: int) -> None:
        event = TicketResolved(self.now, SAM.address, "/resolve")
        await happens(self.database, event, ticket=TicketId(ticket))


async def told(database: Database) -> Story:
    """Bobina's ticket with an answer that quotes her, one of Carol's on which she is, and mail kept aside."""
    desk = Story(database)
    assert await desk.writes(1, BOBINA) is Outcome.NEW_TICKET
    staff = reply_address(TokenRole.STAFF, SAM)
    await desk.writes(2, SAM, staff, text=f"Dear Bobina Tables, noted.\r\n> {CANARY}")
    await desk.writes(3, BOBINA, reply_address(TokenRole.CUSTOMER, BOBINA), text=f"Thanks! {CANARY}")
    await desk.writes(
        4, CAROL, text="The lift is stuck", cc=f"{BOBINA.name} <{BOBINA.address}>", subject="Lift"
    )
    stranger = Mailbox(BOBINA.address, BOBINA.name)
    await desk.writes(5, stranger, text=f"On the lift: {CANARY}", subject="Re: Lift [ACME-2]")
    async with database.write() as unit:
        await suppress(unit, [Suppression(BOBINA.address, NOON, NOON + timedelta(days=60), "5.1.1", "no")])
        lifted = Audit(NOON, "sam", Action.SUPPRESSED_LIFT, "", BOBINA.address)
        await audits.note(unit, lifted)
    await desk.ends(1)
    await desk.sends_all()
    return desk


async def erased(database: Database, wish: Wish | None = None) -> Found:
    wish = wish or Wish(BOBINA.address)
    seen = await found(database, wish, GONE, lambda _: None)
    await erase(database, wish, seen, AUDIT, NOON)
    return seen


async def dump(database: Database) -> str:
    """Every text, and every mail as it is and as it is read, of the whole database."""
    parts: list[str] = []
    async with database.read() as unit:
        for table in metadata.sorted_tables:
            for row in (await unit.execute(select(table))).all():
                for value in row:
                    packed_bytes = isinstance(value, bytes)
                    parts.append(unpacked(value).decode("utf-8", "replace") if packed_bytes else str(value))
    return "\n".join(parts).lower()


def needles() -> list[str]:
    return [BOBINA.address, "bobina tables", "bobina", "heliotrope"]


async def test_an_address_that_stands_in_another_one_is_erased_with_its_mail(database: Database) -> None:
    """Programs that send for somebody write who it is into the reverse-path."""
    desk = Story(database)
    for number, path in enumerate(
        ("bounce+7-bobina=acme.example@esp.test", "SRS0=x=y=acme.example=bobina@f.test")
    ):
        await desk.takes(mail(number, BOBINA, text=f"The lift {number} is stuck"), sender=path)
        assert await desk.decides() == [Outcome.NEW_TICKET]
        await desk.ends(number + 1)
    await desk.sends_all()
    assert "bobina=acme.example" in await dump(database)

    await erased(database)

    assert "bobina" not in await dump(database)


async def without_carol(database: Database) -> None:
    """What others wrote stays, by design: here it is looked for in what is not theirs."""
    async with database.write() as unit:
        await unit.execute(update(raw_mails).where(raw_mails.c.id == 4).values(packed=packed(b"")))


async def test_nothing_of_the_person_is_anywhere(database: Database) -> None:
    await told(database)
    before = await dump(database)
    assert all(one in before for one in needles())

    seen = await erased(database)

    await without_carol(database)
    after = await dump(database)
    assert [one for one in needles() if one in after] == []
    assert GONE in after
    assert sorted(seen.theirs.tickets.values()) == ["ACME-1"]


async def test_clocks_numbers_and_events_stay_and_are_proved(database: Database) -> None:
    desk = await told(database)
    kept = (
        select(clocks.c.kind, clocks.c.state, clocks.c.due, clocks.c.stopped).order_by(clocks.c.id),
        select(journal.c.ticket_id, journal.c.kind, journal.c.at).order_by(journal.c.id),
        select(tickets.c.account, tickets.c.number, tickets.c.status, tickets.c.opened).order_by(
            tickets.c.id
        ),
        select(messages.c.direction, messages.c.kind, messages.c.at).order_by(messages.c.id),
    )
    before = [await desk.rows(query) for query in kept]

    await erased(database)

    assert [await desk.rows(query) for query in kept] == before
    assert await disproved(database) == []
    people = select(tickets.c.title, tickets.c.requester, tickets.c.requester_name)
    assert await desk.rows(people.order_by(tickets.c.id)) == [
        ("erased", GONE, "erased"),
        ("Lift", CAROL.address, "Carol"),
    ]


async def test_mails_of_others_that_name_them_are_listed(database: Database) -> None:
    await told(database)
    seen = await erased(database)
    assert [(one["account"], one["ticket"], one["from"]) for one in seen.stays] == [
        ("acme", "ACME-2", CAROL.address)
    ]


async def test_the_file_holds_no_trace_not_even_where_it_is_free(sqlite_database: Database) -> None:
    """Also what was overwritten long before: VACUUM writes the file anew, and the log is cut."""
    database = sqlite_database
    desk = await told(database)
    letters = select(outbox.c.packed).where(outbox.c.ticket_id == 1)
    stored = select(raw_mails.c.packed).where(raw_mails.c.id != 4).union_all(letters)
    gone = [bytes(row[0]) for row in await desk.rows(stored)]  # type: ignore[call-overload] # a column of bytes
    await without_carol(database)
    await erased(database)
    assert database.file is not None
    await vacuum(database.file)

    async with database.read() as unit:  # a reader that is there all the time
        await unit.execute(select(tickets.c.id))
        found_in = [
            (name, one)
            for name in sorted(Path(str(database.file)).parent.glob("mailgate.db*"))
            for one in (*(word.encode() for word in needles()), *gone)
            if one in name.read_bytes() or one in name.read_bytes().lower()
        ]
    assert found_in == []
    assert len(gone) > 8
    with closing(sqlite3.connect(database.file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_nothing_is_ever_sent_to_who_was_erased(database: Database) -> None:
    desk = await told(database)
    async with database.write() as unit:
        await lift(unit, [BOBINA.address])
    await erased(database)
    desk.now += timedelta(hours=1)

    await desk.writes(9, SAM, reply_address_of(2, SAM), text="It moves again.", subject="Re: Lift")

    sent = await desk.rows(
        select(outbox.c.recipients, outbox.c.state)
        .where(outbox.c.kind == "relayed_reply")
        .order_by(outbox.c.id)
    )
    assert [(recipients, state) for recipients, state in sent if state == "waiting"] == [
        ([CAROL.address], "waiting")
    ]
    assert await desk.rows(select(suppressions.c.address)) == [(GONE,)]


def reply_address_of(ticket: int, who: Mailbox) -> str:
    token = Token(TokenRole.STAFF, TicketId(ticket), principal(who.address))
    return signed_address("acme", token, DOMAIN, KEYS)


async def test_a_copy_of_an_erased_mail_is_known_still(database: Database) -> None:
    """behaviour.md 2.1"""
    desk = await told(database)
    await erased(database)
    await desk.takes(mail(1, BOBINA), sender=BOBINA.address)
    assert (await desk.decides())[0] is not Outcome.NEW_TICKET


async def test_a_second_time_finds_nothing(database: Database) -> None:
    await told(database)
    await erased(database)
    await without_carol(database)
    seen = await found(database, Wish(BOBINA.address), GONE, lambda _: None)
    assert seen.is_nothing


async def test_several_open_tickets_are_named_together(database: Database) -> None:
    desk = Story(database)
    await desk.writes(1, BOBINA)
    await desk.writes(2, BOBINA)
    await desk.sends_all()
    with pytest.raises(NotNowError, match="ACME-1, ACME-2 have not ended: resolve them first, or say"):
        await found(database, Wish(BOBINA.address), GONE, lambda _: None)


async def test_an_open_ticket_is_asked_about(database: Database) -> None:
    desk = Story(database)
    await desk.writes(1, BOBINA)
    await desk.sends_all()
    with pytest.raises(NotNowError, match="ACME-1 has not ended: resolve it first, or say --also-open"):
        await found(database, Wish(BOBINA.address), GONE, lambda _: None)

    await erased(database, Wish(BOBINA.address, also_open=True))

    assert await desk.rows(select(tickets.c.status, tickets.c.title)) == [("new", "erased")]
    assert await disproved(database) == []


async def test_mail_that_still_goes_is_asked_about_and_then_dropped(database: Database) -> None:
    desk = Story(database)
    await desk.writes(1, BOBINA)
    await desk.ends(1)
    with pytest.raises(NotNowError, match="mail to them is not sent yet"):
        await found(database, Wish(BOBINA.address), GONE, lambda _: None)

    await erased(database, Wish(BOBINA.address, also_open=True))

    assert set(await desk.rows(select(outbox.c.state))) == {("dropped",)}


async def test_what_is_being_decided_is_waited_for(database: Database) -> None:
    desk = Story(database)
    await desk.takes(mail(1, BOBINA), sender=BOBINA.address)
    with pytest.raises(NotNowError, match="a mail of theirs is being decided"):
        await found(database, Wish(BOBINA.address, also_open=True), GONE, lambda _: None)


async def test_what_came_between_keeps_everything_as_it_was(database: Database) -> None:
    desk = await told(database)
    wish = Wish(BOBINA.address)
    seen = await found(database, wish, GONE, lambda _: None)
    await desk.takes(mail(8, BOBINA), sender=BOBINA.address)
    before = await dump(database)
    with pytest.raises(NotNowError):
        await erase(database, wish, seen, AUDIT, NOON)
    assert await dump(database) == before


async def test_of_another_account_nothing_is_touched(database: Database) -> None:
    await told(database)
    before = await dump(database)
    wish = Wish(BOBINA.address, account="globex")
    seen = await found(database, wish, GONE, lambda _: None)
    await erase(database, wish, seen, AUDIT, NOON)
    after = await dump(database)
    assert [one for one in before.splitlines() if one not in after.splitlines()] == []


async def test_a_stranger_who_was_held_is_forgotten(database: Database) -> None:
    desk = Story(database)
    await desk.writes(1, EVE, text=CANARY)
    await desk.sends_all()
    await erased(database, Wish(EVE.address))
    after = await dump(database)
    assert [one for one in (EVE.address, "heliotrope") if one in after] == []
    assert await desk.rows(select(spool.c.state)) == [("done",)]
