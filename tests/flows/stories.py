"""A ticket to which much happened, by mail and by sweeps, as its rows and its journal have it."""

from datetime import datetime, timedelta

from mailgate.core.address import TokenRole
from mailgate.core.event import CustomerReplied, Event, TicketResolved, TicketSetWaiting
from mailgate.core.history import course
from mailgate.core.ticket import Ticket, TicketId
from mailgate.flows.announcement import Announced, Due
from mailgate.flows.deadline import sweep
from mailgate.store.journal import record
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database, Unit
from tests.core.desks import BOB, NOON, POLICY, SAM
from tests.flows.test_intake import Desktop, letter, reply_address

ONLY = TicketId(1)


def after(minutes: int) -> datetime:
    """So many minutes after noon of a Friday."""
    return NOON + timedelta(minutes=minutes)


async def lived(database: Database) -> Desktop:
    """Opened as P2, raised to P1, warned about, missed, answered, waiting for the customer and back."""
    desk = Desktop(database)
    await desk.takes(letter(1))
    await desk.decides()
    desk.now = after(30)
    await desk.takes(letter(2, "Re: [P1] fire"), reply_address(TokenRole.CUSTOMER, BOB))
    await desk.decides()
    for minutes in (76, 91):
        await swept(database, after(minutes))
    desk.now = after(120)
    staff = reply_address(TokenRole.STAFF, SAM)
    await desk.takes(letter(3, "Re: fire", sender=SAM.address), staff, sender=SAM.address)
    await desk.decides()
    waits = TicketSetWaiting(after(120), SAM.address, "the mail m3@acme.example of Sam", "/wait")
    await happens(database, waits)
    await happens(database, CustomerReplied(after(600), BOB.address, "a reply"))
    return desk


async def resolved(database: Database) -> Desktop:
    """The same, at its end."""
    desk = await lived(database)
    await happens(database, TicketResolved(after(700), SAM.address, "/resolve"))
    return desk


async def swept(database: Database, now: datetime) -> None:
    """What is due is recorded, and nobody is told."""

    async def silence(_unit: Unit, _ticket: Ticket, _event: Due) -> Announced:
        return Announced()

    await sweep(database, lambda: now, silence, lambda: None)


async def happens(database: Database, *events: Event, ticket: TicketId = ONLY) -> Ticket:
    """The ticket after the events, which are recorded."""
    async with database.write() as unit:
        stood = (await tickets_by_id(unit, [ticket], locked=True)).known[ticket]
        now, whole = course(stood, POLICY, events)
        await record(unit, events[-1].at, [(ticket, event) for event in whole])
    return now
