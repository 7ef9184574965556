"""core/audience: who reads what on a ticket, and who comes to do so by being copied."""

from dataclasses import replace

import pytest

from mailgate.core.account import UnknownSenders
from mailgate.core.audience import customers, joining, outsiders, team
from mailgate.core.letterhead import Reader
from mailgate.core.message import Mailbox
from mailgate.core.participant import Participant, PeopleChanged, Side
from mailgate.core.staffpeople import MOST_PEOPLE
from mailgate.core.ticket import Seen, Status, Ticket, TicketId
from tests.core.desks import ACME, BOB, EVE, KIM, NOON, SAM, accepting, desk, hearing, mail
from tests.core.test_intake import TICKET

CAROL = Mailbox("carol@acme.example", "Carol")
DAVE = Mailbox("dave@acme.example")
ERIN = Mailbox("erin@partner.example")
ALIAS = Mailbox("acme@support.example.com")
WATCHER = Mailbox("ops@example.com", "Olga")


def joined(
    sender: Mailbox, *copied: Mailbox, ticket: Ticket = TICKET, how: UnknownSenders = UnknownSenders.HOLD
) -> PeopleChanged | None:
    account = accepting(how)
    arrival = hearing(mail(sender, to=(ALIAS,), cc=copied), account=account).arrival
    return joining(ticket, arrival, desk(account))


@pytest.mark.parametrize(
    ("sender", "copied", "new"),
    [
        (BOB, (CAROL,), (CAROL,)),
        (BOB, (CAROL, DAVE, CAROL, Mailbox("CAROL@acme.example")), (CAROL, DAVE)),
        (CAROL, (BOB,), (CAROL,)),  # who writes on a ticket is on it; its requester is there already
        (BOB, (ERIN,), ()),  # an outsider never
        (BOB, (SAM, KIM, ALIAS), ()),  # neither staff nor an address of ours
        (BOB, (Mailbox("acme+abc@Support.Example.COM"),), ()),
        (BOB, (BOB,), ()),
        (BOB, (Mailbox("mallory@evil-acme.example"), Mailbox("m@acme.example.evil.example")), ()),
        (EVE, (CAROL,), ()),  # whoever is let in brings nobody
    ],
)
def test_colleagues_join_whom_one_of_them_copies(
    sender: Mailbox, copied: tuple[Mailbox, ...], new: tuple[Mailbox, ...]
) -> None:
    """behaviour.md 3.6"""
    people = tuple(Participant(one) for one in new)
    addresses = tuple(one.address for one in new)
    reason = f"{sender.address} wrote to them as well"
    expected = PeopleChanged(NOON, people, addresses, (), sender.address, reason) if new else None
    assert joined(sender, *copied) == expected


def test_a_stranger_who_is_let_in_brings_nobody_to_a_ticket_of_their_own_either() -> None:
    """behaviour.md 3.6: anybody can write any address into Cc"""
    hers = replace(TICKET, requester=EVE)
    assert joined(EVE, CAROL, ticket=hers, how=UnknownSenders.ACCEPT) is None


def test_our_own_addresses_and_staff_never_join_though_the_account_has_their_domains() -> None:
    """behaviour.md 3.6: a desk that is its own customer would answer itself"""
    inner = replace(ACME, domains=frozenset({"acme.example", "example.com", "support.example.com"}))
    copied = (SAM, ALIAS, Mailbox("olga@example.com"))
    arrival = hearing(mail(BOB, to=(ALIAS,), cc=copied), account=inner).arrival
    change = joining(TICKET, arrival, desk(inner))
    assert change is not None
    assert change.joined == ("olga@example.com",)


def test_whom_staff_brought_in_may_copy_colleagues_of_the_account() -> None:
    """behaviour.md 3.6, 4.4"""
    with_erin = replace(TICKET, people=(Participant(ERIN),))
    change = joined(ERIN, CAROL, EVE, ticket=with_erin)
    assert change is not None
    assert change.people == (Participant(ERIN), Participant(CAROL))


def test_who_is_there_stays_as_they_are_and_a_crowd_has_an_end() -> None:
    """behaviour.md 3.6"""
    crowd = tuple(Mailbox(f"p{number}@acme.example") for number in range(MOST_PEOPLE + 5))
    known = replace(TICKET, people=(Participant(KIM, Side.STAFF), Participant(CAROL)))
    change = joined(BOB, CAROL, *crowd, ticket=known)
    assert change is not None
    assert change.people[:2] == known.people
    assert len(change.people) == MOST_PEOPLE
    full = replace(TICKET, people=change.people)
    assert joined(BOB, DAVE, ticket=full) is None


def test_staff_are_told_to_whom_else_a_mail_went() -> None:
    """behaviour.md 3.6"""
    arrival = hearing(mail(BOB, to=(ALIAS, ERIN), cc=(CAROL, SAM, EVE, ERIN))).arrival
    now = replace(TICKET, people=(Participant(CAROL),))
    assert outsiders(arrival, desk(), now) == (ERIN.address, EVE.address)


def test_each_of_the_customers_people_has_a_thread_and_sees_the_others() -> None:
    """behaviour.md 3.5, 3.6"""
    ticket = replace(
        TICKET,
        people=(Participant(CAROL), Participant(KIM, Side.STAFF)),
        thread=(*TICKET.thread, Seen("m1@acme.example", (BOB.address, CAROL.address))),
    )
    assert customers(ticket, {ticket.id: ticket}) == (
        Reader(BOB, ("m0@acme.example", "ack@support.example.com", "m1@acme.example"), (CAROL,)),
        Reader(CAROL, ("m1@acme.example",), (BOB,)),
    )


def test_what_somebody_read_on_a_merged_ticket_is_in_their_thread() -> None:
    """behaviour.md 3.4, 3.5"""
    hers = Seen("c1@acme.example", (CAROL.address,))
    first = replace(TICKET, id=TicketId(3), status=Status.CLOSED, merged_into=TicketId(5), thread=(hers,))
    second = replace(first, id=TicketId(5), merged_into=TICKET.id, thread=(replace(hers, message_id="c2"),))
    other = replace(first, id=TicketId(6), merged_into=None)
    ticket = replace(TICKET, people=(Participant(CAROL),))
    known = {one.id: one for one in (ticket, other, second, first)}
    assert customers(ticket, known)[1] == Reader(CAROL, ("c1@acme.example", "c2"), (BOB,))


def test_the_team_is_the_accounts_staff_who_works_on_it_and_who_follows_it_each_once() -> None:
    """behaviour.md 4.1, 4.4"""
    office = replace(desk(replace(ACME, staff=(SAM,))), staff=(SAM, KIM, WATCHER))
    assert team(office, TICKET) == (SAM,)
    follows = replace(TICKET, people=(Participant(WATCHER, Side.STAFF), Participant(CAROL)))
    assert team(office, replace(follows, assignee="KIM@example.com")) == (SAM, KIM, WATCHER)
    assert team(office, replace(follows, assignee=SAM.address)) == (SAM, WATCHER)
    assert team(office, replace(TICKET, assignee="gone@example.com")) == (SAM,)


def test_whom_staff_took_off_is_not_brought_back_by_a_copy_or_by_writing() -> None:
    """behaviour.md 3.6, 4.4: whoever answers to all copies them again by habit"""
    without = replace(TICKET, people=(Participant(CAROL, Side.GONE),))
    assert joined(BOB, CAROL, ticket=without) is None
    assert joined(CAROL, BOB, ticket=without) is None
    change = joined(BOB, CAROL, DAVE, ticket=without)
    assert change is not None
    assert (change.people, change.joined) == ((*without.people, Participant(DAVE)), (DAVE.address,))
    gone = tuple(Participant(Mailbox(f"p{number}@acme.example"), Side.GONE) for number in range(50))
    assert joined(BOB, DAVE, ticket=replace(TICKET, people=gone)) is not None
