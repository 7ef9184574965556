"""Knows what happens in a round: all of it is drawn from a seed, so a round can be told again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random  # noqa: TID251 - drawn from a seed, so that a round can be told again

from campaign.letters import Story, Writer
from mailgate.failpoint import Action, Failpoint

CLIENTS = 8
STORIES = 2  # of each client
HIDDEN = 0.05  # of the sink's answers
ACCOMPANIED = 0.25  # of the rounds on PostgreSQL have a second node
AT_ONCE = (0.05, 0.6)  # seconds after the first mail


class Blow(StrEnum):
    """What is done to the service in the middle of its work."""

    NOTHING = "nothing"  # only the clients and the sink misbehave
    KILL = "kill"  # SIGKILL at a random moment
    FAILPOINT = "failpoint"  # SIGKILL at a point of the program
    STUMBLE = "stumble"  # a fault, or a stall, at a point of the program, which lives on
    CHECKPOINT = "checkpoint"  # SIGKILL while SQLite brings its log into the database file
    DISCONNECT = "disconnect"  # PostgreSQL ends every connection
    DATABASE = "database"  # PostgreSQL loses its power
    EVERYTHING = "everything"  # and the server with it
    FAILOVER = "failover"  # PostgreSQL's server is lost, and its standby takes over


TRAFFIC = tuple(point for point in Failpoint if point not in {Failpoint.IN_MIGRATION, Failpoint.IN_DIGEST})
"""The failpoints that mails come by."""

_ON_SQLITE = (Blow.KILL,) * 5 + (Blow.FAILPOINT,) * 4 + (Blow.CHECKPOINT,)
_ON_THE_DATABASE = (Blow.DISCONNECT, Blow.DATABASE, Blow.EVERYTHING, Blow.FAILOVER)
_ON_POSTGRESQL = (Blow.KILL,) * 4 + (Blow.FAILPOINT,) * 3 + _ON_THE_DATABASE
_WORDS = {
    Blow.NOTHING: "let alone",
    Blow.KILL: "killed",
    Blow.CHECKPOINT: "killed in a checkpoint",
    Blow.DISCONNECT: "disconnected from the database",
    Blow.DATABASE: "database crashed",
    Blow.EVERYTHING: "killed with the database",
    Blow.FAILOVER: "database failed over",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A round.

    Args:
        after: seconds from the first mail to the blow, where that is not at a failpoint.
        failpoint: as MAILGATE_FAILPOINT says it.
        clients: the stories of each.
        writer: writes what else is to be written.
        partner: a second node works beside the one that is hit.
    """

    seed: int
    blow: Blow
    after: float
    failpoint: str
    clients: Sequence[Sequence[Story]]
    writer: Writer
    partner: bool = False

    @property
    def told(self) -> str:
        """The blow in words."""
        if self.failpoint:
            told = f"{'killed' if self.blow is Blow.FAILPOINT else 'stumbled'} at {self.failpoint}"
        else:
            told = _WORDS[self.blow] + (f" after {self.after * 1000:.0f} ms" if self.after else "")
        return f"one of two {told}" if self.partner else told


def drawn(seed: int, *, postgresql: bool) -> Plan:
    """The round of this seed."""
    chance = Random(seed)  # noqa: S311 - a seed is to give the same round again
    blow = chance.choice(_ON_POSTGRESQL if postgresql else _ON_SQLITE)
    after = chance.uniform(*AT_ONCE)
    point = f"{chance.choice(TRAFFIC)}:{Action.KILL}:{chance.randint(1, 3)}"
    writer = Writer(str(seed), chance)
    clients = [[writer.story() for _ in range(STORIES)] for _ in range(CLIENTS)]
    partner = postgresql and chance.random() < ACCOMPANIED
    return Plan(seed, blow, after, point if blow is Blow.FAILPOINT else "", clients, writer, partner)


def calm(seed: int) -> Plan:
    """The traffic of this seed, and no blow."""
    return replace(drawn(seed, postgresql=False), blow=Blow.NOTHING, after=0.0, failpoint="")


def aimed(seed: int, point: Failpoint, action: Action, nth: int, *, postgresql: bool) -> Plan:
    """The traffic of this seed, with the blow at that point.

    Who stands still past its leases has a second node beside it, which takes its work up meanwhile.
    """
    blow = Blow.FAILPOINT if action is Action.KILL else Blow.STUMBLE
    partner = postgresql and action is Action.SLEEP
    plan = drawn(seed, postgresql=False)
    return replace(plan, blow=blow, failpoint=f"{point}:{action}:{nth}", partner=partner)
