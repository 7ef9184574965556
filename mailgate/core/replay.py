"""Knows what a policy would have promised for past mail, and what of it was met: on a virtual clock.

The clocks are those of the service (core.history), moved by the events that the mails would have been.
No time is reckoned here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mailgate.core.clock import Clock, ClockState, lapsed
from mailgate.core.command import Verb
from mailgate.core.event import TicketOpened, TicketResolved
from mailgate.core.history import after, course
from mailgate.core.move import Move
from mailgate.core.past import PastMail
from mailgate.core.pastevents import events
from mailgate.core.policy import Policy
from mailgate.core.promise import Promise, promised, titled
from mailgate.core.scenario import ResolvedBy, Scenario
from mailgate.core.target import Stop
from mailgate.core.terms import terms
from mailgate.core.threads import Entry, EntryKind, Thread
from mailgate.core.ticket import Status, Ticket, TicketId


class Fate(StrEnum):
    """What became of a promise."""

    MET = "met"
    MISSED = "missed"
    RUNNING = "running"  # or paused, for the customer's answer
    REPLACED = "replaced"  # by the promise of another priority
    UNKNOWN = "unknown"  # nothing in the archive says when a matter was resolved


@dataclass(frozen=True, slots=True)
class PastClock:
    """One promise of a ticket and how it went.

    Args:
        words: the amount as the policy says it.
        consumed: milliseconds of its own open time that were used up when it stopped, or at the end.
    """

    clock: Clock
    words: str
    consumed: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class PastTicket:
    """A ticket that would have been.

    Args:
        opening: the mail that would have opened it.
        promise: what it was promised at first.
        clocks: the promises, in the order in which they began.
        went_on: the customer wrote after what is taken for its end.
    """

    ticket: Ticket
    opening: PastMail
    promise: Promise
    clocks: tuple[PastClock, ...] = ()
    went_on: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A mail that would have opened no ticket, for the plan has none of its kind (`behaviour.md` 2.8)."""

    opening: PastMail
    reason: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What would have been promised, met and missed until an instant."""

    scenario: Scenario
    until: datetime
    tickets: tuple[PastTicket, ...]
    refused: tuple[Refused, ...]


def replayed(threads: tuple[Thread, ...], scenario: Scenario, until: datetime) -> Replay:
    """The threads under the policy, as they stand at an instant.

    Raises:
        UnknownCaseError: the scenario names a plan or a region that the policy does not have.
        OverflowError: something would be due after the year 9999.
    """
    ends_are_told = scenario.resolved_by is ResolvedBy.LAST_REPLY or _says_resolved(threads)
    tickets: list[PastTicket] = []
    refused: list[Refused] = []
    for thread in threads:
        for matter in _matters(thread, scenario, until):
            if isinstance(matter, Refused):
                refused.append(matter)
            else:
                number = len(tickets) + 1
                ticket = replace(matter.ticket, id=TicketId(number), number=number)
                clocks = tuple(_clocks(ticket, scenario.policy, until, ends_are_told=ends_are_told))
                tickets.append(replace(matter, ticket=ticket, clocks=clocks))
    return Replay(scenario, until, tuple(tickets), tuple(refused))


@dataclass(frozen=True, slots=True)
class _Matter:
    """A ticket on its way.

    Args:
        answers: of staff, so far; without those of which it is known that they never arrived.
        ended: its end was assumed, not said.
    """

    ticket: Ticket
    opening: PastMail
    promise: Promise
    answers: tuple[Entry, ...] = ()
    ended: bool = False
    went_on: bool = False


def _matters(thread: Thread, scenario: Scenario, until: datetime) -> Iterator[PastTicket | Refused]:
    """What a thread becomes: one ticket, and another for each mail that comes too late to reopen the last."""
    past = [entry for entry in thread if entry.at <= until]
    last = _last_answer(past) if scenario.resolved_by is ResolvedBy.LAST_REPLY else None
    matter: _Matter | Refused | None = None
    for entry in past:
        if entry.kind is EntryKind.CUSTOMER and not _goes_on(matter, entry.at, scenario.policy):
            if matter is not None:
                yield _told(matter)
            matter = _opened(entry, scenario)
        elif isinstance(matter, _Matter):
            matter = _moved(matter, entry, scenario)
            matter = _ended(matter, entry, scenario.policy) if entry is last else matter
    if matter is not None:
        yield _told(matter)


def _last_answer(past: Sequence[Entry]) -> Entry | None:
    """The last answer of staff that arrived."""
    failed = {name for entry in past for name in entry.mail.failed}
    answers = (entry for entry in reversed(past) if entry.kind is EntryKind.STAFF)
    return next((entry for entry in answers if entry.mail.message_id not in failed), None)


def _goes_on(matter: _Matter | Refused | None, at: datetime, policy: Policy) -> bool:
    """Whether a mail of the customer is on the matter still, or opens another (`behaviour.md` 3.4)."""
    if not isinstance(matter, _Matter):
        return False
    resolved = matter.ticket.resolved
    return matter.ended or resolved is None or at <= policy.reopens_until(resolved)


def _opened(entry: Entry, scenario: Scenario) -> _Matter | Refused:
    mail, policy = entry.mail, scenario.policy
    case = scenario.case(mail)
    promise = promised(policy, case, entry.at)
    if not promise.entitled:
        return Refused(mail, next(iter(promise.notes), "the plan does not include this"))
    ticket = Ticket(
        id=TicketId(0),
        account="",
        number=0,
        title=titled(policy, mail.subject),
        priority=promise.priority,
        status=Status.NEW,
        requester=mail.sender,
        opened=entry.at,
        policy=policy.digest,
        plan=case.plan,
        asked=promise.asked,
        region=case.region,
        channel=case.channel,
        role=case.role,
        environment=case.environment,
        fields=case.fields,
    )
    return _Matter(after(ticket, Move(TicketOpened, entry.at, promise.priority), policy), mail, promise)


def _moved(matter: _Matter, entry: Entry, scenario: Scenario) -> _Matter:
    """The matter after one more mail."""
    if matter.ended:
        return replace(matter, went_on=matter.went_on or entry.kind is EntryKind.CUSTOMER)
    ticket, _ = course(matter.ticket, scenario.policy, events(matter.ticket, entry, scenario, matter.answers))
    answers = tuple(one for one in matter.answers if one.mail.message_id not in entry.mail.failed)
    answers = (*answers, entry) if entry.kind is EntryKind.STAFF else answers
    return replace(matter, ticket=ticket, answers=answers)


def _ended(matter: _Matter, entry: Entry, policy: Policy) -> _Matter:
    """The matter ended by the last answer, unless staff said themselves that it is."""
    if matter.ticket.status is Status.RESOLVED:
        return matter
    resolved = TicketResolved(entry.at, entry.mail.sender.address, "the last reply of staff")
    ticket, _ = course(matter.ticket, policy, (resolved,))
    return replace(matter, ticket=ticket, ended=True)


def _told(matter: _Matter | Refused) -> PastTicket | Refused:
    if isinstance(matter, Refused):
        return matter
    return PastTicket(matter.ticket, matter.opening, matter.promise, went_on=matter.went_on)


def _says_resolved(threads: tuple[Thread, ...]) -> bool:
    """Whether staff ever say that a matter is settled: if never, that tells nothing of any."""
    entries = (entry for thread in threads for entry in thread)
    return any(command.verb is Verb.RESOLVE for entry in entries for command in entry.mail.commands)


def _clocks(ticket: Ticket, policy: Policy, until: datetime, *, ends_are_told: bool) -> Iterator[PastClock]:
    for clock in (lapsed(clock, until) for clock in ticket.clocks):
        term = terms(policy, ticket.case, clock.priority)[clock.kind]
        fate = _FATES[clock.state]
        if clock.stopped is None and not ends_are_told and set(term.target.stops) <= {Stop.RESOLUTION}:
            fate = Fate.UNKNOWN
        yield PastClock(clock, str(term.amount), term.consumed(clock, clock.stopped or until), fate)


_FATES = {
    ClockState.MET: Fate.MET,
    ClockState.MISSED: Fate.MISSED,
    ClockState.RUNNING: Fate.RUNNING,
    ClockState.PAUSED: Fate.RUNNING,
    ClockState.VOID: Fate.REPLACED,
}
