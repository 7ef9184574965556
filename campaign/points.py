"""Knows the targeted runs: each place at which the program can stumble, and each way to stumble."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from campaign import commands, rounds
from campaign.desk import servers_for
from campaign.plan import TRAFFIC, Blow, Plan, aimed, drawn
from campaign.tally import Tally
from mailgate.failpoint import Action, Failpoint

TIMES = (1, 2, 3)


def every(
    seed: int, *, points: Sequence[Failpoint] = TRAFFIC, thorough: bool = True, postgresql: bool
) -> list[Plan]:
    """A round for each point: killed there the first, second and third time; once each with another fault.

    Args:
        seed: of the first round's traffic; each has the next one.
        thorough: otherwise each is killed there the first time, and no more.
    """
    aims = [(point, Action.KILL, nth) for point in points for nth in (TIMES if thorough else TIMES[:1])]
    if thorough:
        others = (Action.RAISE, Action.EIO, Action.SLEEP)
        aims += [(point, action, 1) for point in points for action in others]
    plans = [aimed(seed + number, *aim, postgresql=postgresql) for number, aim in enumerate(aims)]
    if thorough and not postgresql:
        plans += [
            replace(drawn(seed + number, postgresql=False), blow=Blow.CHECKPOINT, failpoint="")
            for number in TIMES
        ]
    return plans


def named(seed: int, words: str, *, postgresql: bool) -> Plan:
    """The round at a place that is written as MAILGATE_FAILPOINT says it."""
    point, action, nth = words.split(":")
    return aimed(seed, Failpoint(point), Action(action), int(nth), postgresql=postgresql)


def run(plans: Sequence[Plan], folder: Path, said: Callable[[str], None], *, postgresql: bool) -> Tally:
    """Plays the rounds, each of which must reach its point, and kills the commands."""
    with servers_for(postgresql=postgresql) as servers:
        found = commands.run(folder, servers, said)
    tally = asyncio.run(rounds.run(plans, folder, said, postgresql=postgresql))
    found += [f"{one.told} was never reached" for one in tally.rounds if not one.reached]
    last = tally.rounds[-1]
    tally.rounds[-1] = replace(last, breaches=(*last.breaches, *found))
    return tally
