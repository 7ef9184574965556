"""Knows the line that introduces a quotation, `On 3 May 2026, Bob <bob@acme.example> wrote:`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailgate.mail.line import Line
from mailgate.mail.phrases import MONTHS, ON, WEEKDAYS, WROTE, WROTE_JOINED


def _any(words: Sequence[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


_SAYS = re.compile(rf"(?<!\w)(?:{_any(WROTE)})(?!\w)|{_any(WROTE_JOINED)}")
_ADDRESS = re.compile(r"[^\s<>@,;:()\"]@[^\s<>@,;:()\"]{2}")
_DATE = re.compile(
    r"\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|\d{1,2}\s?[:.hu]\s?\d{2}(?!\d)|\b(?:19|20)\d\d\b"
    rf"|\d\s?[年月日년월일]|\b(?:{_any(MONTHS)})\w*\.?\s+\d|\b\d{{1,2}}\.?\s+(?:de\s+)?(?:{_any(MONTHS)})"
)
_OPENS = re.compile(rf"[\W_]*(?:\d|(?:{_any(ON)})(?!\w)|(?:{_any(WEEKDAYS)})|[在於于])")
_DIGIT = re.compile(r"\d")
_SIGNED = re.compile(r"<[^<>]*@[^<>]*>\s*[:\uff1a]$")
_SHARED = re.compile(r"(?<=[^\s-])\s*-{2,3}\s*(?=on\s.{1,200}\swrote:\s*$)", re.IGNORECASE)
_REACH = 5  # lines, blank ones among them, that one introduction may take
_LONG = 400  # characters; a line beyond is prose
_TAIL = 160  # characters between the verb and the end: a name and an address
_COLONS = ":\uff1a"
_EDGES = " \t*_"
WITHOUT_COLON = (" wrote", " schrieb", " écrit", " escribió", " scritto", " escreveu")
"""How an introduction ends that forgets its colon."""
_ENDS = (":", "\uff1a", *WITHOUT_COLON)


@dataclass(frozen=True, slots=True)
class Introduction:
    """An introduction from line `start` to line `end` (not included).

    Args:
        quoted: whether quoted lines follow it.
        before: words of the writer that stand on its first line.
    """

    start: int
    end: int
    quoted: bool
    before: str = ""


def possible(text: str) -> bool:
    """Whether an introduction can end with that line: a cheap question."""
    return len(text) <= _LONG and ("@" in text or text.rstrip(_EDGES).endswith(_ENDS))


def at(lines: Sequence[Line], number: int) -> Introduction | None:
    """The introduction that ends with that line; None if there is none."""
    text = lines[number].text.strip(_EDGES)
    quoted = _quoted_after(lines, number)
    joined = ""
    for start in range(number, max(-1, number - _REACH), -1):
        line = lines[start].text.strip()
        if lines[start].depth > lines[number].depth or len(joined) + len(line) > 2 * _LONG:
            break
        joined = f"{line.lower()} {joined}".rstrip(" *_")
        if line and _dated(joined) and _introduces(joined, quoted=quoted):
            shared = _SHARED.search(line)
            return Introduction(start, number + 1, quoted, line[: shared.start()] if shared else "")
    if quoted and text[-1] in _COLONS and _SAYS.search(text.lower()):
        return Introduction(number, number + 1, quoted)
    return None


def _dated(joined: str) -> bool:
    return bool(_DIGIT.search(joined)) and bool(_DATE.search(joined))


def _introduces(joined: str, *, quoted: bool) -> bool:
    """Whether the words, in lower case and with a date among them, introduce a quotation."""
    opened = bool(_OPENS.match(joined)) or bool(_SHARED.search(joined))
    addressed = bool(_ADDRESS.search(joined))
    said = max((says.end() for says in _SAYS.finditer(joined)), default=-_TAIL)
    if len(joined) - said > _TAIL:
        return opened and addressed and (quoted or bool(_SIGNED.search(joined)))
    if joined[-1] in _COLONS:
        return opened or (addressed and quoted)
    return opened and (quoted or (addressed and len(joined) == said))


def _quoted_after(lines: Sequence[Line], number: int) -> bool:
    """Whether the next line that is not blank is quoted."""
    for line in lines[number + 1 : number + 1 + _REACH]:
        if line.text.strip():
            return line.depth > lines[number].depth or line.text[:1] == "|"
    return False
