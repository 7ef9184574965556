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
_SEARCHED = 1000  # lines in which a signature is looked for that is known from elsewhere
_LETTERS = 1000  # of such a signature
_BELOW = 2  # lines that may stand right below a mail program's


def without(lines: list[Line]) -> list[Line]:
    """The lines without the signature at their end."""
    cut = _footer(lines)
    cut = _marked(lines, cut)
    cut = _delimiter(lines, cut)
    cut = _card(lines, cut)
    return lines[: _program(lines, cut)]


def known(lines: list[Line], signature: str) -> list[Line]:
    """The lines, marked where they say the signature that the page of the same mail marks as one."""
    wanted = _letters(signature)
    if not wanted or len(wanted) > _LETTERS:
        return lines
    # What is quoted is nobody's signature here: a sign that is no letter stands for it.
    said = [">" if depth else _letters(text[: 2 * _LETTERS]) for text, depth, _ in lines[:_SEARCHED]]
    for number in range(len(said)):
        end = _end_of(wanted, said, number)
        if end:
            signed = [one._replace(mark=Mark.SIGNATURE) for one in lines[number:end]]
            return [*lines[:number], *signed, *lines[end:]]
    return lines


def _end_of(wanted: str, said: Sequence[str], number: int) -> int:
    """Where the lines end that say just what is wanted, from that line on; 0 if they do not."""
    so_far = ""
    for end in range(number, min(len(said), number + _LONGEST)):
        so_far += said[end]
        if so_far == wanted:
            return end + 1
        if not so_far or not wanted.startswith(so_far):
            break
    return 0


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


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
    for number in range(_last(lines, end), max(-1, end - _CARD - 2), -1):
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
