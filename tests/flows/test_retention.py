"""What ended long ago goes whole, and nothing else; a dry run counts what a run takes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from mailgate.core.audit import Action, Audit
from mailgate.core.change import Outcome
from mailgate.core.event import TicketMerged, TicketReopened, TicketResolved
from mailgate.core.instant import EPOCH
from mailgate.core.relay import OutboxState
from mailgate.core.retention import Pruned, Retention, Tally
from mailgate.core.suppression import Suppression
from mailgate.core.ticket import TicketId
from mailgate.flows.retention import foreseen, prune, windows
from mailgate.store.audits import entries
from mailgate.store.registers import digests, suppressions
from mailgate.store.retention import Broom, tickets_gone
from mailgate.store.schema import metadata
from mailgate.store.suppressions import suppress
from mailgate.store.tables import (
    clocks,
    decisions,
    held,
    journal,
    messages,
    outbox,
    raw_mails,
    spool,
    tickets,
)
from mailgate.store.unit import Database
from tests.core.desks import BOB, EVE, NOON, POLICY, SAM
from tests.flows.offices import disproved
from tests.flows.stories import happens, swept
from tests.flows.test_intake import Desktop, letter
from tests.statements import heard

AGE = timedelta(days=400)
MUCH_LATER = NOON + timedelta(days=500)
AUDIT = Audit(MUCH_LATER, "sam", Action.PRUNE)
OLD = Retention(MUCH_LATER - AGE)
EVERYTHING = sorted(set(metadata.tables) - {"audits", "compatibility", "counters", "outages", "policies"})


async def sent(database: Database) -> None:
    """The relay has sent everything."""
    async with database.write() as unit:
        await unit.execute(update(outbox).values(state=OutboxState.SENT, next_at=None, settled=NOON))


async def settled(database: Database, count: int = 1, subject: str = "[P2] Printer on fire") -> Desktop:
    """So many tickets, each resolved at noon, all of their mail sent."""
    desk = Desktop(database)
    for number in range(1, count + 1):
        sender = f"bob{number}@acme.example"
        await desk.takes(letter(number, f"{subject} {number}", sender=sender), sender=sender)
    assert await desk.decides() == [Outcome.NEW_TICKET] * count
    for number in range(1, count + 1):
        await ends(database, number)
    await sent(database)
    return desk


async def ends(database: Database, ticket: int) -> None:
    resolution = TicketResolved(NOON + timedelta(minutes=5), SAM.address, "/resolve")
    await happens(database, resolution, ticket=TicketId(ticket))


async def pruned(database: Database, retention: Retention = OLD) -> Pruned:
    """What a run takes, which is what a dry run counted before."""
    expected = await foreseen(database, retention)
    before = await everything(database)
    found = Pruned()
    async for progress in prune(database, retention, AUDIT):
        found = progress.pruned
    assert (found.rows, found.kept) == (expected.rows, expected.kept)
    after = await everything(database)
    assert {name: before[name] - after[name] for name in before if before[name] != after[name]} == {
        name: count for name, count in found.rows.items() if name != "audits"
    }
    assert await disproved(database) == []
    return found


async def everything(database: Database) -> dict[str, int]:
    """How many rows there are of all that can go."""
    async with database.read() as unit:
        return {
            name: await unit.scalar(select(func.count()).select_from(metadata.tables[name])) or 0
            for name in EVERYTHING
        }


async def test_a_ticket_goes_with_all_that_is_on_it(database: Database) -> None:
    await settled(database, 3)

    found = await pruned(database)

    assert found.rows["tickets"] == 3
    assert sum((await everything(database)).values()) == 0


async def test_what_was_promised_and_kept_is_added_up_in_the_trail(database: Database) -> None:
    desk = Desktop(database)
    for number in (1, 2):
        await desk.takes(letter(number, sender=f"b{number}@acme.example"), sender=f"b{number}@acme.example")
        await desk.decides()
    await ends(database, 1)
    await swept(database, NOON + timedelta(days=3))
    await ends(database, 2)
    await sent(database)

    found = await pruned(database)

    async with database.read() as unit:
        (entry,) = await entries(unit)
    assert found.kept == (Tally("2026-11", "acme", "P2", "response", met=1, missed=1),)
    assert entry.details["before"] == "2027-02-28T12:00:00Z"
    assert entry.details["rows"] == dict(found.rows)
    assert entry.details["kept"] == [
        {
            "month": "2026-11",
            "account": "acme",
            "priority": "P2",
            "kind": "response",
            "met": 1,
            "missed": 1,
        }
    ]


AT = OLD.before
STILL = {
    "open": update(tickets).values(status="open"),
    "waits to be sent": update(outbox).where(outbox.c.id == 1).values(state="waiting", next_at=NOON),
    "uncertain": update(outbox).where(outbox.c.id == 1).values(state="uncertain"),
    "sent since": update(outbox).where(outbox.c.id == 1).values(settled=AT),
    "a mail since": update(messages).where(messages.c.id == 1).values(at=AT),
    "an event since": update(journal).where(journal.c.id == 1).values(at=AT),
    "an event told since": update(journal).where(journal.c.id == 1).values(recorded=AT),
    "a clock to look at": update(clocks).values(next_at=NOON),
}
"""What keeps the one ticket that there is."""


@pytest.mark.parametrize("case", STILL)
async def test_what_has_not_ended_stays_whole(database: Database, case: str) -> None:
    await settled(database)
    async with database.write() as unit:
        await unit.execute(STILL[case])
    before = await everything(database)

    expected = await foreseen(database, OLD)
    async for _ in prune(database, OLD, AUDIT):
        pass

    assert (expected.rows, await everything(database)) == ({}, before)


async def test_a_ticket_that_a_reply_would_reopen_stays(database: Database) -> None:
    """behaviour.md 3.4: the window of the policy that it was opened under"""
    await settled(database)
    resolved = NOON + timedelta(minutes=5)
    for until, gone in ((resolved, 0), (resolved + timedelta(milliseconds=1), 1)):
        found = await pruned(database, replace(OLD, windows={POLICY.digest: until}))
        assert found.rows["tickets"] == gone


async def test_the_windows_are_those_of_the_policies_that_are_kept(database: Database) -> None:
    await settled(database)
    at = NOON + timedelta(days=10)

    def restore(_content: str) -> object:
        return POLICY

    def broken(_content: str) -> object:
        raise ValueError

    until = at - timedelta(days=POLICY.reopen_days)
    assert await windows(database, restore, at, at) == {POLICY.digest: until}  # type: ignore[arg-type]
    assert await windows(database, restore, until, at) == {}  # type: ignore[arg-type]
    assert await windows(database, broken, at, at) == {POLICY.digest: EPOCH}  # type: ignore[arg-type]


async def merged(database: Database) -> None:
    """The first and the second ticket went into the third."""
    desk = Desktop(database)
    for number in (1, 2, 3):
        await desk.takes(letter(number, sender=f"b{number}@acme.example"), sender=f"b{number}@acme.example")
        await desk.decides()
    for ticket, into in ((1, 2), (2, 3)):
        event = TicketMerged(NOON + timedelta(minutes=1), f"ACME-{into}", TicketId(into), "/merge")
        await happens(database, event, ticket=TicketId(ticket))
    await ends(database, 3)
    await sent(database)


async def test_tickets_that_were_merged_go_together(database: Database) -> None:
    await merged(database)
    assert (await pruned(database)).rows["tickets"] == 3


@pytest.mark.parametrize("ticket", [1, 2, 3])
async def test_a_family_of_which_one_has_not_ended_stays(database: Database, ticket: int) -> None:
    await merged(database)
    async with database.write() as unit:
        of_it = messages.c.ticket_id == ticket
        await unit.execute(update(messages).where(of_it).values(at=OLD.before))
    assert (await foreseen(database, OLD)).rows["tickets"] == 0
    assert (await pruned(database)).rows["tickets"] == 0


async def test_a_mail_to_two_accounts_stays_until_neither_needs_it(database: Database) -> None:
    await settled(database)
    async with database.write() as unit:
        row = {"spool_id": 1, "account": "globex", "at": NOON, "outcome": "note", "rule": "2.2", "reason": ""}
        await unit.execute(insert(decisions).values(row))

    found = await pruned(database, replace(OLD, account="acme"))
    assert (found.rows["tickets"], found.rows["spool"], found.rows["raw_mails"]) == (1, 0, 0)
    found = await pruned(database, replace(OLD, account="globex"))
    assert dict(found.rows) == {"decisions": 1, "spool": 1, "raw_mails": 1}


async def test_mail_that_was_kept_aside_goes_but_what_is_being_decided_stays(database: Database) -> None:
    desk = Desktop(database)
    for number in (1, 2):
        await desk.takes(letter(number, sender=EVE.address), sender=EVE.address)
        await desk.decides()
    await sent(database)
    async with database.write() as unit:
        await unit.execute(update(spool).where(spool.c.id == 2).values(state="waiting"))

    found = await pruned(database)

    assert (found.rows["held"], found.rows["spool"], found.rows["raw_mails"]) == (1, 1, 1)
    assert await desk.rows(select(held.c.spool_id)) == [(2,)]
    assert await desk.rows(select(raw_mails.c.id)) == [(2,)]


async def test_an_address_that_is_suppressed_stays_so_without_its_ticket(database: Database) -> None:
    await settled(database)
    async with database.write() as unit:
        gone = Suppression("bob@acme.example", NOON, MUCH_LATER, "5.1.1", "nobody", "acme", TicketId(1))
        await suppress(unit, [gone, replace(gone, address="x@acme.example", until=NOON)])

    found = await pruned(database)

    assert found.rows["suppressions"] == 1
    desk = Desktop(database)
    assert await desk.rows(select(suppressions.c.address, suppressions.c.ticket_id)) == [
        ("bob@acme.example", None)
    ]


async def test_the_last_digest_stays_for_the_next_begins_where_it_ended(database: Database) -> None:
    async with database.write() as unit:
        for name, day in (("sla", "2026-11-20"), ("sla", "2026-11-21"), ("sla-beginning", "2026-11-19")):
            window = {"window_start": NOON, "window_end": NOON, "at": NOON}
            await unit.execute(insert(digests).values({"name": name, "local_date": day, **window}))

    assert (await pruned(database)).rows["digests"] == 1
    desk = Desktop(database)
    assert await desk.rows(select(digests.c.local_date).order_by(digests.c.local_date)) == [
        ("2026-11-19",),
        ("2026-11-21",),
    ]


async def test_the_trail_has_an_age_of_its_own(database: Database) -> None:
    await settled(database)
    async for _ in prune(database, OLD, replace(AUDIT, at=NOON)):
        pass
    async with database.read() as unit:
        assert len(await entries(unit)) == 1
    async for _ in prune(database, replace(OLD, audits=MUCH_LATER), AUDIT):
        pass
    async with database.read() as unit:
        assert [one.at for one in await entries(unit)] == [MUCH_LATER]


async def test_a_late_copy_of_a_mail_that_went_is_a_new_mail(database: Database) -> None:
    desk = await settled(database)
    await pruned(database)
    desk.now = MUCH_LATER

    await desk.takes(letter(1, "[P2] Printer on fire 1", sender="bob1@acme.example"), sender=BOB.address)

    assert await desk.decides() == [Outcome.NEW_TICKET]
    assert await desk.rows(select(tickets.c.id, tickets.c.number)) == [(2, 2)]


async def test_a_run_that_is_cut_short_goes_on_where_it_was(database: Database) -> None:
    await settled(database, 60)
    async for progress in prune(database, OLD, AUDIT):
        assert progress.pruned.rows["tickets"] == 50
        break
    assert (await pruned(database)).rows["tickets"] == 10
    async with database.read() as unit:
        noted = [one.details["rows"] for one in await entries(unit)]
    assert [rows["tickets"] for rows in noted] == [50, 10]  # type: ignore[index] # JSON


async def test_a_transaction_has_a_few_statements_however_much_goes(database: Database) -> None:
    counted = []
    await settled(database, 60)
    for _ in range(2):
        async with database.write() as unit:
            with heard(unit) as statements:
                await tickets_gone(unit, Broom(OLD), 0)
            counted.append(len(statements))
    assert counted[0] == counted[1] < 20


async def test_a_reopened_ticket_is_open(database: Database) -> None:
    await settled(database)
    await happens(database, TicketReopened(NOON + timedelta(minutes=9), BOB.address, "a reply"))
    assert (await foreseen(database, OLD)).rows["tickets"] == 0


async def ids(desk: Desktop) -> list[int]:
    return [row[0] for row in await desk.rows(select(tickets.c.id))]  # type: ignore[misc] # ids are numbers


LIVES = st.lists(
    st.tuples(
        st.sampled_from(["ticket", "note", "stranger"]), st.booleans(), st.integers(min_value=-2, max_value=2)
    ),
    max_size=6,
)


@given(LIVES, st.sampled_from(["", "acme"]))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_dry_run_counts_what_a_run_takes(
    sqlite_database: Database, lives: list[tuple[str, bool, int]], account: str
) -> None:
    """Whatever there is; everything is taken away between two examples."""
    database = sqlite_database
    desk = Desktop(database)
    for place, (kind, over, days) in enumerate(lives):
        desk.now = NOON + timedelta(days=days)
        sender = EVE.address if kind == "stranger" else f"bob{place}@acme.example"
        more = "Auto-Submitted: auto-replied\r\nIn-Reply-To: <m0@acme.example>\r\n" if kind == "note" else ""
        await desk.takes(letter(place, f"[P2] matter {place}", more, sender), sender=sender)
        if (Outcome.NEW_TICKET in await desk.decides()) and over:
            resolution = TicketResolved(desk.now, SAM.address, "/resolve")
            await happens(database, resolution, ticket=TicketId(max(await ids(desk))))
    async with database.write() as unit:
        state = OutboxState.SENT
        await unit.execute(update(outbox).values(state=state, next_at=None, settled=outbox.c.created))
    retention = Retention(NOON, account)
    expected = await foreseen(database, retention)
    found = Pruned()
    async for progress in prune(database, retention, AUDIT):
        found = progress.pruned
    assert (found.rows, found.kept) == (expected.rows, expected.kept)
    async with database.write() as unit:
        for table in reversed(metadata.sorted_tables):
            await unit.execute(table.delete())
