"""flows/intake: what staff and customers write moves the clocks, against instants reckoned by hand."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailgate.core.address import Token, TokenRole, principal, signed_address
from mailgate.core.change import Outcome
from mailgate.core.clock import Clock
from mailgate.core.instant import read, written
from mailgate.core.message import Mailbox
from mailgate.core.ticket import Status, Ticket, TicketId
from mailgate.store.tables import decisions, journal, messages, outbox
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Database
from tests.core.desks import ACME, BOB, DOMAIN, KEYS, KIM, SAM
from tests.core.policies import VENDOR
from tests.flows.offices import disproved
from tests.flows.test_intake import Desktop

CAROL = Mailbox("carol@acme.example", "Carol")
ALIAS = f"acme@{DOMAIN}"


class Room(Desktop):
    """A desk whose policy has a de-escalation, with people who write to it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, replace(ACME, policy="vendor", plan="full"))
        head = self.office.head
        desk = replace(head.desk, policies={"vendor": VENDOR})
        self.office = replace(self.office, head=replace(head, desk=desk))
        self.written = 0
        self.seen: set[object] = set()

    async def at(
        self, instant: str, who: Mailbox, text: str, ticket: int = 0, subject: str = "Re: It broke"
    ) -> Outcome:
        """Somebody writes, by the signed address of that ticket or to the alias; what it was found to be."""
        self.now = read(instant)
        self.written += 1
        raw = (
            f"From: {who.name} <{who.address}>\r\nTo: {ALIAS}\r\nSubject: {subject}\r\n"
            f"Message-ID: <{self.written}@{who.domain}>\r\n\r\n{text}\r\n"
        )
        await self.takes(raw.encode(), address(who, ticket) if ticket else ALIAS, sender=who.address)
        (outcome,) = await self.decides()
        return outcome

    async def ticket(self, key: int = 1) -> Ticket:
        async with self.database.read() as unit:
            return (await tickets_by_id(unit, [TicketId(key)])).known[TicketId(key)]

    async def clocks(self, key: int = 1) -> list[str]:
        """Its clocks in a line each: kind, epoch, priority, state, and when it is due or stopped."""
        return [told(clock) for clock in (await self.ticket(key)).clocks]

    async def happened(self, key: int = 1) -> list[str]:
        rows = await self.rows(
            select(journal.c.kind).where(journal.c.ticket_id == key).order_by(journal.c.id)
        )
        return [str(kind) for (kind,) in rows]

    async def mails(self) -> list[tuple[object, ...]]:
        """What has gone out since the last look: kind and recipient."""
        query = select(outbox.c.id, outbox.c.kind, outbox.c.recipients).order_by(outbox.c.id)
        rows = await self.rows(query)
        new: list[tuple[object, ...]] = [(kind, to[0]) for key, kind, to in rows if key not in self.seen]  # type: ignore[index] # JSON
        self.seen.update(key for key, *_ in rows)
        return new


def address(who: Mailbox, ticket: int) -> str:
    role = TokenRole.CUSTOMER if who.domain == "acme.example" else TokenRole.STAFF
    return signed_address("acme", Token(role, TicketId(ticket), principal(who.address)), DOMAIN, KEYS)


def told(clock: Clock) -> str:
    end = f"due {written(clock.due)}" if clock.stopped is None else f"at {written(clock.stopped)}"
    return f"{clock.kind} {clock.epoch} {clock.priority} {clock.state} {end}"


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


@dataclass(frozen=True, slots=True)
class Step:
    """One mail on the first ticket: what it was found to be, how ticket and last clocks stand then."""

    at: str
    who: Mailbox
    text: str
    outcome: Outcome
    status: Status
    clocks: tuple[str, ...]
    subject: str = "Re: Fire"


# Berlin is open from 08:00 to 16:00 UTC.
LIFE = (
    Step(
        "2026-11-23T08:00:00Z",
        BOB,
        "It burns.",
        Outcome.NEW_TICKET,
        Status.NEW,
        (
            "response 1 P1 running due 2026-11-23T08:15:00Z",
            "resolution 1 P1 running due 2026-11-25T08:00:00Z",
        ),
        "[P1] Fire",
    ),
    Step(
        "2026-11-23T08:10:00Z",
        SAM,
        "/ack\n/wait\n\nWhich version?",
        Outcome.STAFF_REPLY,
        Status.WAITING,
        (
            "response 1 P1 met at 2026-11-23T08:10:00Z",
            "resolution 1 P1 paused due 2026-11-25T08:00:00Z",
        ),
    ),
    Step(  # an hour has rested
        "2026-11-23T09:10:00Z",
        BOB,
        "5.1",
        Outcome.REPLY,
        Status.OPEN,
        ("resolution 1 P1 running due 2026-11-25T09:00:00Z",),
    ),
    Step(  # to best effort
        "2026-11-23T10:00:00Z",
        SAM,
        "/priority P3",
        Outcome.NOTE,
        Status.OPEN,
        ("resolution 1 P1 void at 2026-11-23T10:00:00Z",),
    ),
    Step(  # 16 business hours: five and a half on Monday, eight on Tuesday, two and a half on Wednesday
        "2026-11-23T10:30:00Z",
        BOB,
        "Worse!",
        Outcome.REPLY,
        Status.OPEN,
        ("resolution 2 P2 running due 2026-11-25T10:30:00Z",),
        "Re: [P2] Fire",
    ),
    Step(  # two days from now would be Wednesday 11:00: nothing becomes due later for a raise
        "2026-11-23T11:00:00Z",
        SAM,
        "/priority critical",
        Outcome.NOTE,
        Status.OPEN,
        ("resolution 2 P2 running due 2026-11-25T10:30:00Z",),
    ),
    Step(
        "2026-11-23T12:00:00Z",
        SAM,
        "/deescalate\nThere is a workaround.",
        Outcome.STAFF_REPLY,
        Status.OPEN,
        (
            "resolution 2 P2 met at 2026-11-23T12:00:00Z",
            "resolution 3 P2 running due 2026-11-25T12:00:00Z",
        ),
    ),
    Step(
        "2026-11-23T13:00:00Z",
        SAM,
        "/resolve\nIt is out.",
        Outcome.STAFF_REPLY,
        Status.RESOLVED,
        ("resolution 3 P2 met at 2026-11-23T13:00:00Z",),
    ),
    Step(  # an hour was used: fifteen are left, seven on Wednesday and eight on Thursday
        "2026-11-25T09:00:00Z",
        BOB,
        "It burns again.",
        Outcome.REPLY,
        Status.OPEN,
        ("resolution 4 P2 running due 2026-11-26T16:00:00Z",),
    ),
)


async def lives(room: Room) -> None:
    """All of it happens to the first ticket."""
    for step in LIFE:
        assert (
            await room.at(step.at, step.who, step.text, int(step is not LIFE[0]), step.subject)
            is step.outcome
        )
        assert (await room.ticket()).status is step.status, step.at
        assert (await room.clocks())[-len(step.clocks) :] == list(step.clocks), step.at
    assert await disproved(room.database) == []


async def test_a_whole_life_of_a_ticket_by_mail_alone(room: Room) -> None:
    """policies.md, Business time 7, 8, 9; behaviour.md 3.4, 4.2"""
    await lives(room)
    (rest,) = (await room.ticket()).clocks[1].rests
    assert rest.why == "the mail of Sam Rivera of 23 November, 08:10 UTC <2@example.com>"
    paging = {"ticket_escalated", "page_sent"}
    assert [kind for kind in await room.happened() if kind not in paging] == [
        "ticket_opened",
        *("ticket_taken", "staff_replied", "ticket_set_waiting", "customer_replied", "priority_corrected"),
        *("customer_replied", "priority_raised", "priority_raised", "ticket_deescalated", "staff_replied"),
        *("staff_replied", "ticket_resolved", "ticket_reopened", "customer_replied"),
    ]


async def test_a_merged_ticket_takes_its_promises_along(room: Room) -> None:
    """behaviour.md 3.4"""
    await lives(room)
    assert await room.at("2026-11-25T09:30:00Z", BOB, "Smoke.", subject="[P1] Smoke") is Outcome.NEW_TICKET
    assert await room.at("2026-11-25T09:40:00Z", SAM, "/merge ACME-2", 1) is Outcome.NOTE
    merged, into = await room.ticket(1), await room.ticket(2)
    assert (merged.status, merged.merged_into, into.status) == (Status.CLOSED, TicketId(2), Status.NEW)
    assert (await room.clocks())[4:] == ["resolution 4 P2 void at 2026-11-25T09:40:00Z"]
    assert await room.clocks(2) == [
        "response 1 P1 running due 2026-11-25T09:45:00Z",
        "resolution 1 P1 void at 2026-11-25T09:40:00Z",
        "resolution 2 P2 running due 2026-11-26T16:00:00Z",  # the stricter of two promises
    ]
    assert await room.at("2026-11-25T09:44:00Z", SAM, "On our way.", 1) is Outcome.STAFF_REPLY
    assert (await room.clocks(2))[0] == "response 1 P1 met at 2026-11-25T09:44:00Z"
    assert await disproved(room.database) == []


async def test_the_customer_is_told_the_end_and_no_command_ever(room: Room) -> None:
    """behaviour.md 5.1"""
    await room.at("2026-11-23T08:00:00Z", BOB, "It burns.", subject="[P2] Fire")
    await room.mails()
    await room.at("2026-11-23T08:05:00Z", SAM, "/ack", 1)
    assert await room.mails() == []
    await room.at("2026-11-23T08:10:00Z", SAM, "/wait\nWhich?", 1)
    assert await room.mails() == [("relayed_reply", BOB.address)]
    await room.at("2026-11-23T08:20:00Z", SAM, "/resolve", 1)
    assert await room.mails() == [("resolution_note", BOB.address)]
    await room.at("2026-11-23T08:30:00Z", SAM, "/note He is happy.", 1)
    assert await room.mails() == [("internal_note", KIM.address)]
    assert (await room.ticket()).status is Status.RESOLVED
    assert await disproved(room.database) == []


@pytest.mark.parametrize(
    "text", ["/etc/passwd\nUse water.", "/resolve\n/wayt", "Use water.\n/resolve", "\uff0fack"]
)
async def test_a_wrong_command_changes_nothing_and_is_answered_once(room: Room, text: str) -> None:
    """behaviour.md, commands in a staff reply"""
    await room.at("2026-11-23T08:00:00Z", BOB, "It burns.", subject="[P2] Fire")
    before = await room.ticket()
    await room.mails()
    assert await room.at("2026-11-23T08:10:00Z", SAM, text, 1) is Outcome.NOTE
    assert await room.mails() == [("command_answer", SAM.address)]
    assert replace(await room.ticket(), thread=()) == replace(before, thread=())
    assert (await room.happened())[-1] == "mail_noted"
    kept = await room.rows(
        select(messages.c.ticket_id, messages.c.kind).where(messages.c.sender == SAM.address)
    )
    assert kept == [(1, "note")]
    assert await disproved(room.database) == []


async def test_a_reply_in_the_last_millisecond_of_the_window_reopens_and_a_later_one_opens_another(
    room: Room,
) -> None:
    """behaviour.md 3.4"""
    await room.at("2026-11-23T08:00:00Z", BOB, "It burns.", subject="[P2] Fire")
    await room.at("2026-11-23T08:10:00Z", SAM, "/resolve", 1)
    await room.at("2026-12-07T08:10:00Z", BOB, "Again.", 1)
    assert (await room.ticket()).status is Status.OPEN
    await room.at("2026-12-07T08:20:00Z", SAM, "/resolve", 1)
    await room.mails()

    late = await room.at("2026-12-21T08:20:00.001Z", BOB, "Once more.", 1, "Re: [ACME-1] Fire")

    assert late is Outcome.NEW_TICKET
    assert (await room.ticket(1)).status is Status.RESOLVED
    fresh = await room.ticket(2)
    assert (fresh.name, fresh.title, fresh.status) == ("ACME-2", "Fire", Status.NEW)
    reasons = await room.rows(
        select(decisions.c.rule, decisions.c.reason).order_by(decisions.c.spool_id.desc()).limit(1)
    )
    assert reasons == [("3.4", "ACME-1 was resolved too long ago to be reopened: it goes on here")]
    links = await room.rows(
        select(journal.c.body).where(journal.c.ticket_id == 1).order_by(journal.c.id.desc()).limit(1)
    )
    assert links[0][0]["reason"] == "ACME-2 continues ACME-1, which was resolved too long ago to be reopened"  # type: ignore[index] # JSON
    assert ("acknowledgement", BOB.address) in await room.mails()
    assert await disproved(room.database) == []


async def test_staff_who_answer_on_a_resolved_ticket_leave_it_resolved(room: Room) -> None:
    """behaviour.md 3.4"""
    await room.at("2026-11-23T08:00:00Z", BOB, "It burns.", subject="[P2] Fire")
    await room.at("2026-11-23T08:10:00Z", SAM, "/resolve", 1)
    await room.at("2026-11-23T08:20:00Z", SAM, "Sleep well.", 1)
    assert (await room.ticket()).status is Status.RESOLVED
    await room.at("2026-11-23T09:00:00Z", SAM, "/reopen", 1)
    assert (await room.ticket()).status is Status.OPEN
    assert await disproved(room.database) == []


async def test_mail_on_merged_tickets_goes_to_the_last_of_them_and_answers_to_all_who_wrote(
    room: Room,
) -> None:
    """behaviour.md 3.4"""
    for number, who in enumerate((BOB, CAROL, BOB), start=1):
        await room.at(f"2026-11-23T08:0{number}:00Z", who, "It burns.", subject="[P2] Fire")
    assert await room.at("2026-11-23T08:10:00Z", SAM, "/merge ACME-2", 1) is Outcome.NOTE
    assert await room.at("2026-11-23T08:11:00Z", SAM, "/merge ACME-3", 2) is Outcome.NOTE
    await room.mails()

    await room.at("2026-11-23T08:20:00Z", BOB, "And?", 1)
    assert (await room.happened(3))[-1] == "customer_replied"
    await room.at("2026-11-23T08:21:00Z", SAM, "Soon.", 2)
    assert (await room.happened(3))[-1] == "staff_replied"
    assert [one for one in await room.mails() if one[0] == "relayed_reply"] == [
        ("relayed_reply", BOB.address),
        ("relayed_reply", CAROL.address),
    ]

    assert await room.at("2026-11-23T08:30:00Z", SAM, "/merge ACME-1", 3) is Outcome.NOTE  # a circle
    assert (await room.ticket(3)).status is Status.OPEN
    assert ("command_answer", SAM.address) in await room.mails()
    assert await disproved(room.database) == []


async def test_two_mails_that_meet_in_one_ticket_by_a_merge_are_decided_one_after_the_other(
    room: Room,
) -> None:
    """behaviour.md 1.3: neither is decided by what the other has changed."""
    for number in (1, 2):
        await room.at(f"2026-11-23T08:0{number}:00Z", BOB, "It burns.", subject="[P2] Fire")
    room.now = read("2026-11-23T09:00:00Z")
    for number, text in ((1, "/merge ACME-2"), (2, "Use water.")):
        raw = f"From: {SAM.address}\r\nMessage-ID: <both{number}@x>\r\nSubject: x\r\n\r\n{text}\r\n"
        await room.takes(raw.encode(), address(SAM, number), sender=SAM.address)
    assert await room.decides() == [Outcome.NOTE, Outcome.STAFF_REPLY]
    assert await room.clocks(2) == [
        "response 1 P2 void at 2026-11-23T09:00:00Z",
        "resolution 1 P2 void at 2026-11-23T09:00:00Z",
        "response 2 P2 met at 2026-11-23T09:00:00Z",
        "resolution 2 P2 running due 2026-11-25T08:01:00Z",
    ]
    assert await disproved(room.database) == []


async def test_two_tickets_that_are_merged_into_each_other_at_once_are_one_in_the_end(
    database: Database,
) -> None:
    """behaviour.md 3.4: whichever comes second finds a circle, also when another program decides it"""
    room, other = Room(database), Room(database)
    for number in (1, 2):
        await room.at(f"2026-11-23T08:0{number}:00Z", BOB, "It burns.", subject="[P2] Fire")
    room.now = other.now = read("2026-11-23T09:00:00Z")
    for number, into in ((1, 2), (2, 1)):
        raw = (
            f"From: {SAM.address}\r\nMessage-ID: <both{number}@x>\r\nSubject: x\r\n\r\n/merge ACME-{into}\r\n"
        )
        await room.takes(raw.encode(), address(SAM, number), sender=SAM.address)
    await asyncio.gather(room.decides(), other.decides())
    while not await room.rows(select(outbox.c.id).where(outbox.c.kind == "command_answer")):
        room.now = other.now = room.now + timedelta(seconds=1)  # who met the other waits for a moment
        await room.decides()
    assert sorted([(await room.ticket(1)).status, (await room.ticket(2)).status]) == [
        Status.CLOSED,
        Status.NEW,
    ]
    assert await disproved(room.database) == []


async def test_words_that_nobody_can_see_answer_nobody(room: Room) -> None:
    """behaviour.md 4.2: what an HTML mail leaves below a command is often a zero-width space alone."""
    await room.at("2026-11-23T08:00:00Z", BOB, "It burns.", subject="[P2] Fire")
    await room.mails()

    assert await room.at("2026-11-23T08:10:00Z", SAM, "/ack\n\u200b", 1) is Outcome.NOTE
    assert await room.at("2026-11-23T08:20:00Z", SAM, "\ufeff", 1) is Outcome.HELD
    assert ("relayed_reply", BOB.address) not in await room.mails()
    assert (await room.clocks())[0] == "response 1 P2 running due 2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    "signature",
    ["-- \r\nSam Rivera\r\nExample Support", "Sent from my iPhone", "Sam", "Sam Rivera\r\n\r\n-- \r\nx"],
)
async def test_a_signature_alone_is_no_answer(room: Room, signature: str) -> None:
    """behaviour.md 4.2"""
    await room.at("2026-11-23T08:00:00Z", BOB, "It burns.", subject="[P2] Fire")
    await room.mails()

    assert await room.at("2026-11-23T08:10:00Z", SAM, signature, 1) is Outcome.HELD
    assert await room.at("2026-11-23T08:20:00Z", SAM, f"/ack\r\n\r\n{signature}", 1) is Outcome.NOTE
    assert ("relayed_reply", BOB.address) not in await room.mails()
    assert (await room.clocks())[0] == "response 1 P2 running due 2026-11-23T12:00:00Z"


async def test_a_reply_that_only_quotes_stops_no_clock(room: Room) -> None:
    """behaviour.md 4.2"""
    await room.at("2026-11-23T08:00:00Z", BOB, "It burns.", subject="[P2] Fire")
    quoted = "On Mon, Nov 23, 2026 at 8:00 AM Bob <bob@acme.example> wrote:\r\n\r\n> It burns.\r\n> Bob"

    assert await room.at("2026-11-23T08:10:00Z", SAM, quoted, 1) is Outcome.HELD
    assert (await room.clocks())[0] == "response 1 P2 running due 2026-11-23T12:00:00Z"
    assert await room.at("2026-11-23T08:20:00Z", SAM, f"Use water.\r\n\r\n{quoted}", 1) is Outcome.STAFF_REPLY
