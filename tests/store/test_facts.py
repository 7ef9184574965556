"""What a decision asks the store: known mails, tickets, sent mail; of one account, for many mails at once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text

from mailgate.core.change import Incoming, Outcome
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.event import TicketMerged
from mailgate.core.facts import Direction, Facts, KnownMail, Question, SentMail
from mailgate.core.outgoing import Care, MailKind
from mailgate.core.ticket import Seen, TicketId
from mailgate.store.apply import apply
from mailgate.store.facts import answer
from mailgate.store.journal import record
from mailgate.store.tables import messages
from mailgate.store.unit import Database
from tests.outgoing import ACKNOWLEDGEMENT

if TYPE_CHECKING:
    from tests.conftest import World

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FIRST = Incoming("bob@acme.example", "Help", "first@acme.example", "1" * 64)
REPLY = replace(
    ACKNOWLEDGEMENT,
    kind=MailKind.RELAYED_REPLY,
    cause="reply:7",
    care=Care.AT_LEAST_ONCE,
    reverse_path="acme+x@support.example.com",
    recipients=("Bob@acme.example",),
    message_id="reply.7@support.example.com",
)
CLOCK = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, AT, AT + timedelta(hours=4))


def known(ticket: TicketId | None, kind: str = "new_ticket") -> KnownMail:
    return KnownMail(
        "first@acme.example", Direction.IN, kind, AT, ticket, "bob@acme.example", identity="1" * 64
    )


async def asked(database: Database, *questions: Question) -> tuple[Facts, ...]:
    async with database.write() as unit:
        return await answer(unit, questions)


async def test_of_a_mail_that_nobody_has_heard_of_nothing_is_known(
    database: Database, world: "World"
) -> None:
    await world.opened(AT, message=FIRST)
    assert await asked(database, Question("acme", "new@acme.example", "2" * 64)) == (Facts(),)
    assert await asked(database) == ()


async def test_a_copy_is_known_by_message_id_and_content(database: Database, world: "World") -> None:
    """behaviour.md 2.1"""
    ticket = await world.opened(AT, CLOCK, message=FIRST)
    (facts,) = await asked(database, Question("acme", "first@acme.example", "1" * 64))
    assert facts == Facts(
        same_identity=known(ticket.id),
        tickets={ticket.id: replace(ticket, thread=(Seen("first@acme.example"),))},
        threads={ticket.id: (known(ticket.id),)},
    )


async def test_the_same_message_id_with_other_content_is_another_mail(
    database: Database, world: "World"
) -> None:
    """behaviour.md 2.1"""
    ticket = await world.opened(AT, message=FIRST)
    (facts,) = await asked(database, Question("acme", "first@acme.example", "2" * 64))
    assert (facts.same_identity, facts.same_message_id) == (None, (known(ticket.id),))


async def test_the_same_content_under_another_message_id_is_another_mail(
    database: Database, world: "World"
) -> None:
    """behaviour.md 2.1: a monitor may say the same twice in a second."""
    await world.opened(AT, message=FIRST)
    assert await asked(database, Question("acme", "second@acme.example", "1" * 64)) == (Facts(),)


async def test_a_mail_without_message_id_is_known_by_its_content(database: Database, world: "World") -> None:
    """behaviour.md 2.1"""
    ticket = await world.opened(AT, message=replace(FIRST, message_id=""))
    same, other = await asked(
        database, Question("acme", "", "1" * 64), Question("acme", "", "2" * 64, references=("",))
    )
    assert same.same_identity == replace(known(ticket.id), message_id="")
    assert other == Facts()


async def test_our_own_mail_is_known_when_it_comes_back(database: Database, world: "World") -> None:
    """behaviour.md 2.2"""
    ticket = await world.opened(AT, message=FIRST, mails=(REPLY,))
    (facts,) = await asked(database, Question("acme", REPLY.message_id, "2" * 64))
    assert facts.own == KnownMail(
        message_id=REPLY.message_id,
        direction=Direction.OUT,
        kind="relayed_reply",
        at=AT,
        ticket=ticket.id,
        sender="acme@support.example.com",
        readers=("bob@acme.example",),
    )
    assert (facts.same_message_id, list(facts.tickets)) == ((), [ticket.id])


async def test_references_are_found_nearest_first(database: Database, world: "World") -> None:
    """behaviour.md 3.3"""
    one = await world.opened(AT, message=FIRST)
    two = await world.opened(AT, message=replace(FIRST, message_id="other@acme.example"))
    references = ("unknown@acme.example", "other@acme.example", "first@acme.example")
    (facts,) = await asked(database, Question("acme", "r@acme.example", "2" * 64, references))
    assert [mail.ticket for mail in facts.referenced] == [two.id, one.id]
    assert set(facts.tickets) == {one.id, two.id}


async def test_another_account_knows_nothing_of_it(database: Database, world: "World") -> None:
    """behaviour.md 1.7 and 3.3: known on this account."""
    ticket = await world.opened(AT, message=FIRST, mails=(REPLY,))
    question = Question(
        account="globex",
        message_id="first@acme.example",
        identity="1" * 64,
        references=("first@acme.example", REPLY.message_id),
        ticket_ids=(ticket.id,),
        reported_ids=(REPLY.message_id,),
        reported_recipients=("bob@acme.example",),
    )
    assert await asked(database, question) == (Facts(),)


async def test_a_message_id_longer_than_an_index_takes_is_found(database: Database, world: "World") -> None:
    endless = "x" * 5000 + "@acme.example"
    ticket = await world.opened(AT, message=replace(FIRST, message_id=endless))
    (facts,) = await asked(database, Question("acme", "r@acme.example", "2" * 64, references=(endless,)))
    assert [mail.ticket for mail in facts.referenced] == [ticket.id]
    assert facts.tickets[ticket.id].thread == ()


async def test_a_delivery_report_finds_the_mail_by_message_id(database: Database, world: "World") -> None:
    """behaviour.md 2.3"""
    ticket = await world.opened(AT, message=FIRST, mails=(REPLY,))
    (facts,) = await asked(
        database, Question("acme", "", "3" * 64, reported_ids=("unknown@acme.example", REPLY.message_id))
    )
    assert facts.sent == (
        SentMail(
            message_id=REPLY.message_id,
            kind=MailKind.RELAYED_REPLY,
            recipients=("Bob@acme.example",),
            subject="[ACME-1] Help",
            ticket=ticket.id,
        ),
    )
    assert list(facts.tickets) == [ticket.id]


async def test_a_delivery_report_finds_the_mail_by_its_signed_address_and_recipient(
    database: Database, world: "World"
) -> None:
    """behaviour.md 2.3: the latest that went to the reported recipient."""
    ticket = await world.opened(
        AT,
        message=FIRST,
        mails=(
            REPLY,
            replace(REPLY, cause="reply:8", message_id="8@support.example.com"),
            replace(
                REPLY, cause="notice:1", message_id="9@support.example.com", recipients=("sam@x.example",)
            ),
        ),
    )
    question = Question(
        "acme", "", "3" * 64, ticket_ids=(ticket.id,), reported_recipients=("bob@ACME.example",)
    )
    (facts,) = await asked(database, question)
    assert [mail.message_id for mail in facts.sent] == ["8@support.example.com", REPLY.message_id]


async def test_many_questions_are_answered_in_their_order(database: Database, world: "World") -> None:
    tickets = [
        await world.opened(AT, message=replace(FIRST, message_id=f"{n}@acme.example")) for n in range(3)
    ]
    questions = [
        Question("acme", f"r{n}@acme.example", "2" * 64, references=(f"{n}@acme.example",))
        for n in (2, 0, 7, 1)
    ]
    found = [list(facts.tickets) for facts in await asked(database, *questions)]
    assert found == [[tickets[2].id], [tickets[0].id], [], [tickets[1].id]]


async def test_of_a_long_thread_the_beginning_and_the_end_are_known(
    database: Database, world: "World"
) -> None:
    ticket = await world.opened(AT, message=FIRST)
    row = {"account": "acme", "ticket_id": ticket.id, "direction": "in", "kind": "reply", "at": AT}
    more = [{**row, "sender": "", "subject": "", "message_id": f"{n}"} for n in range(1, 200)]
    async with database.write() as unit:
        await unit.execute(insert(messages), more)
    (facts,) = await asked(database, Question("acme", "r@acme.example", "2" * 64, ticket_ids=(ticket.id,)))
    kept = ["first@acme.example", *map(str, range(1, 20)), *map(str, range(150, 200))]
    assert [mail.message_id for mail in facts.threads[ticket.id]] == kept


async def test_a_thousand_mails_under_one_message_id_do_not_hide_a_copy(
    database: Database, world: "World"
) -> None:
    waiting = await world.spooled(AT)
    row = {"account": "acme", "direction": "in", "kind": "note", "at": AT, "sender": "", "subject": ""}
    same = [{**row, "message_id": "first@acme.example", "identity": f"{n:064}"} for n in range(1000)]
    async with database.write() as unit:
        await unit.execute(insert(messages), same)
        await apply(unit, AT, [replace(waiting, outcome=Outcome.REPLY, message=FIRST)])
    (facts,) = await asked(database, Question("acme", "first@acme.example", "1" * 64))
    assert (facts.same_identity, len(facts.same_message_id)) == (known(None, "reply"), 20)


async def test_a_ticket_that_a_command_names_is_known_with_all_in_which_it_goes_on(
    database: Database, world: "World"
) -> None:
    """behaviour.md 3.4: in a circle, too, which no decision makes"""
    first, second, third = [await world.opened(AT) for _ in range(3)]
    foreign = await world.opened(AT, account="globex")
    async with database.write() as unit:
        for ticket, into in ((first, second), (second, third), (third, second)):
            event = TicketMerged(AT, into.name, into.id, "it goes on there")
            await record(unit, AT, [(ticket.id, event)])
    here, there = await asked(
        database,
        Question("acme", "", "2" * 64, numbers=(1, 99)),
        Question("globex", "", "3" * 64, numbers=(1,)),
    )
    assert sorted(here.tickets) == [first.id, second.id, third.id]
    assert [one.name for one in here.tickets.values()] == ["ACME-1", "ACME-2", "ACME-3"]
    assert list(there.tickets) == [foreign.id]


WAITS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


@pytest.mark.postgresql
async def test_of_two_mails_with_one_message_id_the_second_waits_until_the_first_is_decided(
    postgresql_url: str,
) -> None:
    """behaviour.md 2.1: two nodes that have them make one ticket of them, not two"""
    one, other = Database(postgresql_url), Database(postgresql_url)
    first, second = (Question("acme", "twin@acme.example", identity * 64) for identity in "12")

    async def of_the_other() -> tuple[Facts, ...]:
        async with other.write() as unit:
            return await answer(unit, [second])

    async with one.write() as unit:
        await answer(unit, [first])
        waiting = asyncio.create_task(of_the_other())
        async with asyncio.timeout(30):
            while not await unit.scalar(WAITS):  # noqa: ASYNC110 - until it waits
                await asyncio.sleep(0.01)
        await unit.execute(insert(messages).values(decided_as(first)))
    (found,) = await waiting

    assert [mail.identity for mail in found.same_message_id] == ["1" * 64]
    await one.close()
    await other.close()


def decided_as(question: Question) -> dict[str, object]:
    """The row of a mail that was decided."""
    return {
        "account": question.account,
        "direction": "in",
        "kind": "new_ticket",
        "at": AT,
        "sender": "bob@acme.example",
        "subject": "Help",
        "message_id": question.message_id,
        "identity": question.identity,
        "readers": [],
    }
