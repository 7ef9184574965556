"""Knows how much one template may do: an operator's slip must not hold up the mail of everybody else.

A step is a turn of a loop or a call. Text is measured where it could grow: where it is shown and joined.
"""

from collections.abc import Iterable, Iterator
from contextvars import ContextVar

from jinja2.exceptions import SecurityError

STEPS = 500_000
"""More than the digest of ten thousand accounts takes."""

LONGEST = 20_000_000
"""Characters of one value; of a part of a mail, twice as many. A text may have a million, escaped more."""

_LONG = 1000  # characters; what is shorter is paid for by the step that shows it
_spent: ContextVar[list[int]] = ContextVar("spent")


class Overspent(SecurityError):  # noqa: N818 - a word for what happened, as Jinja2's own are
    """A template does more than any mail needs."""


def begin() -> None:
    """Starts anew: what follows is one part of one mail."""
    _spent.set([0, 0])


def step() -> None:
    """Counts one step.

    Raises:
        Overspent: there were too many.
    """
    spent = _spent.get(None)
    if spent is None:
        return
    spent[0] += 1
    if spent[0] > STEPS:
        raise Overspent(f"this takes more than {STEPS} steps; loop over less")


def counted(items: Iterable[object]) -> Iterator[object]:
    """The items of a loop, each a step."""
    for item in items:
        step()
        yield item


def measured(text: str) -> str:
    """The text, unless it or the mail so far is too long.

    Raises:
        Overspent: it is.
    """
    if len(text) <= _LONG:
        return text
    spent = _spent.get(None)
    if spent is not None:
        spent[1] += len(text)
    if len(text) > LONGEST or (spent is not None and spent[1] > 2 * LONGEST):
        raise Overspent(f"this makes more than {LONGEST} characters; show less")
    return text
