"""Which mails move a clock and which do not, in the edge cases of docs/edge-cases.md."""

from dataclasses import replace

import pytest

from mailgate.core.address import TokenRole
from mailgate.core.change import Consequence, Fresh
from mailgate.core.clock import ClockState, TargetKind
from mailgate.core.consequence import consequence
from mailgate.core.event import MailNoted, StaffReplied
from mailgate.core.facts import Facts
from mailgate.core.hearing import Hearing
from mailgate.core.instant import read
from mailgate.core.intake import found
from mailgate.core.message import Origin, Verdict
from mailgate.core.outgoing import MailKind
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.desks import BOB, HEAD, NOON, SAM, hearing, mail, signed


def follows(heard: Hearing) -> Consequence:
    return consequence(found(heard), heard, HEAD, Fresh(TicketId(7), 42))


def opened() -> tuple[Ticket, Consequence]:
    what = follows(hearing(mail()))
    assert what.ticket is not None
    return what.ticket, what


def test_an_acknowledgement_is_no_answer() -> None:
    """Edge case 32"""
    ticket, what = opened()

    assert MailKind.ACKNOWLEDGEMENT in [draft.kind for draft in what.drafts]
    assert ticket.answered is None
    assert [(clock.kind, clock.state) for clock in ticket.clocks] == [
        (TargetKind.RESPONSE, ClockState.RUNNING)
    ]


def test_the_answer_of_a_person_is_dated_when_we_accepted_it() -> None:
    """Edge case 32; `behaviour.md` 4.2"""
    ticket, _ = opened()
    late = read("2026-11-20T12:30:00Z")
    written = mail(SAM, reply_text="It is out.", date=read("2026-11-20T12:01:00Z"))

    what = follows(
        hearing(written, Facts(tickets={ticket.id: ticket}), signed(TokenRole.STAFF, SAM), received=late)
    )

    assert [(type(event), event.at) for event in what.events] == [(StaffReplied, late)]
    assert what.ticket is not None
    assert [clock.stopped for clock in what.ticket.clocks] == [late]


@pytest.mark.parametrize("status", [Status.NEW, Status.OPEN, Status.WAITING, Status.RESOLVED])
def test_a_machine_resumes_reopens_and_starts_nothing(status: Status) -> None:
    """Edge case 35"""
    ticket = replace(opened()[0], status=status)
    away = mail(subject="Out of office", verdict=Verdict(Origin.MACHINE, "Auto-Submitted: auto-replied"))

    what = follows(hearing(away, Facts(tickets={ticket.id: ticket}), signed(TokenRole.CUSTOMER, BOB)))

    assert [type(event) for event in what.events] == [MailNoted]
    assert what.ticket is not None
    assert (what.ticket.status, what.ticket.clocks) == (status, ticket.clocks)


@pytest.mark.parametrize("dated", ["2026-11-20T06:00:00Z", "2026-11-27T12:00:00Z"])
def test_a_clock_starts_when_the_mail_was_accepted_whatever_its_date_says(dated: str) -> None:
    """Edge case 38"""
    ticket = follows(hearing(mail(date=read(dated)))).ticket

    assert ticket is not None
    assert (ticket.opened, [clock.started for clock in ticket.clocks]) == (NOON, [NOON])
