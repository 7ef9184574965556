"""Knows how much of the disk must be free before mail is taken, and before anything is decided about it.

A full disk refuses a mail long before it refuses the few rows of an acknowledgement. So mail stops first, at
a floor, and what was accepted is decided in the room that is left; at a quarter of it that stops as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from mailgate.flows.bell import Sweep

_LOOK_AGAIN = timedelta(seconds=5)
_PART = 4
_MIB = 1024 * 1024
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Room:
    """The disk under the database.

    Args:
        free: tells how many octets are free.
        floor: under which no mail is taken.
    """

    free: Callable[[], int]
    floor: int

    @property
    def suffices(self) -> bool:
        """Whether there is room to decide."""
        return self.free() >= self.floor // _PART

    @property
    def wrong(self) -> str:
        """What is wrong, in words; empty where there is room for mail."""
        free = self.free()
        if free >= self.floor:
            return ""
        told = f"{free // _MIB} MiB of the disk are free: below {self.floor // _MIB} MiB no mail is taken"
        return told if free >= self.floor // _PART else f"{told}, and nothing is decided now"


def where_room(
    name: str, sweep: Sweep, disk: Callable[[], Room | None], now: Callable[[], datetime]
) -> Sweep:
    """The sweep, which rests while there is too little room; None: nobody knows how much there is."""
    rests = False

    async def careful() -> datetime | None:
        nonlocal rests
        room = disk()
        if room is None or room.suffices:
            if rests:
                _log.info("There is room again.", what="room_again", sweep=name)
            rests = False
            return await sweep()
        if not rests:
            _log.error("The disk is full; a sweep rests.", what="no_room", sweep=name, reason=room.wrong)
        rests = True
        return now() + _LOOK_AGAIN

    return careful
