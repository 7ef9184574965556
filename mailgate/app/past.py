"""Knows how archives are read: each mail within the reader's limits, and of each only what promises need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailgate.archive import ArchivedMail, mails
from mailgate.core.message import Unreadable
from mailgate.core.past import LeftOut, PastMail, Staff, past_mail
from mailgate.reader import Bounds, Reader


@dataclass(frozen=True, slots=True)
class Past:
    """What archives hold, in the order in which it lies there."""

    mails: tuple[PastMail, ...]
    left_out: tuple[LeftOut, ...]


async def read_past(
    names: Sequence[str],
    staff: Staff,
    now: datetime,
    progress: Callable[[int], None],
    bounds: Bounds | None = None,
) -> Past:
    """The mails in these files and folders.

    Args:
        progress: told after each mail how many there were.
        bounds: what the reading of one mail may cost, where that is not the usual.

    Raises:
        ArchiveError: one of them cannot be read.
    """
    found: list[PastMail] = []
    left_out: list[LeftOut] = []
    reader = Reader(bounds)
    try:
        for name in names:
            for kept in mails(name):
                told = await _read(reader, kept, staff, now)
                if isinstance(told, LeftOut):
                    left_out.append(told)
                else:
                    found.append(told)
                progress(len(found) + len(left_out))
    finally:
        await reader.close()
    return Past(tuple(found), tuple(left_out))


async def _read(reader: Reader, kept: ArchivedMail, staff: Staff, now: datetime) -> PastMail | LeftOut:
    if kept.fault:
        return LeftOut(kept.place, kept.fault)
    reading = await reader.read(kept.content)
    if isinstance(reading, Unreadable):
        return LeftOut(kept.place, reading.reason)
    return past_mail(kept.place, reading, staff, now)
