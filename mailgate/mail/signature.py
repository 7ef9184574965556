"""Knows where a signature begins: at the delimiter of RFC 3676 section 4.3, a program's or a list's line."""

import itertools
import re
from collections.abc import Sequence

from mailgate.mail import programs
from mailgate.mail.line import Line, Mark

_DELIMITERS = frozenset({"--", "-- "})
_LIST_RULE = re.compile(r"_{10,}\s*$")
_RULE = re.compile(r"_{5,}\s*$")
_LIST = re.compile(
    r"mailing list|mailinglist|/listinfo/|unsubscribe|lista de correo|liste de diffusion", re.IGNORECASE
)
_LONGEST = 30  # lines of a signature
_FOOTER = 5  # lines from the rule of a list's footer to what tells it
_CARD = 6  # lines of a signature below a rule
_CARD_LINE = 72  # characters of one of them
_BELOW = 2  # lines that may stand right below a mail program's


def without(lines: list[Line]) -> list[Line]:
    """The lines without the signature at their end."""
    cut = _footer(lines)
    cut = _marked(lines, cut)
    cut = _delimiter(lines, cut)
    cut = _card(lines, cut)
    return lines[: _program(lines, cut)]


def _footer(lines: Sequence[Line]) -> int:
    """Where the footer of a mailing list begins."""
    for number in range(max(0, len(lines) - _LONGEST), len(lines)):
        if lines[number].text[:1] == "_" and _LIST_RULE.match(lines[number].text):
            after = " ".join(line.text[:200] for line in lines[number + 1 : number + _FOOTER])
            if _LIST.search(after):
                return number
    return len(lines)


def _marked(lines: Sequence[Line], end: int) -> int:
    """Where the lines begin that the markup calls a signature, if nothing else comes after them."""
    number = end
    while number and (lines[number - 1].mark is Mark.SIGNATURE or not lines[number - 1].text.strip()):
        number -= 1
    return number if any(line.mark is Mark.SIGNATURE for line in lines[number:end]) else end


def _delimiter(lines: Sequence[Line], end: int) -> int:
    """Where the delimiter stands, if nothing quoted comes after it."""
    for number in range(max(0, end - _LONGEST), end):
        if lines[number].text in _DELIMITERS and not any(line.depth for line in lines[number:end]):
            return number
    return end


def _card(lines: Sequence[Line], end: int) -> int:
    """Where a rule of underscores stands that has a signature right below it, and nothing else."""
    for number in range(_last(lines, end), max(0, end - _CARD - 1), -1):
        text, depth, _ = lines[number]
        if text[:1] == "_" and _RULE.match(text):
            above = number == 0 or not lines[number - 1].text.strip()
            return number if above and number < _last(lines, end) else end
        if depth or not text.strip() or len(text) > _CARD_LINE:
            break
    return end


def _program(lines: Sequence[Line], end: int) -> int:
    """Where the lines begin that mail programs put under every mail, if they are the last paragraphs."""
    found = True
    while found:
        last = _last(lines, end)
        near = range(last, max(-1, last - _BELOW - 1), -1)
        paragraph = itertools.takewhile(lambda one: lines[one].text.strip() and not lines[one].depth, near)
        number = next((one for one in paragraph if programs.signs(lines[one].text)), None)
        found = number is not None
        end = end if number is None else number
    return end


def _last(lines: Sequence[Line], end: int) -> int:
    """The last line before the end that is not blank; -1 if there is none."""
    return next((number for number in range(end - 1, -1, -1) if lines[number].text.strip()), -1)
