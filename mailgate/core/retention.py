"""Knows what may go because it is old, and what stays of it: how many promises were kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailgate.core.clock import ClockState, TargetKind

LEAST = timedelta(days=7)
"""Nothing younger goes: mail servers try for days, and a copy that comes late must be known by its first."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is to go.

    Args:
        before: what ended before that instant.
        account: of that one alone; empty for all of them.
        windows: by the digest of a policy, the instant before which a ticket was resolved if no reply reopens
            it any more, where that is earlier than `before`.
        audits: what the audit trail says of before that instant; None: it stays.
    """

    before: datetime
    account: str = ""
    windows: Mapping[str, datetime] = field(default_factory=dict)
    audits: datetime | None = None

    def covers(self, account: str) -> bool:
        """Whether what is that account's may go."""
        return self.account in {"", account}


@dataclass(frozen=True, slots=True)
class Ended:
    """A promise that was kept or was not, of a ticket that goes."""

    account: str
    priority: str
    kind: TargetKind
    state: ClockState
    due: datetime


@dataclass(frozen=True, slots=True, order=True)
class Tally:
    """The promises of one month (of UTC, by their due instants) that are known no more one by one."""

    month: str
    account: str
    priority: str
    kind: str
    met: int = 0
    missed: int = 0


@dataclass(slots=True)
class Pruned:
    """What went, or would go: rows by table, and what stays known of the promises."""

    rows: Counter[str] = field(default_factory=Counter)
    ended: Counter[tuple[str, str, str, str, str]] = field(default_factory=Counter)

    def add(self, ended: Iterable[Ended]) -> None:
        """Counts these promises."""
        self.ended.update(
            (f"{one.due:%Y-%m}", one.account, one.priority, one.kind.value, one.state.value) for one in ended
        )

    def count(self, table: str, rows: int) -> None:
        """Counts rows that went."""
        if rows:
            self.rows[table] += rows

    @property
    def kept(self) -> tuple[Tally, ...]:
        """The promises that are known no more one by one, added up."""
        names = sorted({key[:4] for key in self.ended})
        return tuple(
            Tally(
                *name,
                met=self.ended[(*name, ClockState.MET.value)],
                missed=self.ended[(*name, ClockState.MISSED.value)],
            )
            for name in names
        )
