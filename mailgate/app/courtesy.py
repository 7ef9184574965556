"""Knows how long work on mail that is safe lets mail go first that is still at the door.

Clients wait for their 250, so for some seconds they are given way. Where mail never stops coming that would
be for ever, and what was accepted would wait longer and longer: so work that has been behind for that long
goes on at its full pace until it has caught up.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from mailgate.flows.bell import Sweep

COURTESY = 5.0  # seconds


def second_to_the_door(
    sweep: Sweep,
    give_way: Callable[[float], Awaitable[None]],
    now: Callable[[], datetime],
    moment: Callable[[], float],
) -> Sweep:
    """The sweep, each round of which gives way for as long as the last one worked, while it may.

    Args:
        give_way: waits for the door, at most as suits work of so many seconds.
        moment: a monotonic clock, in seconds.
    """
    worked = 0.0
    behind_since: float | None = None

    async def courteous() -> datetime | None:
        nonlocal worked, behind_since
        if behind_since is None or moment() - behind_since < COURTESY:
            await give_way(worked)
        began = moment()
        following = await sweep()
        worked = moment() - began
        has_caught_up = following is None or following > now()
        behind_since = None if has_caught_up else behind_since or began
        return following

    return courteous
