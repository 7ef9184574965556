"""core/staffpeople: who works on a ticket, who gets copies and who no more does, as staff say it."""

from dataclasses import replace

import pytest

from mailgate.core.command import Fault
from mailgate.core.event import Event, StaffReplied, TicketOpened
from mailgate.core.history import course, folded
from mailgate.core.instant import read
from mailgate.core.message import Mailbox
from mailgate.core.move import Move, move_of
from mailgate.core.participant import Participant, PeopleChanged, Side, TicketAssigned
from mailgate.core.staffmail import House, StaffMail
from mailgate.core.staffpeople import MOST_PEOPLE, addresses, together
from mailgate.core.staffwork import StaffWork, staff_work
from mailgate.core.ticket import Ticket, TicketId
from tests.core.histories import BOB, SAM, opened
from tests.core.policies import VENDOR

AT = read("2026-11-23T11:02:00Z")
MAIL = "the mail of Sam Rivera of 23 November, 11:02 UTC <s1@example.com>"
ME = Mailbox(SAM, "Sam Rivera")
KIM = Mailbox("kim@example.com", "Kim Park")
STONE = Mailbox("s.stone@example.com", "Sam Stone")
NOAH = Mailbox("noah@example.com")
HOUSE = House((ME, KIM, STONE, NOAH), "support.example.com")
CAROL = Participant(Mailbox("carol@acme.example", "Carol"))
WATCHER = Participant(KIM, Side.STAFF)
TICKET = opened(read("2026-11-23T08:00:00Z"), "P2")
KIMS = replace(TICKET, assignee=KIM.address, people=(CAROL,))
CROWD = tuple(Participant(Mailbox(f"p{number}@acme.example")) for number in range(MOST_PEOPLE))


def work(text: str, ticket: Ticket = TICKET, *known: Ticket) -> StaffWork:
    mail = StaffMail(ME, AT, "s1@example.com", text, HOUSE)
    return staff_work(mail, ticket, VENDOR, {one.id: one for one in (ticket, *known)})


def assigned(who: str, before: str = "") -> TicketAssigned:
    return TicketAssigned(AT, SAM, who, before, f"/assign in {MAIL}")


def changed(
    people: tuple[Participant, ...], joined: tuple[str, ...], left: tuple[str, ...] = (), how: str = "/cc"
) -> PeopleChanged:
    return PeopleChanged(AT, people, joined, left, SAM, f"{how} in {MAIL}")


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("me", ME.address),
        ("ME", ME.address),
        ("Kim Park", KIM.address),
        ("kim park", KIM.address),
        ("kim", KIM.address),
        ("Park", KIM.address),
        ("KIM@Example.com", KIM.address),
        ("<kim@example.com>", KIM.address),
        ("Sam Stone", STONE.address),  # of a name that two share in part, the whole
        ("s.stone", STONE.address),  # what stands before the @
        ("noah", NOAH.address),
    ],
)
def test_one_member_of_staff_works_on_it_by_name_by_address_or_by_oneself(name: str, who: str) -> None:
    """behaviour.md 4.4"""
    done = work(f"/assign {name}")
    assert (done.faults, done.events) == ((), (assigned(who),))


def test_a_ticket_is_handed_on_and_the_words_still_answer() -> None:
    """behaviour.md 4.4"""
    done = work("/assign me\nI look at it.", KIMS)
    assert done.events == (
        assigned(SAM, KIM.address),
        StaffReplied(AT, SAM, "From is the person whom this address was made for"),
    )
    now, _ = course(KIMS, VENDOR, done.events)
    assert now.assignee == SAM


@pytest.mark.parametrize(
    ("line", "wrong", "right"),
    [
        (
            "/assign Sam",
            "could mean sam@example.com or s.stone@example.com",
            "write the address of one of them",
        ),
        ("/assign nobody", "names nobody of the staff", "write a name, an address, or me"),
        ("/assign eve@evil.example", "names nobody of the staff", "write a name, an address, or me"),
        (
            "/assign Kym Park",
            "names nobody of the staff",
            "perhaps Kim Park is meant; write a name, an address, or me",
        ),
        ("/assign kim", "changes nothing: Kim Park works on ACME-42 already", "leave it out"),
        ("/cc", "lacks a word", "write it as in /cc carol@acme.example"),
        ("/cc Dave", "names no address", "write it as in /cc carol@acme.example"),
        ("/cc dave@acme.example, Erin", "names no address", "write it as in /cc carol@acme.example"),
        ("/cc dave@localhost", "names no address", "write it as in /cc carol@acme.example"),
        (
            "/cc acme@Support.example.com",
            "names acme@Support.example.com, an address of our own",
            "name a person's address",
        ),
        (
            "/cc CAROL@acme.example",
            "changes nothing: CAROL@acme.example is on ACME-42 already",
            "leave it out",
        ),
        ("/cc bob@acme.example", "changes nothing: bob@acme.example is on ACME-42 already", "leave it out"),
        ("/uncc", "lacks a word", "write it as in /uncc carol@acme.example"),
        ("/uncc Carol", "names no address", "write it as in /uncc carol@acme.example"),
        ("/uncc Bob@acme.example", "names Bob@acme.example, who asked for ACME-42", "leave it out"),
        ("/uncc eve@evil.example", "names eve@evil.example, who is not on ACME-42", "leave it out"),
    ],
)
def test_what_does_not_hold_is_told_with_what_would_be_right(line: str, wrong: str, right: str) -> None:
    """behaviour.md 4.4"""
    done = work(f"{line}\nUse water.", KIMS)
    assert done.faults == (Fault(line, wrong, right),)
    assert done.answers is False


def test_all_that_is_wrong_is_told_at_once_and_nothing_of_it_happens() -> None:
    """behaviour.md 4.4: all of them hold or none"""
    done = work("/assign Zoe\n/cc Dave\n/uncc eve@evil.example\n/priority P9\n/ack\n/cc erin@acme.example")
    assert [fault.line for fault in done.faults] == [
        "/assign Zoe",
        "/cc Dave",
        "/uncc eve@evil.example",
        "/priority P9",
    ]
    assert [type(event).__name__ for event in done.events] == ["MailNoted"]


DAVE = Participant(Mailbox("Dave@acme.example"))
ERIN = Participant(Mailbox("erin@partner.example"))
GONE = replace(CAROL, side=Side.GONE)
BACK = Participant(Mailbox("Carol@acme.example"))
WITHOUT = replace(KIMS, people=(GONE,))


@pytest.mark.parametrize(
    ("text", "ticket", "events"),
    [
        ("/cc Dave@acme.example", TICKET, (changed((DAVE,), ("Dave@acme.example",)),)),
        (  # staff vouch for whom they name, also from elsewhere
            "/cc Dave <Dave@acme.example>, erin@partner.example; Dave@ACME.example",
            KIMS,
            (changed((CAROL, DAVE, ERIN), ("Dave@acme.example", "erin@partner.example")),),
        ),
        (
            "/cc Dave@acme.example\n/cc erin@partner.example",
            TICKET,
            (changed((DAVE, ERIN), ("Dave@acme.example", "erin@partner.example")),),
        ),
        ("/cc KIM@example.com", TICKET, (changed((WATCHER,), ("kim@example.com",)),)),
        ("/uncc CAROL@acme.example", KIMS, (changed((GONE,), (), ("carol@acme.example",), "/uncc"),)),
        ("/cc Carol@acme.example", WITHOUT, (changed((BACK,), ("Carol@acme.example",)),)),
        (
            "/uncc carol@acme.example\n/cc Dave@acme.example",
            KIMS,
            (changed((GONE, DAVE), ("Dave@acme.example",), ("carol@acme.example",), "/cc and /uncc"),),
        ),
    ],
)
def test_people_come_and_go_as_staff_say(text: str, ticket: Ticket, events: tuple[Event, ...]) -> None:
    """behaviour.md 4.4"""
    done = work(text, ticket)
    assert (done.faults, done.events) == ((), events)


def test_a_ticket_has_room_for_so_many_people_and_for_no_more() -> None:
    """behaviour.md 4.4: one mail can name any number"""
    almost = replace(TICKET, people=CROWD[1:])
    assert work("/cc dave@acme.example", almost).faults == ()
    over = work("/cc dave@acme.example\n/cc erin@acme.example", almost)
    told = "is too much: ACME-42 may have 40 people beside its requester"
    assert over.faults == (Fault("/cc erin@acme.example", told, "/uncc somebody first"),)
    full = replace(TICKET, people=CROWD)
    assert work("/uncc p1@acme.example\n/cc erin@acme.example", full).faults == ()


def test_who_is_on_a_merged_ticket_comes_along_and_nobody_is_there_twice() -> None:
    """behaviour.md 3.4, 3.6"""
    one = replace(TICKET, requester=Mailbox("dave@acme.example"), people=(CAROL, WATCHER))
    other = replace(TICKET, id=TicketId(2), people=(Participant(Mailbox("CAROL@acme.example")), ERIN))
    assert together(one, other) == (*other.people, Participant(Mailbox("dave@acme.example")), WATCHER)
    assert together(TICKET, other) == other.people  # who asked for both is told once


def test_a_merge_that_would_crowd_a_ticket_is_told_so() -> None:
    """behaviour.md 3.4"""
    full = replace(TICKET, id=TicketId(2), number=41, people=CROWD)
    (fault,) = work("/merge ACME-41", KIMS, full).faults
    assert fault == Fault(
        "/merge ACME-41",
        "is too much: ACME-41 may have 40 people beside its requester",
        "/uncc somebody first",
    )


def test_people_and_assignee_are_what_the_journal_says() -> None:
    """behaviour.md 6.5"""
    now, moves = TICKET, [Move(TicketOpened, TICKET.opened, "P2")]
    for text in (
        "/cc carol@acme.example, kim@example.com",
        "/assign kim",
        "/uncc carol@acme.example",
        "/assign me",
    ):
        now, events = course(now, VENDOR, work(text, now).events)
        moves += map(move_of, events)
    assert (now.people, now.assignee, now.watchers, now.customers) == (
        (Participant(Mailbox("carol@acme.example"), Side.GONE), WATCHER),
        SAM,
        (KIM,),
        (Mailbox(BOB),),
    )
    assert folded(now, VENDOR, moves) == now


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("a@x.example", ("a@x.example",)),
        ("A@x.example,a@X.example", ("A@x.example",)),
        ("Bob <b@x.example>; c@x.example", ("b@x.example", "c@x.example")),
        ("a@x.example b@x.example", ("a@x.example", "b@x.example")),
        (" , ;", ()),
        ("", ()),
        ("a@x", ()),
        ("@x.example", ()),
        ("a@x.example, b", ()),
        ("ü@münchen.example", ("ü@münchen.example",)),
    ],
)
def test_addresses_are_read_as_they_are_written_or_not_at_all(
    argument: str, expected: tuple[str, ...]
) -> None:
    assert addresses(argument) == expected


def test_a_line_that_never_ends_is_shown_short() -> None:
    """behaviour.md 4.4: what is wrong stands in the subject of the answer"""
    (fault,) = work(f"/assign {'x' * 100_000}").faults
    assert fault.line == f"/assign {'x' * 52}..."
