"""Knows where a signature begins: at the delimiter of RFC 3676 section 4.3, a program's or a list's line."""

import re
from collections.abc import Sequence

from mailgate.mail.line import Line
from mailgate.mail.phrases import SENT_FROM, SENT_FROM_ENDS

_DELIMITERS = frozenset({"--", "-- "})
_LIST_RULE = re.compile(r"_{10,}\s*$")
_LIST = re.compile(
    r"mailing list|mailinglist|/listinfo/|unsubscribe|lista de correo|liste de diffusion", re.IGNORECASE
)
_LONGEST = 30  # lines of a signature
_LAST = 5  # lines, not counting blank ones, among which a program's line is looked for
_FOOTER = 5  # lines from the rule of a list's footer to what tells it
_PROGRAM_LINE = 120  # characters


def without(lines: list[Line]) -> list[Line]:
    """The lines without the signature at their end; all of them if nothing else would be left."""
    cut = _program(lines, _delimiter(lines, _footer(lines)))
    if cut == len(lines):
        return lines
    kept = lines[:cut]
    return kept if any(line.text.strip() for line in kept) else lines


def _footer(lines: Sequence[Line]) -> int:
    """Where the footer of a mailing list begins."""
    for number in range(max(0, len(lines) - _LONGEST), len(lines)):
        if lines[number].text[:1] == "_" and _LIST_RULE.match(lines[number].text):
            after = " ".join(line.text[:200] for line in lines[number + 1 : number + _FOOTER])
            if _LIST.search(after):
                return number
    return len(lines)


def _delimiter(lines: Sequence[Line], end: int) -> int:
    """Where the delimiter stands, if nothing quoted comes after it."""
    for number in range(max(0, end - _LONGEST), end):
        if lines[number].text in _DELIMITERS and not any(line.depth for line in lines[number:end]):
            return number
    return end


def _program(lines: Sequence[Line], end: int) -> int:
    """Where the line begins that a mail program puts under every mail."""
    seen = 0
    for number in range(end - 1, max(-1, end - _LONGEST), -1):
        text = lines[number].text[:_PROGRAM_LINE].strip(" \t*_[>").lower().rstrip("]*_ ")
        if not text:
            continue
        if not lines[number].depth and (text.startswith(SENT_FROM) or text.endswith(SENT_FROM_ENDS)):
            return number
        seen += 1
        if seen == _LAST:
            break
    return end
