"""core/staffconsequence: what a mail of staff brings about, and what it would (`/check`)."""

from dataclasses import replace
from textwrap import indent

import pytest

from mailgate.core.address import TokenRole, principal
from mailgate.core.change import Consequence, Fresh
from mailgate.core.command import Fault
from mailgate.core.consequence import consequence
from mailgate.core.event import MailNoted, TicketMerged
from mailgate.core.hearing import Finding
from mailgate.core.intake import found
from mailgate.core.message import Attachment, Mailbox
from mailgate.core.notice import CommandAnswer, InternalNote
from mailgate.core.outgoing import Draft, MailKind
from mailgate.core.participant import Participant, PeopleChanged, Side
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.desks import BOB, HEAD, KIM, NOON, SAM, hearing, mail, signed
from tests.core.test_intake import KNOWN, TICKET

CAROL = Mailbox("carol@acme.example", "Carol")
DAVE = Mailbox("dave@acme.example")
SHARED = replace(TICKET, people=(Participant(CAROL),))
OTHER = replace(
    TICKET,
    id=TicketId(8),
    number=43,
    title="Scanner on fire",
    requester=DAVE,
    people=(Participant(KIM, Side.STAFF), Participant(CAROL)),
)
FILE = Attachment("manual.pdf", "application/pdf", 10, "0" * 64)


def said(text: str, *tickets: Ticket, files: tuple[Attachment, ...] = ()) -> tuple[Finding, Consequence]:
    """What Sam's mail on the first ticket was found to be, and what follows."""
    known = tickets or (SHARED,)
    facts = replace(KNOWN, tickets={one.id: one for one in known})
    message = mail(SAM, reply_text=text, text=text, attachments=files)
    heard = hearing(message, facts, signed(TokenRole.STAFF, SAM, known[0].id))
    finding = found(heard)
    return finding, consequence(finding, heard, HEAD, Fresh(TicketId(9), 44))


def mails(what: Consequence) -> list[tuple[MailKind, str]]:
    return [(draft.kind, draft.to[0].address) for draft in what.drafts]


def test_each_of_the_customers_people_gets_the_words_in_a_mail_of_their_own() -> None:
    """behaviour.md 3.6, 4.2: one envelope each, own signed address, and the others in Cc"""
    _, what = said("Use water.")
    bob, carol = what.drafts

    def signed_to(draft: Draft) -> tuple[object, ...]:
        return draft.to, draft.cc, draft.cause, draft.context

    assert signed_to(bob)[:3] == ((BOB,), (CAROL,), "relayed_reply:7:3")
    assert signed_to(carol)[:3] == (
        (CAROL,),
        (BOB,),
        f"relayed_reply:7:3:{principal(CAROL.address).hex()}",
    )
    assert bob.context == carol.context
    assert len({bob.reply_to, carol.reply_to, bob.reverse_path, carol.reverse_path}) == 4
    assert len({bob.message_id, carol.message_id}) == 2
    assert SAM.address not in repr((bob, carol))


def test_who_joins_or_leaves_by_the_mail_gets_its_words_or_does_not() -> None:
    """behaviour.md 4.4: commands come before the words"""
    _, what = said("/uncc carol@acme.example\n/cc dave@acme.example\nUse water.")
    assert mails(what) == [
        (MailKind.RELAYED_REPLY, BOB.address),
        (MailKind.RELAYED_REPLY, DAVE.address),
    ]
    assert [draft.cc for draft in what.drafts] == [(DAVE,), (BOB,)]


def test_the_end_is_told_to_each_of_them() -> None:
    """behaviour.md 3.6, 5.1"""
    assert mails(said("/resolve")[1]) == [
        (MailKind.RESOLUTION_NOTE, BOB.address),
        (MailKind.RESOLUTION_NOTE, CAROL.address),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/assign kim", ("Sam Rivera has given you this ticket: it is yours now",)),
        (
            "/cc kim@example.com",
            ("Sam Rivera has added you to this ticket: you get what is written on it",),
        ),
        (
            "/assign kim\n/cc KIM@example.com",
            (
                "Sam Rivera has added you to this ticket: you get what is written on it",
                "Sam Rivera has given you this ticket: it is yours now",
            ),
        ),
    ],
)
def test_staff_are_told_what_is_theirs_now_and_what_was_answered_with_it(
    text: str, told: tuple[str, ...]
) -> None:
    """behaviour.md 4.4"""
    for words, files in (("Kim will help you.", (FILE,)), ("", ())):
        _, what = said(f"{text}\n{words}", files=files)
        (note,) = (draft for draft in what.drafts if draft.kind is MailKind.INTERNAL_NOTE)
        assert isinstance(note.context, InternalNote)
        says = note.context
        assert (note.to, says.told, says.text, says.answered) == ((KIM,), told, words, bool(words))
        assert [file.filename for file in says.attachments] == [file.filename for file in files]


def test_what_is_answered_goes_to_whom_the_ticket_is_and_to_whom_follows_it_and_to_nobody_else() -> None:
    """behaviour.md 4.4"""
    answer = f"relayed_reply {BOB.address}"
    for ticket, expected in (
        (TICKET, [answer]),
        (replace(TICKET, assignee=SAM.address), [answer]),
        (replace(TICKET, assignee=KIM.address), [answer, f"internal_note {KIM.address}"]),
        (replace(TICKET, people=(Participant(KIM, Side.STAFF),)), [answer, f"internal_note {KIM.address}"]),
    ):
        _, what = said("Use water.", ticket)
        assert [f"{draft.kind} {draft.to[0].address}" for draft in what.drafts] == expected
        notes = [draft.context for draft in what.drafts if isinstance(draft.context, InternalNote)]
        assert all(note.answered for note in notes)


def test_who_does_it_is_told_nothing() -> None:
    assert said("/assign me\n/cc sam@example.com")[1].drafts == ()


def test_a_note_with_commands_alone_writes_to_nobody() -> None:
    """behaviour.md 4.4"""
    assert said("/note\n/ack")[1].drafts == ()
    assert mails(said("/note", files=(FILE,))[1]) == [(MailKind.INTERNAL_NOTE, KIM.address)]


def test_a_merge_brings_the_people_of_both_sides_together() -> None:
    """behaviour.md 3.4, 3.6"""
    _, what = said("/merge ACME-43\nIt is the same fire.", SHARED, OTHER)
    assert mails(what) == [
        (MailKind.RELAYED_REPLY, BOB.address),
        (MailKind.RELAYED_REPLY, CAROL.address),
    ]
    assert TicketMerged in [type(event) for event in what.events]
    (also,) = what.beside
    change = next(event for event in also.events if isinstance(event, PeopleChanged))
    people = (*OTHER.people, Participant(BOB))
    assert change == PeopleChanged(NOON, people, (BOB.address,), (), SAM.address, "ACME-42 goes on in it")
    assert also.ticket.people == people


def test_a_merge_of_two_tickets_of_the_same_people_changes_nobody() -> None:
    """behaviour.md 3.4"""
    _, what = said("/merge ACME-43", TICKET, replace(OTHER, requester=BOB, people=()))
    (also,) = what.beside
    assert [event for event in also.events if isinstance(event, PeopleChanged)] == []


WORDS = "your words would go to bob@acme.example and carol@acme.example"
SILENT = "no words would go to the customer"
NOTHING = "nothing would happen: it says nothing to the customer, and has no other command"


@pytest.mark.parametrize(
    ("text", "would"),
    [
        ("/check", (NOTHING,)),
        ("/check\nUse water.", ("its response would be met", WORDS)),
        (
            "/check\n/wait\nWhich?",
            ("its response would be met", "it would wait for its customer", WORDS),
        ),
        (
            "/resolve\n/check",
            (
                "it would be resolved",
                "bob@acme.example and carol@acme.example would be told that it is resolved",
                SILENT,
            ),
        ),
        ("/check\n/ack", ("you would have it, and nobody else would be woken", SILENT)),
        (
            "/check\n/priority P1",
            (
                "its priority would be raised from P2 to P1",
                "sam@example.com and kim@example.com would be woken",
                SILENT,
            ),
        ),
        ("/check\n/priority P3", ("its priority would be corrected from P2 to P3", SILENT)),
        (
            "/check\n/assign kim\n/cc dave@acme.example\n/uncc carol@acme.example\nHello.",
            (
                "dave@acme.example would get copies from now on",
                "carol@acme.example would get no more copies",
                "kim@example.com would work on it",
                "its response would be met",
                "your words would go to bob@acme.example and dave@acme.example",
                "kim@example.com would be told of it inside",
            ),
        ),
        ("/check\n/note\nHe rang.", ("kim@example.com would be told of it inside", SILENT)),
        ("/check\n/spam", ("it would be closed as spam, and later mail on it held", SILENT)),
        ("/check\n/merge ACME-43", ("it would go on in ACME-43: Scanner on fire", SILENT)),
    ],
)
def test_what_commands_and_words_would_do_is_told_to_who_asks_and_nothing_is_done(
    text: str, would: tuple[str, ...]
) -> None:
    """behaviour.md 4.4"""
    finding, what = said(text, SHARED, OTHER)
    (draft,) = what.drafts
    assert isinstance(draft.context, CommandAnswer)
    assert (draft.context.faults, draft.context.would) == ((), would)
    assert (draft.to, draft.context.text) == ((SAM,), text)
    assert finding.work is not None
    assert (what.ticket, what.events, what.beside) == (
        SHARED,
        (MailNoted(NOON, SAM.address, finding.work.said),),
        (),
    )


def test_of_a_resolved_ticket_and_of_spam_it_is_told_what_reopening_does() -> None:
    """behaviour.md 4.4"""
    for status, sentence in (
        (Status.RESOLVED, "it would be open again"),
        (Status.CLOSED, "it would be open again, and no spam"),
    ):
        ended = replace(SHARED, status=status, resolved=NOON, clocks=())
        (draft,) = said("/check\n/reopen", ended)[1].drafts
        assert isinstance(draft.context, CommandAnswer)
        assert draft.context.would == (sentence, SILENT)


def test_a_file_alone_is_an_answer_to_be_checked_too() -> None:
    """behaviour.md 4.2"""
    (draft,) = said("/check", files=(FILE,))[1].drafts
    assert isinstance(draft.context, CommandAnswer)
    assert draft.context.would == ("its response would be met", WORDS)


def test_a_check_of_what_does_not_hold_is_told_its_faults() -> None:
    """behaviour.md 4.4"""
    (draft,) = said("/check\n/reopen\n/assign Zoe\nHello.")[1].drafts
    assert isinstance(draft.context, CommandAnswer)
    assert draft.context.faults == (
        Fault("/reopen", "cannot be: ACME-42 is not resolved", "leave it out"),
        Fault("/assign Zoe", "names nobody of the staff", "write a name, an address, or me"),
    )
    assert draft.context.would == ()


def test_a_mail_that_quotes_the_note_of_a_colleague_does_not_pass_it_on() -> None:
    """behaviour.md 4.2, 4.4: a program that quotes without a sign, above or below the answer"""
    note = "[ for staff only ]\nA note of Sam Rivera. The customer does not get it:\n\nHe shouted.\n"
    quoted = f"{note}[ end of what is for staff only ]"
    for text in (
        f"Use water.\n{quoted}",
        f"{quoted}\nUse water.",
        f"{indent(quoted, '> ', lambda _: True)}\nUse water.",
    ):
        _, what = said(text, TICKET)
        assert [draft.context.text for draft in what.drafts] == ["Use water."]  # type: ignore[union-attr] # an answer
