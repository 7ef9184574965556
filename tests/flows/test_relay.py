"""Knows that mail leaves the outbox once, whoever else sends, fails or dies."""

import asyncio
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import insert, select, update

from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Claim, Ending, Outage, OutboxState, Step, WayOut
from mailgate.flows.relay import Pace, Relay
from mailgate.flows.settlement import Surroundings
from mailgate.store import mailq, outages, outbox, tables
from mailgate.store.faults import StoreUnavailableError
from mailgate.store.posting import post
from mailgate.store.unit import Database, Unit
from tests.line import Condition, line_to

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAIL = Outgoing(
    kind=MailKind.ACKNOWLEDGEMENT,
    cause="acknowledgement:1",
    care=Care.AT_MOST_ONCE,
    reverse_path="",
    recipients=("bob@acme.example",),
    message_id="1@support.example.com",
    subject="[ACME-1] Printer",
    content=b"Subject: [ACME-1] Printer\r\n\r\nWe have it.\r\n",
    account="acme",
)
REPLY = replace(MAIL, kind=MailKind.RELAYED_REPLY, cause="reply:1", care=Care.AT_LEAST_ONCE)
SENT = Attempt(Ending.SENT, "250 ok")


async def nothing() -> None:
    """Happens before the dot, unless a test says otherwise."""


class Letterbox:
    """A courier that keeps what it was given and answers as it is told."""

    def __init__(self, *outcomes: Attempt) -> None:
        self.outcomes = list(outcomes)
        self.carried: list[Outgoing] = []
        self.marked: list[str] = []
        self.before: Callable[[], Awaitable[object]] = nothing
        self.gate: asyncio.Event | None = None  # where there is one, the answer to the dot waits for it
        self.waiting = 0

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        await self.before()
        if not await before_dot():
            return Attempt(Ending.DEFERRED, "the claim was lost")
        self.marked.append(mail.cause)
        if self.gate:
            self.waiting += 1
            await self.gate.wait()
        self.carried.append(mail)
        return self.outcomes.pop(0) if self.outcomes else SENT

    async def close(self) -> None:
        """Nothing is kept open."""


class World:
    """One process: a relay, the time, what it was told."""

    def __init__(
        self,
        database: Database,
        courier: Letterbox,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        node: str = "node",
    ) -> None:
        self.now = NOON
        self.way_out = WayOut()
        self.told: list[tuple[tuple[str, ...], str]] = []
        self.counted: Counter[tuple[str, str]] = Counter()
        settled = Surroundings(self._failed, self._count, lambda: self.now, lambda: 0.0)
        self.relay = Relay(database, courier, settled, pace, lambda: self.way_out, node)

    async def round(self) -> datetime | None:
        """Does all that is due."""
        while (next_at := await self.relay.sweep()) and next_at <= self.now:
            pass
        await self.relay.idle()
        return next_at

    async def _failed(self, _unit: Unit, claim: Claim, reply: str) -> None:
        self.told.append((claim.mail.recipients, reply))

    def _count(self, event: str, label: str) -> None:
        self.counted[event, label] += 1


async def queue(database: Database, *mails: Outgoing, at: datetime = NOON) -> None:
    async with database.write() as unit:
        for mail in mails:
            await unit.execute(
                insert(tables.outbox).values(
                    account=mail.account,
                    kind=mail.kind,
                    cause=mail.cause,
                    care=mail.care,
                    reverse_path=mail.reverse_path,
                    recipients=list(mail.recipients),
                    message_id=mail.message_id,
                    subject=mail.subject,
                    packed=zlib.compress(mail.content),
                    state=OutboxState.WAITING,
                    created=at,
                    next_at=at,
                )
            )


async def entries(database: Database) -> tuple[mailq.Queued, ...]:
    async with database.read() as unit:
        ids = await unit.scalars(select(tables.outbox.c.id).order_by(tables.outbox.c.id))
        found = [await mailq.entry(unit, id_) for id_ in ids.all()]
    return tuple(one for one in found if one)


async def entry(database: Database) -> mailq.Queued:
    (only,) = await entries(database)
    return only


async def test_a_mail_that_is_due_is_sent_once(database: Database) -> None:
    courier = Letterbox()
    world = World(database, courier)
    await queue(database, MAIL)

    await world.round()
    world.now += MINUTE
    next_at = await world.round()

    assert courier.carried == [MAIL]
    assert next_at is None
    assert await entry(database) == mailq.Queued(
        id=1,
        kind="acknowledgement",
        account="acme",
        subject="[ACME-1] Printer",
        recipients=("bob@acme.example",),
        state=OutboxState.SENT,
        attempts=1,
        created=NOON,
        next_at=None,
        reply="250 ok",
    )
    assert world.counted == {("sent", "sent"): 1}
    assert world.told == []


async def test_a_mail_that_is_not_due_is_waited_for(database: Database) -> None:
    courier = Letterbox()
    world = World(database, courier)
    await queue(database, MAIL, at=NOON + MINUTE)

    assert await world.round() == NOON + MINUTE
    assert courier.carried == []


async def test_a_mail_that_was_put_off_goes_when_its_rest_is_over(database: Database) -> None:
    """behaviour.md 5.4: retries are backed off, with the same bytes and Message-ID."""
    courier = Letterbox(Attempt(Ending.DEFERRED, "451 later"))
    world = World(database, courier)
    await queue(database, MAIL)

    await world.round()
    waiting = await entry(database)
    world.now += MINUTE - timedelta(milliseconds=1)
    await world.round()
    too_early = len(courier.carried)
    world.now += timedelta(milliseconds=1)
    await world.round()

    assert (waiting.state, waiting.next_at, waiting.reply) == ("waiting", NOON + MINUTE, "451 later")
    assert too_early == 1
    assert courier.carried == [MAIL, MAIL]
    assert (await entry(database)).state is OutboxState.SENT


async def test_a_mail_that_was_refused_is_told_of(database: Database) -> None:
    """behaviour.md 5.4: 5xx gives up and shows on the ticket."""
    world = World(database, Letterbox(Attempt(Ending.REFUSED, "550 5.1.1 who?")))
    await queue(database, REPLY)

    await world.round()

    assert world.told == [(("bob@acme.example",), "550 5.1.1 who?")]
    assert (await entry(database)).state is OutboxState.FAILED


async def test_what_is_uncertain_follows_its_care(database: Database) -> None:
    """behaviour.md 5.4"""
    courier = Letterbox(Attempt(Ending.UNCERTAIN, "timeout"), Attempt(Ending.UNCERTAIN, "timeout"))
    world = World(database, courier, Pace(slots=1))
    await queue(database, MAIL, REPLY)

    await world.round()
    states = [entry.state for entry in await entries(database)]
    world.now += MINUTE
    await world.round()

    assert states == [OutboxState.UNCERTAIN, OutboxState.WAITING]
    assert courier.carried == [MAIL, REPLY, REPLY]


async def test_who_was_refused_among_others_is_told_of_and_not_tried_again(database: Database) -> None:
    bob, eve, joe = "bob@acme.example", "eve@acme.example", "joe@acme.example"
    courier = Letterbox(Attempt(Ending.SENT, "250 ok", (eve,), (joe,), refusal="550 gone"))
    world = World(database, courier)
    await queue(database, replace(REPLY, recipients=(bob, eve, joe)))

    await world.round()
    put_off = await entry(database)
    world.now += MINUTE
    await world.round()

    assert put_off.reply == "250 ok; refused for eve@acme.example: 550 gone"
    assert [mail.recipients for mail in courier.carried] == [(bob, eve, joe), (joe,)]
    assert world.told == [((eve,), "550 gone")]


async def test_the_dot_is_marked_in_the_database_before_it_goes_out(database: Database) -> None:
    """behaviour.md 5.4: the moment before the final dot is committed first."""
    courier = Letterbox()
    courier.gate = asyncio.Event()
    world = World(database, courier)
    await queue(database, MAIL)

    await world.relay.sweep()
    await until(lambda: courier.waiting == 1)
    async with database.read() as unit:
        dot_at = await unit.scalar(select(tables.outbox.c.dot_at))
    courier.gate.set()
    await world.relay.idle()

    assert dot_at == NOON


async def test_a_thousand_mails_go_once_through_two_processes(database: Database) -> None:
    couriers = Letterbox(), Letterbox()
    worlds = [World(database, courier) for courier in couriers]
    await queue(database, *(replace(MAIL, cause=f"acknowledgement:{number}") for number in range(1000)))

    await asyncio.gather(*(world.round() for world in worlds))

    causes = [mail.cause for courier in couriers for mail in courier.carried]
    assert sorted(causes) == sorted(f"acknowledgement:{number}" for number in range(1000))
    assert {entry.state for entry in await entries(database)} == {OutboxState.SENT}


@pytest.mark.parametrize(
    ("mail", "dot_at", "state", "carried"),
    [
        (MAIL, None, OutboxState.SENT, [MAIL]),
        (MAIL, NOON, OutboxState.UNCERTAIN, []),
        (REPLY, NOON, OutboxState.SENT, [REPLY]),
    ],
)
async def test_a_restart_knows_what_may_have_arrived(
    database: Database, mail: Outgoing, dot_at: datetime | None, state: OutboxState, carried: list[Outgoing]
) -> None:
    """behaviour.md 5.4: ... so a restart knows."""
    courier = Letterbox()
    await queue(database, mail)
    async with database.write() as unit:  # as a process left it that was killed
        await outbox.claim(unit, NOON, NOON + MINUTE, 10)
        await unit.execute(update(tables.outbox).values(dot_at=dot_at))
    world = World(database, courier)

    early = await world.round()
    carried_early = list(courier.carried)
    world.now += MINUTE
    await world.round()

    assert early == NOON + MINUTE
    assert carried_early == []
    assert courier.carried == carried
    assert (await entry(database)).state is state


async def test_a_process_that_wakes_after_its_lease_sends_and_changes_nothing(database: Database) -> None:
    """A claim is fenced by the number of its attempt."""
    sleeper, other = Letterbox(), Letterbox()
    asleep, awake = World(database, sleeper), World(database, other)
    gate = asyncio.Event()
    sleeper.before = gate.wait
    await queue(database, MAIL)
    await asleep.relay.sweep()
    awake.now += timedelta(hours=1)
    await awake.round()
    gate.set()
    await asleep.relay.idle()

    assert other.carried == [MAIL]
    assert sleeper.carried == []
    sent = await entry(database)
    assert (sent.state, sent.attempts, sent.reply) == (OutboxState.SENT, 2, "250 ok")
    assert asleep.counted == {}


async def test_a_process_that_slept_past_its_dot_settles_nothing(database: Database) -> None:
    courier, other = Letterbox(Attempt(Ending.REFUSED, "550 late")), Letterbox()
    courier.gate = asyncio.Event()
    asleep, awake = World(database, courier), World(database, other)
    await queue(database, MAIL)
    await asleep.relay.sweep()
    await until(lambda: courier.waiting == 1)
    awake.now += timedelta(hours=1)
    await awake.round()
    courier.gate.set()
    await asleep.relay.idle()

    assert other.carried == []
    assert (await entry(database)).state is OutboxState.UNCERTAIN
    assert asleep.told == []


async def test_a_process_that_slept_while_it_marked_its_dot_does_not_send_it(database: Database) -> None:
    """The mark is in the database, and the lease it was made under is over."""
    courier = Letterbox()
    asleep = World(database, courier, Pace(lease=timedelta(0)))
    await queue(database, MAIL)

    await asleep.relay.sweep()
    await asleep.relay.idle()

    assert (courier.marked, courier.carried) == ([], [])
    put_off = await entry(database)
    assert (put_off.state, put_off.reply) == (OutboxState.WAITING, "the claim was lost")


async def test_a_claim_that_another_process_has_now_is_lost(database: Database) -> None:
    """A claim is fenced by the number of its attempt, though the mail is being sent either way."""
    sleeper, other = Letterbox(), Letterbox()
    asleep, awake = World(database, sleeper), World(database, other)
    woken, other_gate = asyncio.Event(), asyncio.Event()
    sleeper.before, other.gate = woken.wait, other_gate
    await queue(database, MAIL)
    await asleep.relay.sweep()
    awake.now += timedelta(hours=1)
    while (next_at := await awake.relay.sweep()) and next_at <= awake.now:
        pass
    await until(lambda: other.waiting == 1)

    woken.set()
    await asleep.relay.idle()
    other_gate.set()
    await awake.relay.idle()

    assert (sleeper.carried, other.carried) == ([], [MAIL])
    assert (await entry(database)).state is OutboxState.SENT


async def test_a_mail_under_way_is_not_taken_for_left_behind_when_the_clock_leaps(database: Database) -> None:
    courier = Letterbox()
    courier.gate = asyncio.Event()
    world = World(database, courier)
    await queue(database, MAIL)
    await world.relay.sweep()
    await until(lambda: courier.waiting == 1)

    world.now += timedelta(days=1)
    await world.relay.sweep()
    late = await entry(database)
    courier.gate.set()
    await world.relay.idle()

    assert late.next_at == NOON + timedelta(days=1, seconds=30)
    assert courier.carried == [MAIL]
    assert (await entry(database)).state is OutboxState.SENT


@pytest.mark.postgresql
async def test_after_an_outage_what_another_process_sent_is_left_to_it_for_a_while(
    postgresql_url: str,
) -> None:
    """It may know what came of it, and could not write that down."""
    database = Database(postgresql_url)
    courier, other = Letterbox(), Letterbox()
    courier.gate = asyncio.Event()
    with line_to(postgresql_url) as (line, url):
        elsewhere = Database(url)
        sending, coming = World(database, courier), World(elsewhere, other)
        await queue(database, MAIL)
        await sending.relay.sweep()
        await until(lambda: courier.waiting == 1)

        coming.now += timedelta(hours=1)
        line.becomes(Condition.CUT)
        with pytest.raises(StoreUnavailableError):
            await coming.relay.sweep()
        line.becomes(Condition.WHOLE)
        next_at = await coming.relay.sweep()
        left = (await entry(database)).state
        courier.gate.set()
        await sending.relay.idle()
        await coming.round()
        await elsewhere.close()

    assert (left, next_at) == (OutboxState.SENDING, coming.now + timedelta(seconds=1))
    assert (await entry(database)).state is OutboxState.SENT
    assert (courier.carried, other.carried) == ([MAIL], [])
    await database.close()


@pytest.mark.postgresql
async def test_some_time_after_an_outage_what_was_left_behind_is_sorted_out(postgresql_url: str) -> None:
    with line_to(postgresql_url) as (line, url):
        database = Database(url)
        world = World(database, Letterbox())
        await queue(database, MAIL)
        async with database.write() as unit:  # by a process that is killed before the dot
            await outbox.claim(unit, NOON, NOON + MINUTE, 10)
        world.now += 2 * MINUTE
        line.becomes(Condition.CUT)
        with pytest.raises(StoreUnavailableError):
            await world.relay.sweep()
        line.becomes(Condition.WHOLE)
        world.now += timedelta(seconds=5)
        await world.round()
        assert (await entry(database)).state is OutboxState.SENT
        await database.close()


async def test_the_dot_of_an_earlier_attempt_makes_a_later_one_no_less_sure(database: Database) -> None:
    courier = Letterbox(Attempt(Ending.DEFERRED, "451 not now, after the dot"))
    world = World(database, courier)
    await queue(database, MAIL)
    await world.round()
    async with database.write() as unit:  # the second attempt, by a process that is killed before the dot
        await outbox.claim(unit, NOON + MINUTE, NOON + 2 * MINUTE, 10)

    world.now += 2 * MINUTE
    await world.round()

    assert (await entry(database)).state is OutboxState.SENT


async def test_without_the_store_no_dot_goes_out(sqlite_database: Database) -> None:
    courier = Letterbox()
    world = World(sqlite_database, courier, Pace(rest=timedelta(milliseconds=20)))

    async def lose_the_store() -> None:
        await writable(sqlite_database, yes=False)

    courier.before = lose_the_store
    await queue(sqlite_database, MAIL)
    await world.relay.sweep()
    await asyncio.sleep(0.1)
    await writable(sqlite_database, yes=True)
    await world.relay.idle()

    assert courier.marked == []
    put_off = await entry(sqlite_database)
    assert (put_off.state, put_off.reply) == (OutboxState.WAITING, "the claim was lost")


async def test_what_came_of_a_mail_is_kept_until_the_store_is_back(sqlite_database: Database) -> None:
    courier = Letterbox()
    courier.gate = asyncio.Event()
    world = World(sqlite_database, courier, Pace(rest=timedelta(milliseconds=20)))
    await queue(sqlite_database, MAIL)
    await world.relay.sweep()
    await until(lambda: courier.waiting == 1)

    await writable(sqlite_database, yes=False)
    courier.gate.set()
    await until(lambda: bool(courier.carried))
    await asyncio.sleep(0.1)
    unsettled = await entry(sqlite_database)
    await writable(sqlite_database, yes=True)
    await world.relay.idle()

    assert unsettled.state is OutboxState.SENDING
    assert (await entry(sqlite_database)).state is OutboxState.SENT
    assert courier.carried == [MAIL]


async def test_a_lease_is_renewed_while_a_mail_is_under_way(database: Database) -> None:
    courier = Letterbox()
    courier.gate = asyncio.Event()
    world = World(database, courier, Pace(lease=timedelta(milliseconds=90)))
    await queue(database, MAIL)
    await world.relay.sweep()
    await until(lambda: courier.waiting == 1)

    world.now += timedelta(hours=1)
    await asyncio.sleep(0.2)
    renewed = await entry(database)
    courier.gate.set()
    await world.relay.stop(grace=5)

    assert renewed.next_at == NOON + timedelta(hours=1, milliseconds=90)
    assert (await entry(database)).state is OutboxState.SENT


async def test_a_mail_that_hangs_does_not_hold_up_the_next(database: Database) -> None:
    courier = Letterbox()
    courier.gate = gate = asyncio.Event()
    world = World(database, courier)
    await queue(database, MAIL)
    await world.relay.sweep()
    await until(lambda: courier.waiting == 1)

    courier.gate = None
    await queue(database, REPLY)
    await world.relay.sweep()
    await until(lambda: courier.carried == [REPLY])
    gate.set()
    await world.relay.idle()

    assert courier.carried == [REPLY, MAIL]


async def test_large_mails_are_not_all_held_at_once(database: Database) -> None:
    courier = Letterbox()
    courier.gate = asyncio.Event()
    world = World(database, courier, Pace(octets=2 * len(MAIL.content)))
    await queue(database, *(replace(MAIL, cause=f"acknowledgement:{number}") for number in range(4)))

    sweep = asyncio.create_task(world.relay.sweep())
    await until(lambda: courier.waiting == 2)
    await asyncio.sleep(0.05)
    at_once = courier.waiting
    courier.gate.set()
    await sweep
    await world.relay.idle()

    assert at_once == 2
    assert len(courier.carried) == 4


async def test_a_claim_takes_no_more_octets_along_than_it_may(database: Database) -> None:
    noise = b"".join(sha256(b"%d" % n).digest() for n in range(outbox.AT_ONCE // 64))
    await queue(
        database, *(replace(MAIL, cause=f"acknowledgement:{number}", content=noise) for number in range(3))
    )

    taken: list[int] = []
    while not taken or taken[-1]:
        async with database.write() as unit:
            taken.append(len(await outbox.claim(unit, NOON, NOON + MINUTE, 10)))

    assert taken == [1, 1, 1, 0]


async def test_a_stop_gives_back_what_had_not_got_to_its_dot(database: Database) -> None:
    courier = Letterbox()
    courier.gate = asyncio.Event()
    world = World(database, courier, Pace(slots=1))
    await queue(database, MAIL, REPLY)
    sweep = asyncio.create_task(world.relay.sweep())  # the second mail waits for a slot
    await until(lambda: courier.waiting == 1)
    sweep.cancel()

    await world.relay.stop(grace=0.01)

    states = [(entry.state, entry.next_at) for entry in await entries(database)]
    assert states == [(OutboxState.SENDING, NOON + timedelta(seconds=30)), (OutboxState.WAITING, NOON)]


async def test_a_bug_where_failures_are_told_keeps_no_mail_from_settling(database: Database) -> None:
    courier = Letterbox(Attempt(Ending.REFUSED, "550 no"))

    async def failed(unit: Unit, _claim: Claim, _reply: str) -> None:
        await unit.execute(update(tables.outbox).values(subject="half done"))
        raise RuntimeError("a bug")

    settled = Surroundings(failed, lambda _event, _label: None, lambda: NOON, lambda: 0.0)
    relay = Relay(database, courier, settled)
    await queue(database, REPLY, MAIL)

    await relay.sweep()
    await relay.idle()

    found = await entries(database)
    assert {entry.state for entry in found} == {OutboxState.FAILED, OutboxState.SENT}
    assert {entry.subject for entry in found} == {MAIL.subject}


async def test_a_courier_that_breaks_its_word_stops_no_other_mail(database: Database) -> None:
    courier = Letterbox()
    world = World(database, courier)

    async def fail_once() -> None:
        courier.before = nothing
        raise RuntimeError("a bug")

    courier.before = fail_once
    await queue(database, MAIL, REPLY)

    await world.round()

    assert courier.carried == [REPLY]


async def writable(database: Database, *, yes: bool) -> None:
    """Makes SQLite's one writer refuse to write, as on a file system that went read-only."""
    async with database._writer.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection
        await raw.driver_connection.execute(f"PRAGMA query_only = {0 if yes else 1}")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - there is nothing to be told by
            await asyncio.sleep(0.005)


async def test_where_many_wait_a_page_goes_first_then_what_customers_wait_for(database: Database) -> None:
    """A page must not stand behind ten thousand acknowledgements, nor these behind as many notices."""
    kinds = (MailKind.STAFF_NOTICE, MailKind.ACKNOWLEDGEMENT, MailKind.RELAYED_REPLY, MailKind.PAGE)
    async with database.write() as unit:
        mails = [replace(MAIL, kind=kind, cause=kind.value, message_id=f"{kind}@x") for kind in kinds]
        await post(unit, NOON, [(None, mail) for mail in mails])
        long_due = replace(MAIL, cause="long due", kind=MailKind.DIGEST, message_id="long@x")
        await post(unit, NOON - timedelta(minutes=1), [(None, long_due)])
        claims = await outbox.claim(unit, NOON, NOON + timedelta(minutes=1), 10)
    assert [claim.mail.cause for claim in claims] == [
        "page",
        "long due",
        "acknowledgement",
        "relayed_reply",
        "staff_notice",
    ]


async def test_a_clock_that_was_put_back_delays_no_mail(database: Database) -> None:
    """What was queued, put off or leased by the faster clock goes when it would have gone without it."""
    later = NOON + timedelta(hours=5)
    new, put_off, leased = (
        replace(MAIL, cause=name, message_id=name) for name in ("new", "put off", "leased")
    )
    async with database.write() as unit:
        await post(unit, later, [(None, new), (None, put_off), (None, leased)])
        of = tables.outbox.c.cause
        await unit.execute(update(tables.outbox).where(of == "put off").values(attempts=3))
        await unit.execute(
            update(tables.outbox).where(of == "leased").values(attempts=1, state=OutboxState.SENDING)
        )
    letterbox = Letterbox(SENT)
    world = World(database, letterbox)
    world.now = later - MINUTE
    await world.round()
    assert letterbox.carried == []
    world.now = NOON
    await world.round()

    assert [mail.cause for mail in letterbox.carried] == ["new"]
    async with database.read() as unit:
        rows = await unit.execute(select(tables.outbox.c.cause, tables.outbox.c.next_at))
        waits = {cause: next_at for cause, next_at in rows if next_at}
    assert waits == {"put off": NOON + 60 * MINUTE, "leased": NOON + timedelta(seconds=30)}


SERVER = Outage("smtp://mx.example:25", NOON, NOON + MINUTE, "refused")
AWAY = WayOut((SERVER,), is_open=False)


async def told_away(database: Database, now: datetime = NOON) -> tuple[Outage, ...]:
    async with database.read() as unit:
        return await outages.standing(unit, now)


async def test_while_no_server_can_be_reached_no_mail_is_claimed_and_pages_go(database: Database) -> None:
    """A mail waits without harm: no attempt is counted, and no lease runs."""
    courier = Letterbox()
    world = World(database, courier)
    page = replace(MAIL, kind=MailKind.PAGE, cause="page:1", via="bus", recipients=("bus",))
    async with database.write() as unit:
        await post(unit, NOON, [(None, MAIL), (None, page)])
    world.way_out = AWAY
    next_at = await world.relay.sweep()
    await world.relay.idle()
    waiting, gone = await entries(database)
    while_away = list(courier.carried)

    world.way_out = WayOut()
    await world.round()

    assert next_at == NOON + timedelta(seconds=1)
    assert (waiting.state, waiting.attempts, waiting.next_at) == (OutboxState.WAITING, 0, NOON)
    assert gone.state is OutboxState.SENT
    assert [mail.cause for mail in while_away] == ["page:1"]
    assert [mail.cause for mail in courier.carried] == ["page:1", MAIL.cause]
    assert (await entries(database))[0].attempts == 1


async def test_operators_are_shown_which_server_is_away_and_since_when(database: Database) -> None:
    world = World(database, Letterbox())
    world.way_out = AWAY
    await world.relay.sweep()
    while_away = await told_away(database)
    world.way_out = WayOut()
    await world.relay.sweep()

    assert while_away == (SERVER,)
    assert await told_away(database) == ()


async def test_what_a_process_told_that_died_is_forgotten(database: Database) -> None:
    world = World(database, Letterbox(), node="mx1:417")
    world.way_out = AWAY
    await world.relay.sweep()
    long_ago = await told_away(database, NOON + timedelta(hours=1))
    next_one = World(database, Letterbox(), node="mx1:418")
    next_one.now = NOON + timedelta(hours=1)
    await next_one.relay.sweep()

    assert long_ago == ()
    assert await told_away(database) == ()  # nobody clears it away but who comes next


async def test_each_process_of_a_machine_tells_of_its_own_servers(database: Database) -> None:
    """One that can reach a server does not take back what another says that cannot."""
    here, there = (World(database, Letterbox(), node=node) for node in ("mx1:417", "mx1:418"))
    here.way_out = AWAY
    await here.relay.sweep()
    await there.relay.sweep()
    told_by_one = await told_away(database)
    there.way_out = AWAY
    await there.relay.sweep()
    here.way_out = WayOut()
    await here.relay.sweep()

    assert told_by_one == (SERVER,)
    assert await told_away(database) == (SERVER,)


async def test_a_relay_that_stops_takes_back_what_it_told(database: Database) -> None:
    world = World(database, Letterbox())
    world.way_out = AWAY
    await world.relay.sweep()
    await world.relay.stop(grace=1)

    assert await told_away(database) == ()


async def test_an_attempt_that_found_no_server_is_none_of_the_mail(database: Database) -> None:
    """behaviour.md 5.4: it is backed off, counts for nothing, and ends no patience."""
    nobody = Attempt(Ending.UNREACHED, "refused")
    world = World(database, Letterbox(nobody, nobody, Attempt(Ending.DEFERRED, "451 later")))
    await queue(database, MAIL)
    seen = []
    for seconds in (0, 20, 80, 140):
        world.now = NOON + timedelta(days=2, seconds=seconds)
        await world.round()
        one = await entry(database)
        seen.append(
            (one.state, one.attempts, one.next_at and (one.next_at - world.now) // timedelta(seconds=1))
        )

    assert seen == [
        (OutboxState.WAITING, 0, 20),
        (OutboxState.WAITING, 0, 60),
        (OutboxState.WAITING, 1, 60),
        (OutboxState.SENT, 2, None),
    ]
    assert world.told == []


async def test_a_claim_is_fenced_also_where_attempts_count_for_nothing(database: Database) -> None:
    """The fence only ever grows: an attempt that is not counted is still another attempt."""
    async with database.write() as unit:
        await post(unit, NOON, [(None, MAIL)])
        (first,) = await outbox.claim(unit, NOON, NOON + MINUTE, 1)
        step = Step(OutboxState.WAITING, NOON, first.mail.recipients, unreached=True)
        await outbox.settle(unit, [(first, step, "refused")], NOON)
        (second,) = await outbox.claim(unit, NOON, NOON + MINUTE, 1)
        marked = await outbox.mark_dots(unit, [first], NOON, NOON + MINUTE)

    assert (first.attempt, second.attempt, second.unreached) == (1, 2, 1)
    assert marked == frozenset()


async def test_of_several_each_has_an_end_and_an_operator_sends_again_to_the_uncertain(
    database: Database,
) -> None:
    """behaviour.md 5.4: operators see who may have got it, and only they get it again."""
    bob, eve, joe = "bob@acme.example", "eve@acme.example", "joe@acme.example"
    courier = Letterbox(Attempt(Ending.SENT, "250 ok", deferred=(joe,), unsure=(eve,)))
    world = World(database, courier)
    await queue(database, replace(MAIL, recipients=(bob, eve, joe)))
    await world.round()
    put_off = await entry(database)
    world.now += MINUTE
    await world.round()
    uncertain = await entry(database)
    async with database.write() as unit:
        await mailq.retry(unit, 1, world.now)
    await world.round()

    assert put_off.reply == "250 ok; no answer for eve@acme.example"
    assert (uncertain.state, uncertain.recipients) == (OutboxState.UNCERTAIN, (eve,))
    assert [mail.recipients for mail in courier.carried] == [(bob, eve, joe), (joe,), (eve,)]
    assert (await entry(database)).state is OutboxState.SENT
