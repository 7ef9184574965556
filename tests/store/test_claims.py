"""Claims: whoever asks first gets the work, and gets it alone."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text, update

from mailgate.core.change import SpooledMail
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.event import MailNoted
from mailgate.core.instant import EPOCH
from mailgate.core.message import Envelope
from mailgate.store import claims
from mailgate.store.apply import apply
from mailgate.store.faults import ConflictError
from mailgate.store.journal import record
from mailgate.store.tables import spool
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database
from tests.conftest import World

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=20)
SECOND = timedelta(seconds=1)
CONTENT = b"Subject: Help\r\n\r\n\xff not even text\r\n"


async def claimed(database: Database, now: datetime, limit: int = 10) -> tuple[SpooledMail, ...]:
    async with database.write() as unit:
        return await claims.claim_mails(unit, now, LEASE, limit)


async def test_a_mail_is_claimed_as_it_came(database: Database, world: World) -> None:
    waiting = await world.spooled(AT, CONTENT)
    envelope = Envelope("bob@acme.example", ("acme@support.example.com",), "192.0.2.1", "mail.acme.example")
    mail = SpooledMail(waiting.spool_id, waiting.raw_id, AT, envelope, CONTENT, attempts=1)
    assert await claimed(database, AT) == (mail,)


async def test_the_oldest_mails_are_claimed_first_and_each_once(database: Database, world: World) -> None:
    ids = [(await world.spooled(AT + minutes * SECOND)).spool_id for minutes in (3, 1, 2)]
    assert [mail.id for mail in await claimed(database, AT, limit=2)] == [ids[1], ids[2]]
    assert [mail.id for mail in await claimed(database, AT)] == [ids[0]]
    assert await claimed(database, AT) == ()


async def test_a_mail_can_be_claimed_again_when_its_lease_is_over(database: Database, world: World) -> None:
    await world.spooled(AT)
    assert len(await claimed(database, AT)) == 1
    async with database.read() as unit:
        assert await claims.next_free(unit, AT) == AT + LEASE
    assert await claimed(database, AT + LEASE - SECOND) == ()
    (again,) = await claimed(database, AT + LEASE)
    assert again.attempts == 2


async def test_a_lease_of_a_clock_that_was_put_back_holds_nothing_up(
    database: Database, world: World
) -> None:
    await world.spooled(AT)
    assert len(await claimed(database, AT)) == 1
    hour_ago = AT - timedelta(hours=1)
    async with database.read() as unit:
        assert await claims.next_free(unit, hour_ago) == EPOCH
    assert len(await claimed(database, hour_ago)) == 1


async def test_a_mail_that_was_given_back_can_be_claimed_at_the_instant_named(
    database: Database, world: World
) -> None:
    await world.spooled(AT)
    (mail,) = await claimed(database, AT)
    async with database.write() as unit:
        assert await claims.move_leases(unit, {mail.id: 1}, AT + SECOND) == {mail.id}
    assert await claimed(database, AT) == ()
    assert [one.attempts for one in await claimed(database, AT + SECOND)] == [2]


async def test_a_claim_lasts_longer_with_each_attempt(database: Database, world: World) -> None:
    """Nodes that are all slower than a lease must not take a mail out of each other's hands for ever."""
    await world.spooled(AT)
    now, lasted = AT, []
    for _ in range(7):
        async with database.write() as unit:
            assert len(await claims.claim_mails(unit, now, SECOND, 1)) == 1
            until = await claims.next_free(unit, now)
        assert until is not None
        lasted.append((until - now) // SECOND)
        now = until
    assert lasted == [1, 2, 4, 8, 15, 15, 15]


async def test_whoever_lost_a_mail_moves_no_lease_of_it_and_decides_nothing(
    database: Database, world: World
) -> None:
    change = replace(await world.spooled(AT), attempt=1)
    assert [len(await claimed(database, now)) for now in (AT, AT + LEASE)] == [1, 1]
    async with database.write() as unit:
        assert await claims.move_leases(unit, {change.spool_id: 1}, AT) == frozenset()
        assert await claims.next_free(unit, AT + LEASE) == AT + 2 * LEASE
    with pytest.raises(ConflictError):
        async with database.write() as unit:
            await apply(unit, AT, [change])
    async with database.write() as unit:
        assert await claims.move_leases(unit, {change.spool_id: 2}, AT + 3 * LEASE) == {change.spool_id}
        await apply(unit, AT, [replace(change, attempt=2)])
        assert await claims.oldest_waiting(unit) is None


async def test_a_claim_takes_no_more_octets_than_a_sweep_may_hold(database: Database, world: World) -> None:
    large = bytes(claims.AT_ONCE // 2 + 1)
    for _ in range(2):
        await world.spooled(AT, large)
    await world.spooled(AT, bytes(claims.AT_ONCE + 1))
    assert [len(mail.content) for mail in await claimed(database, AT)] == [len(large)]
    assert [len(mail.content) for mail in await claimed(database, AT)] == [len(large)]
    assert [len(mail.content) for mail in await claimed(database, AT)] == [claims.AT_ONCE + 1]


async def test_two_programs_never_claim_the_same_mail(database: Database, world: World) -> None:
    for _ in range(12):
        await world.spooled(AT)
    got = await asyncio.gather(*(claimed(database, AT, limit=4) for _ in range(4)))
    ids = [mail.id for mails in got for mail in mails]
    assert len(ids) == len(set(ids))
    assert len(ids) + len(await claimed(database, AT, limit=12)) == 12


async def test_the_oldest_waiting_mail_is_the_oldest_that_is_not_decided(
    database: Database, world: World
) -> None:
    first, second = await world.spooled(AT), await world.spooled(AT + SECOND)
    await claimed(database, AT)
    async with database.write() as unit:
        assert await claims.oldest_waiting(unit) == AT
        await apply(unit, AT, [replace(first, attempt=1)])
        assert await claims.oldest_waiting(unit) == AT + SECOND
        await apply(unit, AT, [replace(second, attempt=1)])
        assert await claims.oldest_waiting(unit) is None


async def test_whoever_waited_for_arrivals_sees_them_all(database: Database, world: World) -> None:
    """behaviour.md 6.2: a mail accepted in time must be known before a target is called missed."""
    mail = await world.spooled(AT + SECOND)
    begun = asyncio.Event()
    told: list[object] = []

    async def arrive() -> None:
        async with database.write() as unit:
            await claims.begin_arrival(unit)
            begun.set()
            await asyncio.sleep(0.1)
            await unit.execute(update(spool).where(spool.c.id == mail.spool_id).values(received=AT))
            told.append("arrived")

    async def look() -> None:
        await begun.wait()
        async with database.write() as unit:
            await claims.end_arrivals(unit)
            told.append(await claims.oldest_waiting(unit))

    await asyncio.gather(arrive(), look())
    assert told == ["arrived", AT]


async def test_a_clock_is_claimed_only_when_it_must_be_looked_at(database: Database, world: World) -> None:
    soon = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, AT, AT + SECOND)
    late = Clock(TargetKind.RESOLUTION, "P2", ClockState.RUNNING, AT, AT + 9 * SECOND)
    met = Clock(TargetKind.ESCALATION, "P2", ClockState.MET, AT, AT, stopped=AT)
    ticket = await world.opened(AT, soon, late, met)
    async with database.write() as unit:
        assert await claims.claim_clocks(unit, AT + SECOND, 10) == ()
        assert await claims.claim_clocks(unit, AT + 2 * SECOND, 10) == ((ticket.id, soon),)
        assert await claims.next_deadline(unit) == AT + SECOND
        assert await claims.claim_clocks(unit, AT + 60 * SECOND, 1) == ((ticket.id, soon),)


async def test_the_digest_of_a_day_is_claimed_once(database: Database) -> None:
    """behaviour.md 7.1"""
    window = (AT - timedelta(days=1), AT)

    async def claim(day: date) -> bool:
        async with database.write() as unit:
            return await claims.claim_digest(unit, "sla", day, window, AT)

    got = await asyncio.gather(*(claim(date(2026, 11, 20)) for _ in range(4)))
    assert sorted(got) == [False, False, False, True]
    assert await claim(date(2026, 11, 21))


@pytest.mark.postgresql
async def test_a_clock_that_is_being_decided_about_is_not_claimed(postgresql_url: str) -> None:
    """SQLite has one writer at a time; here the sweep takes other clocks, and nobody waits for the other."""
    database = Database(postgresql_url)
    soon = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, AT, AT + SECOND)
    decided, other = [await World(database).opened(AT, soon) for _ in range(2)]
    async with database.write() as deciding:
        await tickets_by_id(deciding, [decided.id], locked=True)
        async with database.write() as sweeping, asyncio.timeout(10):
            got = await claims.claim_clocks(sweeping, AT + 2 * SECOND, 10)
            await record(sweeping, AT, [(decided.id, MailNoted(AT, "bob@acme.example", "a note"))])
    assert got == ((other.id, soon),)
    await database.close()


@pytest.mark.postgresql
async def test_a_program_that_hangs_with_the_lock_of_arrivals_loses_it(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    patience = text("SHOW idle_in_transaction_session_timeout")
    try:
        for hold in (claims.begin_arrival, claims.end_arrivals):
            async with database.write() as unit:
                await hold(unit)
                assert await unit.scalar(patience) == "10s"
        async with database.write() as unit:
            assert await unit.scalar(patience) == "15s"
    finally:
        await database.close()
