"""What templates do with a value, where a mail as a whole would not show it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.filters import TEXT_FILTERS

wrapped = TEXT_FILTERS["wrapped"]
WORDS = st.lists(st.integers(1, 90).map("x".__mul__), max_size=10).map(
    " ".join
)  # a value may have a thousand characters


@given(text=WORDS, indent=st.integers(0, 4), hanging=st.integers(0, 4))
def test_a_paragraph_keeps_its_words_and_no_line_could_take_another(
    text: str, indent: int, hanging: int
) -> None:
    lines = str(wrapped(text, indent, hanging)).split("\n")
    assert " ".join(line.strip() for line in lines) == text
    assert all(len(line) <= 76 or " " not in line.strip() for line in lines)
    assert [len(line) - len(line.lstrip()) for line in lines if line.strip()] == [
        hanging if number else indent for number in range(len(lines)) if text
    ]
    for line, following in pairwise(lines):
        assert len(line) + 1 + len(following.split()[0]) > 76


@pytest.mark.parametrize(
    ("length", "lines"), [(72, ["    " + "x" * 70 + " y"]), (73, ["    " + "x" * 71, "  y"])]
)
def test_a_line_has_seventy_six_characters(length: int, lines: list[str]) -> None:
    assert str(wrapped(f"{'x' * (length - 2)} y", 4, 2)).split("\n") == lines
