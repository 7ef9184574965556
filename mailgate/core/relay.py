"""Knows how an attempt to send a mail can end, and what follows from it.

The courier returns an Attempt and never raises; `next_step` is the whole retry policy.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.ticket import TicketId

RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60))
"""How long a mail rests after its first, second, ... attempt; the last one for all that follow."""

PATIENCE = timedelta(days=3)
"""How long a mail is tried (RFC 5321 section 4.5.4.1 says four to five days, for mail to any host)."""

PAGE_RESTS = (
    *(timedelta(seconds=seconds) for seconds in (5, 15, 30)),
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10)),
)
"""The same of a page: somebody is to be woken by it."""

PAGE_PATIENCE = timedelta(hours=2)
"""How long a notification service is tried; after that, the operators hear that the page did not go."""

HEAD_START: Mapping[MailKind, timedelta] = {
    MailKind.PAGE: timedelta(hours=1),
    MailKind.RELAYED_REPLY: timedelta(seconds=30),
    MailKind.ACKNOWLEDGEMENT: timedelta(seconds=30),
}
"""How much a kind of mail may overtake where many are due: a page first, then what a customer waits for.

Nothing is held back for it; it only says who goes first out of a queue.
"""


class OutboxState(StrEnum):
    """Where a mail in the outbox stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"  # it may have arrived; only an operator sends it again
    FAILED = "failed"  # refused, or given up
    DROPPED = "dropped"  # by an operator


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail of the outbox that one process has taken to send; the number of the attempt fences it.

    Args:
        attempt: counted from 1, this one included.
        created: when the transaction that decided it was made.
        dot_at: when its final dot was about to go out; only the claim of a process that is gone has one.
    """

    id: int
    attempt: int
    created: datetime
    mail: Outgoing
    ticket: TicketId | None = None
    dot_at: datetime | None = None


class Ending(StrEnum):
    """How one attempt ended."""

    SENT = "sent"  # 2xx after the final dot
    REFUSED = "refused"  # 5xx: it will never succeed
    DEFERRED = "deferred"  # 4xx, or nobody there, before the final dot: safe to try again
    UNCERTAIN = "uncertain"  # the final dot went out and no answer came back


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt.

    Args:
        ending: how it ended for the recipients that are in neither list below.
        reply: the remote server's last line, or the fault in words; one line.
        refused: recipients that got a 5xx while the attempt ended otherwise.
        deferred: recipients that got a 4xx while the mail went to others.
        refusal: what the server said of those in `refused`, where that is not `reply`.
        rest: how long the other side asks to be left alone; None where it says nothing.
    """

    ending: Ending
    reply: str = ""
    refused: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()
    refusal: str = ""
    rest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from an attempt.

    Args:
        next_at: when it is tried again; only a waiting mail has one.
        recipients: who is still to get it; empty unless it waits.
        undelivered: who will not get it: whoever was refused now, or all that were left when it failed.
    """

    state: OutboxState
    next_at: datetime | None = None
    recipients: tuple[str, ...] = ()
    undelivered: tuple[str, ...] = ()


UNWRITTEN = Attempt(Ending.REFUSED, "it could not be written; the log tells why")
"""What comes of a mail without content: it was queued so that it is seen, told, and never lost."""

BeforeDot = Callable[[], Awaitable[bool]]
"""Commits the moment before the final dot; False: the claim was lost, do not send."""


class Courier(Protocol):
    """Takes a mail out into the world. The one port that tests may fake."""

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        """Sends the mail, calling `before_dot` before the end of data is sent; never raises."""
        ...

    async def close(self) -> None:
        """Gives back its connections."""
        ...


def next_step(outcome: Attempt, claim: Claim, now: datetime) -> Step:
    """What follows from the outcome of this attempt (`behaviour.md` 5.4)."""
    mail = claim.mail
    left = tuple(recipient for recipient in mail.recipients if recipient not in outcome.refused)
    match outcome.ending:
        case Ending.SENT if outcome.deferred:
            return _again(claim, outcome, outcome.deferred, now)
        case Ending.SENT:
            return Step(OutboxState.SENT, undelivered=outcome.refused)
        case Ending.REFUSED:
            return Step(OutboxState.FAILED, undelivered=mail.recipients)
        case Ending.DEFERRED:
            return _again(claim, outcome, left, now)
        case Ending.UNCERTAIN if mail.care is Care.AT_LEAST_ONCE and now < _given_up(claim):
            return _again(claim, outcome, left, now)
        case Ending.UNCERTAIN:
            return Step(OutboxState.UNCERTAIN, undelivered=outcome.refused)


def abandoned(claim: Claim, now: datetime) -> Step:
    """What follows when the process that had this claim is gone."""
    if claim.dot_at is not None and claim.mail.care is Care.AT_MOST_ONCE:
        return Step(OutboxState.UNCERTAIN)
    return Step(OutboxState.WAITING, now, claim.mail.recipients)


def rest_after(attempts: int, rests: tuple[timedelta, ...] = RESTS) -> timedelta:
    """How long a mail rests after so many attempts."""
    return rests[min(attempts, len(rests)) - 1]


def _again(claim: Claim, outcome: Attempt, left: tuple[str, ...], now: datetime) -> Step:
    given_up = _given_up(claim)
    if now >= given_up:
        return Step(OutboxState.FAILED, undelivered=outcome.refused + left)
    rest = rest_after(claim.attempt, PAGE_RESTS if claim.mail.kind is MailKind.PAGE else RESTS)
    if outcome.rest is not None:
        rest = max(rest, outcome.rest)
    # The last attempt is at the end of the patience, not up to an hour before.
    return Step(OutboxState.WAITING, min(now + rest, given_up), left, outcome.refused)


def _given_up(claim: Claim) -> datetime:
    return claim.created + (PAGE_PATIENCE if claim.mail.via else PATIENCE)
