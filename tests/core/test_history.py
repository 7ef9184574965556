"""core/history: one step for what happens now and for the journal gone through again."""

from dataclasses import replace

import pytest

from mailgate.core.clock import ClockState
from mailgate.core.event import (
    Event,
    PriorityCorrected,
    PriorityRaised,
    ResponseWithdrawn,
    TargetMissed,
    TargetWarned,
    TicketAbsorbed,
    TicketMerged,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketTaken,
)
from mailgate.core.history import course, folded
from mailgate.core.move import Move, move_of
from mailgate.core.ticket import Ticket, TicketId
from tests.core.histories import (
    BOB,
    MONDAY,
    SAM,
    customer,
    hours,
    lived,
    opened,
    staff,
    waits,
)
from tests.core.policies import VENDOR

STORY: tuple[Event, ...] = (
    staff(hours(1)),
    waits(hours(1)),
    customer(hours(26)),
    PriorityRaised(MONDAY + hours(27), "P2", "P1", "worse"),
    PriorityCorrected(MONDAY + hours(28), "P1", "P2", "no"),
    TicketResolved(MONDAY + hours(29), SAM, "/resolve"),
    TicketReopened(MONDAY + hours(30), BOB, "a reply"),
    TicketTaken(MONDAY + hours(31), SAM, "/ack"),
    TicketAbsorbed(MONDAY + hours(32), "ACME-43", "P2", "P2", opened(MONDAY, "P2").clocks, "/merge"),
    ResponseWithdrawn(MONDAY + hours(33), MONDAY + hours(1), None, "never delivered"),
)


def story() -> tuple[Ticket, list[Move]]:
    """A ticket to which everything happened, and the moves of all of it."""
    first = opened(MONDAY, "P2")
    ticket, events = course(first, VENDOR, STORY)
    return ticket, [move_of(TicketOpened(MONDAY, first, "a mail")), *map(move_of, events)]


def test_the_fold_of_everything_that_happened_is_the_ticket_as_it_stands() -> None:
    """behaviour.md 6.5"""
    ticket, moves = story()

    assert folded(ticket, VENDOR, moves) == ticket


def test_warnings_and_misses_are_part_of_the_history() -> None:
    """behaviour.md 6.3"""
    first = opened(MONDAY, "P2")
    response = first.clocks[0]
    warned = replace(response, warned=MONDAY + hours(3))
    missed = replace(warned, state=ClockState.MISSED, detected=MONDAY + hours(4.1))
    noticed = TargetMissed(MONDAY + hours(4), missed)

    ticket = lived(first, TargetWarned(MONDAY + hours(3), warned), noticed)

    assert ticket.clocks[0] == missed


@pytest.mark.parametrize("event", [*STORY, TicketMerged(MONDAY, "ACME-1", TicketId(3), "/merge")])
def test_an_event_names_the_clocks_that_it_touched_and_no_others(event: Event) -> None:
    before = opened(MONDAY, "P2")
    now, events = course(before, VENDOR, [event])

    touched = {one.name for happened in events for one in getattr(happened, "clocks", ())}
    touched |= {(one.clock.kind, one.clock.epoch) for one in events if isinstance(one, TargetMissed)}
    changed = {one.name for one in now.clocks if one not in before.clocks}
    assert changed <= touched
