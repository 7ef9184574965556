"""core/past: when a mail of an archive came, and who wrote it."""

from dataclasses import replace

import pytest

from mailgate.core.address import Token, TokenRole, principal, signed_address
from mailgate.core.command import Verb
from mailgate.core.instant import read
from mailgate.core.message import DeliveryReport, Mailbox, Origin, Verdict
from mailgate.core.past import DatedBy, LeftOut, PastMail, Staff, Writer, accepted_at, past_mail
from mailgate.core.ticket import TicketId
from tests.core.desks import BOB, DOMAIN, KEYS, SAM, mail
from tests.core.pasts import STAFF

NOW = read("2026-11-20T12:00:00Z")
MONDAY = read("2026-03-02T10:00:00Z")
LATER = read("2026-03-02T10:05:00Z")


def test_the_last_host_tells_when_a_mail_came_and_the_sender_does_not() -> None:
    """Edge case 38"""
    assert accepted_at((LATER, MONDAY), read("2026-03-01T01:00:00Z"), NOW) == (LATER, DatedBy.RECEIVED)


def test_without_any_host_the_date_tells() -> None:
    assert accepted_at((), MONDAY, NOW) == (MONDAY, DatedBy.DATE)


@pytest.mark.parametrize("wrong", ["1970-01-01T00:00:00Z", "2038-01-19T03:14:07Z"])
def test_a_time_that_no_mail_can_have_come_at_is_passed_over(wrong: str) -> None:
    assert accepted_at((read(wrong), MONDAY), None, NOW) == (MONDAY, DatedBy.RECEIVED)
    assert accepted_at((read(wrong),), MONDAY, NOW) == (MONDAY, DatedBy.DATE)
    assert accepted_at((read(wrong),), read(wrong), NOW) is None


def test_a_host_that_took_the_mail_weeks_after_the_one_before_only_moved_it() -> None:
    moved = read("2026-09-01T00:00:00Z")
    assert accepted_at((moved, LATER, MONDAY), MONDAY, NOW) == (LATER, DatedBy.RECEIVED)
    assert accepted_at((moved,), MONDAY, NOW) == (moved, DatedBy.RECEIVED)  # or the sender's clock was wrong


def test_a_customers_mail_keeps_what_a_promise_is_reckoned_from() -> None:
    message = mail(
        BOB,
        to=(Mailbox("ACME@support.example.com"),),
        stamps=(MONDAY,),
        in_reply_to=("b@x", "a@x"),
        references=("a@x", "c@x", "d@x"),
        text="Environment: test\n\nIt burns.",
    )
    assert past_mail("here", message, STAFF, NOW) == PastMail(
        place="here",
        at=MONDAY,
        dated_by=DatedBy.RECEIVED,
        writer=Writer.CUSTOMER,
        sender=BOB,
        subject="[P2] Printer on fire",
        identity="identity-1",
        message_id="m1@acme.example",
        references=("b@x", "a@x", "d@x", "c@x"),
        recipients=("acme@support.example.com",),
        fields={"Environment": "test"},
    )


@pytest.mark.parametrize(
    ("staff", "is_staff"),
    [
        (Staff(), False),
        (Staff(addresses=frozenset({"sam@example.com"})), True),
        (Staff(domains=frozenset({"example.com"})), True),
        (Staff(addresses=frozenset({"kim@example.com"}), domains=frozenset({"support.example.com"})), False),
    ],
)
def test_staff_are_known_by_address_or_domain_whatever_its_case(staff: Staff, *, is_staff: bool) -> None:
    message = mail(replace(SAM, address="Sam@Example.COM"), date=MONDAY)
    told = past_mail("here", message, staff, NOW)
    assert isinstance(told, PastMail)
    assert told.writer is (Writer.STAFF if is_staff else Writer.CUSTOMER)


@pytest.mark.parametrize("origin", [Origin.MACHINE, Origin.DELIVERY_REPORT])
def test_a_machine_of_staff_is_no_staff(origin: Origin) -> None:
    """behaviour.md 2.3, 2.4"""
    told = past_mail("here", mail(SAM, date=MONDAY, verdict=Verdict(origin)), STAFF, NOW)
    assert isinstance(told, PastMail)
    assert told.writer in {Writer.MACHINE, Writer.REPORT}
    assert not told.for_customer


@pytest.mark.parametrize(
    ("to", "words", "is_answer"),
    [
        ((BOB,), "We are on it.", True),
        ((Mailbox("kim@example.com"), BOB), "We are on it.", True),
        ((Mailbox("kim@example.com"),), "Can you look?", False),
        ((), "We are on it.", True),  # to nobody that is seen: Bcc
        ((BOB,), "", False),
        ((BOB,), "[ for staff only ]\nclocks\n[ end of what is for staff only ]", False),
        ((Mailbox("acme@example.com"),), "We are on it.", False),
    ],
)
def test_what_staff_write_is_an_answer_if_words_of_it_go_to_the_customer(
    to: tuple[Mailbox, ...], words: str, *, is_answer: bool
) -> None:
    """behaviour.md 4.2"""
    told = past_mail("here", mail(SAM, date=MONDAY, to=to, reply_text=words), STAFF, NOW)
    assert isinstance(told, PastMail)
    assert told.for_customer is is_answer


def test_a_reply_to_a_signed_address_of_staff_goes_on_to_the_customer() -> None:
    """behaviour.md 4.2: the desk's own domain is staff's, too"""
    token = Token(TokenRole.STAFF, TicketId(7), principal(SAM.address))
    to = Mailbox(signed_address("acme", token, DOMAIN, KEYS))
    told = past_mail(
        "here", mail(SAM, date=MONDAY, to=(to,)), Staff(domains=frozenset({DOMAIN, "example.com"})), NOW
    )
    assert isinstance(told, PastMail)
    assert told.for_customer


@pytest.mark.parametrize(
    ("words", "verbs", "is_answer"),
    [
        ("/resolve\n/ack\nDone.", [Verb.RESOLVE, Verb.ACK], True),
        ("/ACK", [Verb.ACK], False),
        ("/note\nHe is cross.", [Verb.NOTE], False),
        ("/usr/bin/printerd is gone.\n/resolve", [], True),
        ("/tag red\nDone.", [], True),
    ],
)
def test_lines_at_the_top_of_what_staff_write_say_what_it_is(
    words: str, verbs: list[Verb], *, is_answer: bool
) -> None:
    told = past_mail("here", mail(SAM, date=MONDAY, to=(BOB,), reply_text=words), STAFF, NOW)
    assert isinstance(told, PastMail)
    assert ([one.verb for one in told.commands], told.for_customer) == (verbs, is_answer)


def test_a_report_of_a_failure_names_what_did_not_arrive_and_one_of_a_delay_nothing() -> None:
    report = DeliveryReport(action="failed", status="5.1.1", recipients=(BOB.address,), message_ids=("a@x",))
    for action, failed in (("failed", ("a@x",)), ("delayed", ())):
        message = mail(
            Mailbox("mailer-daemon@acme.example"),
            date=MONDAY,
            verdict=Verdict(Origin.DELIVERY_REPORT),
            report=replace(report, action=action),
        )
        told = past_mail("here", message, STAFF, NOW)
        assert isinstance(told, PastMail)
        assert (told.writer, told.failed) == (Writer.REPORT, failed)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "no Received and no Date that names an instant"),
        ({"date": read("2038-01-19T03:14:07Z")}, "its time 2038-01-19T03:14:07Z is later than now"),
        (
            {"stamps": (read("1970-01-01T00:00:00Z"),)},
            "its time 1970-01-01T00:00:00Z is before there was such mail",
        ),
    ],
)
def test_a_mail_of_which_nothing_tells_when_it_came_is_left_out_with_the_reason(
    fields: dict[str, object], reason: str
) -> None:
    assert past_mail("here", mail(**fields), STAFF, NOW) == LeftOut("here", reason)  # type: ignore[arg-type] # fields
