"""Knows how a rest is scattered."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.rest import shortened


@given(st.integers(0, 10**9), st.floats(0, 1, exclude_max=True))
def test_chance_takes_off_a_quarter_at_most_and_never_adds(milliseconds: int, chance: float) -> None:
    rest = timedelta(milliseconds=milliseconds)

    assert rest * 3 / 4 <= shortened(rest, chance) <= rest
    assert shortened(rest, 0.0) == rest
    assert shortened(rest, chance).microseconds % 1000 == 0
