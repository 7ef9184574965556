"""Knows the mail that is kept aside for the operators, and how it gets in after all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, update

from mailgate.core.change import HoldKind
from mailgate.store.tables import held, spool
from mailgate.store.unit import Unit
from mailgate.store.wakes import Wake, wake


class HeldState(StrEnum):
    """Where a mail kept aside stands."""

    HELD = "held"
    RELEASED = "released"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Held:
    """A mail kept aside. `at` is when it was decided so, `attempts` how often it was read and decided."""

    id: int
    kind: HoldKind
    account: str
    at: datetime
    sender: str
    subject: str
    reason: str
    state: HeldState
    attempts: int


async def entries(unit: Unit) -> tuple[Held, ...]:
    """What is held, oldest first."""
    return tuple(_held(row) for row in await unit.execute(_LISTED))


async def quarantined(unit: Unit) -> tuple[Held, ...]:
    """What could not be read or decided, oldest first."""
    query = _LISTED.where(held.c.kind == HoldKind.QUARANTINED)
    return tuple(_held(row) for row in await unit.execute(query))


async def entry(unit: Unit, id_: int) -> Held | None:
    """The mail with this number."""
    row = (await unit.execute(_ENTRY.where(held.c.id == id_))).one_or_none()
    return _held(row) if row else None


async def release(unit: Unit, id_: int) -> bool:
    """Puts the mail back to be decided, its sender allowed; False if it is not held, or of another kind.

    Of a quarantined one nobody knows yet whose it is, or seems to be: it is read once more, and no more.
    """
    allowed = await _put_back(unit, id_, (HoldKind.HELD,), {"released": True})
    return allowed or await retry(unit, id_)


async def retry(unit: Unit, id_: int) -> bool:
    """Puts a quarantined mail back to be read and decided, as it came; False if it is not quarantined.

    It counts as accepted when it came, and its attempts go on being counted.
    """
    return await _put_back(unit, id_, (HoldKind.QUARANTINED,), {})


async def drop(unit: Unit, id_: int) -> bool:
    """Takes the mail off the list, undecided for ever; False if it is not held."""
    dropped = await unit.execute(
        update(held).where(held.c.id == id_, held.c.state == HeldState.HELD).values(state=HeldState.DROPPED)
    )
    return dropped.rowcount == 1


async def _put_back(
    unit: Unit, id_: int, kinds: Sequence[HoldKind], differently: Mapping[str, object]
) -> bool:
    taken = await unit.execute(
        update(held)
        .where(held.c.id == id_, held.c.state == HeldState.HELD, held.c.kind.in_(kinds))
        .values(state=HeldState.RELEASED)
        .returning(held.c.spool_id)
    )
    spool_id = taken.scalar_one_or_none()
    if spool_id is None:
        return False
    again = {"state": "waiting", "leased_until": None, "reason": "", **differently}
    await unit.execute(update(spool).where(spool.c.id == spool_id).values(again))
    await wake(unit, Wake.INTAKE)
    return True


_ENTRY = select(held, spool.c.attempts).join(spool, held.c.spool_id == spool.c.id)
_LISTED = _ENTRY.where(held.c.state == HeldState.HELD).order_by(held.c.at, held.c.id)


def _held(row: Row[*tuple[Any, ...]]) -> Held:
    return Held(
        id=row.id,
        kind=HoldKind(row.kind),
        account=row.account,
        at=row.at,
        sender=row.sender,
        subject=row.subject,
        reason=row.reason,
        state=HeldState(row.state),
        attempts=row.attempts,
    )
