"""core/consequence: what follows from a finding, for the ticket and for everybody's mailboxes."""

from dataclasses import replace

import pytest

from mailgate.core.account import AliasRole, UnknownSenders
from mailgate.core.address import ToAccount, TokenRole, destination
from mailgate.core.change import Consequence, Fresh, Hold, HoldKind, Outcome
from mailgate.core.clock import ClockState, TargetKind
from mailgate.core.consequence import consequence
from mailgate.core.event import (
    CustomerReplied,
    DeliveryDelayed,
    DeliveryFailed,
    MailNoted,
    PriorityRaised,
    ResponseWithdrawn,
    StaffReplied,
    TargetMissed,
    TicketOpened,
)
from mailgate.core.facts import Direction, Facts, KnownMail, SentMail
from mailgate.core.hearing import Finding, Hearing
from mailgate.core.instant import read
from mailgate.core.intake import found
from mailgate.core.internal import END
from mailgate.core.message import DeliveryReport, Mailbox, Origin, Verdict
from mailgate.core.notice import (
    Acknowledgement,
    DeliveryProblem,
    NotEntitled,
    OperatorNotice,
    Page,
    RelayedReply,
    StaffNotice,
)
from mailgate.core.outgoing import AutoSubmitted, Care, Draft, MailKind
from mailgate.core.ticket import Status, TicketId
from tests.core.desks import (
    ACME,
    BOB,
    DOMAIN,
    EVE,
    HEAD,
    KEYS,
    KIM,
    NOON,
    OPS,
    SAM,
    accepting,
    desk,
    hearing,
    mail,
    signed,
)
from tests.core.test_intake import ACK, KNOWN, MACHINE, MORNING, REPORT, RESPONSE, TICKET

FRESH = Fresh(TicketId(8), 43)


def follows(heard: Hearing) -> Consequence:
    return consequence(found(heard), heard, HEAD, FRESH)


def kinds(drafts: tuple[Draft, ...]) -> list[tuple[MailKind, str]]:
    return [(draft.kind, draft.to[0].address) for draft in drafts]


def test_a_new_mail_opens_a_ticket_answers_its_writer_and_tells_each_member_of_staff() -> None:
    """behaviour.md 2.9"""
    what = follows(hearing(mail(subject="Re: [P2] Printer  on fire")))
    assert what.ticket is not None
    assert (what.ticket.name, what.ticket.title, what.ticket.priority) == ("ACME-43", "Printer on fire", "P2")
    assert what.events == (TicketOpened(NOON, what.ticket, "a new matter"),)
    assert [(clock.kind, clock.started, clock.due) for clock in what.ticket.clocks] == [
        (TargetKind.RESPONSE, NOON, read("2026-11-20T16:00:00Z"))
    ]
    assert kinds(what.drafts) == [
        (MailKind.ACKNOWLEDGEMENT, BOB.address),
        (MailKind.STAFF_NOTICE, SAM.address),
        (MailKind.STAFF_NOTICE, KIM.address),
    ]


def test_the_words_of_a_stranger_do_not_go_back_by_themselves() -> None:
    """behaviour.md 5.3: whoever forges a From would have us write them to anybody, from our good name"""
    heard = hearing(mail(EVE, "Buy at https://evil.example"), account=accepting(UnknownSenders.ACCEPT))
    let_in = replace(heard, arrival=replace(heard.arrival, released=True))
    titles = []
    for one in (heard, let_in, hearing(mail())):
        says = follows(one).drafts[0].context
        assert isinstance(says, Acknowledgement)
        titles.append(says.title)
    assert titles == ["", "Buy at https://evil.example", "Printer on fire"]


def test_an_acknowledgement_is_automatic_mail_in_the_customers_thread() -> None:
    """behaviour.md 5.2, 3.2, 3.5"""
    acknowledgement = follows(hearing(mail())).drafts[0]
    assert isinstance(acknowledgement.context, Acknowledgement)
    assert (acknowledgement.reverse_path, acknowledgement.auto) == ("", AutoSubmitted.REPLIED)
    assert (acknowledgement.care, acknowledgement.cause) == (Care.AT_MOST_ONCE, "acknowledgement:8")
    assert acknowledgement.in_reply_to == "m1@acme.example"
    back = destination(acknowledgement.reply_to, desk(), KEYS)
    assert back == replace(signed(TokenRole.CUSTOMER, BOB, 8), alias="acme")


def test_each_member_of_staff_gets_an_address_and_a_thread_of_their_own() -> None:
    """behaviour.md 4.1, 3.5"""
    opening = follows(hearing(mail())).drafts[1:]
    later = follows(
        hearing(mail(), replace(KNOWN, tickets={TICKET.id: TICKET}), signed(TokenRole.CUSTOMER, BOB))
    ).drafts
    assert [destination(draft.reply_to, desk(), KEYS) for draft in opening] == [
        signed(TokenRole.STAFF, SAM, 8),
        signed(TokenRole.STAFF, KIM, 8),
    ]
    assert opening[0].message_id != opening[1].message_id
    assert (opening[0].in_reply_to, opening[0].references) == ("", ())
    assert later[0].references == (later[0].in_reply_to,)


def test_nothing_that_a_customer_writes_reads_as_the_end_of_what_is_for_staff() -> None:
    """behaviour.md 4.2: a reply quotes the notice, and what follows that mark is shown to the customer."""
    forged = f"[P1] {END}"
    heard = hearing(mail(Mailbox(BOB.address, END), forged, text=END, reply_text=END))
    notices = [draft.context for draft in follows(heard).drafts]
    assert [type(one) for one in notices] == [Acknowledgement, StaffNotice, StaffNotice, Page, Page]
    assert not [one for one in notices[1:] if END in repr(one)]


def test_a_page_goes_out_when_the_priority_says_so() -> None:
    """behaviour.md 2.9"""
    what = follows(hearing(mail(subject="[P1] Everything is down")))
    pages = [draft for draft in what.drafts if isinstance(draft.context, Page)]
    assert [page.to for page in pages] == [(SAM,), (KIM,)]


@pytest.mark.parametrize(
    ("sender", "verdict", "reverse_path"),
    [
        (BOB, MACHINE, BOB.address),
        (BOB, Verdict(Origin.PERSON), ""),
        (Mailbox(f"acme@{DOMAIN}"), Verdict(Origin.PERSON), f"acme@{DOMAIN}"),
    ],
)
def test_a_machine_the_null_path_and_ourselves_are_never_answered(
    sender: Mailbox, verdict: Verdict, reverse_path: str
) -> None:
    """behaviour.md 5.5, 2.4"""
    heard = hearing(
        mail(sender, verdict=verdict), account=replace(ACME, contacts=frozenset({f"acme@{DOMAIN}"}))
    )
    arrival = replace(heard.arrival, envelope=replace(heard.arrival.envelope, reverse_path=reverse_path))
    what = follows(replace(heard, arrival=arrival))
    assert kinds(what.drafts) == [(MailKind.STAFF_NOTICE, SAM.address), (MailKind.STAFF_NOTICE, KIM.address)]


def test_a_staff_reply_stops_the_response_clock_when_it_was_accepted_and_goes_out_as_the_alias() -> None:
    """behaviour.md 4.2"""
    words = "Have you tried water?\n\nSam"
    message = mail(SAM, reply_text=words)
    what = follows(hearing(message, KNOWN, signed(TokenRole.STAFF, SAM)))
    met = replace(RESPONSE, state=ClockState.MET, stopped=NOON)
    reason = "From is the person whom this address was made for"
    assert what.events == (StaffReplied(NOON, SAM.address, reason, (met,)),)
    (draft,) = what.drafts
    assert draft.context == RelayedReply(
        "ACME-42", "Printer on fire", "Sam Rivera", "Have you tried water?\n\nSam"
    )
    assert draft.sender == Mailbox(f"acme@{DOMAIN}", "Sam Rivera (Example Support)")
    assert (draft.in_reply_to, draft.care) == (ACK.message_id, Care.AT_LEAST_ONCE)
    bounce = destination(draft.reverse_path, desk(), KEYS)
    assert bounce == signed(TokenRole.BOUNCE, BOB)


def test_a_late_staff_reply_does_not_unmiss_the_clock() -> None:
    """policies.md, Business time 5, 10"""
    late = read("2026-11-20T13:00:00.001Z")
    what = follows(hearing(mail(SAM, reply_text="Late."), KNOWN, signed(TokenRole.STAFF, SAM), received=late))
    missed = replace(RESPONSE, state=ClockState.MISSED, stopped=late, detected=late)
    assert [event.clocks for event in what.events if isinstance(event, StaffReplied)] == [(missed,)]


def test_what_is_for_staff_alone_never_reaches_the_customer() -> None:
    """behaviour.md 4.2"""
    notice = follows(hearing(mail(), KNOWN, signed(TokenRole.CUSTOMER, BOB))).drafts[0]
    quoted = f"> Reply-To: {notice.reply_to}\n> sam@example.com wrote\n> It burns."
    what = follows(hearing(mail(SAM, reply_text=f"Water.\n{quoted}"), KNOWN, signed(TokenRole.STAFF, SAM)))
    assert isinstance(what.drafts[0].context, RelayedReply)
    assert what.drafts[0].context.text == "Water.\n> It burns."


def test_a_customers_reply_is_told_to_staff_and_answered_by_nobody() -> None:
    """behaviour.md 4.1"""
    what = follows(hearing(mail(subject="Re: fire"), KNOWN, signed(TokenRole.CUSTOMER, BOB)))
    assert what.events == (CustomerReplied(NOON, BOB.address, "the signed address of the ticket"),)
    assert kinds(what.drafts) == [(MailKind.STAFF_NOTICE, SAM.address), (MailKind.STAFF_NOTICE, KIM.address)]


def test_staff_see_when_a_strangers_reply_came_by_the_tickets_address() -> None:
    what = follows(hearing(mail(EVE), KNOWN, signed(TokenRole.CUSTOMER, BOB)))
    assert isinstance(what.drafts[0].context, StaffNotice)
    assert what.drafts[0].context.flags == (
        "eve@evil.example is not one of the company's people; the ticket's own address was used.",
    )


def test_a_tag_in_a_reply_raises_the_priority_from_that_moment_on() -> None:
    """policies.md, Tags in a subject; Business time 9"""
    what = follows(hearing(mail(subject="Re: [P1] fire"), KNOWN, signed(TokenRole.CUSTOMER, BOB)))
    assert what.ticket is not None
    (raised,) = [event for event in what.events if isinstance(event, PriorityRaised)]
    assert (raised.before, raised.after) == ("P2", "P1")
    # An hour from noon is not earlier than what P2 had promised: the response still follows that.
    assert [(clock.kind, clock.priority, clock.due) for clock in raised.clocks] == [
        (TargetKind.RESOLUTION, "P1", read("2026-11-22T12:00:00Z")),
    ]
    assert MailKind.PAGE in [draft.kind for draft in what.drafts]


def test_staff_are_told_that_a_reply_has_raised_the_priority() -> None:
    """behaviour.md 4.1"""
    what = follows(hearing(mail(subject="Re: [P1] fire"), KNOWN, signed(TokenRole.CUSTOMER, BOB)))
    told = [draft.context.flags for draft in what.drafts if isinstance(draft.context, StaffNotice)]
    assert set(told) == {("this mail has raised the priority from P2 to P1",)}


def test_a_tag_in_a_reply_never_lowers_the_priority() -> None:
    """policies.md, Tags in a subject"""
    what = follows(hearing(mail(subject="Re: [P3] fire"), KNOWN, signed(TokenRole.CUSTOMER, BOB)))
    assert [type(event) for event in what.events] == [CustomerReplied]


DAEMON = Mailbox("mailer-daemon@x")
REPLY = KnownMail("r1@d", Direction.OUT, MailKind.RELAYED_REPLY, MORNING, TICKET.id)
SECOND = KnownMail("r2@d", Direction.OUT, MailKind.RELAYED_REPLY, read("2026-11-20T10:30:00Z"), TICKET.id)
FIRST_AT = read("2026-11-20T09:30:00Z")
WORDS = KnownMail("s1@x", Direction.IN, Outcome.STAFF_REPLY, FIRST_AT, TICKET.id, SAM.address)
SECOND_WORDS = replace(WORDS, message_id="s2@x", at=read("2026-11-20T10:29:00Z"))
SENT = SentMail("r1@d", MailKind.RELAYED_REPLY, (BOB.address,), "Re: fire", TICKET.id)
ANSWERED = replace(RESPONSE, state=ClockState.MET, stopped=FIRST_AT)


def bounced(*replies: KnownMail, at: str, report: DeliveryReport = REPORT) -> Consequence:
    facts = Facts(
        tickets={TICKET.id: replace(TICKET, clocks=(ANSWERED,))}, threads={TICKET.id: replies}, sent=(SENT,)
    )
    message = mail(
        Mailbox("mailer-daemon@x"), verdict=Verdict(Origin.DELIVERY_REPORT, "RFC 3464"), report=report
    )
    return follows(hearing(message, facts, signed(TokenRole.BOUNCE, BOB), received=read(at)))


def test_a_report_that_anybody_could_have_written_withdraws_nothing() -> None:
    """behaviour.md 2.3: others have seen its Message-ID, and only servers on its way its signed address"""
    facts = Facts(
        tickets={TICKET.id: replace(TICKET, clocks=(ANSWERED,))},
        threads={TICKET.id: (WORDS, REPLY)},
        sent=(SENT,),
    )
    message = mail(DAEMON, verdict=Verdict(Origin.DELIVERY_REPORT, "RFC 3464"), report=REPORT)
    what = follows(hearing(message, facts))
    assert what.events == (DeliveryFailed(NOON, REPORT, MailKind.RELAYED_REPLY, "no such user", None, ""),)
    assert what.ticket is not None
    assert what.ticket.clocks == (ANSWERED,)
    told = what.drafts[0].context
    assert isinstance(told, DeliveryProblem)
    reason = "the report did not come to the address that only this mail had, so it withdraws nothing"
    assert (told.follows, told.withdrawn) == (reason, ())
    proven = bounced(WORDS, REPLY, at="2026-11-20T12:30:00Z")
    assert {draft.cause for draft in what.drafts}.isdisjoint(draft.cause for draft in proven.drafts)


def test_a_bounced_staff_reply_is_no_response_and_staff_are_told() -> None:
    """behaviour.md 2.3; edge case 33"""
    at = read("2026-11-20T12:30:00Z")
    what = bounced(WORDS, REPLY, at="2026-11-20T12:30:00Z")
    assert what.events == (
        DeliveryFailed(at, REPORT, MailKind.RELAYED_REPLY, "no such user", FIRST_AT, "r1@d"),
        ResponseWithdrawn(at, FIRST_AT, None, "the reply was never delivered", (RESPONSE,)),
    )
    assert kinds(what.drafts) == [
        (MailKind.DELIVERY_PROBLEM, SAM.address),
        (MailKind.DELIVERY_PROBLEM, KIM.address),
    ]
    assert isinstance(what.drafts[0].context, DeliveryProblem)
    assert what.drafts[0].context.withdrawn == (RESPONSE,)


def test_a_reply_that_bounces_after_the_due_instant_leaves_a_missed_clock() -> None:
    """behaviour.md 2.3"""
    what = bounced(WORDS, REPLY, at="2026-11-20T14:00:00Z")
    missed = replace(RESPONSE, state=ClockState.MISSED, detected=read("2026-11-20T14:00:00Z"))
    assert what.events[2:] == (TargetMissed(RESPONSE.due, missed),)
    assert what.ticket is not None
    assert what.ticket.clocks == (missed,)


def test_a_second_reply_that_arrived_is_the_response_when_the_first_bounced() -> None:
    what = bounced(WORDS, REPLY, SECOND_WORDS, SECOND, at="2026-11-20T12:30:00Z")
    (withdrawn,) = [event for event in what.events if isinstance(event, ResponseWithdrawn)]
    assert withdrawn.clocks == (replace(RESPONSE, state=ClockState.MET, stopped=SECOND_WORDS.at),)


def test_a_later_reply_that_bounces_leaves_the_response_to_the_first() -> None:
    """behaviour.md 2.3"""
    facts = Facts(
        tickets={TICKET.id: replace(TICKET, clocks=(ANSWERED,))},
        threads={TICKET.id: (WORDS, REPLY, SECOND_WORDS, SECOND)},
        sent=(replace(SENT, message_id=SECOND.message_id),),
    )
    message = mail(DAEMON, verdict=Verdict(Origin.DELIVERY_REPORT, "RFC 3464"), report=REPORT)
    assert [type(event) for event in follows(hearing(message, facts)).events] == [DeliveryFailed]


def test_a_reply_of_a_ticket_that_was_merged_away_starts_no_clock_there_again() -> None:
    """behaviour.md 2.3, 3.4: its promises go on in the other ticket"""
    merged = replace(TICKET, status=Status.CLOSED, clocks=(ANSWERED,), merged_into=TicketId(9))
    facts = Facts(tickets={TICKET.id: merged}, threads={TICKET.id: (WORDS, REPLY)}, sent=(SENT,))
    message = mail(DAEMON, verdict=Verdict(Origin.DELIVERY_REPORT, "RFC 3464"), report=REPORT)
    what = follows(hearing(message, facts))
    assert [type(event) for event in what.events] == [DeliveryFailed]
    assert kinds(what.drafts) == [
        (MailKind.DELIVERY_PROBLEM, SAM.address),
        (MailKind.DELIVERY_PROBLEM, KIM.address),
    ]


def test_a_delay_is_only_noted() -> None:
    """behaviour.md 2.3"""
    delay = replace(REPORT, action="delayed")
    what = bounced(WORDS, REPLY, at="2026-11-20T12:30:00Z", report=delay)
    assert what.events == (DeliveryDelayed(read("2026-11-20T12:30:00Z"), delay, "RFC 3464"),)
    assert what.drafts == ()


def test_a_report_of_success_is_a_note() -> None:
    """behaviour.md 2.3: what arrived, or was passed on, has not failed"""
    relayed = replace(REPORT, action="relayed", status="2.0.0")
    what = bounced(WORDS, REPLY, at="2026-11-20T12:30:00Z", report=relayed)
    assert what.events == (MailNoted(read("2026-11-20T12:30:00Z"), "mailer-daemon@x", "RFC 3464"),)
    assert what.drafts == ()


def test_a_report_of_a_mail_to_staff_is_told_to_nobody() -> None:
    """A bounced notice to staff must not make another notice to staff."""
    notice = replace(SENT, kind=MailKind.STAFF_NOTICE)
    facts = replace(KNOWN, sent=(notice,))
    message = mail(
        Mailbox("mailer-daemon@x"), verdict=Verdict(Origin.DELIVERY_REPORT, "RFC 3464"), report=REPORT
    )
    assert follows(hearing(message, facts)).drafts == ()


def test_a_note_moves_nothing_and_tells_nobody() -> None:
    """behaviour.md 2.4"""
    what = follows(hearing(mail(verdict=MACHINE), KNOWN, signed(TokenRole.CUSTOMER, BOB)))
    assert what.events == (MailNoted(NOON, BOB.address, "Auto-Submitted: auto-replied"),)
    assert what.drafts == ()


def test_a_held_mail_is_told_to_the_operators_and_not_answered() -> None:
    """behaviour.md 2.7"""
    what = follows(hearing(mail(EVE)))
    assert what.hold == Hold(HoldKind.HELD, EVE.address, "[P2] Printer on fire")
    (draft,) = what.drafts
    assert isinstance(draft.context, OperatorNotice)
    assert (draft.to, draft.cause) == ((OPS,), "operator_notice:held:acme:eve@evil.example:2026-11-20")


def test_who_is_not_entitled_gets_one_courteous_answer_and_no_ticket() -> None:
    """behaviour.md 2.8"""
    what = follows(hearing(mail(), account=replace(ACME, plan="none")))
    assert (what.ticket, what.events) == (None, ())
    assert what.hold == Hold(HoldKind.NOT_ENTITLED, BOB.address, "[P2] Printer on fire")
    (draft,) = what.drafts
    assert isinstance(draft.context, NotEntitled)
    assert draft.context.reasons == ("This plan has no tickets.",)


def test_a_duplicate_changes_nothing() -> None:
    """behaviour.md 2.1"""
    heard = hearing(mail(), KNOWN)
    assert consequence(Finding(Outcome.DUPLICATE, "2.1", "again"), heard, HEAD, FRESH) == Consequence()


def test_an_on_call_alias_gives_the_mail_its_role() -> None:
    """policies.md, Words"""
    arrival = replace(hearing(mail()).arrival, routes=(ToAccount("acme", "acme-oncall", AliasRole.ON_CALL),))
    assert arrival.role is AliasRole.ON_CALL
