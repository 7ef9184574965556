"""core/undelivered: which replies stand when one of them reached nobody."""

from datetime import datetime

from mailgate.core.change import Outcome
from mailgate.core.event import DeliveryFailed, ResponseWithdrawn
from mailgate.core.facts import Direction, KnownMail, SentMail
from mailgate.core.message import DeliveryReport, Fate
from mailgate.core.outgoing import MailKind
from mailgate.core.report import summary
from mailgate.core.ticket import Status
from mailgate.core.undelivered import Failed, undelivered
from tests.core.desks import HEAD
from tests.core.histories import BOB, MONDAY, WITH_NEXT, customer, hours, lived, opened, staff


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
