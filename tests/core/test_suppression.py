"""core/suppression: only what says that there is no such address keeps mail back from it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailgate.core.address import TokenRole
from mailgate.core.change import Fresh, Outcome
from mailgate.core.command import Fault
from mailgate.core.consequence import consequence
from mailgate.core.facts import SentMail
from mailgate.core.intake import found
from mailgate.core.message import Fate
from mailgate.core.notice import CommandAnswer, DeliveryProblem
from mailgate.core.outgoing import MailKind
from mailgate.core.participant import Participant
from mailgate.core.report import summary
from mailgate.core.suppression import Suppression, gone, is_gone
from mailgate.core.ticket import TicketId
from mailgate.core.undelivered import Failed, suppressions
from tests.core.desks import BOB, HEAD, NOON, SAM, hearing, mail, signed
from tests.core.test_intake import KNOWN, TICKET

SIXTY = timedelta(days=60)
GONE = Suppression(BOB.address, NOON - timedelta(days=1), NOON + SIXTY, "5.1.1", "550 5.1.1 no such user")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "550 5.1.1 <bob@acme.example>: Recipient address rejected: User unknown"),
        ("5.1.1", ""),
        ("5.1.2", "Host or domain name not found"),
        ("5.1.3", "bad address syntax"),
        ("5.1.6", "moved"),
        ("5.1.10", "RESOLVER.ADR.RecipientNotFound; not found"),
        ("5.2.1", "The email account that you tried to reach is disabled"),
        ("5.0.0", "550 no such user"),
        ("5.4.4", "Name service error: Host not found"),
        ("", "550 User unknown"),
        ("", "553 sorry, no mailbox here by that name"),
    ],
)
def test_an_address_that_is_nobodys_is_gone(status: str, words: str) -> None:
    """behaviour.md 5.5, RFC 3463 section 3.2"""
    assert is_gone(Fate(BOB.address, "failed", status, words))


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        ("failed", "5.2.2", "mailbox full"),
        ("failed", "5.2.1", "is receiving mail at a rate that prevents additional messages"),
        ("failed", "5.7.1", "550 5.7.1 blocked by policy: no such user"),
        ("failed", "5.7.26", "does not pass DMARC"),
        ("failed", "5.1.8", "sender address does not exist"),
        ("failed", "5.1.1", "rejected: your address is on a blocklist"),
        ("failed", "5.3.4", "message too big"),
        ("failed", "5.4.7", "expired"),
        ("failed", "4.1.1", "450 4.1.1 user unknown"),
        ("failed", "4.4.1", "connection timed out"),
        ("failed", "5.0.0", "554 rejected"),
        ("failed", "", "450 user unknown"),
        ("failed", "", ""),
        ("delayed", "5.1.1", "user unknown"),
        ("relayed", "2.0.0", ""),
    ],
)
def test_a_policy_a_size_a_full_mailbox_and_a_delay_pass(action: str, status: str, words: str) -> None:
    """behaviour.md 5.5"""
    assert not is_gone(Fate(BOB.address, action, status, words))


def test_only_those_whom_the_mail_went_to_are_suppressed() -> None:
    """Anybody can write a report: it counts for what we know to have sent, and to whom."""
    report = summary(
        (
            Fate("BOB@acme.example", "failed", "5.1.1", "no such user"),
            Fate("kim@acme.example", "failed", "5.1.1", "no such user"),
        )
    )
    assert gone((BOB.address,), report, NOON, SIXTY) == (
        Suppression(BOB.address, NOON, NOON + SIXTY, "5.1.1", "no such user"),
    )
    assert gone((BOB.address,), report, NOON, timedelta()) == ()


def test_an_address_is_known_by_where_its_mail_is_passed_on_to() -> None:
    fate = Fate("robert@new.example", "failed", "5.1.1", "no such user", ("bob@acme.example",))
    assert [one.address for one in gone((BOB.address,), summary((fate,)), NOON, SIXTY)] == [BOB.address]


def test_mail_to_staff_is_never_kept_back() -> None:
    """behaviour.md 5.5: who is staff is the configuration's to say"""
    report = summary((Fate(SAM.address, "failed", "5.1.1", "no such user"),))
    notice = SentMail("n1@d", MailKind.STAFF_NOTICE, (SAM.address,), "fire", TICKET.id)
    assert suppressions(Failed(notice, report, NOON), SIXTY, "acme") == ()
    reply = replace(notice, kind=MailKind.RELAYED_REPLY)
    assert suppressions(Failed(reply, report, NOON), SIXTY, "acme", TICKET.id) == (
        Suppression(SAM.address, NOON, NOON + SIXTY, "5.1.1", "no such user", "acme", TICKET.id),
    )


def test_an_answer_that_reaches_nobody_stops_no_clock_and_is_told_to_its_writer() -> None:
    """behaviour.md 5.5"""
    facts = replace(KNOWN, suppressed={BOB.address: GONE})
    heard = hearing(mail(SAM, "Re: fire"), facts, signed(TokenRole.STAFF, SAM))
    finding = found(heard)
    assert finding.outcome is Outcome.NOTE
    (draft,) = consequence(finding, heard, HEAD, Fresh(TicketId(8), 43)).drafts
    assert isinstance(draft.context, CommandAnswer)
    assert (draft.to, draft.context.faults) == (
        (SAM,),
        (
            Fault(
                "your answer",
                "reaches nobody: bob@acme.example bounced on 2026-11-19: 550 5.1.1 no such user",
                "/cc somebody else, or have it lifted: mailgate suppressed lift bob@acme.example",
            ),
        ),
    )


def test_an_answer_that_somebody_gets_goes_out() -> None:
    """behaviour.md 5.5"""
    kim = Participant(replace(BOB, address="kim@acme.example"))
    several = replace(TICKET, people=(kim,))
    facts = replace(KNOWN, tickets={TICKET.id: several}, suppressed={BOB.address: GONE})
    heard = hearing(mail(SAM, "Re: fire"), facts, signed(TokenRole.STAFF, SAM))
    finding = found(heard)
    assert finding.outcome is Outcome.STAFF_REPLY
    drafts = consequence(finding, heard, HEAD, Fresh(TicketId(8), 43)).drafts
    told = [draft.context for draft in drafts if isinstance(draft.context, DeliveryProblem)]
    assert [one.report.recipients for one in told] == [(BOB.address,)] * 2  # to both of the team
    alone = replace(KNOWN, suppressed={BOB.address: GONE})
    by_command = mail(SAM, "Re: fire", reply_text="/cc kim@acme.example\n\nUse water.")
    assert found(hearing(by_command, alone, signed(TokenRole.STAFF, SAM))).outcome is Outcome.STAFF_REPLY


def test_an_internal_note_needs_no_reader_outside() -> None:
    facts = replace(KNOWN, suppressed={BOB.address: GONE})
    note = mail(SAM, "Re: fire", reply_text="/note\n\nHe has left.")
    finding = found(hearing(note, facts, signed(TokenRole.STAFF, SAM)))
    assert finding.work is not None
    assert (finding.work.internal, finding.work.faults) == (True, ())
