"""Knows that all nodes go by one clock, whatever the clocks of their machines say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from mailgate.flows.sharedclock import SharedClock

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)


@dataclass
class Machine:
    """Its clock, and the seconds since it was started."""

    own: datetime = NOON
    up: float = 1000.0
    clock: SharedClock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = SharedClock(lambda: self.own, lambda: self.up)

    def ask(self, said: datetime, took: float = 0.0) -> None:
        """The database is asked for the time; the answer takes so many seconds."""
        asked = self.up
        self.pass_by(took)
        self.clock.set(said, asked, self.up)

    def pass_by(self, seconds: float) -> None:
        self.up += seconds
        self.own += timedelta(seconds=seconds)


def test_until_it_is_set_it_is_the_machines() -> None:
    machine = Machine()
    machine.pass_by(1)
    assert machine.clock() == NOON + SECOND


def test_it_is_the_databases_once_that_was_asked() -> None:
    machine = Machine(own=NOON + timedelta(hours=1))
    machine.ask(NOON)
    machine.pass_by(1.5)
    assert machine.clock() == NOON + 1500 * MILLISECOND


def test_a_machine_whose_clock_is_set_goes_on_as_it_did() -> None:
    machine = Machine()
    machine.ask(NOON)
    machine.own += timedelta(hours=-3)
    machine.pass_by(1)
    assert machine.clock() == NOON + SECOND


def test_an_answer_that_took_long_is_of_the_middle_at_first_and_proves_nothing_later() -> None:
    machine = Machine()
    machine.ask(NOON, took=2.0)
    assert machine.clock() == NOON + SECOND
    machine.ask(NOON + 2 * SECOND, took=2.0)  # anything from noon + 2 to noon + 4 is as likely
    assert machine.clock() == NOON + 3 * SECOND


def test_it_is_moved_as_far_as_an_answer_proves_it_wrong() -> None:
    machine = Machine()
    machine.ask(NOON)
    machine.pass_by(10)
    machine.ask(NOON + 11 * SECOND, took=0.25)
    assert machine.clock() == NOON + 11 * SECOND
    machine.pass_by(10)
    machine.ask(NOON, took=0.25)  # the database's clock was put back, or another took its place
    assert machine.clock() == NOON + 250 * MILLISECOND


@pytest.mark.parametrize(
    ("own", "says"), [(5 * SECOND, "it is 5 s ahead"), (-5 * SECOND, "it is 5 s behind")]
)
def test_a_machine_whose_clock_is_wrong_is_told_of_once(own: timedelta, says: str) -> None:
    machine = Machine(own=NOON + own)
    with capture_logs() as lines:
        for _ in range(3):
            machine.ask(NOON)
        machine.own = NOON
        machine.ask(NOON)
    assert [(line["what"], line["reason"]) for line in lines] == [("clock_differs", says)]
