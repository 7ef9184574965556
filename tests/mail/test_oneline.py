"""One line that shows what it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail.oneline import one_line

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # its joiner shapes the word


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("  Gateway   offline ", "Gateway offline"),
        ("one\r\nBcc: two\x00\x1b[31m", "one Bcc: two [31m"),
        ("one\u2028two\u2029three\x85four", "one two three four"),
        ("a\u202eb\u200bc\ufeffd\ud800e\ue000f", "abcdef"),
        ("e\u0301", "\u00e9"),
        (PERSIAN, PERSIAN),
        ("Z" + "\u0335" * 30 + "!", "Z" + "\u0335" * 4 + "!"),
        ("x" * 21, "x" * 19 + "…"),
    ],
)
def test_what_cannot_be_seen_is_left_out(text: str, line: str) -> None:
    assert one_line(text, 20) == line


@given(st.text(st.characters(codec=None), max_size=200), st.integers(1, 100))
def test_every_text_becomes_one_short_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line == line.strip()
    assert not {unicodedata.category(one) for one in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert one_line(line, limit) == line
