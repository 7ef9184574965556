"""flows: what is found out about who sent a mail is kept with it, and waited for where it matters."""

from datetime import timedelta

from sqlalchemy import select

from mailgate.core.address import TokenRole
from mailgate.core.authentication import as_tree
from mailgate.core.change import Outcome
from mailgate.core.suppression import Suppression
from mailgate.core.unproven import AGAIN, PATIENCE
from mailgate.store.suppressions import among, suppress
from mailgate.store.tables import held, messages, spool
from mailgate.store.unit import Database
from tests.core.desks import BOB, NOON, SAM
from tests.core.test_unproven import PASSED, REFUSED, UNKNOWN, WATCHED
from tests.flows.test_intake import Desktop, letter, reply_address

PROOFS = select(messages.c.kind, messages.c.authentication).where(messages.c.direction == "in")


async def test_what_was_found_out_stays_with_the_mail(database: Database) -> None:
    """behaviour.md 4.3"""
    desk = Desktop(database)
    for number, proven in enumerate((PASSED, None), 1):
        desk.proven = proven
        await desk.takes(letter(number))
        await desk.decides()
    assert await desk.rows(PROOFS.order_by(messages.c.id)) == [
        (Outcome.NEW_TICKET, as_tree(PASSED)),
        (Outcome.NEW_TICKET, None),
    ]


async def test_a_forgery_is_held_and_a_proven_copy_of_it_is_let_in(database: Database) -> None:
    """behaviour.md 2.1, 2.7"""
    desk = Desktop(database)
    for proven, outcome in (
        (REFUSED, Outcome.HELD),
        (REFUSED, Outcome.DUPLICATE),
        (PASSED, Outcome.NEW_TICKET),
    ):
        desk.proven = proven
        await desk.takes(letter(1))
        assert await desk.decides() == [outcome]
    reason = "it may be forged: nothing proves it"
    assert await desk.rows(select(held.c.sender, held.c.reason)) == [(BOB.address, reason)]
    assert await desk.rows(PROOFS) == [(Outcome.NEW_TICKET, as_tree(PASSED))]


async def answered_by_staff(database: Database) -> Desktop:
    """A desk with a reply of staff in its spool, of which no name server says anything."""
    desk = Desktop(database)
    await desk.takes(letter(1))
    await desk.decides()
    desk.proven = UNKNOWN
    staff = reply_address(TokenRole.STAFF, SAM)
    await desk.takes(letter(2, "Re: fire", sender=SAM.address), staff, sender=SAM.address)
    return desk


async def test_a_mail_of_staff_waits_for_the_dns_and_is_decided_all_the_same(database: Database) -> None:
    """behaviour.md 4.3: what nobody could say within a minute contradicts nothing"""
    desk = await answered_by_staff(database)
    for _ in range(PATIENCE // AGAIN):
        assert await desk.decides() == []
        desk.now += AGAIN
    assert await desk.decides() == [Outcome.STAFF_REPLY]
    assert await desk.rows(select(spool.c.state, spool.c.attempts).where(spool.c.id == 2)) == [("done", 4)]


async def test_the_answer_of_the_dns_is_taken_when_it_comes(database: Database) -> None:
    """behaviour.md 4.3"""
    desk = await answered_by_staff(database)
    assert await desk.decides() == []
    desk.now, desk.proven = desk.now + AGAIN, WATCHED
    assert await desk.decides() == [Outcome.HELD]


async def test_ten_forged_mails_cost_their_sender_no_acknowledgement(database: Database) -> None:
    """behaviour.md 5.3"""
    desk = Desktop(database)
    desk.proven = WATCHED
    for number in range(1, 13):
        await desk.takes(letter(number))
    await desk.decides()
    braked = [change.braked for change in desk.told]
    assert (braked[0], braked[-1]) == (False, True)
    desk.proven = PASSED
    await desk.takes(letter(20))
    await desk.decides()
    assert not desk.told[-1].braked


async def test_a_forger_proves_no_address_to_be_somebodys(database: Database) -> None:
    """behaviour.md 5.5"""
    gone = Suppression(BOB.address, NOON, NOON + timedelta(days=60), "5.1.1", "no such user", "acme")
    async with database.write() as unit:
        await suppress(unit, [gone])
    desk = Desktop(database)
    for proven, suppressed in ((WATCHED, 1), (PASSED, 0)):
        desk.proven = proven
        await desk.takes(letter(1 + suppressed))
        await desk.decides()
        async with database.read() as unit:
            assert len(await among(unit, [BOB.address], NOON)) == suppressed
