"""flows/intake and the brake: a machine that hides is not answered for ever, and no ticket is lost by it."""

from datetime import timedelta

from sqlalchemy import select

from mailgate.core.address import TokenRole
from mailgate.core.change import Outcome
from mailgate.store.tables import decisions, held, outbox, tickets
from mailgate.store.unit import Database
from tests.core.desks import DOMAIN, OPS, SAM
from tests.flows.test_intake import Desktop, letter, reply_address

ANSWERS = select(outbox.c.id).where(outbox.c.kind == "acknowledgement")
NOTICES = select(outbox.c.id).where(outbox.c.kind == "operator_notice")


async def test_the_third_alike_is_a_ticket_without_an_answer(database: Database) -> None:
    """behaviour.md 5.3"""
    desk = Desktop(database)
    for number in range(5):
        await desk.takes(letter(number))
        desk.now += timedelta(hours=1)
        assert await desk.decides() == [Outcome.NEW_TICKET]
    assert len(await desk.rows(ANSWERS)) == 2
    assert len(await desk.rows(NOTICES)) == 1
    assert [change.braked for change in desk.told] == [False, False, True, True, True]

    desk.now += timedelta(hours=22)
    await desk.takes(letter(9))
    assert await desk.decides() == [Outcome.NEW_TICKET]
    assert len(await desk.rows(ANSWERS)) == 3


async def test_who_writes_themselves_differently_is_the_same_sender(database: Database) -> None:
    """behaviour.md 5.3: a forger may write somebody's address in as many ways as it has letters"""
    desk = Desktop(database)
    spellings = "bob@acme.example", "Bob@acme.example", "BOB@ACME.example"
    for number, spelt in enumerate(spellings * 2):
        await desk.takes(letter(number, sender=spelt), sender=spelt)
        if number in {2, 5}:  # some wait together, and know of those that were decided before
            assert await desk.decides() == [Outcome.NEW_TICKET] * 3
    assert len(await desk.rows(ANSWERS)) == 2


async def test_those_that_wait_together_know_of_each_other(database: Database) -> None:
    """behaviour.md 5.3"""
    desk = Desktop(database)
    for number in range(6):
        await desk.takes(letter(number))
    assert await desk.decides() == [Outcome.NEW_TICKET] * 6
    assert len(await desk.rows(select(tickets.c.id))) == 6
    assert len(await desk.rows(ANSWERS)) == 2


async def test_who_is_told_the_same_by_staff_again_and_again_is_not(database: Database) -> None:
    """behaviour.md 5.3: the third alike of staff on a ticket is held, and let in by an operator"""
    desk = Desktop(database)
    await desk.takes(letter(1))
    await desk.decides()
    staff = reply_address(TokenRole.STAFF, SAM)
    for number in range(2, 6):
        desk.now += timedelta(minutes=1)
        await desk.takes(letter(number, "Re: fire", sender=SAM.address), staff, sender=SAM.address)
        await desk.decides()
    found = select(decisions.c.outcome, decisions.c.rule).order_by(decisions.c.id)
    assert (await desk.rows(found))[1:] == [
        ("staff_reply", "2.5"),
        ("staff_reply", "2.5"),
        ("held", "5.3"),
        ("held", "5.3"),
    ]
    assert len(await desk.rows(select(held.c.id))) == 2
    assert len(await desk.rows(NOTICES)) == 1


def to_postmaster(number: int, text: str, sender: str) -> bytes:
    head = (
        f"From: <{sender}>\r\nSubject: Re: {'Re: ' * number}held\r\nMessage-ID: <{number}@desk.example>\r\n"
    )
    return f"{head}\r\n{text}\r\n".encode()


async def test_a_responder_of_the_operators_is_not_answered_for_ever(database: Database) -> None:
    """behaviour.md 5.3: what they get comes from postmaster, and is answered there; all of it is kept"""
    desk = Desktop(database)
    for number in range(4):
        away = f"We have got your mail {number}, and will read it soon."
        await desk.takes(to_postmaster(number, away, "desk@example.com"), f"postmaster@{DOMAIN}")
        assert await desk.decides() == [Outcome.HELD]
    assert len(await desk.rows(NOTICES)) == 1
    await desk.takes(to_postmaster(5, "Is it mended?", "desk@example.com"), f"postmaster@{DOMAIN}")
    await desk.decides()
    assert len(await desk.rows(NOTICES)) == 2
    await desk.takes(to_postmaster(6, "I am away.", OPS.address), f"postmaster@{DOMAIN}")
    await desk.decides()
    assert len(await desk.rows(NOTICES)) == 2
    assert len(await desk.rows(select(held.c.id))) == 6
