"""core/brake: two mails of a kind are answered within a day, and ten of any kind within ten minutes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailgate.core.address import ToAccount, TokenRole
from mailgate.core.change import Fresh, HoldKind, Outcome
from mailgate.core.consequence import consequence
from mailgate.core.facts import Facts, Recent
from mailgate.core.fingerprint import fingerprint
from mailgate.core.hearing import Finding
from mailgate.core.intake import found
from mailgate.core.message import Origin, Verdict
from mailgate.core.notice import Matter, OperatorNotice
from mailgate.core.outgoing import MailKind
from mailgate.core.ticket import TicketId
from tests.core.desks import ALIAS, BOB, HEAD, NOON, SAM, hearing, mail, signed
from tests.core.test_intake import KNOWN, TICKET

MARK = fingerprint("I am away until Monday; please call my colleagues.")
OTHER = fingerprint("The gateways in Berlin drop their connections every ten minutes.")
LIKE = "its sender wrote 2 mails like it within a day"


def recent(minutes: float, mark: int = MARK, ticket: int | None = None) -> Recent:
    """So many minutes before noon."""
    return Recent(NOON - timedelta(minutes=minutes), mark, None if ticket is None else TicketId(ticket))


def judged(*before: Recent, **changes: object) -> Finding:
    message = replace(mail(), fingerprint=MARK, **changes)  # type: ignore[arg-type]
    return found(hearing(message, Facts(recent=before)))


@pytest.mark.parametrize(
    "before",
    [
        (),
        (recent(1),),
        (recent(1), recent(2, OTHER)),
        tuple(recent(minutes, OTHER) for minutes in range(1, 10)),
        tuple(recent(minutes, OTHER) for minutes in range(10, 40)),
    ],
    ids=["nothing", "one alike", "another", "nine soon", "many long ago"],
)
def test_a_few_mails_are_answered(before: tuple[Recent, ...]) -> None:
    """behaviour.md 5.3"""
    assert (judged(*before).unanswered, judged(*before).matter) == ("", None)


def test_the_third_of_a_kind_is_not_answered() -> None:
    """behaviour.md 5.3"""
    finding = judged(recent(1), recent(1000))
    assert (finding.outcome, finding.unanswered, finding.matter) == (Outcome.NEW_TICKET, LIKE, Matter.BRAKE)


def test_the_eleventh_within_ten_minutes_is_not_answered() -> None:
    """behaviour.md 5.3"""
    finding = judged(*(recent(minutes * 0.9, OTHER) for minutes in range(1, 11)))
    assert finding.unanswered == "its sender wrote 10 mails within ten minutes"


def test_a_ticket_is_made_all_the_same_and_the_operators_are_told_once_a_day() -> None:
    """behaviour.md 5.3"""
    message = replace(mail(), fingerprint=MARK)
    heard = hearing(message, Facts(recent=(recent(1), recent(2))))
    what = consequence(found(heard), heard, HEAD, Fresh(TicketId(8), 43))
    assert what.ticket is not None
    kinds = [draft.kind for draft in what.drafts]
    assert kinds == [MailKind.OPERATOR_NOTICE, MailKind.STAFF_NOTICE, MailKind.STAFF_NOTICE]
    says = what.drafts[0].context
    assert isinstance(says, OperatorNotice)
    assert (says.matter, says.reason, says.remedy) == (Matter.BRAKE, LIKE, "")
    assert what.drafts[0].cause == "operator_notice:brake:acme:bob@acme.example:2026-11-20"


def test_the_operators_hear_nothing_of_a_machine_that_shows_itself() -> None:
    """behaviour.md 2.4"""
    finding = judged(recent(1), recent(2), verdict=Verdict(Origin.MACHINE, "Precedence: bulk"))
    assert (finding.unanswered, finding.matter) == ("a machine wrote it: Precedence: bulk", None)


def staff_mail(*before: Recent, released: bool = False) -> Finding:
    message = replace(mail(SAM, "Re: fire"), fingerprint=MARK)
    heard = hearing(message, replace(KNOWN, recent=before), signed(TokenRole.STAFF, SAM))
    return found(replace(heard, arrival=replace(heard.arrival, released=released)))


def test_the_third_alike_of_staff_on_a_ticket_is_held() -> None:
    """behaviour.md 5.3: two programs must not talk to each other through us"""
    assert staff_mail(recent(1, ticket=TICKET.id)).outcome is Outcome.STAFF_REPLY
    assert staff_mail(recent(1, ticket=TICKET.id), recent(2, ticket=99)).outcome is Outcome.STAFF_REPLY
    before = (recent(1, ticket=TICKET.id), recent(2, ticket=TICKET.id))
    reason = f"its sender wrote 2 mails like it on {TICKET.name} within half an hour"
    finding = staff_mail(*before)
    assert (finding.outcome, finding.rule, finding.reason) == (Outcome.HELD, "5.3", reason)
    assert staff_mail(*before, released=True).outcome is Outcome.STAFF_REPLY


def test_staff_may_say_the_same_hour_by_hour_but_not_all_day() -> None:
    """behaviour.md 5.3: people write `we are still at it`; programs answer at once"""
    hourly = [recent(hours * 60, ticket=TICKET.id) for hours in range(1, 7)]
    assert staff_mail(*hourly[:5]).outcome is Outcome.STAFF_REPLY
    assert (
        staff_mail(recent(30, ticket=TICKET.id), recent(29, ticket=TICKET.id)).outcome is Outcome.STAFF_REPLY
    )
    reason = f"its sender wrote 6 mails like it on {TICKET.name} within a day"
    assert (staff_mail(*hourly).outcome, staff_mail(*hourly).reason) == (Outcome.HELD, reason)


def test_who_of_staff_wrote_the_third_alike_is_told_that_it_did_not_go_out() -> None:
    """behaviour.md 5.3"""
    message = replace(mail(SAM, "Re: fire"), fingerprint=MARK)
    before = (recent(1, ticket=TICKET.id), recent(2, ticket=TICKET.id))
    heard = hearing(message, replace(KNOWN, recent=before), signed(TokenRole.STAFF, SAM))
    what = consequence(found(heard), heard, HEAD, Fresh(TicketId(8), 43))
    assert [(draft.kind, draft.to) for draft in what.drafts] == [
        (MailKind.COMMAND_ANSWER, (SAM,)),
        (MailKind.OPERATOR_NOTICE, HEAD.desk.operators),
    ]
    assert what.hold is not None
    assert what.events == ()


@pytest.mark.parametrize(
    ("to", "text"),
    [
        (signed(TokenRole.STAFF, SAM), "/away until Monday"),
        (signed(TokenRole.STAFF, SAM), "/check\nIt is mended."),
        (ALIAS, "I am away until Monday; please call my colleagues."),
    ],
    ids=["a wrong command", "a check", "no /for"],
)
def test_a_responder_of_staff_is_told_only_so_often_what_is_wrong(to: ToAccount, text: str) -> None:
    """behaviour.md 5.3: it would answer each answer of ours, and no header says that it is a program"""
    message = replace(mail(SAM, "Re: fire", text=text, reply_text=text), fingerprint=MARK)

    def judged_after(so_many: int, *, released: bool = False) -> Finding:
        before = tuple(recent(minutes) for minutes in range(1, so_many + 1))
        heard = hearing(message, replace(KNOWN, recent=before), to)
        return found(replace(heard, arrival=replace(heard.arrival, released=released)))

    assert judged_after(3).work is not None
    reason = "its sender wrote 4 mails like it within half an hour"
    held = Finding(Outcome.HELD, "5.3", reason, hold=HoldKind.HELD, matter=Matter.BRAKE)
    assert judged_after(4) == held
    assert judged_after(4, released=True).rule != "5.3"


def test_a_mail_is_known_by_who_wrote_it_but_a_report_is_nobodys() -> None:
    heard = hearing(mail())
    assert heard.arrival.question.sender == BOB.address
    robot = hearing(mail(verdict=Verdict(Origin.MACHINE, "List-Id")))
    assert robot.arrival.question.sender == BOB.address
    report = hearing(mail(verdict=Verdict(Origin.DELIVERY_REPORT, "multipart/report")))
    assert report.arrival.question.sender == ""


def test_a_responder_of_staff_that_takes_its_time_is_told_only_so_often_a_day() -> None:
    """behaviour.md 5.3"""
    text = "/away until Monday"
    message = replace(mail(SAM, "Re: fire", text=text, reply_text=text), fingerprint=MARK)

    def judged_after(so_many: int) -> Finding:
        before = tuple(recent(hours * 60) for hours in range(1, so_many + 1))
        return found(hearing(message, replace(KNOWN, recent=before), signed(TokenRole.STAFF, SAM)))

    assert judged_after(11).work is not None
    reason = "its sender wrote 12 mails like it within a day"
    held = Finding(Outcome.HELD, "5.3", reason, hold=HoldKind.HELD, matter=Matter.BRAKE)
    assert judged_after(12) == held


def on_tickets(count: int, minutes: float, first: int = 100) -> tuple[Recent, ...]:
    """A mail on each of so many tickets, so many minutes apart."""
    return tuple(recent((at + 0.5) * minutes, OTHER, first + at) for at in range(count))


@pytest.mark.parametrize(
    ("before", "unpaged"),
    [
        ((), ""),
        (on_tickets(9, 1), ""),
        (on_tickets(10, 1), "its sender wrote on 10 tickets within ten minutes"),
        (tuple(recent(minute / 3, OTHER, 100) for minute in range(1, 30)), ""),
        (
            tuple(recent(minute / 3, OTHER) for minute in range(1, 12)),
            "its sender wrote on 11 tickets within",
        ),
        (on_tickets(29, 40), ""),
        (on_tickets(30, 40), "its sender wrote on 30 tickets within a day"),
    ],
    ids=["nothing", "nine", "ten", "many on one", "decided at once", "29 in a day", "30 in a day"],
)
def test_who_writes_on_many_tickets_at_once_wakes_nobody_more(
    before: tuple[Recent, ...], unpaged: str
) -> None:
    """behaviour.md 5.3"""
    for origin in (Origin.PERSON, Origin.MACHINE):
        finding = judged(*before, verdict=Verdict(origin))
        assert (finding.outcome, finding.unpaged.startswith(unpaged)) == (Outcome.NEW_TICKET, True)
        assert bool(finding.unpaged) is bool(unpaged)


def test_a_mail_that_the_operators_let_in_may_wake_somebody() -> None:
    heard = hearing(mail(), Facts(recent=on_tickets(40, 0.1)))
    let_in = replace(heard, arrival=replace(heard.arrival, released=True))
    assert (bool(found(heard).unpaged), found(let_in).unpaged) == (True, "")
