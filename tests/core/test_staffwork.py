"""core/staffwork: what the commands and words of staff do to a ticket, and what keeps them from it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.command import Fault, orders, strays
from mailgate.core.event import (
    Event,
    MailNoted,
    PriorityCorrected,
    PriorityRaised,
    StaffReplied,
    TicketDeescalated,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
)
from mailgate.core.history import course, folded
from mailgate.core.instant import read
from mailgate.core.message import Mailbox
from mailgate.core.move import Move, move_of
from mailgate.core.staffmail import StaffMail
from mailgate.core.staffwork import StaffWork, staff_work
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.histories import SAM, opened
from tests.core.policies import VENDOR

AT = read("2026-11-23T11:02:00Z")
MAIL = "the mail of Sam Rivera of 23 November, 11:02 UTC <s1@example.com>"
PERSON = "From is the person whom this address was made for"
TICKET = opened(read("2026-11-23T08:00:00Z"), "P2")
URGENT = opened(read("2026-11-23T08:00:00Z"), "P1")


def other(number: int, **fields: object) -> Ticket:
    """Another ticket of the account."""
    return replace(TICKET, id=TicketId(number), number=number, **fields)  # type: ignore[arg-type] # of Ticket


KNOWN: Mapping[TicketId, Ticket] = {
    one.id: one
    for one in (
        TICKET,
        other(41),
        other(40, status=Status.CLOSED, merged_into=TicketId(41)),
        other(39, status=Status.RESOLVED),
        other(38, status=Status.CLOSED, merged_into=TICKET.id),
        other(37, status=Status.CLOSED, merged_into=TicketId(36)),
        other(36, status=Status.CLOSED, merged_into=TicketId(37)),
    )
}


def work(text: str, ticket: Ticket = TICKET) -> StaffWork:
    mail = StaffMail(Mailbox(SAM, "Sam Rivera"), AT, "s1@example.com", text)
    return staff_work(mail, ticket, VENDOR, {**KNOWN, ticket.id: ticket})


def at_status(status: Status, ticket: Ticket = TICKET) -> Ticket:
    return replace(ticket, status=status, resolved=AT if status is Status.RESOLVED else None)


REPLIED = StaffReplied(AT, SAM, PERSON)
TAKEN = TicketTaken(AT, SAM, f"/ack in {MAIL}")
WAITS = TicketSetWaiting(AT, SAM, MAIL, f"/wait in {MAIL}")
RESOLVED = TicketResolved(AT, SAM, f"/resolve in {MAIL}")
REOPENED = TicketReopened(AT, SAM, f"/reopen in {MAIL}")
RAISED = PriorityRaised(AT, "P2", "P1", f"/priority in {MAIL}")
CORRECTED = PriorityCorrected(AT, "P2", "P3", f"/priority in {MAIL}")


@pytest.mark.parametrize(
    ("text", "status", "events"),
    [
        ("Use water.", Status.NEW, (REPLIED,)),
        ("Use water.", Status.RESOLVED, (REPLIED,)),  # it stays resolved
        ("/ack", Status.NEW, (TAKEN,)),
        ("/ack\nUse water.", Status.NEW, (TAKEN, REPLIED)),
        ("/wait", Status.OPEN, (WAITS,)),
        ("/wait\nWhich version?", Status.NEW, (REPLIED, WAITS)),
        ("/wait\nWhich version?", Status.WAITING, (REPLIED,)),  # it waits already, since the first mail
        ("/resolve", Status.WAITING, (RESOLVED,)),
        ("/resolve\nIt is out.", Status.OPEN, (REPLIED, RESOLVED)),
        ("/reopen", Status.RESOLVED, (REOPENED,)),
        ("/reopen\n/wait\nIs it?", Status.RESOLVED, (REOPENED, REPLIED, WAITS)),
        ("/reopen\n/priority P1", Status.RESOLVED, (REOPENED, RAISED)),
        ("/priority p1", Status.NEW, (RAISED,)),
        ("/PRIORITY critical", Status.NEW, (RAISED,)),  # a tag of it
        ("/priority P3\nIt is only smoke.", Status.NEW, (CORRECTED, REPLIED)),
        ("/wait\n/ack\n/priority P1\nOn it.", Status.NEW, (RAISED, TAKEN, REPLIED, WAITS)),
    ],
)
def test_what_commands_and_words_make_happen_in_order(
    text: str, status: Status, events: tuple[Event, ...]
) -> None:
    """behaviour.md 4.2; policies.md, Business time 7, 8, 9"""
    done = work(text, at_status(status))
    assert (done.faults, done.events, done.into) == ((), events, None)
    assert done.answers is (REPLIED in events)


def test_a_deescalation_goes_where_the_policy_says() -> None:
    """policies.md, Business time 9"""
    lowered = TicketDeescalated(AT, "P1", "P2", f"/deescalate in {MAIL}")
    assert work("/deescalate", URGENT).events == (lowered,)


@pytest.mark.parametrize("status", [Status.NEW, Status.RESOLVED])
@pytest.mark.parametrize("text", ["/note\nHe called.\nSam", "/note He called.\nSam"])
def test_a_note_stays_inside_and_stops_nothing(text: str, status: Status) -> None:
    """behaviour.md, commands in a staff reply"""
    noted = work(text, at_status(status))
    assert (noted.words, noted.internal, noted.answers) == ("He called.\nSam", True, False)
    assert noted.events == (MailNoted(AT, SAM, "an internal note, with /note"),)


def test_a_note_may_go_with_commands() -> None:
    noted = work("/note\n/priority P1\nHe is losing business.")
    assert (noted.answers, noted.events) == (False, (RAISED,))


@pytest.mark.parametrize(
    ("text", "ticket", "fault"),
    [
        ("/reopen", TICKET, Fault("/reopen", "cannot be: ACME-42 is not resolved", "leave it out")),
        (
            "/priority P2",
            TICKET,
            Fault("/priority P2", "changes nothing: ACME-42 is P2 already", "leave it out"),
        ),
        (
            "/priority P9",
            TICKET,
            Fault("/priority P9", "names no priority of this policy", "its priorities are P1, P2, P3"),
        ),
        (
            "/priority on-call",  # a tag, but of a role
            TICKET,
            Fault("/priority on-call", "names no priority of this policy", "its priorities are P1, P2, P3"),
        ),
        (
            "/deescalate",
            TICKET,
            Fault(
                "/deescalate",
                "cannot be: the policy defines no de-escalation from P2",
                "/priority lowers it, as a correction",
            ),
        ),
        *(
            (
                text,
                at_status(Status.RESOLVED, URGENT),
                Fault(text, "cannot be: ACME-42 is resolved", "write /reopen above it"),
            )
            for text in ("/wait", "/priority P2", "/deescalate")
        ),
        (
            "/resolve",
            at_status(Status.RESOLVED),
            Fault("/resolve", "cannot be: ACME-42 is resolved already", "leave it out"),
        ),
    ],
)
def test_a_command_that_does_not_hold_is_told_with_what_would_be_right(
    text: str, ticket: Ticket, fault: Fault
) -> None:
    """behaviour.md, commands in a staff reply"""
    assert work(text, ticket).faults == (fault,)


@pytest.mark.parametrize("wrong", ["/wayt", "/reopen", "/etc/passwd", "/merge GLOBEX-1", "/merge ACME-42"])
def test_all_commands_hold_or_none_does_and_no_word_goes_out(wrong: str) -> None:
    """behaviour.md, commands in a staff reply"""
    done = work(f"/ack\n{wrong}\nUse water.")
    (fault,) = done.faults
    assert (done.answers, done.into) == (False, None)
    assert done.events == (MailNoted(AT, SAM, f"nothing was done: a line {fault.wrong}"),)


def test_a_command_below_the_words_keeps_the_mail_inside() -> None:
    done = work("Use water.\n\n/resolve\n")
    assert [str(fault) for fault in done.faults] == ["/resolve stands below your words"]
    assert done.answers is False


@pytest.mark.parametrize("name", ["ACME-41", "acme-41", "[ACME-41]", "ACME-40"])
def test_a_merge_goes_into_the_ticket_or_where_that_one_went(name: str) -> None:
    """behaviour.md 3.4"""
    done = work(f"/merge {name}")
    assert (done.faults, done.events) == ((), ())
    assert done.into is not None
    assert done.into.name == "ACME-41"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ACME-42", "would merge ACME-42 into itself"),
        ("ACME-7", "names no ticket of the account acme"),
        ("GLOBEX-41", "names no ticket of the account acme"),
        ("ACME-38", "would go round: ACME-38 goes on in ACME-42"),
        ("ACME-39", "cannot be: ACME-39 is resolved"),
        ("ACME-37", "cannot be: ACME-36 is closed"),  # rows that point at each other: no endless walk
    ],
)
def test_a_merge_that_cannot_be_says_why(name: str, wrong: str) -> None:
    """behaviour.md 3.4"""
    (fault,) = work(f"/merge {name}").faults
    assert fault.wrong == wrong


def test_a_mail_without_a_name_or_a_message_id_is_named_by_what_it_has() -> None:
    mail = StaffMail(Mailbox(SAM), read("2026-01-02T03:04:59.999Z"), "", "/wait")
    assert mail.name == "the mail of sam@example.com of 2 January, 03:04 UTC"


WRITTEN = (
    "",
    "Use water.",
    "/ack",
    "/wait\nWhich?",
    "/resolve\nIt is out.",
    "/reopen",
    "/reopen\n/priority P1\n/wait",
    "/priority P1",
    "/priority P2\nIt is smoke.",
    "/priority P3",
    "/deescalate",
    "/note\n/resolve",
    "/wait\n/resolve",
    "/etc/passwd",
    "Use water.\n/wait",
)


@given(st.lists(st.tuples(st.sampled_from(WRITTEN), st.integers(0, 3 * 86_400_000)), max_size=12))
def test_whatever_staff_write_the_ticket_is_what_its_history_says(mails: list[tuple[str, int]]) -> None:
    """behaviour.md 6.5"""
    ticket = opened(TICKET.opened, "P1")
    moves, at = [Move(TicketOpened, TICKET.opened, "P1")], TICKET.opened
    for text, pause in mails:
        at += timedelta(milliseconds=pause)
        mail = StaffMail(Mailbox(SAM), at, "", text)
        done = staff_work(mail, ticket, VENDOR, KNOWN)
        before = ticket
        ticket, events = course(ticket, VENDOR, done.events)
        moves += map(move_of, events)
        if done.faults:
            assert not done.answers
            unmoved = replace(ticket, clocks=())
            assert unmoved == replace(before, clocks=())
        assert not (done.answers and strays(done.words))
    assert folded(ticket, VENDOR, moves) == ticket


@given(st.text(st.sampled_from("/ackwit \n\u00a0\u200b\uff0f>-P2"), max_size=60))
def test_any_text_is_read_and_what_goes_out_holds_no_command(text: str) -> None:
    """behaviour.md 4.2"""
    done = work(text)
    if done.answers:
        assert strays(done.words) == ()
        assert orders(done.words).commands == ()
    if not done.commands and not done.faults:
        seen = set(text) - set("\n \u00a0\u200b")
        assert done.words == ("\n".join(text.splitlines()).strip() if seen else "")
