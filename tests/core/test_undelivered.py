"""core/undelivered: which replies stand when one of them reached nobody."""

from datetime import datetime

from mailgate.core.change import Outcome
from mailgate.core.event import (
    DeliveryFailed,
    PriorityRaised,
    ResponseWithdrawn,
    StaffReplied,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
)
from mailgate.core.facts import Direction, KnownMail, SentMail
from mailgate.core.message import DeliveryReport, Fate
from mailgate.core.outgoing import MailKind
from mailgate.core.report import summary
from mailgate.core.ticket import Status
from mailgate.core.undelivered import Failed, undelivered, withdrawn
from tests.core.desks import HEAD
from tests.core.histories import (
    BOB,
    FRIDAY,
    MONDAY,
    SAM,
    WITH_NEXT,
    customer,
    friday,
    hours,
    lived,
    opened,
    staff,
)


def reply(at: datetime, name: str) -> tuple[KnownMail, KnownMail]:
    """A reply of staff as it came in, and as it went out."""
    return (
        KnownMail(f"in-{name}", Direction.IN, Outcome.STAFF_REPLY, at),
        KnownMail(name, Direction.OUT, MailKind.RELAYED_REPLY, at),
    )


def test_a_report_that_names_nobody_is_told_with_who_was_to_get_the_mail() -> None:
    """behaviour.md 2.3: the ticket shows who did not get it"""
    ticket = lived(opened(MONDAY, "P2", WITH_NEXT), staff(hours(1)), policy=WITH_NEXT)
    sent = SentMail("first", MailKind.RELAYED_REPLY, (BOB,), "Help", ticket.id)
    report = summary((Fate("", "failed", "5.1.1", "no such user"),), ("first",))
    failed = Failed(sent, report, MONDAY + hours(2))
    what = undelivered(ticket, WITH_NEXT, reply(MONDAY + hours(1), "first"), failed, HEAD)
    (told, *_) = what.events
    assert isinstance(told, DeliveryFailed)
    assert told.report == summary((Fate(BOB, "failed", "5.1.1", "no such user"),), ("first",))
    assert [one.address for one in what.suppressions] == [BOB]


def test_a_second_answer_that_nobody_got_leaves_the_first() -> None:
    """behaviour.md 2.3"""
    ticket = lived(
        opened(MONDAY, "P2", WITH_NEXT),
        staff(hours(1)),
        customer(hours(2)),
        staff(hours(3)),
        policy=WITH_NEXT,
    )
    thread = (*reply(MONDAY + hours(1), "r1"), *reply(MONDAY + hours(3), "r2"))
    report = DeliveryReport((BOB,), "failed", diagnostic="550 no such user")
    failed = Failed(
        SentMail("r2", MailKind.RELAYED_REPLY, (BOB,), "Re: It broke", ticket.id), report, MONDAY + hours(3.5)
    )

    follows = undelivered(ticket, WITH_NEXT, thread, failed, HEAD)

    (withdrawn,) = (event for event in follows.events if isinstance(event, ResponseWithdrawn))
    assert (withdrawn.answered, withdrawn.again, withdrawn.earlier) == (
        MONDAY + hours(3),
        None,
        MONDAY + hours(1),
    )
    assert (follows.ticket.status, follows.ticket.answered) == (Status.OPEN, MONDAY + hours(1))


def test_a_reply_that_met_nothing_withdraws_nothing_though_a_clock_ended_where_it_began() -> None:
    """behaviour.md 2.3: the raise that reopens the ticket ends the resolution that begins with it"""
    ticket = lived(
        opened(FRIDAY, "P2"),
        StaffReplied(friday(0.5), SAM, "a reply"),
        StaffReplied(friday(1), SAM, "a reply"),
        TicketResolved(friday(1.5), SAM, "/resolve"),
        TicketReopened(friday(2), BOB, "a reply"),
        PriorityRaised(friday(2), "P2", "P1", "[P1]"),
        TicketSetWaiting(friday(3), SAM, "the mail s1@x of Sam", "/wait"),
    )

    assert any(clock.started == clock.stopped for clock in ticket.clocks)
    assert withdrawn(ticket, friday(1), None, friday(4)) == ()
