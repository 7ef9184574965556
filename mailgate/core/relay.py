"""Knows how an attempt to send a mail can end, and what follows from it.

The courier returns an Attempt and never raises; `next_step` is the whole retry policy.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.rest import shortened
from mailgate.core.ticket import TicketId

RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60))
"""How long a mail rests after its first, second, ... attempt; the last one for all that follow."""

PATIENCE = timedelta(days=3)
"""How long a mail is tried (RFC 5321 section 4.5.4.1 says four to five days, for mail to any host)."""

UNREACHED_RESTS = (timedelta(seconds=20), *(timedelta(minutes=minutes) for minutes in (1, 2, 5)))
"""How long a mail rests for which there was no server; how long that is left alone is the breaker's."""

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
        unreached: of these attempts, those that found no server: they say nothing of the mail.
        unsure: who may have got it in an attempt before, and is not sent it again.
    """

    id: int
    attempt: int
    created: datetime
    mail: Outgoing
    ticket: TicketId | None = None
    dot_at: datetime | None = None
    unreached: int = 0
    unsure: tuple[str, ...] = ()


class Ending(StrEnum):
    """How one attempt ended."""

    SENT = "sent"  # 2xx after the final dot
    REFUSED = "refused"  # 5xx: it will never succeed
    DEFERRED = "deferred"  # 4xx, or a fault before the final dot: safe to try again
    UNREACHED = "unreached"  # no server heard of the mail: safe to try again, and no attempt of its own
    UNCERTAIN = "uncertain"  # the final dot went out and no answer came back


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt.

    Args:
        ending: how it ended for the recipients that are in no list below.
        reply: the remote server's last line, or the fault in words; one line.
        refused: recipients that got a 5xx while the attempt ended otherwise.
        deferred: recipients that got a 4xx while the mail went, or may have gone, to others.
        unsure: recipients for whom no answer came back while others got it.
        refusal: what the server said of those in `refused`, where that is not `reply`.
        rest: how long the other side asks to be left alone; None where it says nothing.
    """

    ending: Ending
    reply: str = ""
    refused: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    refusal: str = ""
    rest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail for one recipient, and the server's line, or the fault in words."""

    ending: Ending
    reply: str


def attempt_of(fates: Mapping[str, Fate]) -> Attempt:
    """What came of an attempt, from what became of it for each recipient."""
    by_ending = {
        ending: tuple(recipient for recipient, fate in fates.items() if fate.ending is ending)
        for ending in Ending
    }
    ending = next(one for one in _FOREMOST if by_ending[one])
    refusals = dict.fromkeys(fates[one].reply for one in by_ending[Ending.REFUSED])
    reply = fates[by_ending[ending][-1]].reply
    if ending is Ending.REFUSED:
        return Attempt(ending, "; ".join(refusals))
    return Attempt(
        ending,
        reply,
        refused=by_ending[Ending.REFUSED],
        deferred=() if ending is Ending.DEFERRED else by_ending[Ending.DEFERRED],
        unsure=() if ending is Ending.UNCERTAIN else by_ending[Ending.UNCERTAIN],
        refusal="; ".join(refusals),
    )


_FOREMOST = (Ending.SENT, Ending.UNCERTAIN, Ending.DEFERRED, Ending.UNREACHED, Ending.REFUSED)


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from an attempt.

    Args:
        next_at: when it is tried again; only a waiting mail has one.
        recipients: who is still to get it; of an uncertain one, who may not have; else empty.
        undelivered: who will not get it: whoever was refused now, or all that were left when it failed.
        unsure: who may have got it, now or before, and is not sent it again.
        unreached: no server heard of the mail.
    """

    state: OutboxState
    next_at: datetime | None = None
    recipients: tuple[str, ...] = ()
    undelivered: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    unreached: bool = False


@dataclass(frozen=True, slots=True)
class Outage:
    """A mail server that is left alone for now.

    Args:
        server: its address, without a password.
        since: when it was first given up.
        probe_at: when it is tried next.
        reason: of the last failure, in words.
    """

    server: str
    since: datetime
    probe_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """How it stands with the servers that mail goes out to.

    Args:
        outages: those that are left alone, in the order in which they are tried.
        is_open: whether there is any other.
    """

    outages: tuple[Outage, ...] = ()
    is_open: bool = True


OPEN_WAY = WayOut()
"""Of a way out that has no servers, such as a folder."""

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


def next_step(outcome: Attempt, claim: Claim, now: datetime, chance: float = 0.0) -> Step:
    """What follows from the outcome of this attempt (`behaviour.md` 5.4); `chance` scatters the rest."""
    if outcome.ending is Ending.UNREACHED:  # for however long: a server that is away says nothing of the mail
        next_at = now + shortened(rest_after(claim.unreached + 1, UNREACHED_RESTS), chance)
        return Step(OutboxState.WAITING, next_at, claim.mail.recipients, unsure=claim.unsure, unreached=True)
    again, unsure = _left(outcome, claim, now)
    unsure = (*claim.unsure, *(one for one in unsure if one not in claim.unsure))
    refused = claim.mail.recipients if outcome.ending is Ending.REFUSED else outcome.refused
    given_up = _given_up(claim)
    if again and now < given_up:
        # The last attempt is at the end of the patience, not up to an hour before.
        next_at = min(now + _rest(claim, outcome, chance), given_up)
        return Step(OutboxState.WAITING, next_at, again, refused, unsure)
    if again or outcome.ending is Ending.REFUSED:
        state = OutboxState.UNCERTAIN if unsure else OutboxState.FAILED
        return Step(state, recipients=unsure, undelivered=refused + again, unsure=unsure)
    if unsure:
        return Step(OutboxState.UNCERTAIN, recipients=unsure, undelivered=refused, unsure=unsure)
    return Step(OutboxState.SENT, undelivered=refused)


def abandoned(claim: Claim, now: datetime) -> Step:
    """What follows when the process that had this claim is gone."""
    recipients = claim.mail.recipients
    if claim.dot_at is not None and claim.mail.care is Care.AT_MOST_ONCE:
        unsure = (*claim.unsure, *(one for one in recipients if one not in claim.unsure))
        return Step(OutboxState.UNCERTAIN, recipients=unsure, unsure=unsure)
    return Step(OutboxState.WAITING, now, recipients, unsure=claim.unsure)


def rest_after(attempts: int, rests: tuple[timedelta, ...] = RESTS) -> timedelta:
    """How long a mail rests after so many attempts."""
    return rests[min(attempts, len(rests)) - 1]


def _left(outcome: Attempt, claim: Claim, now: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is to get it again, and who is not because they may have got it."""
    named = {*outcome.refused, *outcome.deferred, *outcome.unsure}
    others = tuple(one for one in claim.mail.recipients if one not in named)
    again = outcome.deferred + (others if outcome.ending is Ending.DEFERRED else ())
    unsure = outcome.unsure + (others if outcome.ending is Ending.UNCERTAIN else ())
    if claim.mail.care is Care.AT_LEAST_ONCE and now < _given_up(claim):
        again, unsure = again + unsure, ()
    return tuple(one for one in claim.mail.recipients if one in again), unsure


def _rest(claim: Claim, outcome: Attempt, chance: float) -> timedelta:
    rests = PAGE_RESTS if claim.mail.kind is MailKind.PAGE else RESTS
    rest = shortened(rest_after(claim.attempt - claim.unreached, rests), chance)
    return rest if outcome.rest is None else max(rest, outcome.rest)


def _given_up(claim: Claim) -> datetime:
    return claim.created + (PAGE_PATIENCE if claim.mail.via else PATIENCE)
