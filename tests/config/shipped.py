"""The five policies as they are shipped, and what they promise in a case."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from mailgate.config.policies import read_policy
from mailgate.config.toml import read
from mailgate.core.case import Case
from mailgate.core.policy import Policy
from mailgate.core.promise import promised
from tests.house.code import ROOT

NAMES = ("pantheon-priority", "pantheon-tiers", "particle", "planetscale", "platformsh")
PACIFIC = "America/Los_Angeles"


@dataclass(frozen=True)
class Told:
    """What is promised: due instants by kind, in the order of the policy; None is best effort."""

    priority: str
    targets: dict[str, datetime | None]
    entitled: bool = True


@cache
def shipped(name: str) -> Policy:
    """The policy of the clone, read from its file."""
    policy, problems = read_policy(read(ROOT / "config" / "policies" / f"{name}.toml"))
    assert problems == ()
    assert policy is not None
    return policy


def told(name: str, case: Case, start: datetime) -> Told:
    """What the shipped policy promises."""
    promise = promised(shipped(name), case, start)
    return Told(promise.priority, {one.kind.value: one.due for one in promise.targets}, promise.entitled)
