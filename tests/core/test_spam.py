"""core/spam: a ticket that is nobody's request, and one that was somebody's after all."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from mailgate.core.address import TokenRole
from mailgate.core.change import Consequence, Fresh, HoldKind, Outcome
from mailgate.core.clock import ClockState
from mailgate.core.command import Fault
from mailgate.core.consequence import consequence
from mailgate.core.escalation import ENDS_ESCALATION, escalated
from mailgate.core.event import (
    CustomerReplied,
    Event,
    MailNoted,
    StaffReplied,
    TargetMissed,
    TicketEscalated,
    TicketOpened,
    TicketSetWaiting,
)
from mailgate.core.facts import Facts
from mailgate.core.hearing import Finding
from mailgate.core.history import course, folded
from mailgate.core.instant import read, written
from mailgate.core.intake import found
from mailgate.core.move import Move, move_of
from mailgate.core.notice import Matter
from mailgate.core.outgoing import MailKind
from mailgate.core.spam import TicketMarkedSpam, TicketRestored
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.desks import BOB, HEAD, KIM, NOON, POLICY, SAM, hearing, mail, signed
from tests.core.histories import opened
from tests.core.policies import VENDOR
from tests.core.test_intake import MACHINE, TICKET

# Berlin is open from 08:00 to 16:00 UTC; P2 is four business hours, and two business days.
BEGIN = read("2026-11-23T08:00:00Z")
FRESH = Fresh(TicketId(8), 43)


def at(clock: str) -> datetime:
    return read(f"2026-11-23T{clock}:00Z")


def spam(clock: str) -> TicketMarkedSpam:
    return TicketMarkedSpam(at(clock), SAM.address, "/spam")


def restored(clock: str, answered: datetime | None = None) -> TicketRestored:
    return TicketRestored(at(clock), SAM.address, answered, "/reopen")


def lived(*events: Event) -> tuple[Ticket, list[str]]:
    """The ticket after that happened to it, and its clocks in a line each; its journal says the same."""
    start = opened(BEGIN, "P2")
    now, told = course(start, VENDOR, events)
    moves = [Move(TicketOpened, BEGIN, "P2"), *map(move_of, told)]
    assert folded(now, VENDOR, moves) == now
    return now, [
        f"{one.kind} {one.epoch} {one.state} {written(one.stopped or one.due)}" for one in now.clocks
    ]


def test_nothing_is_promised_on_spam() -> None:
    """behaviour.md 4.4"""
    ticket, clocks = lived(spam("09:00"))
    assert (ticket.status, ticket.is_spam, ticket.merged_into) == (Status.CLOSED, True, None)
    assert clocks == ["response 1 void 2026-11-23T09:00:00Z", "resolution 1 void 2026-11-23T09:00:00Z"]


def test_what_was_promised_is_promised_again_from_its_start() -> None:
    """behaviour.md 4.4"""
    ticket, clocks = lived(spam("09:00"), restored("10:00"))
    assert (ticket.status, ticket.is_spam) == (Status.NEW, False)
    assert clocks[2:] == [
        "response 2 running 2026-11-23T12:00:00Z",
        "resolution 2 running 2026-11-24T16:00:00Z",
    ]


def test_nothing_is_late_before_it_was_restored() -> None:
    """behaviour.md 4.4, 6.3: nobody could have kept it meanwhile"""
    ticket, clocks = lived(spam("09:00"), restored("13:00"))
    assert clocks[2:] == [
        "response 2 running 2026-11-23T13:00:00Z",
        "resolution 2 running 2026-11-24T16:00:00Z",
    ]
    assert [one.detected for one in ticket.clocks] == [None] * 4


def test_an_answer_that_was_given_is_given_and_what_rested_goes_on() -> None:
    """behaviour.md 4.4"""
    answered = at("08:30")
    ticket, clocks = lived(
        StaffReplied(answered, SAM.address, ""),
        TicketSetWaiting(at("08:30"), SAM.address, "a question", ""),
        spam("09:00"),
        restored("10:00", answered),
    )
    assert (ticket.status, ticket.answered) == (Status.OPEN, answered)
    assert clocks[0] == "response 1 met 2026-11-23T08:30:00Z"
    assert clocks[-1].startswith("resolution 2 running ")
    assert [one.kind for one in ticket.clocks].count(ticket.clocks[0].kind) == 1


def test_a_miss_that_was_noticed_before_stands() -> None:
    """behaviour.md 6.3: nothing erases it"""
    ticket, _ = lived(CustomerReplied(at("12:30"), BOB.address, ""), spam("13:00"), restored("13:30"))
    missed = [one for one in ticket.clocks if one.detected]
    assert [(one.kind, written(one.due)) for one in missed] == [("response", "2026-11-23T12:00:00Z")]


def test_spam_ends_ladders_and_a_restored_ticket_begins_one_unless_staff_restored_it() -> None:
    """behaviour.md 6.4"""
    assert TicketMarkedSpam in ENDS_ESCALATION
    urgent = replace(TICKET, priority="P1")

    def woken(events: Iterable[Event]) -> list[type[Event]]:
        return [type(event) for event in escalated(HEAD, urgent, POLICY, events, NOON).events]

    by_operators = TicketRestored(NOON, "the operators", None, "let in")
    assert TicketEscalated in woken((by_operators,))
    assert woken((replace(by_operators, by=SAM.address),)) == []
    assert woken((by_operators, TicketMarkedSpam(NOON, SAM.address, ""))) == []


def said(text: str, ticket: Ticket = TICKET) -> tuple[Finding, Consequence]:
    facts = Facts(tickets={ticket.id: ticket})
    heard = hearing(mail(SAM, reply_text=text), facts, signed(TokenRole.STAFF, SAM))
    finding = found(heard)
    return finding, consequence(finding, heard, HEAD, FRESH)


@pytest.mark.parametrize("status", [Status.NEW, Status.OPEN, Status.WAITING])
def test_staff_say_that_it_is_spam_and_nobody_is_told(status: Status) -> None:
    """behaviour.md 4.4"""
    finding, what = said("/spam", replace(TICKET, status=status))
    assert (finding.outcome, [type(event) for event in what.events]) == (Outcome.NOTE, [TicketMarkedSpam])
    assert what.ticket is not None
    assert (what.ticket.status, what.drafts) == (Status.CLOSED, ())


def test_words_beside_it_are_for_colleagues_and_never_for_who_wrote_the_spam() -> None:
    """behaviour.md 4.4"""
    _, what = said("/spam\nThe third of this kind.")
    assert [(draft.kind, draft.to) for draft in what.drafts] == [(MailKind.INTERNAL_NOTE, (KIM,))]


@pytest.mark.parametrize(
    "other", ["/ack", "/wait", "/resolve", "/reopen", "/priority P1", "/assign me", "/cc dave@acme.example"]
)
def test_spam_is_no_work_so_no_other_command_goes_with_it(other: str) -> None:
    """behaviour.md 4.4"""
    finding, what = said(f"/spam\n{other}")
    assert finding.work is not None
    assert finding.work.faults[0].wrong.startswith("contradicts /")
    assert [type(event) for event in what.events] == [MailNoted]


SPAM = replace(
    TICKET,
    status=Status.CLOSED,
    clocks=(replace(TICKET.clocks[0], state=ClockState.VOID, stopped=TICKET.opened),),
)


def test_what_cannot_be_done_to_spam_says_that_it_is_spam() -> None:
    """behaviour.md 4.4"""
    for text, fault in {
        "/spam": Fault("/spam", "cannot be: ACME-42 is marked as spam already", "leave it out"),
        "/wait": Fault("/wait", "cannot be: ACME-42 is marked as spam", "write /reopen above it"),
    }.items():
        finding, _ = said(text, SPAM)
        assert finding.work is not None
        assert finding.work.faults == (fault,)


def test_staff_take_it_back() -> None:
    """behaviour.md 4.4"""
    _, what = said("/reopen\nSorry, Bob. I look at it.", SPAM)
    assert [type(event) for event in what.events] == [TicketRestored, StaffReplied]
    assert what.ticket is not None
    assert what.ticket.status is Status.OPEN
    assert [(draft.kind, draft.to) for draft in what.drafts] == [(MailKind.RELAYED_REPLY, (BOB,))]


def test_later_mail_on_it_is_held_and_operators_are_told() -> None:
    """behaviour.md 4.4"""
    heard = hearing(mail(), Facts(tickets={SPAM.id: SPAM}), signed(TokenRole.CUSTOMER, BOB))
    finding = found(heard)
    assert (finding.outcome, finding.reason, finding.hold, finding.matter) == (
        Outcome.HELD,
        "ACME-42 was marked as spam",
        HoldKind.HELD,
        Matter.HELD,
    )
    assert consequence(finding, heard, HEAD, FRESH).ticket is None


def test_a_machines_mail_on_it_is_a_note() -> None:
    """behaviour.md 2.4"""
    heard = hearing(mail(verdict=MACHINE), Facts(tickets={SPAM.id: SPAM}), signed(TokenRole.CUSTOMER, BOB))
    assert found(heard).outcome is Outcome.NOTE


def test_once_an_operator_lets_the_mail_in_the_ticket_is_restored_by_it() -> None:
    """behaviour.md 4.4, 2.7"""
    heard = hearing(mail(), Facts(tickets={SPAM.id: SPAM}), signed(TokenRole.CUSTOMER, BOB))
    heard = replace(heard, arrival=replace(heard.arrival, released=True))
    finding = found(heard)
    what = consequence(finding, heard, HEAD, FRESH)
    assert finding.outcome is Outcome.REPLY
    assert [type(event) for event in what.events] == [TicketRestored, CustomerReplied]
    assert what.ticket is not None
    assert what.ticket.status is Status.NEW
    assert [one.state for one in what.ticket.clocks] == [ClockState.VOID, ClockState.RUNNING]
    assert TargetMissed not in [type(event) for event in what.events]
