"""Knows how decisions are written: all that follows from many mails, in a few statements of one transaction.

Whoever lost his claim on one of the mails meanwhile gets a ConflictError, and nothing is written.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_, select, tuple_, update

from mailgate.core.authentication import as_tree
from mailgate.core.change import Change, HoldKind, Outcome, PolicyVersion
from mailgate.core.event import Event
from mailgate.core.facts import Direction
from mailgate.core.outgoing import Outgoing
from mailgate.core.ticket import TicketId
from mailgate.core.unproven import is_doubted
from mailgate.failpoint import Failpoint, reach
from mailgate.store.dialect import Insert, insert, once
from mailgate.store.faults import ConflictError
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.records import seekable
from mailgate.store.suppressions import lift, suppress
from mailgate.store.tables import decisions, held, messages, policies, spool
from mailgate.store.unit import Unit

_TAKEN_UP = ("ticket_id", "kind", "at", "raw_id", "authentication")
_HELD = (Outcome.HELD.value, Outcome.NOT_ENTITLED.value)


async def apply(unit: Unit, now: datetime, changes: Sequence[Change]) -> None:
    """Writes the decisions, and everything that follows from them.

    Every change of a spooled mail, one for each account, belongs into the same call: the mail is done then.

    Raises:
        ConflictError: a mail was not waiting any more, or another node has decided it or taken it over.
    """
    if not changes:
        return
    await _settle(unit, changes)
    await record(unit, now, [pair for change in changes for pair in _happened(change)])
    reach(Failpoint.AFTER_TICKET)
    await _keep_decisions(unit, now, changes)
    await _keep_messages(unit, changes)
    await _settle_addresses(unit, changes)
    await post(unit, now, [pair for change in changes for pair in _queued(change)])
    await _hold(unit, now, changes)


async def keep_policies(unit: Unit, now: datetime, versions: Sequence[PolicyVersion]) -> None:
    """Keeps the policies that tickets are opened under from now on; those already kept stay as they are."""
    rows = [
        {"digest": one.digest, "name": one.name, "content": one.content, "first_used": now}
        for one in sorted(versions, key=lambda version: version.digest)
    ]
    if rows:
        await unit.execute(_keep_policy(unit), rows)


async def policies_kept(unit: Unit, digests: Sequence[str]) -> dict[str, PolicyVersion]:
    """The policies with those digests."""
    rows = await unit.execute(select(policies).where(policies.c.digest.in_(sorted(set(digests)))))
    return {row.digest: PolicyVersion(row.digest, row.name, row.content) for row in rows}


async def all_policies(unit: Unit) -> tuple[PolicyVersion, ...]:
    """Every policy that a ticket was opened under."""
    rows = await unit.execute(select(policies).order_by(policies.c.digest))
    return tuple(PolicyVersion(row.digest, row.name, row.content) for row in rows)


def _happened(change: Change) -> Iterator[tuple[TicketId, Event]]:
    if change.ticket is not None:
        yield from ((change.ticket, event) for event in change.events)
    yield from ((other.ticket, event) for other in change.beside for event in other.events)


def _queued(change: Change) -> Iterator[tuple[TicketId | None, Outgoing]]:
    yield from ((change.ticket, mail) for mail in change.mails)
    yield from ((other.ticket, mail) for other in change.beside for mail in other.mails)


async def _settle(unit: Unit, changes: Sequence[Change]) -> None:
    attempts = {change.spool_id: change.attempt for change in changes}
    quarantined = {
        change.spool_id for change in changes if change.hold and change.hold.kind is HoldKind.QUARANTINED
    }
    for state, ids in (("done", attempts.keys() - quarantined), ("quarantined", quarantined)):
        if not ids:
            continue
        claims = [(one, attempts[one]) for one in sorted(ids)]
        settled = await unit.execute(_SETTLE, {"ids": sorted(ids), "claims": claims, "new_state": state})
        if settled.rowcount != len(ids):
            raise ConflictError("a mail was taken over, or decided, by somebody else meanwhile")


async def _keep_decisions(unit: Unit, now: datetime, changes: Sequence[Change]) -> None:
    rows = [
        {
            "spool_id": change.spool_id,
            "account": change.account,
            "at": now,
            "outcome": change.outcome.value,
            "rule": change.rule,
            "reason": change.reason,
            "ticket_id": change.ticket,
        }
        for change in changes
    ]
    await unit.execute(_decide(unit), rows)


async def _keep_messages(unit: Unit, changes: Sequence[Change]) -> None:
    rows = [
        {
            "account": change.account,
            "ticket_id": change.ticket,
            "direction": Direction.IN.value,
            "kind": change.outcome.value,
            "at": change.received,
            "raw_id": change.raw_id,
            "sender": change.message.sender,
            "subject": change.message.subject,
            "message_id": seekable(change.message.message_id),
            "identity": change.message.identity,
            "readers": list(change.message.readers),
            "fingerprint": change.message.fingerprint,
            "authentication": change.message.authentication and as_tree(change.message.authentication),
        }
        for change in changes
        if change.message is not None
    ]
    if not rows:
        return
    written = await unit.execute(_take_up(unit), rows, execution_options={"preserve_rowcount": True})
    if written.rowcount != len(rows):
        raise ConflictError("a mail was accepted twice, and its copy was decided meanwhile")


async def _settle_addresses(unit: Unit, changes: Sequence[Change]) -> None:
    """Whoever writes has an address; what a report proves to be nobody's is suppressed."""
    written = (change.message for change in changes if change.outcome is not Outcome.DELIVERY_REPORT)
    await lift(
        unit, {one.sender for one in written if one and one.sender and not is_doubted(one.authentication)}
    )
    await suppress(unit, [one for change in changes for one in change.suppressions])


async def _hold(unit: Unit, now: datetime, changes: Sequence[Change]) -> None:
    rows = [
        {
            "spool_id": change.spool_id,
            "raw_id": change.raw_id,
            "account": change.account,
            "kind": change.hold.kind.value,
            "at": now,
            "sender": change.hold.sender,
            "subject": change.hold.subject,
            "reason": change.reason,
            "state": "held",
        }
        for change in changes
        if change.hold is not None
    ]
    if rows:
        await unit.execute(_keep_aside(unit), rows)


_SETTLE = (
    update(spool)
    .where(
        spool.c.id.in_(bindparam("ids", expanding=True)),  # for the index: SQLite seeks no pairs
        tuple_(spool.c.id, spool.c.attempts).in_(bindparam("claims", expanding=True)),
        spool.c.state == "waiting",
    )
    .values(state=bindparam("new_state"), leased_until=None)
)


@once
def _keep_policy(dialect: str) -> Insert:
    return insert(dialect, policies).on_conflict_do_nothing()


@once
def _decide(dialect: str) -> Insert:
    made = insert(dialect, decisions)
    outcome = {column: made.excluded[column] for column in ("at", "outcome", "rule", "reason", "ticket_id")}
    # A mail that was held and released is decided again; that it still waited was checked before.
    return made.on_conflict_do_update(index_elements=["spool_id", "account"], set_=outcome)


@once
def _take_up(dialect: str) -> Insert:
    made = insert(dialect, messages)
    return made.on_conflict_do_update(
        index_elements=["account", "message_id", "identity"],
        set_={column: made.excluded[column] for column in _TAKEN_UP},
        where=or_(*(messages.c.kind == kind for kind in _HELD)),  # released since; IN takes no list of rows
    )


@once
def _keep_aside(dialect: str) -> Insert:
    made = insert(dialect, held)
    again = {column: made.excluded[column] for column in ("kind", "at", "reason", "state")}
    # A mail that was released and could not be let in is on the list again.
    return made.on_conflict_do_update(
        index_elements=["spool_id", "account"], set_=again, where=held.c.state == "released"
    )
