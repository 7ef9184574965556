"""core/unproven: what is done about a mail when it is not proven who sent it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailgate.core.address import TokenRole
from mailgate.core.authentication import Authentication, Proof, unsaid
from mailgate.core.change import Fresh, HoldKind, Outcome
from mailgate.core.consequence import consequence
from mailgate.core.dmarc import Request
from mailgate.core.facts import Direction, Facts, KnownMail, Recent
from mailgate.core.hearing import Finding, Hearing
from mailgate.core.intake import found
from mailgate.core.message import Mailbox
from mailgate.core.notice import Acknowledgement, Matter, StaffNotice
from mailgate.core.ticket import TicketId
from mailgate.core.unproven import PATIENCE, must_wait
from tests.core.desks import BOB, HEAD, NOON, SAM, hearing, mail, signed
from tests.core.test_intake import KNOWN, MORNING, TICKET

PASSED = Authentication(Proof.PASSED, "acme.example", "DKIM of acme.example proves it")
REFUSED = Authentication(Proof.FAILED, "acme.example", "nothing proves it", request=Request.REJECT)
CAUTIOUS = replace(REFUSED, request=Request.QUARANTINE)
WATCHED = replace(REFUSED, request=Request.NONE)
UNKNOWN = Authentication(Proof.UNKNOWN, "acme.example", "the DNS is silent", request=Request.REJECT)
SILENT = unsaid("acme.example", "acme.example publishes nothing that would prove it")

FORGED = Finding(
    Outcome.HELD, "2.7", "it may be forged: nothing proves it", hold=HoldKind.HELD, matter=Matter.FORGED
)
NOT_STAFF = Finding(
    Outcome.HELD,
    "4.3",
    "it is not proven who sent it: nothing proves it",
    hold=HoldKind.HELD,
    matter=Matter.UNVERIFIED_STAFF,
)


def proven(one: Hearing, how: Authentication | None, *, released: bool = False) -> Hearing:
    return replace(one, arrival=replace(one.arrival, authentication=how, released=released))


def by_staff(how: Authentication | None, *, released: bool = False, required: bool = False) -> Finding:
    one = proven(hearing(mail(SAM), KNOWN, signed(TokenRole.STAFF, SAM)), how, released=released)
    return found(replace(one, desk=replace(one.desk, require_authentication=required)))


@pytest.mark.parametrize("how", [None, PASSED, UNKNOWN, SILENT])
def test_a_mail_of_staff_counts_where_nothing_contradicts_it(how: Authentication | None) -> None:
    """behaviour.md 4.3"""
    assert by_staff(how).outcome is Outcome.STAFF_REPLY


@pytest.mark.parametrize("how", [REFUSED, CAUTIOUS, WATCHED])
def test_a_mail_of_staff_that_its_domain_disowns_is_held(how: Authentication) -> None:
    """behaviour.md 4.3: a signed address that leaked is not enough"""
    assert by_staff(how) == NOT_STAFF


@pytest.mark.parametrize("how", [UNKNOWN, SILENT, WATCHED])
def test_a_desk_may_demand_a_proof(how: Authentication) -> None:
    """behaviour.md 4.3"""
    assert by_staff(PASSED, required=True).outcome is Outcome.STAFF_REPLY
    held = by_staff(how, required=True)
    assert (held.outcome, held.matter) == (Outcome.HELD, Matter.UNVERIFIED_STAFF)
    assert held.reason == f"it is not proven who sent it: {how.reason}"


def test_the_operators_may_let_in_what_is_not_proven() -> None:
    """behaviour.md 2.7"""
    assert by_staff(REFUSED, released=True, required=True).outcome is Outcome.STAFF_REPLY
    assert found(proven(hearing(mail()), REFUSED, released=True)).outcome is Outcome.NEW_TICKET


def test_what_staff_pass_on_counts_like_what_they_answer() -> None:
    """behaviour.md 4.3, 4.5"""
    words = mail(SAM, reply_text="/for bob@acme.example\nIt burns.", text="/for bob@acme.example\nIt burns.")
    assert found(proven(hearing(words), WATCHED)) == NOT_STAFF
    assert found(proven(hearing(words), PASSED)).outcome is Outcome.NEW_TICKET


@pytest.mark.parametrize("how", [REFUSED, CAUTIOUS])
def test_a_customers_mail_is_held_if_its_domain_asks_for_that(how: Authentication) -> None:
    """behaviour.md 2.7"""
    assert found(proven(hearing(mail()), how)) == FORGED
    assert found(proven(hearing(mail(), KNOWN, signed(TokenRole.CUSTOMER, BOB)), how)) == FORGED


def test_a_held_forgery_is_answered_by_nobody_and_the_operators_are_told() -> None:
    """behaviour.md 2.7"""
    one = proven(hearing(mail()), REFUSED)
    follows = consequence(found(one), one, HEAD, Fresh(TicketId(0), 0))
    assert [draft.to for draft in follows.drafts] == [HEAD.desk.operators]
    assert follows.hold is not None
    assert follows.hold.sender == BOB.address
    assert follows.ticket is None


def test_somebody_elses_message_id_lets_no_forgery_in() -> None:
    """behaviour.md 2.1, 2.7"""
    first = KnownMail("m1@acme.example", Direction.IN, Outcome.NEW_TICKET, MORNING, TICKET.id, BOB.address)
    facts = replace(KNOWN, same_message_id=(first,))
    assert found(proven(hearing(mail(), facts), REFUSED)) == FORGED
    assert found(proven(hearing(mail(), facts), PASSED)).outcome is Outcome.REPLY


@pytest.mark.parametrize("how", [None, PASSED, WATCHED, UNKNOWN, SILENT])
def test_nobody_elses_request_is_refused_for_want_of_a_proof(how: Authentication | None) -> None:
    """behaviour.md 2.7"""
    assert found(proven(hearing(mail()), how)).outcome is Outcome.NEW_TICKET


@pytest.mark.parametrize("how", [WATCHED, UNKNOWN, SILENT])
def test_staff_are_told_what_is_not_proven(how: Authentication) -> None:
    """behaviour.md 4.1"""
    doubt = f"it is not proven that bob@acme.example sent this mail: {how.reason}"
    for one in (hearing(mail()), hearing(mail(), KNOWN, signed(TokenRole.CUSTOMER, BOB))):
        assert doubt in flags(proven(one, how))
        assert doubt not in flags(proven(one, PASSED))
        assert doubt not in flags(proven(one, None))


@pytest.mark.parametrize(
    ("how", "title"),
    [(None, "Printer on fire"), (PASSED, "Printer on fire"), (WATCHED, ""), (UNKNOWN, ""), (SILENT, "")],
)
def test_words_that_nobody_is_proven_to_have_written_do_not_go_back(
    how: Authentication | None, title: str
) -> None:
    """behaviour.md 2.9: whoever forges a From would have us write them to a customer, in our name"""
    one = proven(hearing(mail()), how)
    drafts = consequence(found(one), one, HEAD, Fresh(TicketId(9), 1)).drafts
    assert [draft.context.title for draft in drafts if isinstance(draft.context, Acknowledgement)] == [title]


def flags(one: Hearing) -> tuple[str, ...]:
    follows = consequence(found(one), one, HEAD, Fresh(TicketId(9), 1))
    notices = [draft.context for draft in follows.drafts if isinstance(draft.context, StaffNotice)]
    return notices[0].flags


def test_a_copy_that_is_proven_is_not_the_forgery_that_came_before_it() -> None:
    """behaviour.md 2.1: or whoever sends a mail first, in another's name, would make the true one vanish"""
    forgery = KnownMail(
        "m1@acme.example", Direction.IN, Outcome.HELD, MORNING, None, BOB.address, "identity-1", doubted=True
    )
    facts = Facts(same_identity=forgery)
    assert found(proven(hearing(mail(), facts), PASSED)).outcome is Outcome.NEW_TICKET
    assert found(proven(hearing(mail(), facts), REFUSED)).outcome is Outcome.DUPLICATE
    assert found(proven(hearing(mail(), facts), None)).outcome is Outcome.DUPLICATE
    stranger = replace(facts, same_identity=replace(forgery, doubted=False))
    assert found(proven(hearing(mail(), stranger), PASSED)).outcome is Outcome.DUPLICATE


def test_what_a_forger_writes_costs_an_honest_sender_nothing() -> None:
    """behaviour.md 5.3"""
    forged = tuple(Recent(NOON - timedelta(minutes=n), 0, doubted=True) for n in range(1, 10))
    facts = Facts(recent=(*forged, Recent(NOON, 0)))
    assert found(proven(hearing(mail(), facts), PASSED)).unanswered == ""
    again = found(proven(hearing(mail(), facts), WATCHED))
    assert again.unanswered == "its sender wrote 10 mails like it within a day"
    honest = Facts(recent=(Recent(NOON, 0),) * 10)
    assert found(proven(hearing(mail(), honest), PASSED)).unanswered


def test_a_mail_of_staff_waits_a_little_for_an_answer_of_the_dns() -> None:
    """behaviour.md 4.3"""
    one = proven(hearing(mail(SAM), KNOWN, signed(TokenRole.STAFF, SAM)), UNKNOWN).arrival
    assert must_wait(one, NOON)
    assert must_wait(one, NOON + PATIENCE - timedelta(seconds=1))
    assert not must_wait(one, NOON + PATIENCE)
    assert not must_wait(one, NOON - timedelta(seconds=1))  # the clock was put back
    assert not must_wait(replace(one, released=True), NOON)
    assert not must_wait(replace(one, authentication=SILENT), NOON)
    assert not must_wait(
        proven(hearing(mail()), UNKNOWN).arrival, NOON
    )  # a customer's request waits for nobody


def test_a_from_of_nobody_is_quarantined_before_anything_is_asked_of_its_domain() -> None:
    """behaviour.md 2.7"""
    several = replace(mail(), senders=(BOB, Mailbox("eve@evil.example")))
    assert found(proven(hearing(several), REFUSED)).outcome is Outcome.QUARANTINED
