"""store/suppressions, store/posting: who bounced gets nothing until the time is over, or it is lifted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from mailgate.core.outgoing import MailKind
from mailgate.core.suppression import Suppression
from mailgate.store.outbox import claim
from mailgate.store.posting import post
from mailgate.store.suppressions import among, entries, lift, suppress
from mailgate.store.tables import messages, outbox
from mailgate.store.unit import Database
from tests.outgoing import ACKNOWLEDGEMENT

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(days=60)
BOB = Suppression("bob@acme.example", AT, LATER, "5.1.1", "550 5.1.1 no such user", "acme")


async def suppressed(database: Database, *found: Suppression) -> None:
    async with database.write() as unit:
        await suppress(unit, found)


async def listed(database: Database, now: datetime = AT) -> tuple[Suppression, ...]:
    async with database.read() as unit:
        return await entries(unit, now)


async def test_an_address_is_suppressed_until_its_time_is_over(database: Database) -> None:
    """behaviour.md 5.5"""
    await suppressed(database, BOB)
    assert await listed(database) == (BOB,)
    assert await listed(database, LATER) == ()
    async with database.read() as unit:
        assert await among(unit, ["BOB@acme.example", "kim@acme.example"], AT) == {BOB.address: BOB}
        assert await among(unit, [BOB.address], LATER) == {}
        assert await among(unit, [], AT) == {}


async def test_one_that_bounces_again_is_suppressed_for_longer(database: Database) -> None:
    await suppressed(database, BOB)
    again = replace(BOB, since=AT + timedelta(days=1), until=LATER + timedelta(days=1), status="5.1.2")
    await suppressed(database, again, again)
    assert await listed(database) == (replace(again, since=AT),)


async def test_one_whose_time_was_over_begins_anew(database: Database) -> None:
    await suppressed(database, BOB)
    anew = replace(BOB, since=LATER, until=LATER + timedelta(days=60))
    await suppressed(database, anew)
    assert await listed(database, LATER) == (anew,)


async def test_it_is_lifted(database: Database) -> None:
    await suppressed(database, BOB)
    async with database.write() as unit:
        assert await lift(unit, ["Bob@acme.example"]) == 1
        assert await lift(unit, ["Bob@acme.example"]) == 0
        assert await lift(unit, []) == 0
    assert await listed(database) == ()


async def rows(database: Database, query: Any) -> list[tuple[Any, ...]]:
    async with database.read() as unit:
        return [tuple(row) for row in await unit.execute(query)]


async def test_a_mail_that_somebody_else_gets_as_well_goes_out(database: Database) -> None:
    """behaviour.md 5.5"""
    await suppressed(database, BOB)
    both = replace(ACKNOWLEDGEMENT, recipients=("bob@acme.example", "kim@acme.example"))
    async with database.write() as unit:
        await post(unit, AT, [(None, both)])
        assert [one.mail.recipients for one in await claim(unit, AT, LATER, 10)] == [both.recipients]


async def test_a_mail_to_it_is_kept_and_never_tried(database: Database) -> None:
    """behaviour.md 5.5"""
    await suppressed(database, BOB)
    reply = replace(ACKNOWLEDGEMENT, kind=MailKind.RELAYED_REPLY, recipients=("Bob@acme.example",))
    mails = [
        (None, replace(reply, cause="1", message_id="1@d")),
        (None, replace(reply, cause="2", message_id="2@d", recipients=("kim@acme.example",))),
        (None, replace(reply, cause="3", message_id="3@d", kind=MailKind.STAFF_NOTICE)),
        (None, replace(reply, cause="4", message_id="4@d", kind=MailKind.PAGE)),
    ]
    async with database.write() as unit:
        assert await post(unit, AT, mails) == 4
        assert [one.mail.cause for one in await claim(unit, AT, LATER, 10)] == ["4", "2", "3"]
    kept = select(outbox.c.cause, outbox.c.state, outbox.c.attempts, outbox.c.settled, outbox.c.reply)
    why = "not tried: bob@acme.example bounced on 2026-11-20: 550 5.1.1 no such user"
    assert await rows(database, kept.where(outbox.c.state == "failed")) == [("1", "failed", 0, AT, why)]
    kinds = select(messages.c.kind).order_by(messages.c.message_id)
    assert await rows(database, kinds) == [
        ("unreached_reply",),
        ("relayed_reply",),
        ("staff_notice",),
        ("page",),
    ]
