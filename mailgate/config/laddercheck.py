"""Knows what is wrong with the ladders of a policy file: names it does not have, steps that do not rise."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import get_args

from mailgate.config.locate import KeyPath
from mailgate.config.policytable import LadderTable, PolicyTable, Role
from mailgate.config.problem import Problem, suggestion
from mailgate.config.toml import Document
from mailgate.core.amount import Amount, Unit
from mailgate.core.clock import TargetKind
from mailgate.core.ladder import EVERY


def ladder_mistakes(table: PolicyTable, document: Document) -> Iterator[Problem]:
    """Every mistake in the ladders and in what they run for.

    Whom a step names is checked where the operator's rotas are known.
    """
    for path, kind, name, known in _names(table):
        if name not in known:
            yield document.problem(path, f'there is no {kind} "{name}"', suggestion(name, known))
    for name, ladder in table.ladders.items():
        yield from _steps(("ladders", name, "steps"), ladder, document)


def _names(table: PolicyTable) -> Iterator[tuple[KeyPath, str, str, Iterable[str]]]:
    """Every name that the ladders use: where, of what, which, and those that there are."""
    paging = table.paging
    priorities = [priority.name for priority in table.priorities]
    kinds = [EVERY, *(kind.value for kind in TargetKind)]
    for priority in paging.priorities:
        yield ("paging", "priorities", priority), "priority", priority, priorities
    for role in paging.roles:
        yield ("paging", "roles", role), "role", role, get_args(Role)
    for kind in paging.missed:
        yield ("paging", "missed", kind), "kind of target", kind, kinds
    for what, chosen in (
        ("priorities", paging.priorities),
        ("roles", paging.roles),
        ("missed", paging.missed),
    ):
        for key, ladder in chosen.items():
            yield ("paging", what, key), "ladder", ladder, table.ladders
    for name, table_of in table.ladders.items():
        if table_of.calendar:
            yield ("ladders", name, "calendar"), "calendar", table_of.calendar, table.calendars


def _steps(path: KeyPath, ladder: LadderTable, document: Document) -> Iterator[Problem]:
    for place, (one, following) in enumerate(pairwise(ladder.steps), start=1):
        if not _rises(one.after, following.after):
            right = "each step later than the one before it, counted from the start of the ladder"
            yield document.problem((*path, place), "is not later than the step before it", right)


def _rises(one: Amount | None, following: Amount | None) -> bool:
    """Whether the second comes after the first; amounts of two kinds are believed."""
    if following is None:
        return False
    if one is None:
        return True
    (kind, length), (other_kind, other_length) = _length(one), _length(following)
    return kind != other_kind or length < other_length


def _length(amount: Amount) -> tuple[str, int]:
    """What kind of time an amount counts, and how much of it."""
    wall = amount.wall_milliseconds
    if wall is not None:
        return "wall", wall
    if amount.unit is Unit.BUSINESS_DAY:
        return "business day", amount.count
    return "business", amount.count * (60 if amount.unit is Unit.BUSINESS_HOUR else 1)
