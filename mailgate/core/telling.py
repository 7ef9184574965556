"""Knows how a promise is said to a customer: by when, and how much time that is. Every mail says it so.

The year is told where it is not that of `now`; the zone is the customer's, where the account has one.
"""

from collections.abc import Mapping
from datetime import datetime

from mailgate.core.account import Desk
from mailgate.core.clock import TargetKind
from mailgate.core.promise import Promised
from mailgate.core.target import BEST_EFFORT
from mailgate.core.terms import terms
from mailgate.core.ticket import Ticket
from mailgate.core.tongue import ENGLISH, Phrase, Tongue


def in_words(target: Promised, now: datetime, tongue: Tongue = ENGLISH) -> str:
    """`by Monday 23 November, 11:00 Pacific (4 business hours)`; `by_when` and `how_much` are its parts."""
    amount = how_much(target, tongue)
    return f"{by_when(target, now, tongue)} ({amount})" if amount else by_when(target, now, tongue)


def by_when(target: Promised, now: datetime, tongue: Tongue = ENGLISH) -> str:
    """`by Monday 23 November, 11:00 Pacific`; of a range also from when on it is expected."""
    if _begins_later(target):
        return tongue.say(Phrase.EACH, amount=tongue.amount(target.words))
    if target.due is None:
        return tongue.say(Phrase.SOON)
    due = tongue.say(Phrase.BY, when=tongue.told(target.due, target.zone, now))
    if target.expected_from is None:
        return due
    return tongue.say(Phrase.EXPECTED, start=tongue.told_bare(target.expected_from, target.zone, now), by=due)


def how_much(target: Promised, tongue: Tongue = ENGLISH) -> str:
    """`4 business hours`; of time that runs at night and on holidays too, `1 hour, around the clock`."""
    if target.due is None and not _begins_later(target):
        return tongue.say(Phrase.BEST_EFFORT)
    words = [] if _begins_later(target) else [tongue.amount(target.words)]
    if not target.calendar:
        words.append(tongue.say(Phrase.ALWAYS))
    if target.met_by:
        words.append(tongue.say(Phrase.MET_BY, what=tongue.said(target.met_by)))
    return ", ".join(words)


def priority_name(ticket: Ticket, desk: Desk) -> str:
    """What the vendor calls a ticket's priority today; empty where the policy has it no more."""
    policy = desk.policy_of(ticket.account)
    named = (one.title for one in policy.priorities if one.name == ticket.priority) if policy else ()
    return next(iter(named), "")


def amounts(ticket: Ticket, desk: Desk) -> Mapping[tuple[TargetKind, str], str]:
    """How much time each of a ticket's clocks has, by its kind and priority: `4 business hours`.

    Empty where the policy has changed since the ticket was opened: what it says now was never promised.
    """
    policy = desk.policy_of(ticket.account)
    if policy is None or policy.digest != ticket.policy:
        return {}
    return {
        (kind, priority): str(term.amount)
        for priority in {clock.priority for clock in ticket.clocks}
        for kind, term in terms(policy, ticket.case, priority).items()
    }


def _begins_later(target: Promised) -> bool:
    """Whether it is promised and has no due instant yet: it begins with each later mail."""
    return target.kind is TargetKind.NEXT_RESPONSE and target.words != BEST_EFFORT
