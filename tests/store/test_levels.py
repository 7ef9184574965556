"""How much waits, as health and metrics are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from mailgate.core.change import Hold, HoldKind, Outcome
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import OutboxState
from mailgate.flows.health import backlog_moves
from mailgate.store.apply import apply
from mailgate.store.levels import Levels, levels
from mailgate.store.posting import post
from mailgate.store.tables import outbox
from tests.outgoing import ACKNOWLEDGEMENT

if TYPE_CHECKING:
    from tests.conftest import World

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATE = Clock(TargetKind.RESPONSE, "P2", ClockState.MISSED, NINE, due=TEN, detected=TEN)


def mail(number: int) -> Outgoing:
    return replace(
        ACKNOWLEDGEMENT,
        cause=f"acknowledgement:{number}",
        message_id=f"{number}@support.example.com",
    )


async def test_nothing_waits_in_an_empty_desk(world: "World") -> None:
    async with world.database.read() as unit:
        found = await levels(unit, NOON)

    nothing = dict.fromkeys(
        (OutboxState.WAITING, OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.FAILED), 0
    )
    assert found == Levels(0, None, nothing, None, away=0, held=0, overdue=0)


async def test_everything_that_waits_is_counted(world: "World") -> None:
    await world.spooled(TEN)
    await world.spooled(NINE)
    await world.opened(NINE, LATE)
    await world.opened(NINE, replace(LATE, stopped=NOON))
    await world.opened(NINE, replace(LATE, state=ClockState.RUNNING, due=NOON, detected=None))
    await world.opened(NINE, replace(LATE, state=ClockState.PAUSED, detected=None))
    await world.opened(NINE, replace(LATE, state=ClockState.VOID, detected=None, stopped=TEN))
    change = await world.spooled(NINE)
    held = Hold(HoldKind.HELD, "eve@elsewhere.example", "Hello")
    async with world.database.write() as unit:
        await apply(unit, TEN, [replace(change, outcome=Outcome.HELD, hold=held)])
        for number, state in enumerate(OutboxState):
            await post(unit, NINE + timedelta(minutes=number), [(None, mail(number))])
            going = state in {OutboxState.WAITING, OutboxState.SENDING}
            row = update(outbox).where(outbox.c.cause == f"acknowledgement:{number}")
            await unit.execute(row.values(state=state, next_at=NOON if going else None))

    async with world.database.read() as unit:
        found = await levels(unit, NOON)

    assert found == Levels(
        spooled=2,
        oldest_spooled=NINE,
        outgoing={
            OutboxState.WAITING: 1,
            OutboxState.SENDING: 1,
            OutboxState.UNCERTAIN: 1,
            OutboxState.FAILED: 1,
        },
        oldest_outgoing=NINE,
        away=0,
        held=1,
        overdue=1,
    )


async def test_a_backlog_that_does_not_move_is_told(world: "World") -> None:
    await world.spooled(NINE)
    early = NINE + timedelta(minutes=5) - timedelta(milliseconds=1)
    late = NINE + timedelta(minutes=5)

    assert await backlog_moves(world.database, early) == ""
    assert await backlog_moves(world.database, late) == (
        "a mail accepted at 2026-11-20T09:00:00Z is not decided yet"
    )
