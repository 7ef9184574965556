"""Knows which ladder runs for what under a policy, and who its parties are at an instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailgate.core.account import Account, Desk
from mailgate.core.clock import TargetKind
from mailgate.core.ladder import ASSIGNEE, AT_ONCE, EVERY, NOTIFIERS, TEAM, Ladder
from mailgate.core.message import Mailbox, folded
from mailgate.core.policy import Policy
from mailgate.core.rota import on_call
from mailgate.core.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Paged:
    """Who is paged together: people by mail, notifiers by their names."""

    people: tuple[Mailbox, ...] = ()
    notifiers: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, as they are told of each other."""
        return (*(one.name or one.address for one in self.people), *self.notifiers)


def ladder_at_once(policy: Policy, role: str, priority: str) -> Ladder | None:
    """The ladder that a ticket of this role and priority begins with; None where nobody is woken for it."""
    paging, known = policy.paging, policy.role(role)
    name = paging.roles.get(known, "") or paging.priorities.get(priority, "")
    if name:
        return policy.ladders[name]
    return AT_ONCE if policy.role_rule(known).pages or policy.priority(priority).pages else None


def ladder_on_miss(policy: Policy, kind: TargetKind) -> Ladder | None:
    """The ladder that a missed target begins; None where telling the team is enough."""
    missed = policy.paging.missed
    name = missed.get(kind.value, "") or missed.get(EVERY, "")
    return policy.ladders[name] if name else None


def ladder_named(policy: Policy, name: str) -> Ladder:
    """The ladder of that name; the one that needs none for an empty name."""
    return policy.ladders[name] if name else AT_ONCE


def paged(desk: Desk, ticket: Ticket, parties: tuple[str, ...], at: datetime) -> Paged:
    """Who these parties are at that instant, each once, in their order.

    A page never reaches nobody: a name that means nothing any more, for the ticket's policy is an older one,
    is the team; and where a step finds nobody, it is for the team, and at last for the operators.
    """
    account = desk.accounts[ticket.account]
    notifiers = tuple(dict.fromkeys(name for party in parties for name in _notifiers(desk, party)))
    by_mail = [party for party in parties if party != NOTIFIERS and party not in desk.notifiers]
    people = [one for party in by_mail for one in _people(desk, account, ticket, party, at)]
    if not people and not notifiers:
        people = list(account.staff or desk.operators)
    return Paged(tuple({one.folded: one for one in people}.values()), notifiers)


def assigned(account: Account, desk: Desk, ticket: Ticket) -> tuple[Mailbox, ...]:
    """Who works on the ticket; where nobody does, the team."""
    wanted = folded(ticket.assignee or "")
    if not wanted:
        return account.staff
    found = tuple(one for one in desk.staff if wanted in {one.folded, one.name.casefold()})
    return found or account.staff


def _notifiers(desk: Desk, party: str) -> Iterable[str]:
    if party == NOTIFIERS:
        return sorted(desk.notifiers)
    return (party,) if party in desk.notifiers else ()


def _people(desk: Desk, account: Account, ticket: Ticket, party: str, at: datetime) -> tuple[Mailbox, ...]:
    if party == ASSIGNEE:
        return assigned(account, desk, ticket)
    rota = None if party == TEAM else desk.rotas.get(account.rotas.get(party, party))
    return account.staff if rota is None else (on_call(rota, at).person,)
