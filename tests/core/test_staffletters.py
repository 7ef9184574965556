"""core/staffletters: what a mail of staff makes others read."""

from dataclasses import replace

import pytest

from mailgate.core.address import TokenRole
from mailgate.core.change import Consequence, Fresh, Outcome
from mailgate.core.clock import ClockState
from mailgate.core.consequence import consequence
from mailgate.core.event import PageSent, PriorityRaised, TicketResolved
from mailgate.core.facts import Direction, Facts, KnownMail
from mailgate.core.hearing import Finding
from mailgate.core.instant import read
from mailgate.core.intake import found
from mailgate.core.message import Attachment
from mailgate.core.notice import CommandAnswer, InternalNote, RelayedReply, ResolutionNote
from mailgate.core.outgoing import AutoSubmitted, Care, MailKind
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.desks import ACME, BOB, EVE, HEAD, KIM, NOON, SAM, hearing, mail, signed
from tests.core.test_intake import ACK, FIRST, KNOWN, MACHINE, TICKET

LOGO = Attachment("logo.png", "image/png", 100, "0" * 64, inline=True)


def sent(text: str, facts: Facts = KNOWN, files: tuple[Attachment, ...] = ()) -> tuple[Finding, Consequence]:
    """What a mail of Sam's was found to be, and what follows."""
    heard = hearing(mail(SAM, reply_text=text, attachments=files), facts, signed(TokenRole.STAFF, SAM))
    finding = found(heard)
    return finding, consequence(finding, heard, HEAD, Fresh(TicketId(8), 43))


def known(ticket: Ticket) -> Facts:
    return replace(KNOWN, tickets={ticket.id: ticket})


def kinds(what: Consequence) -> list[tuple[MailKind, str]]:
    return [(draft.kind, draft.to[0].address) for draft in what.drafts]


def test_the_words_below_the_commands_go_to_the_customer_and_the_commands_do_not() -> None:
    """behaviour.md 4.2"""
    finding, what = sent("\n /ACK\n/wait\n\nHave you tried water?\n\nSam")
    assert (finding.outcome, finding.rule, finding.reason) == (
        Outcome.STAFF_REPLY,
        "2.5",
        "an answer, with /ack, /wait",
    )
    (draft,) = what.drafts
    assert draft.context == RelayedReply(
        "ACME-42", "Printer on fire", "Sam Rivera", "Have you tried water?\n\nSam"
    )


@pytest.mark.parametrize("text", ["/ack", "/wait\n\n", "/ack\nsam@example.com wrote:"])
def test_commands_without_words_are_no_answer(text: str) -> None:
    """behaviour.md 4.2: a logo or a signed mail's file makes no answer of them"""
    finding, what = sent(text, files=(LOGO,))
    assert (finding.outcome, finding.rule) == (Outcome.NOTE, "4.4")
    assert what.drafts == ()
    assert what.ticket is not None
    assert what.ticket.clocks[0].state is ClockState.RUNNING
    assert what.ticket.answered is None


def test_the_customer_is_told_the_end_and_until_when_a_reply_reopens_it() -> None:
    """behaviour.md 5.1, 5.2"""
    _, what = sent("/resolve")
    (draft,) = what.drafts
    assert draft.context == ResolutionNote(
        ticket="ACME-42",
        title="Printer on fire",
        staff="Sam Rivera",
        resolved=NOON,
        reopens_until=read("2026-12-04T12:00:00Z"),
        links=HEAD.links({"Status": "https://status.example.com"}),
        zone="Europe/London",
    )
    assert (draft.to, draft.auto, draft.care, draft.reverse_path) == (
        (BOB,),
        AutoSubmitted.REPLIED,
        Care.AT_MOST_ONCE,
        "",
    )
    assert draft.in_reply_to == ACK.message_id


def test_a_machine_whose_mail_opened_the_ticket_is_not_told_the_end() -> None:
    """behaviour.md 5.5"""
    _, what = sent("/resolve", replace(KNOWN, threads={TICKET.id: (FIRST,)}))
    assert (what.drafts, [type(event) for event in what.events]) == ((), [TicketResolved])


def test_who_has_replied_since_is_a_person_and_is_told() -> None:
    reply = KnownMail("m9@acme.example", Direction.IN, Outcome.REPLY, NOON, TICKET.id, BOB.address)
    _, what = sent("/resolve", replace(KNOWN, threads={TICKET.id: (FIRST, reply)}))
    assert kinds(what) == [(MailKind.RESOLUTION_NOTE, BOB.address)]


def test_a_note_goes_to_the_others_of_the_staff_alone() -> None:
    """behaviour.md, commands in a staff reply"""
    finding, what = sent("/note\nHe shouted.")
    (draft,) = what.drafts
    assert isinstance(draft.context, InternalNote)
    assert (finding.outcome, draft.to, draft.context.writer, draft.context.text) == (
        Outcome.NOTE,
        (KIM,),
        SAM,
        "He shouted.",
    )


def test_a_wrong_command_is_told_to_who_wrote_it_and_to_nobody_else() -> None:
    """behaviour.md, commands in a staff reply"""
    finding, what = sent("/wayt\nUse water.")
    (draft,) = what.drafts
    assert isinstance(draft.context, CommandAnswer)
    assert (finding.reason, draft.to, draft.cause.split(":")[0]) == (
        "nothing was done: a line is no command",
        (SAM,),
        "command_answer",
    )
    assert draft.context.text == "/wayt\nUse water."
    assert what.ticket == TICKET


@pytest.mark.parametrize(
    ("text", "paged"), [("/priority P1", 2), ("/priority P1\n/ack", 0), ("/priority P1\nOn it.", 0)]
)
def test_a_raise_wakes_people_unless_who_raised_it_is_at_work(text: str, paged: int) -> None:
    """behaviour.md 6.4"""
    _, what = sent(text)
    assert PriorityRaised in [type(event) for event in what.events]
    assert [draft.kind for draft in what.drafts].count(MailKind.PAGE) == paged
    assert [type(event) for event in what.events].count(PageSent) == min(paged, 1)


def test_a_customer_reopens_and_staff_are_told_that_it_did() -> None:
    """behaviour.md 3.4"""
    resolved = known(replace(TICKET, status=Status.RESOLVED, resolved=read("2026-11-20T10:00:00Z")))
    heard = hearing(mail(), resolved, signed(TokenRole.CUSTOMER, BOB))
    what = consequence(found(heard), heard, HEAD, Fresh(TicketId(8), 43))
    assert what.ticket is not None
    assert (what.ticket.status, what.ticket.resolved) == (Status.OPEN, None)
    assert [draft.context.flags for draft in what.drafts] == [("this mail has reopened the ticket",)] * 2  # type: ignore[union-attr] # both are notices


def test_a_machine_never_reopens() -> None:
    """behaviour.md 2.4"""
    resolved = known(replace(TICKET, status=Status.RESOLVED, resolved=read("2026-11-20T10:00:00Z")))
    heard = hearing(mail(verdict=MACHINE), resolved, signed(TokenRole.CUSTOMER, BOB))
    what = consequence(found(heard), heard, HEAD, Fresh(TicketId(8), 43))
    assert what.ticket is not None
    assert what.ticket.status is Status.RESOLVED


LONG_AGO = replace(TICKET, status=Status.RESOLVED, resolved=read("2026-11-06T11:59:59.999Z"))


def test_too_late_is_a_new_ticket_that_names_the_old_one_on_both_sides() -> None:
    """behaviour.md 3.4"""
    heard = hearing(
        mail(subject="Re: [ACME-42] Printer on fire"), known(LONG_AGO), signed(TokenRole.CUSTOMER, BOB)
    )
    finding = found(heard)
    what = consequence(finding, heard, HEAD, Fresh(TicketId(8), 43))
    told = "ACME-43 continues ACME-42, which was resolved too long ago to be reopened"
    assert (finding.outcome, finding.rule, finding.continues) == (Outcome.NEW_TICKET, "3.4", LONG_AGO)
    assert what.ticket is not None
    assert what.ticket.title == "Printer on fire"
    acknowledgement, notice = [draft.context for draft in what.drafts[:2]]
    assert (acknowledgement.notes, notice.flags) == ((told,), (told,))  # type: ignore[union-attr] # as named
    (also,) = what.beside
    assert [event.reason for event in also.events] == [told]  # type: ignore[union-attr] # a note
    assert also.ticket.id == TICKET.id


def test_a_stranger_who_answers_too_late_is_a_stranger_and_the_requester_is_not() -> None:
    """behaviour.md 2.7, 3.4"""
    heard = hearing(mail(EVE), known(LONG_AGO), signed(TokenRole.CUSTOMER, BOB))
    assert found(heard).outcome is Outcome.HELD
    hers = known(replace(LONG_AGO, requester=EVE))
    heard = hearing(mail(EVE), hers, signed(TokenRole.CUSTOMER, EVE))
    assert found(heard).outcome is Outcome.NEW_TICKET


def test_a_late_answer_of_who_has_no_tickets_any_more_is_answered_courteously() -> None:
    """behaviour.md 2.8"""
    account = replace(ACME, plan="none")
    heard = hearing(mail(), known(LONG_AGO), signed(TokenRole.CUSTOMER, BOB), account)
    assert found(heard).outcome is Outcome.NOT_ENTITLED
