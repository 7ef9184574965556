"""core/letterhead: how the desk signs its mail, and which thread each reader finds it in."""

from dataclasses import replace

from mailgate.core.address import Keys
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.instant import read
from mailgate.core.letterhead import Letterhead, Reader
from mailgate.core.notice import RelayedReply, StaffNotice, TargetWarning
from mailgate.core.outgoing import Draft
from mailgate.core.ticket import Seen, Status, Ticket, TicketId
from mailgate.core.tickethead import TicketHead
from tests.core.desks import BOB, KEYS, KIM, NOON, POLICY, SAM, desk

OLD_HEAD = Letterhead(desk(), KEYS)
NEW_HEAD = Letterhead(desk(), Keys(2, {**KEYS.secrets, 2: b"n" * 32}))
FRESH = Ticket(
    id=TicketId(7),
    account="acme",
    number=42,
    title="Printer on fire",
    priority="P2",
    status=Status.NEW,
    requester=BOB,
    opened=read("2026-11-20T09:00:00Z"),
    policy=POLICY.digest,
    plan="gold",
    thread=(Seen("m0@acme.example", (BOB.address,)),),
)
TOP = TicketHead("ACME-42", "Printer on fire", "Acme Corp", "P2", Status.NEW, BOB, "")
OPENING = StaffNotice(ticket=TOP, opened=True, writer=BOB, received=NOON, text="It burns.")
WARNING = TargetWarning(TOP, Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, NOON, NOON))
ANSWER = RelayedReply("ACME-42", "Printer on fire", "Sam Rivera", "Use water.")


def after(ticket: Ticket, *drafts: Draft) -> Ticket:
    """The ticket with these mails in its thread, as the store has it."""
    sent = (Seen(one.message_id, tuple(box.address for box in one.to)) for one in drafts)
    return replace(ticket, thread=(*ticket.thread, *sent))


def answer_to(ticket: Ticket, cause: str) -> Draft:
    """What staff write to the requester."""
    return OLD_HEAD.as_staff(ticket, Reader(BOB, ticket.seen_by(BOB.address)), cause, NOON, ANSWER)


def test_the_customer_finds_what_was_written_and_got_and_no_mail_between_staff() -> None:
    """behaviour.md 3.5"""
    notice = OLD_HEAD.to_staff(SAM, FRESH, "staff_notice:7:1", NOON, OPENING)
    answer = answer_to(after(FRESH, notice), "relayed_reply:7:2")
    assert (answer.in_reply_to, answer.references) == ("m0@acme.example", ("m0@acme.example",))
    later = answer_to(after(FRESH, notice, answer), "relayed_reply:7:3")
    assert (later.in_reply_to, later.references) == (
        answer.message_id,
        ("m0@acme.example", answer.message_id),
    )


def test_a_member_of_staff_keeps_one_thread_when_the_key_is_rotated() -> None:
    """behaviour.md 3.2, 3.5"""
    opening = OLD_HEAD.to_staff(SAM, FRESH, "staff_notice:7:1", NOON, OPENING)
    warning = NEW_HEAD.to_staff(SAM, after(FRESH, opening), "warning:7:response:1", NOON, WARNING)
    assert (opening.in_reply_to, opening.references) == ("", ())
    assert (warning.in_reply_to, warning.references) == (opening.message_id, (opening.message_id,))


def test_a_mail_of_staff_is_in_the_thread_of_who_wrote_it_and_of_nobody_else() -> None:
    """behaviour.md 3.5"""
    openings = [OLD_HEAD.to_staff(one, FRESH, "staff_notice:7:1", NOON, OPENING) for one in (SAM, KIM)]
    ticket = after(FRESH, *openings)
    ticket = replace(ticket, thread=(*ticket.thread, Seen("s1@example.com", (SAM.address,))))
    for member, seen in (
        (SAM, (openings[0].message_id, "s1@example.com")),
        (KIM, (openings[1].message_id,)),
    ):
        warning = OLD_HEAD.to_staff(member, ticket, "warning:7:response:1", NOON, WARNING)
        assert (warning.in_reply_to, warning.references) == (seen[-1], seen)


def test_what_is_written_together_with_the_opening_is_in_one_thread_with_it() -> None:
    opening = OLD_HEAD.to_staff(SAM, FRESH, "staff_notice:7:1", NOON, OPENING)
    page = OLD_HEAD.to_staff(SAM, FRESH, "page:7:1", NOON, WARNING)
    assert (page.in_reply_to, page.references) == (opening.message_id, (opening.message_id,))


def test_who_stood_in_cc_of_the_customers_mail_gets_the_notice_as_an_answer_to_it() -> None:
    copied = replace(FRESH, thread=(Seen("m0@acme.example", (BOB.address, SAM.address)),))
    opening = OLD_HEAD.to_staff(SAM, copied, "staff_notice:7:1", NOON, OPENING)
    page = OLD_HEAD.to_staff(SAM, copied, "page:7:1", NOON, WARNING)
    for draft in (opening, page):
        assert (draft.in_reply_to, draft.references) == ("m0@acme.example", ("m0@acme.example",))


def test_of_a_long_thread_the_first_and_the_newest_are_named() -> None:
    ids = [f"m{number}@acme.example" for number in range(40)]
    ticket = replace(FRESH, thread=tuple(Seen(one, (BOB.address,)) for one in ids))
    draft = answer_to(ticket, "relayed_reply:7:2")
    assert (draft.in_reply_to, draft.references) == (ids[-1], (ids[0], *ids[-11:]))
