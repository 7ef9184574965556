"""flows/undelivered: what the relay gives up shows on the ticket; a reply that nobody got is no answer."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailgate.core.address import TokenRole
from mailgate.core.change import Outcome
from mailgate.core.message import Mailbox
from mailgate.core.outgoing import MailKind, Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Claim, Ending
from mailgate.flows.relay import Relay
from mailgate.flows.settlement import Surroundings
from mailgate.flows.undelivered import tell_undelivered
from mailgate.store.registers import suppressions
from mailgate.store.tables import clocks, journal, outbox, tickets
from mailgate.store.unit import Database, Unit
from tests.core.desks import BOB, NOON, SAM
from tests.flows.offices import disproved
from tests.flows.test_intake import Desktop, letter, reply_address

CAROL = Mailbox("carol@acme.example", "Carol")


@dataclass
class Refusing:
    """A courier whose server refuses one kind of mail."""

    refused: MailKind
    carried: list[Outgoing] = field(default_factory=list)

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        self.carried.append(mail)
        if mail.kind is self.refused:
            return Attempt(Ending.REFUSED, "550 5.1.1 no such user")
        assert await before_dot()
        return Attempt(Ending.SENT, "250 ok")

    async def close(self) -> None:
        pass


async def relayed(desk: Desktop, refused: MailKind) -> None:
    """Sends all that waits."""

    async def failed(unit: Unit, claim: Claim, reply: str) -> None:
        await tell_undelivered(unit, claim, reply, desk.office, desk.now)

    settled = Surroundings(failed, lambda _event, _label: None, lambda: desk.now, lambda: 0.0)
    relay = Relay(desk.database, Refusing(refused), settled)
    await relay.sweep()
    await relay.idle()
    await relay.stop(1)
    assert await disproved(desk.database) == []


def report_of(message_id: str) -> bytes:
    """A delivery report (RFC 3464) of the mail with that Message-ID, from the server of the customer."""
    return (
        "From: <mailer-daemon@mx.acme.example>\r\nSubject: Undeliverable\r\n"
        f"Message-ID: <report-of-{message_id}>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNobody there.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.example\r\n\r\n"
        "Final-Recipient: rfc822; bob@acme.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n"
    ).encode()


@pytest.fixture
async def answered(database: Database) -> Desktop:
    """A ticket that Sam answered an hour later."""
    desk = Desktop(database)
    await desk.takes(letter(1))
    await desk.decides()
    desk.now = NOON + timedelta(hours=1)
    staff = reply_address(TokenRole.STAFF, SAM)
    await desk.takes(letter(2, "Re: fire", sender=SAM.address), staff, sender=SAM.address)
    assert await desk.decides() == [Outcome.STAFF_REPLY]
    assert await desk.rows(select(clocks.c.state)) == [("met",)]
    return desk


async def test_a_staff_reply_that_is_refused_is_withdrawn_and_staff_are_told(answered: Desktop) -> None:
    """behaviour.md 2.3, 5.4"""
    await relayed(answered, MailKind.RELAYED_REPLY)
    assert await answered.rows(select(clocks.c.state, clocks.c.stopped)) == [("running", None)]
    kinds = [kind for (kind,) in await answered.rows(select(journal.c.kind).order_by(journal.c.id))]
    assert kinds == ["ticket_opened", "staff_replied", "delivery_failed", "response_withdrawn"]
    problems = select(outbox.c.recipients).where(outbox.c.kind == "delivery_problem").order_by(outbox.c.id)
    assert await answered.rows(problems) == [(["sam@example.com"],), (["kim@example.com"],)]


async def test_a_report_in_words_is_known_by_the_address_it_was_sent_to(answered: Desktop) -> None:
    """behaviour.md 2.3: found by its signed envelope address, from the null reverse-path, or with another"""
    await relayed(answered, MailKind.PAGE)
    words = b"To bob@acme.example: 550 5.1.1 no such user\r\n"
    head = (
        b"From: mail@mx.acme.example\r\nMessage-ID: <odd@mx>\r\nSubject: Mail could not be delivered\r\n\r\n"
    )
    back = reply_address(TokenRole.BOUNCE, BOB)
    await answered.takes(head + words, back, sender="mail@mx.acme.example")
    assert await answered.decides() == [Outcome.DELIVERY_REPORT]
    assert await answered.rows(select(clocks.c.state, clocks.c.stopped)) == [("running", None)]


async def test_a_report_of_nothing_that_is_known_opens_no_ticket(answered: Desktop) -> None:
    """behaviour.md 2.3"""
    await answered.takes(report_of("strange@elsewhere.example"), sender="")
    assert await answered.decides() == [Outcome.DELIVERY_REPORT]
    assert len(await answered.rows(select(tickets.c.id))) == 1


async def test_a_responder_that_answers_a_reverse_path_is_a_machine_without_a_header_for_it(
    answered: Desktop,
) -> None:
    """behaviour.md 2.4, RFC 3834 section 4"""
    back = reply_address(TokenRole.BOUNCE, BOB)
    await answered.takes(letter(9, "Re: fire", "I am not here."), back)
    assert await answered.decides() == [Outcome.NOTE]


async def test_of_two_replies_that_nobody_got_none_is_the_response_whichever_fails_first(
    answered: Desktop,
) -> None:
    """behaviour.md 2.3"""
    await relayed(answered, MailKind.PAGE)  # both replies go out
    answered.now += timedelta(minutes=10)
    staff = reply_address(TokenRole.STAFF, SAM)
    await answered.takes(letter(3, "Re: fire", sender=SAM.address), staff, sender=SAM.address)
    assert await answered.decides() == [Outcome.STAFF_REPLY]
    await relayed(answered, MailKind.PAGE)
    sent = select(outbox.c.message_id).where(outbox.c.kind == "relayed_reply").order_by(outbox.c.id.desc())

    for (message_id,) in await answered.rows(sent):
        await answered.takes(report_of(str(message_id)), reply_address(TokenRole.BOUNCE, BOB), sender="")
        answered.now += timedelta(minutes=1)
        assert await answered.decides() == [Outcome.DELIVERY_REPORT]

    assert await answered.rows(select(clocks.c.state, clocks.c.stopped)) == [("running", None)]
    assert await answered.rows(select(tickets.c.status, tickets.c.answered)) == [("new", None)]


async def test_a_refused_acknowledgement_is_told_and_moves_no_clock(answered: Desktop) -> None:
    """behaviour.md 2.3"""
    await relayed(answered, MailKind.ACKNOWLEDGEMENT)
    assert await answered.rows(select(clocks.c.state)) == [("met",)]
    assert len(await answered.rows(select(outbox.c.id).where(outbox.c.kind == "delivery_problem"))) == 2


async def test_a_refused_notice_to_staff_is_told_to_nobody(answered: Desktop) -> None:
    """It would make another notice to staff, and so on for ever."""
    await relayed(answered, MailKind.STAFF_NOTICE)
    assert await answered.rows(select(outbox.c.id).where(outbox.c.kind == "delivery_problem")) == []
    assert len(await answered.rows(select(outbox.c.id).where(outbox.c.state == "failed"))) == 2


async def written(desk: Desktop, number: int, text: str = "") -> Outcome:
    """What a mail of Sam's on the ticket is found to be, a while after the last one."""
    desk.now += timedelta(minutes=5)
    body = letter(number, "Re: fire", sender=SAM.address).partition(b"\r\n\r\n")[0]
    words = text or f"Answer {'x' * number}: use water, sand or foam, whatever there is."
    await desk.takes(
        body + b"\r\n\r\n" + words.encode(), reply_address(TokenRole.STAFF, SAM), sender=SAM.address
    )
    (outcome,) = await desk.decides()
    return outcome


async def test_an_address_that_bounced_gets_nothing_until_it_writes(answered: Desktop) -> None:
    """behaviour.md 5.5: hard bounces suppress an address; staff hear at once that they reach nobody"""
    await relayed(answered, MailKind.RELAYED_REPLY)
    until = [("bob@acme.example", "5.1.1", answered.now + timedelta(days=60))]
    known = select(suppressions.c.address, suppressions.c.status, suppressions.c.until)
    assert await answered.rows(known) == until

    assert await written(answered, 3) == Outcome.NOTE
    faults = select(outbox.c.id).where(outbox.c.kind == "command_answer")
    assert len(await answered.rows(faults)) == 1
    assert await answered.rows(select(clocks.c.state)) == [("running",)]

    answered.now += timedelta(minutes=5)
    await answered.takes(letter(4, "Re: fire"), reply_address(TokenRole.CUSTOMER, BOB))
    assert await answered.decides() == [Outcome.REPLY]
    assert await answered.rows(known) == []
    assert await written(answered, 5) == Outcome.STAFF_REPLY


@pytest.mark.parametrize(
    ("to", "suppressed"),
    [
        ((), []),
        ((reply_address(TokenRole.CUSTOMER, BOB),), []),
        ((reply_address(TokenRole.BOUNCE, CAROL),), []),
        ((reply_address(TokenRole.BOUNCE, BOB),), [("bob@acme.example",)]),
    ],
    ids=["the alias", "an address of a reply", "the reverse-path of a colleague's copy", "its reverse-path"],
)
async def test_who_has_seen_a_message_id_suppresses_nobody_by_a_report_that_he_made_up(
    answered: Desktop, to: tuple[str, ...], suppressed: list[tuple[str]]
) -> None:
    """behaviour.md 5.5: whoever is copied by the customer reads in References what we sent to him"""
    await relayed(answered, MailKind.PAGE)
    ((message_id,),) = await answered.rows(
        select(outbox.c.message_id).where(outbox.c.kind == "relayed_reply")
    )
    await answered.takes(report_of(str(message_id)), *to, sender="")
    assert await answered.decides() == [Outcome.DELIVERY_REPORT]
    assert await answered.rows(select(suppressions.c.address)) == suppressed


async def test_a_full_mailbox_suppresses_nobody(answered: Desktop) -> None:
    """behaviour.md 5.5"""
    sent = select(outbox.c.message_id).where(outbox.c.kind == "relayed_reply")
    ((message_id,),) = await answered.rows(sent)
    full = report_of(str(message_id)).replace(b"Status: 5.1.1", b"Status: 5.2.2")
    await answered.takes(full, sender="")
    assert await answered.decides() == [Outcome.DELIVERY_REPORT]
    assert await answered.rows(select(suppressions.c.address)) == []


async def test_a_reply_to_two_people_is_withdrawn_when_it_has_reached_neither(answered: Desktop) -> None:
    """behaviour.md 2.3: one of two who does not get it is told to staff, and nothing more"""
    await relayed(answered, MailKind.PAGE)
    assert await written(answered, 3, "/cc kim@acme.example\r\n\r\nUse sand, all of you.") == (
        Outcome.STAFF_REPLY
    )
    sent = select(outbox.c.message_id, outbox.c.recipients).where(outbox.c.kind == "relayed_reply")
    (first, _), *copies = await answered.rows(sent.order_by(outbox.c.id))
    assert [readers for _, readers in copies] == [["bob@acme.example"], ["kim@acme.example"]]
    await answered.takes(report_of(str(first)), reply_address(TokenRole.BOUNCE, BOB), sender="")
    assert await answered.decides() == [Outcome.DELIVERY_REPORT]
    stopped = answered.now
    assert await answered.rows(select(clocks.c.state, clocks.c.stopped)) == [("met", stopped)]

    told = select(outbox.c.id).where(outbox.c.kind == "delivery_problem")
    reached = zip(copies, ("bob@acme.example", "kim@acme.example"), ("met", "running"), strict=True)
    for (message_id, _), reader, state in reached:
        before = len(await answered.rows(told))
        raw = report_of(str(message_id)).replace(b"bob@acme.example", reader.encode())
        await answered.takes(raw, reply_address(TokenRole.BOUNCE, Mailbox(reader)), sender="")
        assert await answered.decides() == [Outcome.DELIVERY_REPORT]
        assert await answered.rows(select(clocks.c.state)) == [(state,)]
        assert len(await answered.rows(told)) == before + 2


@pytest.mark.parametrize("by_relay", [True, False], ids=["our relay", "a report"])
async def test_a_failure_is_told_on_the_ticket_in_which_it_goes_on(
    answered: Desktop, *, by_relay: bool
) -> None:
    """behaviour.md 2.3, 3.4: nobody looks at the one that was merged away"""
    if not by_relay:
        await relayed(answered, MailKind.PAGE)
    other = letter(7, "The lift is stuck").replace(b"It burns", b"Nothing moves")
    await answered.takes(other)
    await answered.decides()
    assert await written(answered, 8, "/merge ACME-2") == Outcome.NOTE
    if by_relay:
        await relayed(answered, MailKind.RELAYED_REPLY)
    else:
        ((name,),) = await answered.rows(select(outbox.c.message_id).where(outbox.c.kind == "relayed_reply"))
        await answered.takes(report_of(str(name)), reply_address(TokenRole.BOUNCE, BOB), sender="")
        await answered.decides()
    failed = select(journal.c.ticket_id).where(journal.c.kind == "delivery_failed")
    assert await answered.rows(failed) == [(2,)]
    told = select(outbox.c.ticket_id).where(outbox.c.kind == "delivery_problem").distinct()
    assert await answered.rows(told) == [(2,)]
    assert [address for (address,) in await answered.rows(select(suppressions.c.address))] == [BOB.address]
    assert await disproved(answered.database) == []
