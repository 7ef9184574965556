"""Knows how much work a call is, counted: a busy machine is no fault of the code, so tests measure no time.

What runs inside one function of C counts as one; `python -m bench bombs` measures the time of that too.
"""

import sys
from collections.abc import Callable


def calls(work: Callable[[], object]) -> int:
    """How many functions are called in it, of Python and of C."""
    made = 0

    def count(_: object, happened: str, __: object) -> None:
        nonlocal made
        made += happened in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return made


def grows_with_its_length(work: Callable[[int], object], times: int) -> bool:
    """Whether four times as much is about four times the work, not sixteen times."""
    return calls(lambda: work(4 * times)) < 5 * calls(lambda: work(times)) + 5_000
