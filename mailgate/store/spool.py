"""Knows how mail lies in the spool: the raw bytes packed, beside them how they came.

What lies there is safe, whatever becomes of it later.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, text

from mailgate.core.message import MailObject
from mailgate.store import records
from mailgate.store.dialect import is_sqlite
from mailgate.store.tables import raw_mails, spool
from mailgate.store.unit import Unit
from mailgate.store.wakes import Wake, wake


@dataclass(frozen=True, slots=True)
class Packed:
    """A letter ready to be stored."""

    letter: MailObject
    sha256: str
    packed: bytes


def packed(letter: MailObject) -> Packed:
    """The letter, compressed; it costs time but no database."""
    return Packed(letter, hashlib.sha256(letter.content).hexdigest(), records.packed(letter.content))


async def put(unit: Unit, mails: Sequence[Packed], received: datetime) -> list[int]:
    """Stores the mails as waiting, received at that instant; their numbers in the spool, in order."""
    raw_ids, ids = await _numbers(unit, len(mails))
    await unit.execute(
        insert(raw_mails),
        [
            {"id": raw_id, "sha256": mail.sha256, "size": len(mail.letter.content), "packed": mail.packed}
            for raw_id, mail in zip(raw_ids, mails, strict=True)
        ],
    )
    await unit.execute(
        insert(spool),
        [
            {
                "id": spool_id,
                "raw_id": raw_id,
                "received": received,
                "reverse_path": mail.letter.envelope.reverse_path,
                "recipients": list(mail.letter.envelope.recipients),
                "peer": mail.letter.envelope.peer,
                "greeting": mail.letter.envelope.greeting,
                "state": "waiting",
            }
            for spool_id, raw_id, mail in zip(ids, raw_ids, mails, strict=True)
        ],
    )
    await wake(unit, Wake.INTAKE)
    return ids


async def _numbers(unit: Unit, count: int) -> tuple[list[int], list[int]]:
    """Numbers for raw mails and for the spool, in one statement; the inserts need not tell them then."""
    if is_sqlite(unit):  # the only writer: nobody else can take the next ones
        last = (await unit.execute(_LAST_NUMBERS)).one()
        return [last.raw + n for n in range(1, count + 1)], [last.spool + n for n in range(1, count + 1)]
    pairs = (await unit.execute(_NEXT_NUMBERS, {"count": count})).all()
    return sorted(pair.raw for pair in pairs), sorted(pair.spool for pair in pairs)


_LAST_NUMBERS = select(
    select(func.coalesce(func.max(raw_mails.c.id), 0)).scalar_subquery().label("raw"),
    select(func.coalesce(func.max(spool.c.id), 0)).scalar_subquery().label("spool"),
)
_NEXT_NUMBERS = text(
    "SELECT nextval(pg_get_serial_sequence('raw_mails', 'id')) AS raw,"
    " nextval(pg_get_serial_sequence('spool', 'id')) AS spool FROM generate_series(1, :count)"
)
