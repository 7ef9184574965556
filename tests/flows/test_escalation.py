"""The escalation sweep: each step once, never after an answer, whoever sweeps and whatever is restarted."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from mailgate.core.account import Desk
from mailgate.core.address import TokenRole
from mailgate.core.change import Outcome
from mailgate.core.digest import Schedule
from mailgate.core.event import Event, PageSent, TicketTaken
from mailgate.core.ladder import Escalation
from mailgate.core.letterhead import Letterhead
from mailgate.core.ticket import Ticket, TicketId
from mailgate.flows import deadline, digest
from mailgate.flows.announcement import Announced, Due, announced
from mailgate.flows.escalation import sweep
from mailgate.flows.office import Office
from mailgate.store.journal import record
from mailgate.store.tables import escalations, journal, outbox
from mailgate.store.unit import Database, Unit
from tests.core.desks import KEYS, SAM
from tests.core.test_escalation import DESK, LADDERS, NIGHT, after
from tests.flows.offices import office
from tests.flows.test_intake import Desktop, letter, reply_address

TICK = timedelta(milliseconds=1)
ON_CALL_DESK = replace(DESK, policies={"plain": LADDERS})


class Nightdesk(Desktop):
    """A desk with a ladder and two rotas, at three in the morning."""

    def __init__(self, database: Database, desk: Desk = ON_CALL_DESK) -> None:
        super().__init__(database)
        self.now = NIGHT
        self.office: Office = replace(office(), head=Letterhead(desk, KEYS))

    async def sweeps(self, now: datetime) -> datetime | None:
        """Looks once at the steps that are due."""
        self.now = now
        return await sweep(self.database, lambda: self.now, self.office, lambda: None)

    async def misses(self, now: datetime) -> None:
        """Looks once at the clocks that are due."""
        self.now = now

        async def told(unit: Unit, ticket: Ticket, event: Due) -> Announced:
            return await announced(unit, self.office, ticket, event)

        await deadline.sweep(self.database, lambda: self.now, told, lambda: None)

    async def pages(self) -> list[str]:
        """To whom pages are in the outbox, in their order."""
        query = select(outbox.c.recipients).where(outbox.c.kind == "page").order_by(outbox.c.id)
        return [", ".join(to) for (to,) in await self.rows(query)]  # type: ignore[arg-type]

    async def opens(self) -> None:
        await self.takes(letter(1, "[P1] Fleet down"))
        await self.decides()

    async def answers(self) -> None:
        """Sam replies; the mail is accepted and not yet decided."""
        reply = letter(2, "Re: Fleet down", sender=SAM.address)
        await self.takes(reply, reply_address(TokenRole.STAFF, SAM), sender=SAM.address)

    async def happens(self, *events: Event) -> None:
        async with self.database.write() as unit:
            await record(unit, self.now, [(TicketId(1), event) for event in events])


def taken(at: datetime) -> TicketTaken:
    return TicketTaken(at, SAM.address, "/ack")


async def test_a_p1_at_night_wakes_one_after_another_until_somebody_takes_it(database: Database) -> None:
    """behaviour.md 2.9, 6.4, 7.1: each round is a process of its own, as after a restart."""
    await Nightdesk(database).opens()
    assert await Nightdesk(database).pages() == ["sam@example.com"]
    assert await Nightdesk(database).sweeps(after(14)) == after(15) + TICK
    assert await Nightdesk(database).sweeps(after(15)) == after(15) + TICK
    assert await Nightdesk(database).sweeps(after(15) + TICK) == after(30) + TICK
    assert await Nightdesk(database).sweeps(after(16)) == after(30) + TICK
    desk = Nightdesk(database)
    assert await desk.pages() == ["sam@example.com", "sam@example.com", "alex@example.com"]

    await desk.happens(taken(after(20)))
    assert await Nightdesk(database).sweeps(after(99)) is None
    assert len(await desk.pages()) == 3
    kinds = await desk.rows(select(journal.c.kind, journal.c.at).order_by(journal.c.id))
    assert kinds == [
        ("ticket_opened", NIGHT),
        ("ticket_escalated", NIGHT),
        ("page_sent", NIGHT),
        ("page_sent", after(15)),
        ("ticket_taken", after(20)),
    ]
    told = await digest.view(
        database, ON_CALL_DESK, Schedule(datetime.min.time(), "UTC"), date(2026, 11, 21), after(120)
    )
    assert [(row.who, row.company) for row in told.paged] == [
        ("sam@example.com", "Acme Corp"),
        ("sam@example.com", "Acme Corp"),
        ("alex@example.com", "Acme Corp"),
    ]


async def test_the_last_step_reaches_the_service_as_well_and_then_the_ladder_is_at_its_end(
    database: Database,
) -> None:
    """behaviour.md 6.4"""
    desk = Nightdesk(database)
    await desk.opens()
    await desk.sweeps(after(16))
    assert await desk.sweeps(after(31)) is None
    assert (await desk.pages())[3:] == ["sam@example.com", "kim@example.com", "bus"]
    ways = select(outbox.c.via).where(outbox.c.kind == "page").order_by(outbox.c.id)
    assert [via for (via,) in await desk.rows(ways)] == ["", "", "", "", "", "bus"]


async def test_an_answer_of_the_staff_ends_the_ladder_in_its_own_transaction(database: Database) -> None:
    """behaviour.md 6.4"""
    desk = Nightdesk(database)
    await desk.opens()
    desk.now = after(10)
    await desk.takes(
        letter(2, "Re: Fleet", sender=SAM.address), reply_address(TokenRole.STAFF, SAM), sender=SAM.address
    )
    await desk.decides()
    assert await desk.rows(select(escalations.c.ended, escalations.c.next_at)) == [(after(10), None)]
    assert await desk.sweeps(after(99)) is None
    assert await desk.pages() == ["sam@example.com"]


async def test_ack_by_mail_ends_the_ladder_and_says_nothing_to_the_customer(database: Database) -> None:
    """behaviour.md 6.4: page, backup, /ack, silence."""
    desk = Nightdesk(database)
    await desk.opens()
    await desk.sweeps(after(16))
    desk.now = after(20)
    mail = letter(2, "Re: Fleet down", sender=SAM.address).replace(b"It burns, number 2.", b"/ack")
    await desk.takes(mail, reply_address(TokenRole.STAFF, SAM), sender=SAM.address)
    await desk.decides()
    kinds = await desk.rows(select(journal.c.kind).order_by(journal.c.id.desc()).limit(1))
    assert kinds == [("ticket_taken",)]
    assert await desk.rows(select(escalations.c.ended, escalations.c.next_at)) == [(after(20), None)]
    assert await desk.sweeps(after(99)) is None
    assert await desk.pages() == ["sam@example.com", "sam@example.com", "alex@example.com"]
    to_bob = select(outbox.c.kind).where(outbox.c.kind == "relayed_reply")
    assert await desk.rows(to_bob) == []


async def test_an_answer_accepted_in_time_ends_it_though_it_is_decided_late(
    database: Database,
) -> None:
    """behaviour.md 6.4: at the instant itself is in time, as for a clock."""
    desk = Nightdesk(database)
    await desk.opens()
    desk.now = after(15)
    await desk.takes(
        letter(2, "Re: Fleet", sender=SAM.address), reply_address(TokenRole.STAFF, SAM), sender=SAM.address
    )
    assert await desk.sweeps(after(20)) == after(20) + timedelta(milliseconds=100)
    assert await desk.pages() == ["sam@example.com"]
    await desk.decides()
    assert await desk.sweeps(after(99)) is None
    assert await desk.pages() == ["sam@example.com"]


async def test_sweeps_at_once_take_each_step_once(database: Database) -> None:
    """behaviour.md 6.4: two programs on one database."""
    desk = Nightdesk(database)
    for number in range(20):
        sender = f"person{number}@acme.example"
        await desk.takes(letter(number, f"[P1] Fleet {number} down", sender=sender), sender=sender)
    await desk.decides()
    assert len(await desk.pages()) == 20
    others = [Nightdesk(database) for _ in range(4)]
    await asyncio.gather(*(one.sweeps(after(16)) for one in others))
    assert len(await desk.pages()) == 60
    steps = await desk.rows(select(journal.c.ticket_id).where(journal.c.kind == "page_sent"))
    assert len(steps) == 40


async def test_after_an_outage_the_steps_are_taken_in_their_order_each_once(database: Database) -> None:
    desk = Nightdesk(database)
    await desk.opens()
    late = after(600)
    while (following := await desk.sweeps(late)) is not None and following <= late + timedelta(seconds=1):
        late = max(late, following)
    assert await desk.pages() == [
        *["sam@example.com"] * 2,
        "alex@example.com",
        "sam@example.com",
        "kim@example.com",
        "bus",
    ]


async def test_a_missed_target_begins_a_ladder_in_the_place_of_the_first(
    database: Database,
) -> None:
    """behaviour.md 6.2: to the team and the escalation ladder."""
    desk = Nightdesk(database)
    await desk.opens()
    await desk.misses(after(61))
    ran = select(escalations.c.cause, escalations.c.ended, escalations.c.next_at).order_by(escalations.c.id)
    assert await desk.rows(ran) == [
        ("opened", after(61), None),
        ("missed:response:1", None, after(76)),
    ]
    flags = select(outbox.c.recipients).where(outbox.c.kind == "missed_target").order_by(outbox.c.id)
    assert await desk.rows(flags) == [(["sam@example.com"],), (["kim@example.com"],)]
    assert await desk.pages() == ["sam@example.com"] * 2
    await desk.misses(after(62))
    assert await desk.pages() == ["sam@example.com"] * 2


async def test_a_ladder_that_has_ended_does_not_go_on(database: Database) -> None:
    """behaviour.md 6.4: nothing wakes it, whatever is written after its end."""
    desk = Nightdesk(database)
    await desk.opens()
    late = PageSent(
        after(15), Escalation("opened", "urgent", "a new P1 ticket", NIGHT, 2, after(30)), 2, (), ""
    )
    await desk.happens(taken(after(1)), late)
    assert await desk.rows(select(escalations.c.taken, escalations.c.next_at)) == [(1, None)]


async def test_somebody_who_took_it_is_woken_again_for_a_new_cause(database: Database) -> None:
    """behaviour.md 6.4: a ladder runs anew for a new cause."""
    desk = Nightdesk(database)
    await desk.opens()
    await desk.happens(taken(after(1)))
    await desk.misses(after(61))
    assert await desk.pages() == ["sam@example.com"] * 2


async def test_a_page_that_cannot_be_written_keeps_no_other_from_going_and_is_tried_again(
    database: Database,
) -> None:
    """behaviour.md 6.4: never lost; the account is out of the configuration for a while."""
    desk = Nightdesk(database)
    await desk.opens()
    gone = Nightdesk(database, replace(ON_CALL_DESK, accounts={}))
    assert await gone.sweeps(after(16)) == after(17) + TICK
    assert await desk.pages() == ["sam@example.com"]
    assert await desk.sweeps(after(18)) == after(30) + TICK
    dates = await desk.rows(select(journal.c.at).where(journal.c.kind == "page_sent").order_by(journal.c.id))
    assert dates == [(NIGHT,), (after(15),)]
    assert await desk.pages() == ["sam@example.com", "sam@example.com", "alex@example.com"]


async def test_without_a_step_there_is_nothing_to_look_for(database: Database) -> None:
    assert await Nightdesk(database).sweeps(NIGHT) is None


@pytest.mark.parametrize("mark", ["", "Auto-Submitted: auto-generated\r\n"], ids=["a person", "a machine"])
async def test_two_hundred_urgent_mails_of_one_sender_wake_nobody_two_hundred_times(
    database: Database, mark: str
) -> None:
    """behaviour.md 5.3: each is a ticket, with its clocks; the pages are those of the first ten."""
    desk = Nightdesk(database)
    for number in range(200):
        await desk.takes(letter(number, f"[P1] Fleet {number} down", mark))
    assert await desk.decides() == [Outcome.NEW_TICKET] * 200
    assert len(await desk.pages()) == 10

    noted = select(journal.c.ticket_id).where(journal.c.kind == "mail_noted")
    assert len(await desk.rows(noted)) == 190
    told = select(outbox.c.cause).where(outbox.c.kind == "operator_notice", outbox.c.cause.like("%flood%"))
    assert await desk.rows(told) == [("operator_notice:flood:acme:bob@acme.example:2026-11-20",)]
    await desk.sweeps(after(99))
    assert len({*await desk.rows(select(escalations.c.ticket_id))}) == 10
