"""Knows a target as a policy promises it: how much time, in which calendar, what stops and what pauses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.amount import Amount
from mailgate.core.clock import TargetKind

BEST_EFFORT = "best effort"
"""What a target without an amount promises, in words."""


class Stop(StrEnum):
    """What can stop a clock (Business time 7). The ticket being resolved stops every one."""

    REPLY = "reply"  # a person of the staff writes to the customer
    ACKNOWLEDGEMENT = "acknowledgement"  # somebody on call takes the ticket: `/ack`
    RESOLUTION = "resolution"  # the ticket is resolved


STOPPED_BY: Mapping[TargetKind, tuple[Stop, ...]] = {
    TargetKind.RESPONSE: (Stop.REPLY,),
    TargetKind.NEXT_RESPONSE: (Stop.REPLY,),
    TargetKind.ESCALATION: (Stop.REPLY, Stop.ACKNOWLEDGEMENT),
    TargetKind.RESOLUTION: (Stop.RESOLUTION,),
}
"""What stops a target of which the policy says nothing else."""

RESTS = frozenset({TargetKind.RESOLUTION})
"""Whose clock rests while the ticket waits for the customer, unless the policy says otherwise (rule 8)."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised for one kind. `amount` None is best effort.

    Args:
        calendar: name of the calendar its business time runs in; empty for the region's.
        met_by_lowering_to: the priority to which a de-escalation meets it; empty where none does.
        stopped_by: what stops it; empty for what stops its kind (`STOPPED_BY`).
        rests: whether it rests while the ticket waits for the customer; None for what its kind does.
    """

    kind: TargetKind
    amount: Amount | None
    calendar: str = ""
    met_by_lowering_to: str = ""
    stopped_by: tuple[Stop, ...] = ()
    rests: bool | None = None

    @property
    def stops(self) -> tuple[Stop, ...]:
        """What stops it."""
        return self.stopped_by or STOPPED_BY[self.kind]

    @property
    def pauses(self) -> bool:
        """Whether it rests while the ticket waits for the customer."""
        return self.kind in RESTS if self.rests is None else self.rests
