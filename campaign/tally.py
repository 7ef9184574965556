"""Knows the figures of a campaign: a line for each round, and the sum at the end."""

import statistics
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to; seconds where it took time.

    Args:
        reached: the failpoint, if it had one, was reached.
    """

    seed: int
    told: str
    reached: bool
    mails: int
    acknowledged: int
    attempts: int
    restarts: tuple[float, ...]
    settled: float
    breaches: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The round in one line."""
        again = ", ".join(f"up again in {one:.1f} s" for one in self.restarts) or "not restarted"
        told = self.told if self.reached else f"{self.told} (never reached)"
        return (
            f"{told}; {self.mails} mails, {self.acknowledged} acknowledged in {self.attempts} attempts;"
            f" {again}; at rest after {self.settled:.1f} s (seed {self.seed})"
        )


@dataclass
class Tally:
    """The rounds so far, and what is counted at the end of each database.

    Args:
        uncertain: mails that are shown as uncertain.
        hidden: answers that the sink hid.
        sent: mails that left.
    """

    rounds: list[Round] = field(default_factory=list)
    uncertain: int = 0
    hidden: int = 0
    sent: int = 0

    @property
    def told(self) -> str:
        """The sum, ready to be quoted."""
        kills = sum(len(one.restarts) for one in self.rounds)
        restarts = [seconds for one in self.rounds for seconds in one.restarts]
        again = f"; up again after {statistics.median(restarts):.1f} s (median)" if restarts else ""
        acknowledged = sum(one.acknowledged for one in self.rounds)
        attempts = sum(one.attempts for one in self.rounds)
        breaches = sum(len(one.breaches) for one in self.rounds)
        return (
            f"{len(self.rounds)} rounds, {kills} kills{again}\n"
            f"{acknowledged} mails acknowledged in {attempts} attempts; {self.sent} mails sent\n"
            f"{self.hidden} answers hidden by the sink; {self.uncertain} mails shown as uncertain\n"
            f"invariants broken: {breaches}"
            + ("" if breaches else "; lost 0, tickets twice 0, acknowledgements twice 0")
        )
