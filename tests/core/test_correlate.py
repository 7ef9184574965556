"""core/correlate: which known ticket a mail answers, and by what evidence."""

from dataclasses import replace

import pytest

from mailgate.core.address import Keys, TokenRole, destination, message_id, signed_address, spellings
from mailgate.core.change import Outcome
from mailgate.core.correlate import Match, correlated, not_counted, replied_to
from mailgate.core.facts import Direction, Facts, KnownMail
from mailgate.core.hearing import Arrival
from mailgate.core.message import Envelope, Mailbox
from mailgate.core.participant import Participant, Side
from mailgate.core.reply import Reply
from mailgate.core.ticket import Status, Ticket, TicketId
from tests.core.desks import ACME, ALIAS, BOB, DOMAIN, EVE, KEYS, NOON, POLICY, SAM, desk, mail, signed

CAROL = Mailbox("carol@acme.example", "Carol")
DAVE = Mailbox("dave@agency.example", "Dave")
TICKET = Ticket(
    id=TicketId(7),
    account="acme",
    number=42,
    title="Printer on fire",
    priority="P2",
    status=Status.OPEN,
    requester=BOB,
    opened=NOON,
    policy=POLICY.digest,
    plan="gold",
)
OTHER = replace(TICKET, id=TicketId(8), number=43, requester=CAROL)
MERGED = replace(TICKET, status=Status.CLOSED, merged_into=OTHER.id)
FIRST = KnownMail("m0@acme.example", Direction.IN, Outcome.NEW_TICKET, NOON, TICKET.id, BOB.address)
BOTH = Facts(tickets={TICKET.id: TICKET, OTHER.id: OTHER})
SIGNED = "the signed address of the ticket"
NAMED = "In-Reply-To or References name a mail of the ticket"
NUMBERED = "ACME-42 in the subject, from somebody on the ticket"


def known(*tickets: Ticket) -> dict[TicketId, Ticket]:
    return {ticket.id: ticket for ticket in tickets}


def on(ticket: Ticket, *people: Mailbox) -> Ticket:
    return replace(ticket, people=tuple(Participant(one, Side.CUSTOMER) for one in people))


def matched(sender: Mailbox, facts: Facts, subject: str = "Re: fire", to: object = ALIAS) -> Match | None:
    return replied_to((to,), mail(sender, subject), ACME, facts)  # type: ignore[arg-type]


def test_the_signed_address_comes_before_references_and_these_before_the_number() -> None:
    """behaviour.md 3.3"""
    all_known = replace(BOTH, referenced=(FIRST,))
    subject = "Re: [ACME-42] fire"
    other = replace(FIRST, ticket=OTHER.id)
    assert matched(
        BOB, replace(all_known, referenced=(other,)), subject, signed(TokenRole.CUSTOMER, BOB)
    ) == Match(TICKET, SIGNED)
    assert matched(BOB, replace(all_known, referenced=(other,)), subject) == Match(OTHER, NAMED)
    assert matched(BOB, BOTH, subject) == Match(TICKET, NUMBERED)


def test_a_signed_address_counts_while_its_person_is_on_the_ticket_whoever_writes_to_it() -> None:
    """behaviour.md 3.2: it can be revoked"""
    facts, address = Facts(tickets=known(on(TICKET, CAROL))), signed(TokenRole.CUSTOMER, CAROL)
    for writer in (CAROL, EVE):
        assert matched(writer, facts, to=address) == Match(on(TICKET, CAROL), SIGNED)
    without = Facts(tickets=known(TICKET))
    assert matched(CAROL, without, to=address) is None
    assert correlated((address,), without) is None
    assert matched(BOB, without, to=signed(TokenRole.CUSTOMER, Mailbox("BOB@Acme.Example"))) == Match(
        TICKET, SIGNED
    )


def test_a_revoked_address_leaves_the_other_evidence() -> None:
    """behaviour.md 3.3"""
    address, facts = signed(TokenRole.CUSTOMER, CAROL), Facts(tickets=known(TICKET))
    assert matched(BOB, facts, "[ACME-42]", address) == Match(TICKET, NUMBERED)
    assert matched(CAROL, replace(facts, referenced=(FIRST,)), to=address) == Match(TICKET, NAMED)


@pytest.mark.parametrize(
    ("writer", "joins"),
    [
        (BOB, True),
        (CAROL, True),
        (DAVE, True),
        (Mailbox("erin@acme.example"), True),
        (EVE, False),
        (SAM, False),
    ],
)
def test_references_join_what_the_accounts_people_write_and_who_is_on_the_ticket(
    writer: Mailbox, *, joins: bool
) -> None:
    """behaviour.md 3.3"""
    facts = Facts(tickets=known(on(TICKET, CAROL, DAVE)), referenced=(FIRST,))
    assert (matched(writer, facts) is not None) is joins


@pytest.mark.parametrize(
    ("writer", "joins"),
    [
        (BOB, True),
        (Mailbox("BOB@ACME.EXAMPLE"), True),
        (CAROL, True),
        (DAVE, True),
        (Mailbox("erin@acme.example"), False),
        (Mailbox("x-bob@acme.example"), False),
        (EVE, False),
        (SAM, False),
    ],
)
def test_a_number_joins_only_what_somebody_on_the_ticket_writes(writer: Mailbox, *, joins: bool) -> None:
    """behaviour.md 3.3"""
    facts = Facts(tickets=known(on(TICKET, CAROL, DAVE)))
    assert (matched(writer, facts, "Re: [ACME-42] fire") is not None) is joins


@pytest.mark.parametrize(
    "subject",
    [
        "[acme-list] [ACME-42] [remote-rt-system #79] test",
        "[P1] [comment] [ ACME - 42 ]",
        'Re: "[acme-42] Testing... "',
        "VeryStrangeRe: [ACME-42]",
        "New title [ACME-42]",
        "[ACME-99] [GLOBEX-7] [ACME-42]",
        "AW: WG: [ACME-42] Drucker",
    ],
)
def test_the_number_is_found_among_whatever_else_stands_in_a_subject(subject: str) -> None:
    """behaviour.md 3.1, 3.3"""
    assert matched(BOB, BOTH, subject) == Match(TICKET, NUMBERED)


def test_of_several_numbers_the_first_that_is_known_counts() -> None:
    facts = Facts(tickets=known(TICKET, replace(OTHER, requester=BOB)))
    found = matched(BOB, facts, "[ACME-99] [ACME-43] [ACME-42]")
    assert found
    assert found.ticket.name == "ACME-43"


@pytest.mark.parametrize(
    "subject",
    ["Printer on fire", "Re: ACME-42", "[42]", "[ACME42]", "[GLOBEX-42]", "[XACME-42]", "[ACME-042]"],
)
def test_words_and_other_peoples_numbers_join_nothing(subject: str) -> None:
    """behaviour.md 3.3"""
    assert matched(BOB, BOTH, subject) is None


def test_every_way_follows_a_merged_ticket() -> None:
    """behaviour.md 3.4"""
    other, goes_on = on(OTHER, BOB), "; ACME-42 goes on in ACME-43"
    facts = Facts(tickets=known(MERGED, other))
    assert matched(BOB, facts, to=signed(TokenRole.CUSTOMER, BOB)) == Match(other, SIGNED + goes_on)
    assert matched(BOB, replace(facts, referenced=(FIRST,))) == Match(other, NAMED + goes_on)
    assert matched(BOB, facts, "[ACME-42]") == Match(other, NUMBERED + goes_on)
    assert matched(CAROL, facts, "[ACME-42]") == Match(other, NUMBERED + goes_on)
    assert correlated((signed(TokenRole.BOUNCE, BOB),), facts) == other


def test_who_left_the_ticket_that_goes_on_is_on_none_of_both() -> None:
    """behaviour.md 3.2, 3.4"""
    facts = Facts(tickets=known(MERGED, OTHER))
    assert matched(BOB, facts, "[ACME-42]", signed(TokenRole.CUSTOMER, BOB)) is None


def test_one_message_id_on_two_tickets_names_the_older_one() -> None:
    """behaviour.md 3.3: somebody who writes another's Message-ID later takes nothing away."""
    facts = replace(BOTH, referenced=(FIRST, replace(FIRST, ticket=OTHER.id)))
    assert matched(BOB, facts) == Match(TICKET, NAMED)


def test_it_is_told_why_what_names_a_ticket_does_not_count() -> None:
    """behaviour.md 3.3: evidence"""
    unbelieved = replace(ALIAS, unbelieved=True)
    erin = mail(Mailbox("erin@acme.example"), "Re: [ACME-99] [ACME-42]")
    assert [
        not_counted((to,), message, BOTH)
        for to, message in (
            (unbelieved, erin),
            (signed(TokenRole.CUSTOMER, EVE), erin),
            (ALIAS, erin),
            (ALIAS, mail(subject="[ACME-99] fire")),
        )
    ] == [
        "the signed address that it was sent to is not recognised",
        "the signed address that it was sent to is of somebody who is not on ACME-42",
        "erin@acme.example is not on ACME-42, which its subject names",
        "",
    ]


def asked(sender: Mailbox = BOB, subject: str = "Re: fire", **fields: object) -> tuple[object, ...]:
    message = mail(sender, subject, **fields)
    arrival = Arrival(3, NOON, Envelope(sender.address, ()), message, ACME, (ALIAS,))
    return arrival.question.references, arrival.question.numbers


def test_numbers_of_the_account_are_asked_for_whoever_writes_them() -> None:
    subject = "[ACME-42] [GLOBEX-7] [ACME-42] [acme-43] [ACME-99999999999]"
    assert asked(subject=subject) == ((), (42, 43))
    flood = "".join(f"[ACME-{number}]" for number in range(1, 100))
    assert asked(subject=flood)[1] == tuple(range(1, 21))


def test_an_id_of_ours_is_sought_as_it_was_before_its_case_was_changed() -> None:
    ours = message_id("acknowledgement:7", DOMAIN, KEYS)
    assert asked(references=(ours.upper(),))[0] == (ours.upper(), ours)
    theirs = "AM0PR04MB@EURPRD04.example"
    assert asked(references=(theirs, ours))[0] == (ours, theirs)


def test_an_id_is_sought_as_it_was_before_quoted_printable_was_left_in_it() -> None:
    assert spellings("CA+x=3Dab@mail.example") == ("CA+x=3Dab@mail.example", "CA+x=ab@mail.example")


def test_an_address_signed_before_a_rotation_joins_and_after_the_retirement_the_rest_still_does() -> None:
    """behaviour.md 3.2"""
    token = signed(TokenRole.CUSTOMER, BOB).token
    assert token
    address = signed_address("acme", token, DOMAIN, KEYS)
    rotated, retired = Keys(2, {**KEYS.secrets, 2: b"n" * 32}), Keys(2, {2: b"n" * 32})
    before, after = destination(address, desk(), rotated), destination(address, desk(), retired)
    assert not isinstance(after, Reply)
    assert matched(BOB, BOTH, to=before) == Match(TICKET, SIGNED)
    assert matched(BOB, BOTH, to=after) is None
    assert matched(BOB, BOTH, "Re: [ACME-42]", after) == Match(TICKET, NUMBERED)
    assert matched(BOB, replace(BOTH, referenced=(FIRST,)), to=after) == Match(TICKET, NAMED)
