"""Knows what may stand in one line that a person reads: no controls, no line ends, nothing invisible.

Whatever was written, what comes out is on one line, shows what it is, and ends.
"""

import unicodedata

# Controls, format and bidirectional marks, lone surrogates, private use, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # they shape words in Persian and Hindi, and join emoji
_MARKS_IN_A_ROW = 4  # more combining marks than any script needs run over the lines around them


def one_line(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters; linear in its length."""
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    # Normalising can make a character eighteen, and never makes one of many times the limit.
    seen = "".join(_seen(unicodedata.normalize("NFC", text[: limit * 4])))
    line = " ".join(seen.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _seen(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category == "Mn" else 0
        if marks > _MARKS_IN_A_ROW:
            continue
        if category not in _UNSEEN or character in _JOINERS:
            kept.append(character)
        elif category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
    return kept
