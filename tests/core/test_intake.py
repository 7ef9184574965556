"""core/intake: what a mail is found to be, rule by rule."""

from dataclasses import replace

import pytest

from mailgate.core.account import UnknownSenders
from mailgate.core.address import TokenRole
from mailgate.core.change import HoldKind, Outcome
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.event import StaffReplied
from mailgate.core.facts import Direction, Facts, KnownMail, SentMail
from mailgate.core.hearing import Finding, Hearing
from mailgate.core.instant import read
from mailgate.core.intake import found
from mailgate.core.message import Attachment, DeliveryReport, Mailbox, Origin, Verdict
from mailgate.core.notice import Matter
from mailgate.core.outgoing import MailKind
from mailgate.core.staffwork import StaffWork
from mailgate.core.ticket import Seen, Status, Ticket, TicketId
from tests.core.desks import ACME, BOB, EVE, KIM, NOON, POLICY, SAM, accepting, hearing, mail, signed

MORNING = read("2026-11-20T09:00:00Z")
RESPONSE = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, MORNING, read("2026-11-20T13:00:00Z"))
TICKET = Ticket(
    id=TicketId(7),
    account="acme",
    number=42,
    title="Printer on fire",
    priority="P2",
    status=Status.NEW,
    requester=BOB,
    opened=MORNING,
    policy=POLICY.digest,
    plan="gold",
    clocks=(RESPONSE,),
    thread=(
        Seen("m0@acme.example", (BOB.address,)),
        Seen("ack@support.example.com", (BOB.address,)),
        Seen("notice@support.example.com", (SAM.address,)),
    ),
)
FIRST = KnownMail(
    "m0@acme.example", Direction.IN, Outcome.NEW_TICKET, MORNING, TICKET.id, BOB.address, "identity-0"
)
ACK = KnownMail("ack@support.example.com", Direction.OUT, MailKind.ACKNOWLEDGEMENT, MORNING, TICKET.id)
NOTICE = KnownMail("notice@support.example.com", Direction.OUT, MailKind.STAFF_NOTICE, MORNING, TICKET.id)
KNOWN = Facts(tickets={TICKET.id: TICKET}, threads={TICKET.id: (FIRST, ACK, NOTICE)})
MACHINE = Verdict(Origin.MACHINE, "Auto-Submitted: auto-replied")
REPORT = DeliveryReport(("bob@acme.example",), "failed", "5.1.1", "no such user")


def test_a_second_copy_is_a_duplicate() -> None:
    """behaviour.md 2.1"""
    facts = replace(KNOWN, same_identity=FIRST)
    reason = "the same mail was accepted at 2026-11-20T09:00:00Z"
    assert found(hearing(mail(), facts)) == Finding(Outcome.DUPLICATE, "2.1", reason)


def test_a_known_message_id_with_other_content_joins_the_ticket_of_the_first() -> None:
    """behaviour.md 2.1"""
    facts = replace(KNOWN, same_message_id=(FIRST,))
    expected = Finding(Outcome.REPLY, "2.1", "a known Message-ID with other content", TICKET)
    assert found(hearing(mail(), facts)) == expected


def test_somebody_elses_message_id_joins_nothing() -> None:
    """behaviour.md 2.1: who sends a Message-ID first must not be able to swallow another person's mail."""
    facts = replace(KNOWN, same_message_id=(FIRST,))
    carol = Mailbox("carol@acme.example")
    assert found(hearing(mail(carol), facts)).outcome is Outcome.NEW_TICKET


def test_our_own_message_id_is_a_note() -> None:
    """behaviour.md 2.2"""
    expected = Finding(Outcome.NOTE, "2.2", "our own Message-ID came back", TICKET)
    assert found(hearing(mail(), replace(KNOWN, own=ACK))) == expected


def test_our_own_loop_mark_is_a_note_and_another_desks_is_not() -> None:
    """behaviour.md 2.2"""
    postmaster = Mailbox("postmaster@support.example.com")
    ours = found(hearing(mail(postmaster, loop_marks=("Support.Example.com",))))
    assert ours == Finding(Outcome.NOTE, "2.2", "our own loop mark came back")
    assert found(hearing(mail(loop_marks=("other.example",)))).outcome is Outcome.NEW_TICKET


def test_a_loop_mark_that_was_copied_hides_no_request_and_gets_no_answer() -> None:
    """behaviour.md 2.2: anybody can write the field, and some programs copy those of the mail they answer"""
    copied = found(hearing(mail(loop_marks=("support.example.com",))))
    assert (copied.outcome, copied.unanswered) == (Outcome.NEW_TICKET, "it bears our own loop mark")


def test_a_delivery_report_names_the_mail_that_failed_and_never_opens_a_ticket() -> None:
    """behaviour.md 2.3"""
    sent = SentMail("r1@d", MailKind.RELAYED_REPLY, (BOB.address,), "Re: x", TICKET.id)
    message = mail(
        Mailbox("mailer-daemon@x"), verdict=Verdict(Origin.DELIVERY_REPORT, "RFC 3464"), report=REPORT
    )
    expected = Finding(Outcome.DELIVERY_REPORT, "2.3", "RFC 3464", TICKET, sent=sent)
    assert found(hearing(message, replace(KNOWN, sent=(sent,)))) == expected
    assert found(hearing(message)) == Finding(Outcome.DELIVERY_REPORT, "2.3", "RFC 3464")


def test_a_machines_reply_is_a_note_even_from_a_staff_address() -> None:
    """behaviour.md 2.4"""
    message = mail(SAM, verdict=MACHINE)
    expected = Finding(Outcome.NOTE, "2.4", "Auto-Submitted: auto-replied", TICKET)
    assert found(hearing(message, KNOWN, signed(TokenRole.STAFF, SAM))) == expected


def test_a_machine_of_somebody_on_the_ticket_may_name_it_by_its_number_alone() -> None:
    """behaviour.md 2.4, 3.3: an absence whose program answers the subject alone"""
    away = mail(BOB, "Automatic reply: [ACME-42] Printer on fire", verdict=MACHINE)
    assert found(hearing(away, KNOWN)) == Finding(Outcome.NOTE, "2.4", MACHINE.why, TICKET)
    erin = found(hearing(replace(away, senders=(Mailbox("erin@acme.example"),)), KNOWN))
    assert erin.outcome is Outcome.NEW_TICKET


def test_a_new_mail_from_a_machine_opens_a_ticket() -> None:
    """behaviour.md 2.4"""
    finding = found(hearing(mail(verdict=MACHINE)))
    assert finding.outcome is Outcome.NEW_TICKET
    assert finding.reason == "a new matter from a machine: Auto-Submitted: auto-replied"


def test_a_machine_that_is_not_the_companys_is_held_like_a_person() -> None:
    """behaviour.md 2.7, before 2.4's new ticket: a stranger's newsletter is no monitoring."""
    assert found(hearing(mail(EVE, verdict=MACHINE))).outcome is Outcome.HELD


@pytest.mark.parametrize("senders", [(), (BOB, EVE)])
def test_who_cannot_be_identified_is_quarantined(senders: tuple[Mailbox, ...]) -> None:
    finding = found(hearing(mail(senders=senders), KNOWN, signed(TokenRole.CUSTOMER, BOB)))
    assert (finding.outcome, finding.hold, finding.matter) == (
        Outcome.QUARANTINED,
        HoldKind.QUARANTINED,
        Matter.QUARANTINED,
    )


def test_a_staff_reply_is_the_signed_address_and_the_from_it_was_made_for() -> None:
    """behaviour.md 4.3"""
    reason = "From is the person whom this address was made for"
    work = StaffWork(words="It burns.", events=(StaffReplied(NOON, SAM.address, reason),))
    expected = Finding(Outcome.STAFF_REPLY, "2.5", reason, TICKET, staff=SAM, work=work)
    loud = Mailbox("SAM@Example.com")
    assert found(hearing(mail(loud), KNOWN, signed(TokenRole.STAFF, SAM))) == expected


@pytest.mark.parametrize("sender", [BOB, EVE, KIM])
def test_a_forwarded_staff_address_gives_nobody_rights(sender: Mailbox) -> None:
    """behaviour.md 4.3"""
    finding = found(hearing(mail(sender), KNOWN, signed(TokenRole.STAFF, SAM)))
    assert (finding.outcome, finding.rule, finding.matter) == (Outcome.HELD, "4.3", Matter.UNVERIFIED_STAFF)


def test_a_staff_reply_is_one_whatever_message_id_its_program_reuses() -> None:
    """behaviour.md 4.3, before 2.1's other content"""
    earlier = KnownMail("m1@acme.example", Direction.IN, "staff_reply", MORNING, TICKET.id, SAM.address, "x")
    facts = replace(KNOWN, same_message_id=(earlier,))
    assert found(hearing(mail(SAM), facts, signed(TokenRole.STAFF, SAM))).outcome is Outcome.STAFF_REPLY


@pytest.mark.parametrize("words", ["", "> [ for staff only ]\n> due 08:12"])
def test_a_staff_reply_without_a_word_for_the_customer_is_held(words: str) -> None:
    """behaviour.md 4.2: an empty mail is no answer, and stops no clock."""
    heard = hearing(mail(SAM, reply_text=words), KNOWN, signed(TokenRole.STAFF, SAM))
    finding = found(heard)
    assert (finding.outcome, finding.rule, finding.matter) == (Outcome.HELD, "4.2", Matter.NOTHING_SAID)
    let_through = replace(heard, arrival=replace(heard.arrival, released=True))
    assert found(let_through).outcome is Outcome.STAFF_REPLY


def test_a_staff_reply_that_only_quotes_is_held() -> None:
    """behaviour.md 4.2: the customer's own words are no answer, and stop no clock."""
    quoting = replace(mail(SAM, reply_text="> It burns."), only_quotes=True)
    finding = found(hearing(quoting, KNOWN, signed(TokenRole.STAFF, SAM)))
    assert (finding.outcome, finding.rule, finding.matter) == (Outcome.HELD, "4.2", Matter.NOTHING_SAID)


def test_a_file_alone_is_an_answer() -> None:
    file = Attachment("new.bin", "application/octet-stream", 9, "")
    heard = hearing(mail(SAM, reply_text="", attachments=(file,)), KNOWN, signed(TokenRole.STAFF, SAM))
    assert found(heard).outcome is Outcome.STAFF_REPLY


def test_a_staff_address_of_a_ticket_that_is_not_this_accounts_gives_no_rights() -> None:
    """behaviour.md 4.3"""
    assert found(hearing(mail(SAM), Facts(), signed(TokenRole.STAFF, SAM))).outcome is Outcome.HELD


def test_the_signed_address_finds_the_ticket_whoever_uses_it() -> None:
    """behaviour.md 3.3"""
    expected = Finding(Outcome.REPLY, "3.3", "the signed address of the ticket", TICKET)
    assert found(hearing(mail(EVE), KNOWN, signed(TokenRole.CUSTOMER, BOB))) == expected


def test_references_find_the_ticket_for_the_accounts_own_people() -> None:
    """behaviour.md 3.3"""
    facts = replace(KNOWN, referenced=(ACK,))
    reason = "In-Reply-To or References name a mail of the ticket"
    assert found(hearing(mail(Mailbox("carol@acme.example")), facts)) == Finding(
        Outcome.REPLY, "3.3", reason, TICKET
    )


def test_references_find_nothing_for_strangers() -> None:
    """behaviour.md 3.3"""
    assert found(hearing(mail(EVE), replace(KNOWN, referenced=(ACK,)))).outcome is Outcome.HELD


def test_a_subject_never_joins_two_mails() -> None:
    """behaviour.md 3.3"""
    assert found(hearing(mail(subject="Re: [ACME-42] Printer on fire"))).outcome is Outcome.NEW_TICKET


def test_a_stranger_is_held_or_accepted_as_the_account_says() -> None:
    """behaviour.md 2.7"""
    reason = "the sender is in none of the account's domains and contacts"
    held = Finding(Outcome.HELD, "2.7", reason, hold=HoldKind.HELD, matter=Matter.HELD)
    for how in (UnknownSenders.HOLD, UnknownSenders.REJECT):
        assert found(hearing(mail(EVE), account=accepting(how))) == held
    assert found(hearing(mail(EVE), account=accepting(UnknownSenders.ACCEPT))).outcome is Outcome.NEW_TICKET


def test_a_released_mail_is_decided_as_if_its_sender_were_allowed() -> None:
    """behaviour.md 2.7"""
    heard = hearing(mail(EVE))
    released = replace(heard, arrival=replace(heard.arrival, released=True))
    assert found(released).outcome is Outcome.NEW_TICKET


def test_a_contact_is_one_of_the_companys_people() -> None:
    """behaviour.md 2.7"""
    account = replace(ACME, contacts=frozenset({EVE.address}))
    assert found(hearing(mail(EVE), account=account)).outcome is Outcome.NEW_TICKET


def test_a_number_of_somebody_elses_opens_a_ticket_and_it_is_told_why() -> None:
    """behaviour.md 3.3"""
    finding = found(hearing(mail(Mailbox("erin@acme.example"), "Re: [ACME-42] fire"), KNOWN))
    reason = "a new matter: erin@acme.example is not on ACME-42, which its subject names"
    assert (finding.outcome, finding.rule, finding.reason) == (Outcome.NEW_TICKET, "2.9", reason)


def test_a_plan_without_tickets_opens_none() -> None:
    """behaviour.md 2.8"""
    finding = found(hearing(mail(), account=replace(ACME, plan="none")))
    expected = (Outcome.NOT_ENTITLED, "2.8", "This plan has no tickets.", HoldKind.NOT_ENTITLED)
    assert (finding.outcome, finding.rule, finding.reason, finding.hold) == expected


def test_everything_else_is_a_new_ticket_with_what_the_policy_promises() -> None:
    """behaviour.md 2.9"""
    finding = found(hearing(mail()))
    assert (finding.outcome, finding.rule, finding.reason) == (Outcome.NEW_TICKET, "2.9", "a new matter")
    assert finding.promise is not None
    assert (finding.promise.asked, finding.promise.priority) == ("P2", "P2")
    assert [target.due for target in finding.promise.targets] == [read("2026-11-20T16:00:00Z")]


def test_the_first_rule_that_holds_wins() -> None:
    """behaviour.md 2"""
    everything = replace(KNOWN, same_identity=FIRST, own=ACK, referenced=(ACK,))
    message = mail(EVE, verdict=MACHINE, loop_marks=("support.example.com",))
    heard: Hearing = hearing(message, everything, signed(TokenRole.STAFF, SAM))
    assert found(heard).rule == "2.1"
    assert found(replace(heard, facts=replace(everything, same_identity=None))).rule == "2.2"


def test_a_promise_starts_at_acceptance_never_at_a_date_field() -> None:
    """policies.md, Business time 6"""
    early = mail(subject="[P1] down", date=read("2020-01-01T00:00:00Z"))
    promise = found(hearing(early)).promise
    assert promise is not None
    assert promise.targets[0].due == read("2026-11-20T13:00:00Z")
    assert read("2026-11-20T12:00:00Z") == NOON
