"""Knows what it means that a mail of ours did not arrive, whoever says so: a report or our own relay.

A staff reply that nobody got is no answer: the clock that it had stopped runs again, or was missed, unless a
later reply stopped it as well (`behaviour.md` 2.3).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailgate.core import correspondence as letters
from mailgate.core.change import Outcome
from mailgate.core.clock import Clock
from mailgate.core.correspondence import Failure
from mailgate.core.event import DeliveryFailed, Event, ResponseWithdrawn
from mailgate.core.facts import UNREACHED_REPLY, WITHDRAWN_REPLY, KnownMail, SentMail
from mailgate.core.history import course
from mailgate.core.letterhead import Letterhead
from mailgate.core.message import DeliveryReport
from mailgate.core.outgoing import TO_CUSTOMERS, Draft, MailKind
from mailgate.core.policy import Policy
from mailgate.core.suppression import Suppression, gone
from mailgate.core.ticket import Status, Ticket, TicketId


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What follows for the ticket, which is as the events leave it, and who is told."""

    ticket: Ticket
    events: tuple[Event, ...]
    drafts: tuple[Draft, ...]
    suppressions: tuple[Suppression, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A mail that reached nobody.

    Args:
        sent: which; None where nobody can tell.
        at: when that was known.
        certain: our relay heard it itself, or it came back to the reverse-path that only this mail had.
            Anybody who was shown a Message-ID can write a report about it: that suppresses nobody, and
            withdraws no answer.
    """

    sent: SentMail | None
    report: DeliveryReport
    at: datetime
    certain: bool = True


def undelivered(
    ticket: Ticket, policy: Policy, thread: tuple[KnownMail, ...], failed: Failed, head: Letterhead
) -> Undelivered:
    """What follows for the ticket. `thread` is its mails, `policy` the version that it was opened under."""
    failed = _named(failed)
    sent, report, at = failed.sent, failed.report, failed.at
    kind = sent.kind if sent else MailKind.RELAYED_REPLY
    reason = report.diagnostic or report.status or "not delivered"
    answered, again = _written(thread, sent) if failed.certain else (None, None)
    proven = sent.message_id if sent and failed.certain else ""
    lost = DeliveryFailed(at, report, kind, reason, answered, proven)
    happened: tuple[Event, ...] = (lost,)
    if answered is not None:
        happened += withdrawn(ticket, answered, again, at)
    after, events = course(ticket, policy, happened)
    suppressed = suppressions(failed, head.desk.suppress_for, ticket.account, ticket.id)
    subject = sent.subject if sent else ""
    failure = Failure(kind, subject, report, at, _touched(after, events), suppressed, certain=failed.certain)
    cause = sent.message_id if sent else f"{ticket.id}:{at.isoformat()}"
    if not failed.certain:
        cause = f"unproven:{cause}"  # who forges one report must not keep the true one from being told
    drafts = letters.delivery_problem(head, after, failure, cause)
    drafts += letters.page_problem(head, after, failure, cause)
    return Undelivered(after, events, drafts + letters.missed_targets(head, after, events), suppressed)


def suppressions(
    failed: Failed, lasts: timedelta, account: str, ticket: TicketId | None = None
) -> tuple[Suppression, ...]:
    """The addresses that get nothing for so long: of mail to customers, what proved to be nobody's."""
    sent = failed.sent
    if sent is None or sent.kind not in TO_CUSTOMERS or not failed.certain:
        return ()
    return tuple(
        replace(one, account=account, ticket=ticket)
        for one in gone(sent.recipients, failed.report, failed.at, lasts)
    )


def _named(failed: Failed) -> Failed:
    """The same; of a report that names nobody, the mail itself tells whom it was to reach."""
    sent, report = failed.sent, failed.report
    if report.recipients or sent is None:
        return failed
    fates = tuple(replace(fate, recipient=name) for fate in report.fates[:1] for name in sent.recipients)
    return replace(failed, report=replace(report, recipients=sent.recipients, fates=fates))


def withdrawn(
    ticket: Ticket, answered: datetime, again: datetime | None, at: datetime
) -> tuple[ResponseWithdrawn, ...]:
    """That a reply which was accepted at `answered` reached nobody; nothing where nothing rests on it.

    What was merged away rests on nothing here.

    Args:
        again: when the next reply that stands was accepted.
    """
    rests = ticket.answered == answered or any(clock.stopped == answered for clock in ticket.clocks)
    if not rests or ticket.status is Status.CLOSED:
        return ()
    earlier = ticket.answered if ticket.answered and ticket.answered < answered else None
    return (ResponseWithdrawn(at, answered, again, "the reply was never delivered", earlier=earlier),)


def _written(thread: tuple[KnownMail, ...], sent: SentMail | None) -> tuple[datetime | None, datetime | None]:
    """When the staff reply that was sent had been accepted, and when the next one that stands after it.

    Nothing for one that was withdrawn before, or whose copy to somebody else has arrived as far as is known.
    """
    if sent is None or sent.kind is not MailKind.RELAYED_REPLY:
        return None, None
    names = [one.message_id if one.kind in _COPIES else "" for one in thread]
    if sent.message_id not in names:
        return None, None
    place = names.index(sent.message_id)
    written = [number for number, one in enumerate(thread[:place]) if one.kind in _WRITTEN]
    if not written or thread[written[-1]].kind == WITHDRAWN_REPLY:
        return None, None
    later = [number for number, one in enumerate(thread) if number > place and one.kind in _WRITTEN]
    copies = thread[written[-1] : later[0] if later else None]
    if any(one.kind == MailKind.RELAYED_REPLY and one.message_id != sent.message_id for one in copies):
        return None, None
    again = [thread[number].at for number in later if thread[number].kind == Outcome.STAFF_REPLY]
    return thread[written[-1]].at, again[0] if again else None


_WRITTEN = frozenset({Outcome.STAFF_REPLY, WITHDRAWN_REPLY})
_COPIES = frozenset({MailKind.RELAYED_REPLY, UNREACHED_REPLY})


def _touched(ticket: Ticket, events: tuple[Event, ...]) -> tuple[Clock, ...]:
    """The clocks that the reply had stopped, as they stand now."""
    touched = {
        clock.name for event in events if isinstance(event, ResponseWithdrawn) for clock in event.clocks
    }
    return tuple(clock for clock in ticket.clocks if clock.name in touched)
