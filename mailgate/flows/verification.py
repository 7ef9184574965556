"""Knows how every ticket is proved: its journal gone through again, and compared with its rows.

It reads and changes nothing. A few hundred tickets are in memory at a time, each as it was at one instant, so
that a service may run meanwhile.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from mailgate.core.policy import Policy
from mailgate.core.ticket import TicketId
from mailgate.core.verification import Difference, History, differences
from mailgate.store.apply import policies_kept
from mailgate.store.histories import Ids, UnreadableHistory, histories, next_tickets
from mailgate.store.unit import Database, Unit

_TOGETHER = 500
_FIRST = TicketId(0)
_CANNOT = "cannot be gone through again"

Restore = Callable[[str], Policy]
"""A policy, from the content that the store keeps of it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Some tickets, and where what is stored of them differs from what their journal says."""

    tickets: int
    differences: tuple[Difference, ...]


async def proofs(database: Database, restore: Restore, account: str = "") -> AsyncIterator[Proof]:
    """Every ticket, of one account or of all, some at a time."""
    versions = _Versions(restore)
    last = _FIRST
    while True:
        async with database.read() as unit:
            ids = await next_tickets(unit, last, _TOGETHER, account)
            if not ids:
                return
            proof = await _proof(unit, ids, versions)
        yield proof
        last = ids[-1]


async def proof_of(database: Database, restore: Restore, ids: Ids) -> Proof:
    """These tickets."""
    async with database.read() as unit:
        return await _proof(unit, ids, _Versions(restore))


async def _proof(unit: Unit, ids: Ids, versions: "_Versions") -> Proof:
    found = await histories(unit, ids)
    await versions.know(unit, [one.opening.policy for one in found if isinstance(one, History)])
    told = [difference for one in found for difference in _told(one, versions)]
    return Proof(len(found), tuple(told))


def _told(history: History | UnreadableHistory, versions: "_Versions") -> Iterator[Difference]:
    if isinstance(history, UnreadableHistory):
        yield Difference(history.ticket, None, "journal", _CANNOT, history.why)
        return
    name, digest = history.opening.name, history.opening.policy
    policy = versions.known[digest]
    if not isinstance(policy, Policy):
        yield Difference(name, None, "policy", digest, policy)
        return
    try:
        yield from differences(history, policy)
    except Exception as fault:  # noqa: BLE001 - the one broad except of this sweep: whatever somebody wrote
        # into a journal, the tickets behind it are proved all the same, and of this one it is told.
        yield Difference(name, None, "journal", _CANNOT, f"{type(fault).__name__}: {fault}")


class _Versions:
    """The versions of policies that tickets were opened under; of one that is not what it was, why not."""

    def __init__(self, restore: Restore) -> None:
        self.known: dict[str, Policy | str] = {}
        self._restore = restore

    async def know(self, unit: Unit, digests: list[str]) -> None:
        """Reads those that are not known yet."""
        wanted = set(digests) - self.known.keys()
        if not wanted:
            return
        kept = await policies_kept(unit, sorted(wanted))
        for digest in wanted:
            self.known[digest] = self._read(digest, kept[digest].content if digest in kept else None)

    def _read(self, digest: str, content: str | None) -> Policy | str:
        if content is None:
            return "that version is not kept"
        if sha256(content.encode()).hexdigest() != digest:
            return "what is kept of that version is not what it was"
        try:
            return self._restore(content)
        except ValueError:
            return "what is kept of that version is no policy that this mailgate knows"
