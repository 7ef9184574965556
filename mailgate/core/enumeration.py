"""Knows how several things are said in one breath: `A, B and C`."""

from collections.abc import Sequence


def listed(things: Sequence[str]) -> str:
    """All of them: `A, B and C`."""
    return _joined(things, "and")


def either(things: Sequence[str]) -> str:
    """One of them: `A, B or C`."""
    return _joined(things, "or")


def _joined(things: Sequence[str], last: str) -> str:
    if len(things) < 2:  # noqa: PLR2004 - the number itself is the matter
        return "".join(things)
    return f"{', '.join(things[:-1])} {last} {things[-1]}"
