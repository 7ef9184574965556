"""Knows what must hold when everything has come to rest, whatever was killed on the way: six invariants.

They are stated over three independent witnesses: what the senders remember, what the sink received, and what
stands in the database. Each function answers with a sentence for every breach.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from campaign.books import Books, Queued
from campaign.letters import CAUSES, OUTCOMES
from campaign.people import Sent
from campaign.sink import Copy
from mailgate.core.instant import from_ticks

AT_MOST_ONCE = "at_most_once"
FINISHES = timedelta(seconds=3)
"""How long a server that lives on may take to store a mail whose sender hung up after the final dot."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that was done to the service.

    Args:
        began, ended: from the moment of it until the service was up again.
        forgets: the server lost what it knew of mails that were under way: it was killed, or stumbled.
    """

    began: datetime
    ended: datetime
    forgets: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known after a round.

    Args:
        verified: what `mailgate sla verify` said, where that was not that all is well.
    """

    sent: Mapping[str, Sent]
    copies: Sequence[Copy]
    books: Books
    troubles: Sequence[Trouble] = ()
    verified: Sequence[str] = field(default=())


def breaches(evidence: Evidence) -> list[str]:
    """Every breach of every invariant, each with its number."""
    return [
        f"{number}: {breach}"
        for number, rule in (
            ("I1", nothing_acknowledged_is_lost),
            ("I2", every_mail_is_decided_once),
            ("I3", every_cause_has_its_mail),
            ("I4", every_mail_goes_out_once),
            ("I5", nothing_is_stuck),
            ("I6", clocks_are_what_happened),
        )
        for breach in rule(evidence)
    ]


def nothing_acknowledged_is_lost(evidence: Evidence) -> Iterator[str]:
    """I1: what got its 250, or was handed over to a server that lived on, is there; nothing is refused."""
    there = {spooled.key for spooled in evidence.books.spooled}
    for key, sent in evidence.sent.items():
        if sent.acknowledged and key not in there:
            yield f"{key} got its 250 and is not in the spool"
        if key not in there and any(_in_peace(instant, evidence.troubles) for instant in sent.left):
            yield f"{key} was handed over whole, its client hung up, and it is not in the spool"
        if sent.in_vain:
            yield f"{key} was sent {sent.attempts} times and never got its 250"
        for code in sent.refused:
            yield f"{key} was refused for good, with {code}"


def every_mail_is_decided_once(evidence: Evidence) -> Iterator[str]:
    """I2: each row of the spool is decided, once; each mail is one comment on one ticket, or kept aside."""
    books = evidence.books
    decided = {one.spool_id: one for one in books.decided}
    kept = Counter(books.kept)
    outcomes = defaultdict(list)
    for spooled in books.spooled:
        decision = decided.get(spooled.id)
        aside = spooled.id in books.aside
        if decision is None and not aside:
            yield f"mail {spooled.id} ({spooled.key}) is {spooled.state} and was never decided"
            continue
        outcome = decision.outcome if decision else "quarantined"
        outcomes[spooled.key].append(outcome)
        wanted = 0 if outcome == "duplicate" or aside else 1
        if kept[spooled.raw_id] != wanted:
            yield f"mail {spooled.id} ({spooled.key}), {outcome}, is {kept[spooled.raw_id]} comments"
    for key, found in outcomes.items():
        first = [outcome for outcome in found if outcome != "duplicate"]
        if len(first) != 1 or first[0] not in OUTCOMES[evidence.sent[key].letter.matter]:
            yield f"{key}, a {evidence.sent[key].letter.matter}, was found to be {', '.join(found)}"
    opened = Counter(title for title in books.tickets.values())
    yield from (f"{title} is {number} tickets" for title, number in opened.items() if number > 1)


def every_cause_has_its_mail(evidence: Evidence) -> Iterator[str]:
    """I3: one row of the outbox for each ticket, kind and cause, and none is missing."""
    books = evidence.books
    causes = Counter((one.ticket, one.kind, one.cause) for one in books.queued)
    yield from (f"{cause} is {n} times in the outbox" for (_, _, cause), n in causes.items() if n > 1)
    wanted: dict[str, Counter[str]] = defaultdict(Counter)
    for key in {spooled.key for spooled in books.spooled}:
        letter = evidence.sent[key].letter
        wanted[letter.story] += CAUSES[letter.matter]
    there: dict[str, Counter[str]] = defaultdict(Counter)
    for one in books.queued:
        if one.ticket is not None:
            there[books.tickets[one.ticket]][one.kind] += 1
    for story in wanted.keys() | there.keys():
        if wanted[story] != there[story]:
            yield f"{story} has {_counted(there[story])} in the outbox, not {_counted(wanted[story])}"


def every_mail_goes_out_once(evidence: Evidence) -> Iterator[str]:
    """I4: one copy of each mail, the same to the last byte, unless nobody could know whether it had arrived.

    Then automatic mail to a customer stays at most once, and all other mail is there at least once.
    """
    copies = defaultdict(list)
    for copy in evidence.copies:
        copies[copy.message_id].append(copy)
    for mail in evidence.books.queued:
        for breach in _of_one_mail(mail, copies.pop(mail.message_id, []), evidence.troubles):
            yield f"{mail.kind} {mail.id} ({mail.cause}) {breach}"
    yield from (f"a mail <{stranger}> came out that is not in the outbox" for stranger in copies)


def nothing_is_stuck(evidence: Evidence) -> Iterator[str]:
    """I5: the database is whole, nothing waits or is under way, and no lease is left."""
    books = evidence.books
    yield from books.broken
    for spooled in books.spooled:
        if spooled.state == "waiting" or spooled.leased_until is not None:
            yield f"mail {spooled.id} ({spooled.key}) is {spooled.state}, leased until {spooled.leased_until}"
    for mail in books.queued:
        if mail.state in {"waiting", "sending"} or mail.next_at is not None:
            yield f"{mail.kind} {mail.id} ({mail.cause}) is still {mail.state}"


def clocks_are_what_happened(evidence: Evidence) -> Iterator[str]:
    """I6: clocks are what their events come to, and neither they nor the journal go back in time."""
    yield from evidence.verified
    for ticket, instants in evidence.books.recorded.items():
        if any(later < earlier for earlier, later in pairwise(instants)):
            yield f"the journal of {evidence.books.tickets[ticket]} goes back in time"
    for clock in evidence.books.clocks:
        # An answer is dated when it was accepted, also where its clock was begun anew before it was decided.
        ended = clock.stopped if clock.state == "void" else None
        if clock.due < clock.started or (ended is not None and ended < clock.started):
            yield f"the {clock.kind} clock {clock.epoch} of ticket {clock.ticket} ends before it begins"
    for earlier, later in pairwise(evidence.books.clocks):
        if (earlier.ticket, earlier.kind) == (later.ticket, later.kind) and later.started < earlier.started:
            yield f"the {later.kind} clocks of ticket {later.ticket} go back in time"


def uncertain(books: Books) -> int:
    """How many mails are shown to the operators, because nobody can know whether they arrived."""
    return sum(mail.state == "uncertain" for mail in books.queued)


def _of_one_mail(mail: Queued, copies: Sequence[Copy], troubles: Sequence[Trouble]) -> Iterator[str]:
    if len({copy.sha256 for copy in copies}) > 1:
        yield "came out in different bytes under one Message-ID"
    if any(copy.recipients != mail.recipients for copy in copies):
        yield f"went to {[copy.recipients for copy in copies]}, not to {mail.recipients}"
    if mail.care == AT_MOST_ONCE and len(copies) > 1:
        yield f"came out {len(copies)} times, and may at most once"
    for earlier, later in pairwise(copies):
        if earlier.answered and earlier.life == later.life and not _stumbled(earlier, later, troubles):
            yield "was sent again, though the server had heard that it arrived"
    yield from _of_its_state(mail, copies, troubles)


def _of_its_state(mail: Queued, copies: Sequence[Copy], troubles: Sequence[Trouble]) -> Iterator[str]:
    match mail.state:
        case "sent" if not any(copy.answered for copy in copies):
            yield "is said to be sent, and nobody has said that it arrived"
        case "uncertain" if mail.care != AT_MOST_ONCE:
            yield "was given up as uncertain, though it may go out twice"
        case "uncertain" if all(copy.answered for copy in copies) and not _died_amid(mail, troubles):
            yield "is uncertain, though nothing hid what came of it"
        case "failed" | "dropped":
            yield f"is {mail.state}, though everything was taken"
        case _:  # waiting and sending are never an end
            return


def _died_amid(mail: Queued, troubles: Sequence[Trouble]) -> bool:
    """Whether the server died, or stumbled, between the final dot and the settlement of a mail."""
    if mail.dot_at is None or mail.settled is None:
        return False
    dot, settled = from_ticks(mail.dot_at), from_ticks(mail.settled)
    return any(one.forgets and one.began <= settled and dot <= one.ended for one in troubles)


def _stumbled(earlier: Copy, later: Copy, troubles: Sequence[Trouble]) -> bool:
    """Whether one life of the server forgot between two copies that it had sent the first."""
    return any(one.forgets and one.began <= later.at and earlier.at <= one.ended for one in troubles)


def _in_peace(instant: datetime, troubles: Sequence[Trouble]) -> bool:
    return not any(trouble.began - FINISHES <= instant <= trouble.ended for trouble in troubles)


def _counted(kinds: Counter[str]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()) if number) or "nothing"
