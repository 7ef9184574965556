"""Knows when a page comes too late, reaches nobody, or never goes out.

A rota has somebody at every instant, whatever its exceptions, so no gap in one is looked for.
"""

from collections.abc import Iterator

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint.subject import ANSWERS, Row, Subject
from mailgate.config.locate import KeyPath
from mailgate.core.account import Account, Desk
from mailgate.core.amount import Amount
from mailgate.core.instant import from_ticks
from mailgate.core.ladder import ASSIGNEE, NOTIFIERS, TEAM, Ladder
from mailgate.core.localtime import told_brief
from mailgate.core.paging import ladder_at_once
from mailgate.core.target import Target


def late_ladder(subject: Subject) -> Iterator[Doubt]:
    """A ladder that wakes nobody before the answer is due: on a holiday, at night, or ever."""
    for row in subject.rows():
        ladder = ladder_at_once(subject.policy, row.role, row.priority.name)
        first = ladder.steps[0].after if ladder else None
        if ladder and first:
            for target in row.targets:
                if target.kind in ANSWERS:
                    yield from _late(subject, row, target, ladder, first)


def page_to_nobody(subject: Subject) -> Iterator[Doubt]:
    """A page that no person of the staff and no service gets."""
    for account in subject.accounts or ():
        for path, ladder in _used(subject, account):
            for place, step in enumerate(ladder.steps):
                if subject.desk and not any(_reaches(subject.desk, account, one) for one in step.page):
                    where = (*path, "steps", place, "page") if ladder.name else path
                    wrong = (
                        f"{', '.join(step.page)} {'is' if len(step.page) == 1 else 'are'} nobody for "
                        f"{account.name}, so {_instead(subject.desk)}"
                    )
                    right = "people in [[staff]], a table [rotas.NAME], or a service in [notify.NAME]"
                    yield subject.doubt(Rule.PAGE_TO_NOBODY, where, wrong, right)


def unused_ladder(subject: Subject) -> Iterator[Doubt]:
    """A ladder that nothing begins."""
    paging = subject.policy.paging
    named = {*paging.priorities.values(), *paging.roles.values(), *paging.missed.values()}
    for name in subject.policy.ladders.keys() - named:
        right = "its name in [paging], or take it away"
        yield subject.doubt(Rule.UNUSED_LADDER, ("ladders", name), "nothing begins it", right, Weight.NOTE)


LOOKS = (late_ladder, page_to_nobody, unused_ladder)

ABOUT_USE = frozenset({Rule.PAGE_TO_NOBODY})
"""What only shows beside the accounts."""


def _late(subject: Subject, row: Row, target: Target, ladder: Ladder, first: Amount) -> Iterator[Doubt]:
    if target.amount is None:
        return
    for region in subject.policy.regions:
        of_region = subject.policy.calendars[subject.policy.region(region).calendar]
        calendar = subject.policy.calendars[ladder.calendar] if ladder.calendar else of_region
        pages = subject.horizon.dues(first, calendar)
        dues = subject.horizon.dues(target.amount, subject.policy.calendar_of(target, region))
        late = [one for one in zip(subject.horizon.starts, dues, pages, strict=True) if one[2] > one[1]]
        if late:
            start, due, page = (told_brief(from_ticks(one), calendar.zone) for one in late[0])
            wrong = (
                f"the first page comes after the {target.kind.replace('_', ' ')} within {target.amount} that "
                f"{row.plan.name} promises to {row.priority.name}: a mail of {start} is due at {due}, "
                f"and nobody is woken before {page}"
            )
            path = ("ladders", ladder.name, "steps", 0)
            yield subject.doubt(Rule.LATE_LADDER, path, wrong, "a first step at once, or a shorter one")
            return


def _used(subject: Subject, account: Account) -> Iterator[tuple[KeyPath, Ladder]]:
    """Each ladder that may run for the account, and where the file says so."""
    policy, seen = subject.policy, set[str]()
    for row in subject.rows():
        ladder = (
            ladder_at_once(policy, row.role, row.priority.name) if row.plan.name == account.plan else None
        )
        if ladder and not ladder.name:
            yield (("roles", row.role) if policy.role_rule(row.role).pages else _pages(subject, row)), ladder
        seen |= {ladder.name} if ladder and ladder.name else set()
    for name in sorted(seen | set(policy.paging.missed.values())):
        yield ("ladders", name), policy.ladders[name]


def _pages(subject: Subject, row: Row) -> KeyPath:
    return ("priorities", subject.policy.urgency(row.priority.name), "pages")


def _reaches(desk: Desk, account: Account, party: str) -> bool:
    if party in desk.notifiers or (party == NOTIFIERS and desk.notifiers):
        return True
    if party not in {TEAM, ASSIGNEE} and account.rotas.get(party, party) in desk.rotas:
        return True
    return bool(account.staff)


def _instead(desk: Desk) -> str:
    return "the operators get the page" if desk.operators else "nobody gets the page"
