"""Knows what happens in a round: all of it is drawn from a seed, so a round can be told again."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random  # noqa: TID251 - drawn from a seed, so that a round can be told again

from campaign.letters import Story, Writer
from mailgate.failpoint import Failpoint

CLIENTS = 8
STORIES = 2  # of each client
HIDDEN = 0.05  # of the sink's answers
AT_ONCE = (0.05, 0.6)  # seconds after the first mail


class Blow(StrEnum):
    """What is done to the service in the middle of its work."""

    KILL = "kill"  # SIGKILL at a random moment
    FAILPOINT = "failpoint"  # SIGKILL at a point of the program
    DISCONNECT = "disconnect"  # PostgreSQL ends every connection
    DATABASE = "database"  # PostgreSQL loses its power
    EVERYTHING = "everything"  # and the server with it


TRAFFIC = tuple(point for point in Failpoint if point not in {Failpoint.IN_MIGRATION, Failpoint.IN_DIGEST})
"""The failpoints that mails come by."""

_ON_SQLITE = (Blow.KILL,) * 3 + (Blow.FAILPOINT,) * 2
_ON_POSTGRESQL = (Blow.KILL,) * 4 + (Blow.FAILPOINT,) * 3 + (Blow.DISCONNECT, Blow.DATABASE, Blow.EVERYTHING)


@dataclass(frozen=True, slots=True)
class Plan:
    """A round.

    Args:
        after: seconds from the first mail to the blow, where that is not at a failpoint.
        failpoint: as MAILGATE_FAILPOINT says it.
        clients: the stories of each.
        writer: writes what else is to be written.
    """

    seed: int
    blow: Blow
    after: float
    failpoint: str
    clients: Sequence[Sequence[Story]]
    writer: Writer

    @property
    def told(self) -> str:
        """The blow in words."""
        match self.blow:
            case Blow.FAILPOINT:
                return f"killed at {self.failpoint}"
            case Blow.KILL:
                return f"killed after {self.after * 1000:.0f} ms"
            case Blow.DISCONNECT:
                return f"disconnected after {self.after * 1000:.0f} ms"
            case Blow.DATABASE:
                return f"database crashed after {self.after * 1000:.0f} ms"
            case Blow.EVERYTHING:
                return f"killed with the database after {self.after * 1000:.0f} ms"


def drawn(seed: int, *, postgresql: bool, failpoint: str = "") -> Plan:
    """The round of this seed; with a failpoint, the blow is there."""
    chance = Random(seed)  # noqa: S311 - a seed is to give the same round again
    blow = chance.choice(_ON_POSTGRESQL if postgresql else _ON_SQLITE)
    after = chance.uniform(*AT_ONCE)
    point = f"{chance.choice(TRAFFIC)}:kill:{chance.randint(1, 3)}"
    writer = Writer(str(seed), chance)
    clients = [[writer.story() for _ in range(STORIES)] for _ in range(CLIENTS)]
    if failpoint:
        blow, point = Blow.FAILPOINT, failpoint
    return Plan(seed, blow, after, point if blow is Blow.FAILPOINT else "", clients, writer)
