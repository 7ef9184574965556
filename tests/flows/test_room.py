"""Mail stops before a disk is full, then what is decided about it, and both go on by themselves."""

from datetime import datetime, timedelta

import pytest

from mailgate.flows.room import Room, where_room
from tests.core.desks import NOON

MIB = 1024 * 1024
BELOW = "below 256 MiB no mail is taken"
LATER = NOON + timedelta(minutes=1)


class Disk:
    """A disk with as much room as a test likes."""

    def __init__(self, mib: float) -> None:
        self.free = int(mib * MIB)
        self.room = Room(lambda: self.free, 256 * MIB)


@pytest.mark.parametrize(
    ("mib", "suffices", "wrong"),
    [
        (256, True, ""),
        (255, True, "255 MiB of the disk are free: below 256 MiB no mail is taken"),
        (64, True, "64 MiB of the disk are free: below 256 MiB no mail is taken"),
        (
            63,
            False,
            "63 MiB of the disk are free: below 256 MiB no mail is taken, and nothing is decided now",
        ),
    ],
)
def test_two_floors_say_what_stops(mib: float, suffices: object, wrong: str) -> None:
    disk = Disk(mib)
    assert (disk.room.suffices, disk.room.wrong) == (suffices, wrong)


async def test_a_sweep_rests_below_the_lower_floor_and_goes_on_when_there_is_room() -> None:
    swept: list[datetime] = []

    async def sweep() -> datetime:
        swept.append(NOON)
        return LATER

    disk = Disk(63)
    careful = where_room("intake", sweep, lambda: disk.room, lambda: NOON)
    assert [await careful(), await careful()] == [NOON + timedelta(seconds=5)] * 2
    assert swept == []
    disk.free = 64 * MIB
    assert await careful() == LATER
    assert swept == [NOON]


async def test_where_nobody_knows_the_room_no_sweep_rests() -> None:
    async def sweep() -> datetime:
        return LATER

    assert await where_room("intake", sweep, lambda: None, lambda: NOON)() == LATER
