"""core/explanation: every stretch of every clock, and that what counted is what was used up."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.clock import ClockState, TargetKind
from mailgate.core.event import (
    CustomerReplied,
    Event,
    PriorityCorrected,
    PriorityRaised,
    ResponseWithdrawn,
    StaffReplied,
    TicketAbsorbed,
    TicketDeescalated,
    TicketMerged,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSetWaiting,
    TicketTaken,
    moved_clocks,
)
from mailgate.core.explanation import ClockExplained, Explanation, Piece, explained
from mailgate.core.history import course
from mailgate.core.occasion import Occasion, Recorded
from mailgate.core.policy import Policy
from mailgate.core.terms import terms
from mailgate.core.ticket import Ticket, TicketId
from mailgate.core.zone import RULES
from tests.core.calendars import exceptional, local
from tests.core.histories import BOB, SAM, opened
from tests.core.policies import BERLIN, VENDOR
from tests.core.test_history_laws import POLICY as LAWFUL
from tests.core.test_history_laws import History, histories

OPENED = local("2026-12-24 15:00", BERLIN)  # a Thursday; the 25th is a holiday
MONDAY = local("2026-11-23 09:00", BERLIN)
MILLISECOND = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
HOURS, CLOSED = "business hours", "outside business hours"
FIRST = Occasion(OPENED, f"the first mail of {BOB}")


def at(text: str) -> datetime:
    return local(text, BERLIN)


def caused(ticket: Ticket, events: Iterable[Event]) -> list[Recorded]:
    """The journal of a ticket that was opened and lived through the events."""
    begins = Recorded(TicketOpened, ticket.opened, ticket.clocks, by=BOB)
    return [begins, *map(_cause, events)]


def _cause(event: Event) -> Recorded:
    return Recorded(
        kind=type(event),
        at=event.at,
        clocks=moved_clocks(event),
        by=getattr(event, "sender", "") or getattr(event, "staff", "") or getattr(event, "by", ""),
        reason=getattr(event, "reason", ""),
        before=getattr(event, "before", ""),
        after=getattr(event, "after", ""),
        other=getattr(event, "other", "") or getattr(event, "into", ""),
    )


def told(first: Ticket, *events: Event, now: datetime, policy: Policy = VENDOR) -> Explanation:
    ticket, whole = course(first, policy, events)
    return explained(ticket, policy, caused(first, whole), now)


def fates(explanation: Explanation) -> list[tuple[str, str, str, str]]:
    """Kind with epoch, state, what began it, what ended it."""
    return [
        (
            f"{one.clock.kind} {one.clock.epoch} {one.clock.priority}",
            one.clock.state.value,
            one.began.words if one.began else "",
            one.ended.words if one.ended else "",
        )
        for one in explanation.clocks
    ]


def test_every_stretch_from_start_to_now_is_told_with_its_reason() -> None:
    """`behaviour.md` 6.5"""
    first = opened(OPENED, "P2")
    response, resolution = first.clocks
    now = at("2026-12-28 10:30")
    pieces = (
        Piece(OPENED, at("2026-12-24 17:00"), counts=True, reason=HOURS),
        Piece(at("2026-12-24 17:00"), at("2026-12-25 00:00"), counts=False, reason=CLOSED),
        Piece(at("2026-12-25"), at("2026-12-26"), counts=False, reason="holiday: Feast of 2026-12-25"),
        Piece(at("2026-12-26"), at("2026-12-28"), counts=False, reason="weekend"),
        Piece(at("2026-12-28"), at("2026-12-28 09:00"), counts=False, reason=CLOSED),
        Piece(at("2026-12-28 09:00"), now, counts=True, reason=HOURS),
    )
    used = timedelta(hours=3, minutes=30)
    shared = (FIRST, None, now, used)

    assert told(first, now=now) == Explanation(
        ticket="ACME-42",
        policy="vendor",
        version=VENDOR.digest,
        rules=RULES,
        plan="full",
        region="europe",
        priority="P2",
        clocks=(
            ClockExplained(response, "4 business hours", "office", BERLIN, *shared, 4 * HOUR, pieces),
            ClockExplained(resolution, "2 business days", "office", BERLIN, *shared, 16 * HOUR, pieces),
        ),
    )


def test_an_exceptional_date_is_told_by_its_name() -> None:
    """`behaviour.md` 6.5"""
    eve = exceptional("2026-12-24", "09:00-12:00", name="Christmas Eve")
    office = replace(VENDOR.calendars["office"], exceptions=(eve,))
    policy = replace(VENDOR, calendars={**VENDOR.calendars, "office": office})

    response, _ = told(opened(OPENED, "P2", policy), now=OPENED + HOUR, policy=policy).clocks

    assert response.pieces == (
        Piece(OPENED, OPENED + HOUR, counts=False, reason="outside the hours of this date, Christmas Eve"),
    )


def test_a_rest_is_told_with_its_mail_and_costs_nothing_where_it_was_closed_anyway() -> None:
    """`behaviour.md` 6.5; policies.md, Business time 8"""
    mail = "the mail s1@x of Sam"
    explanation = told(
        opened(MONDAY, "P2"),
        TicketSetWaiting(MONDAY + 7 * HOUR, SAM, mail, "/wait"),
        CustomerReplied(MONDAY + 25 * HOUR, BOB, "a reply"),
        now=MONDAY + 26 * HOUR,
    )

    resolution = explanation.clocks[1]
    assert resolution.consumed == 8 * HOUR
    assert resolution.pieces == (
        Piece(MONDAY, MONDAY + 7 * HOUR, counts=True, reason=HOURS),
        Piece(MONDAY + 7 * HOUR, MONDAY + 8 * HOUR, counts=False, reason="", rest=mail),
        Piece(MONDAY + 8 * HOUR, MONDAY + 24 * HOUR, counts=False, reason=CLOSED, rest=mail),
        Piece(MONDAY + 24 * HOUR, MONDAY + 25 * HOUR, counts=False, reason="", rest=mail),
        Piece(MONDAY + 25 * HOUR, MONDAY + 26 * HOUR, counts=True, reason=HOURS),
    )


def test_wall_clock_time_is_one_stretch_that_counts_but_for_its_rests() -> None:
    """`behaviour.md` 6.5"""
    waits = TicketSetWaiting(MONDAY + HOUR, SAM, "a mail", "/wait")

    response, resolution = told(opened(MONDAY, "P1"), waits, now=MONDAY + 3 * HOUR).clocks

    assert response.clock.state is ClockState.MISSED
    assert response.pieces == (
        Piece(MONDAY, MONDAY + 3 * HOUR, counts=True, reason="wall-clock time always runs"),
    )
    assert resolution.pieces == (
        Piece(MONDAY, MONDAY + HOUR, counts=True, reason="wall-clock time always runs"),
        Piece(MONDAY + HOUR, MONDAY + 3 * HOUR, counts=False, reason="", rest="a mail"),
    )


def test_what_became_of_each_epoch_is_told() -> None:
    """`behaviour.md` 6.5"""
    explanation = told(
        opened(MONDAY, "P2"),
        PriorityRaised(MONDAY + HOUR, "P2", "P1", "the customer's reply asks for P1"),
        StaffReplied(MONDAY + 1.1 * HOUR, SAM, "a reply"),
        TicketDeescalated(MONDAY + 2 * HOUR, "P1", "P2", "a workaround"),
        TicketResolved(MONDAY + 3 * HOUR, SAM, "/resolve"),
        TicketReopened(MONDAY + 4 * HOUR, BOB, "a reply"),
        TicketMerged(MONDAY + 5 * HOUR, "ACME-41", TicketId(3), "/merge"),
        now=MONDAY,
    )

    raised = "the raise from P2 to P1 (the customer's reply asks for P1)"
    lowered = "the de-escalation from P1 to P2 (a workaround)"
    assert fates(explanation) == [
        ("response 1 P2", "void", f"the first mail of {BOB}", f"replaced by {raised}"),
        ("resolution 1 P2", "met", f"the first mail of {BOB}", lowered),
        ("response 2 P1", "met", raised, f"the reply of {SAM}"),
        ("resolution 2 P2", "met", lowered, f"resolved by {SAM}"),
        ("resolution 3 P2", "void", f"reopened by the mail of {BOB}", "merged into ACME-41"),
    ]


def test_other_ends_and_beginnings_are_told_too() -> None:
    """`behaviour.md` 6.5"""
    brought = opened(MONDAY + HOUR, "P1").clocks
    explanation = told(
        opened(MONDAY, "P1", role="on-call"),
        TicketTaken(MONDAY + 0.5 * HOUR, SAM, "/ack"),
        TicketAbsorbed(MONDAY + HOUR, "ACME-43", "P1", "P1", brought, "/merge"),
        now=MONDAY + HOUR,
    )

    assert fates(explanation) == [
        ("escalation 1 P1", "met", f"the first mail of {BOB}", f"taken by {SAM}"),
        ("response 1 P1", "running", "the promise of ACME-43, merged into this one", ""),
        ("resolution 1 P1", "running", "the promise of ACME-43, merged into this one", ""),
    ]
    assert [one.words for one in explanation.clocks] == ["1 hour", "", ""]  # no targets of this role


def test_a_reply_that_was_withdrawn_ends_nothing() -> None:
    """`behaviour.md` 2.3, 6.5"""
    reply = StaffReplied(MONDAY + HOUR, SAM, "a reply")
    withdrawn = ResponseWithdrawn(MONDAY + 2 * HOUR, MONDAY + HOUR, None, "never delivered")

    response, _ = told(opened(MONDAY, "P2"), reply, withdrawn, now=MONDAY + 3 * HOUR).clocks

    assert (response.clock.state, response.ended, response.consumed) == (ClockState.RUNNING, None, 3 * HOUR)


def test_a_corrected_clock_counts_from_the_original_start_and_says_when_it_began() -> None:
    """policies.md, Business time 9"""
    change = PriorityCorrected(MONDAY + 0.1 * HOUR, "P1", "P2", "never P1")

    response = told(opened(MONDAY, "P1"), change, now=MONDAY + HOUR).clocks[2]

    assert (response.clock.started, response.consumed) == (MONDAY, HOUR)
    assert response.began == Occasion(change.at, "the correction from P1 to P2 (never P1)")


def test_what_was_carried_over_is_part_of_the_sum() -> None:
    """Edge case 27"""
    explanation = told(
        opened(MONDAY, "P2"),
        TicketResolved(MONDAY + 3 * HOUR, SAM, "/resolve"),
        TicketReopened(MONDAY + 49 * HOUR, BOB, "a reply"),
        now=MONDAY + 50 * HOUR,
    )

    again = explanation.clocks[2]
    assert (again.carried, again.consumed) == (3 * HOUR, 4 * HOUR)


def test_of_a_clock_that_has_ended_the_same_is_told_for_ever() -> None:
    """`behaviour.md` 6.5"""
    events = (
        StaffReplied(MONDAY + HOUR, SAM, "a reply"),
        PriorityRaised(MONDAY + 2 * HOUR, "P2", "P1", "worse"),
        TicketResolved(MONDAY + 30 * HOUR, SAM, "/resolve"),
    )
    first = opened(MONDAY, "P2")

    soon, late = (told(first, *events, now=now) for now in (MONDAY, MONDAY + timedelta(days=4000)))

    assert soon == late


def test_a_miss_that_nobody_noticed_yet_is_none_that_was_noticed() -> None:
    response, _ = explained(opened(MONDAY, "P2"), VENDOR, (), MONDAY + 5 * HOUR).clocks

    assert (response.clock.state, response.clock.detected) == (ClockState.MISSED, None)


def test_before_its_start_nothing_has_counted() -> None:
    response, _ = told(opened(OPENED, "P2"), now=OPENED - timedelta(days=1)).clocks

    assert (response.until, response.pieces, response.consumed) == (OPENED, (), timedelta())


def test_the_version_is_the_one_that_the_ticket_names() -> None:
    """`behaviour.md` 6.5: a version that an older program wrote is read as a newer value."""
    ticket = replace(opened(MONDAY, "P2"), policy="0" * 64)

    assert explained(ticket, VENDOR, (), MONDAY).version == "0" * 64


def test_the_order_of_clocks_is_the_tickets() -> None:
    kinds = [one.clock.kind for one in told(opened(OPENED, "P2"), now=OPENED).clocks]

    assert kinds == [TargetKind.RESPONSE, TargetKind.RESOLUTION]


@given(histories(), st.integers(0, 40 * 24 * 60))
def test_whatever_happened_the_stretches_have_no_gap_and_add_up_to_what_was_consumed(
    history: History, minutes: int
) -> None:
    """`behaviour.md` 6.5"""
    first, ticket = history.first, history.turns[-1].after if history.turns else history.first
    now = max([first.opened, *(turn.event.at for turn in history.turns)]) + timedelta(minutes=minutes)

    explanation = explained(ticket, LAWFUL, caused(first, [turn.event for turn in history.turns]), now)

    for one, clock in zip(explanation.clocks, ticket.clocks, strict=True):
        term = terms(LAWFUL, ticket.case, clock.priority)[clock.kind]
        counted = sum((piece.length for piece in one.pieces if piece.counts), timedelta())
        assert one.consumed == one.carried + counted
        assert one.consumed == term.consumed(clock, one.until) * MILLISECOND
        edges = [(piece.start, piece.end) for piece in one.pieces]
        assert [start for start, _ in edges] == [one.clock.started, *(end for _, end in edges)][: len(edges)]
        ends = max(one.until, one.clock.started)  # an answer may have been accepted before
        assert (edges[-1][1] if edges else ends) == ends
        assert one.began is not None
        assert (one.ended is not None) == (clock.stopped is not None)
