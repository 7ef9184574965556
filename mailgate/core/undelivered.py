"""Knows what it means that a mail of ours did not arrive, whoever says so: a report or our own relay.

A staff reply that nobody got is no answer: the clock that it had stopped runs again, or was missed, unless a
later reply stopped it as well (`behaviour.md` 2.3).
"""

from dataclasses import dataclass
from datetime import datetime

from mailgate.core import correspondence as letters
from mailgate.core.change import Outcome
from mailgate.core.clock import Clock, TargetKind, stopped, withdrawn
from mailgate.core.correspondence import Failure
from mailgate.core.event import DeliveryFailed, Event, ResponseWithdrawn
from mailgate.core.facts import Direction, KnownMail, SentMail
from mailgate.core.letterhead import Letterhead
from mailgate.core.message import DeliveryReport
from mailgate.core.outgoing import Draft, MailKind
from mailgate.core.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What follows for the ticket, and who is told."""

    events: tuple[Event, ...]
    drafts: tuple[Draft, ...]


def undelivered(
    ticket: Ticket,
    thread: tuple[KnownMail, ...],
    sent: SentMail | None,
    report: DeliveryReport,
    head: Letterhead,
    at: datetime,
) -> Undelivered:
    """What follows when `report` says that `sent` reached nobody. `thread` is the ticket's mails."""
    kind = sent.kind if sent else MailKind.RELAYED_REPLY
    failed = DeliveryFailed(at, report, kind, report.diagnostic or report.status or "not delivered")
    clocks = _clocks_without(ticket, thread, sent, at)
    events: tuple[Event, ...] = (failed,)
    if clocks:
        events += (ResponseWithdrawn(at, clocks, "the reply was never delivered"),)
    failure = Failure(kind, sent.subject if sent else "", report, at, clocks)
    cause = sent.message_id if sent else f"{ticket.id}:{at.isoformat()}"
    return Undelivered(events, letters.delivery_problem(head, ticket, failure, cause))


def _clocks_without(
    ticket: Ticket, thread: tuple[KnownMail, ...], sent: SentMail | None, at: datetime
) -> tuple[Clock, ...]:
    """The response clocks as they stand without that reply; empty where it changes none."""
    if sent is None or sent.kind is not MailKind.RELAYED_REPLY:
        return ()
    replies = [
        known for known in thread if known.direction is Direction.OUT and known.kind == MailKind.RELAYED_REPLY
    ]
    if not replies or replies[0].message_id != sent.message_id:
        return ()
    again = tuple(
        withdrawn(clock, at)
        for clock in ticket.clocks
        if clock.kind is TargetKind.RESPONSE and clock.stopped is not None
    )
    written = [one.at for one in thread if one.direction is Direction.IN and one.kind == Outcome.STAFF_REPLY]
    later = written[1] if len(written) > 1 else None
    return tuple(stopped(clock, later) for clock in again) if later else again
