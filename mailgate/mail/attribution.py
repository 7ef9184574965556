"""Knows the line that introduces a quotation, `On 3 May 2026, Bob <bob@acme.example> wrote:`.

No program's line is known whole. What counts is what all of them are made of: a date, an address, a verb, a
colon, a name, and hardly a word beside these. A sentence of a person has other words, so it is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailgate.mail.line import Line
from mailgate.mail.phrases import MONTHS, ON, SMALL_WORDS, WEEKDAYS, WROTE, WROTE_JOINED


def _any(words: Sequence[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(
        re.escape(word).replace(r"\ ", r"\s{1,3}") for word in sorted(words, key=len, reverse=True)
    )


_SAYS = re.compile(rf"(?<!\w)(?:{_any(WROTE)})(?!\w)|{_any(WROTE_JOINED)}", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@,;:()\"]@[^\s<>@,;:()\"]{2}")
_TIME = r"\d{1,2}\s?[:.hu点點時时시]\s?\d{2}(?!\d)"
_TIMED = re.compile(_TIME)
_DATE = re.compile(
    rf"\d{{1,4}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{2,4}}|{_TIME}|\b(?:19|20)\d\d\b"
    rf"|\d\s?[年月日년월일]|\b(?:{_any(MONTHS)})\w{{0,12}}\.?\s{{1,3}}\d"
    rf"|\b\d{{1,2}}[\s.-]{{0,3}}(?:de\s)?(?:{_any(MONTHS)})",
    re.IGNORECASE,
)
_OPENS = re.compile(
    rf"[\W_]*+(?:\d|(?:{_any((*ON, *WROTE))})(?!\w)|(?:{_any((*WEEKDAYS, *MONTHS))})|[在於于])", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_SIGNED = re.compile(r"(?:<[^<>@]*@[^<>@]*>|\s[^\s<>@,;:]+@[^\s<>@,;:]+)\s*[:\uff1a]$")
_SIGNED_IN = re.compile(r"<[^<>\s@]*@[^<>\s@]*>")
_SAID_LAST = re.compile(rf"{_TIME}\W{{0,3}}(?:{_any((*WROTE, *WROTE_JOINED))})\s?[:\uff1a]$", re.IGNORECASE)
_STARTS = re.compile(rf"\W*+(?:{_any((*ON, *WEEKDAYS))})", re.IGNORECASE)
_SHARED = re.compile(r"(?<=[^\s-])\s*-{2,3}\s*(?=on\s.{1,200}\swrote:\s*$)", re.IGNORECASE)
_NOT_WORDS = re.compile(r"<[^<>]*>|\"[^\"]*\"|[年月日周週星期년월일요曜五金午]")
_LOGIN = re.compile("[@/_]")
_WORD = re.compile(r"[^\W\d_]+")
_NAMES = re.compile(rf"(?:{_any((*WEEKDAYS, *MONTHS))})", re.IGNORECASE)
_SHORT = frozenset({*ON, *SMALL_WORDS, *(f"{word}." for word in (*ON, *SMALL_WORDS))})
_KNOWN = frozenset(word for phrase in (*ON, *SMALL_WORDS, *WROTE) for word in _WORD.findall(phrase))
_REACH = 6  # lines, blank ones among them, that one introduction may take
_LONG = 400  # characters; a line beyond is prose
_TAIL = 160  # characters between the verb and the end: a name and an address
_STRANGE = 2  # words that a line may have beside what such lines are made of
_STRANGE_BY_ADDRESS = 4  # the same, where it has an address
_NAME = 5  # words of a name on a line of its own
_JOINED_LETTERS = 6  # letters that make a word in scripts that put no blanks between words
_JOINED_FROM = "\u2e80"  # where those scripts begin
_COLONS = ":\uff1a"
_EDGES = " \t*_-"
WITHOUT_COLON = (" wrote", " schrieb", " écrit", " escribió", " scritto", " escreveu", ">wrote")
"""How an introduction ends that forgets its colon."""
_ENDS = (":", "\uff1a", *WITHOUT_COLON)
BARS = ("|", "    ", "\t")
"""How lines begin that are quoted without `>`; they count as quoted right below an introduction alone."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """An introduction from line `start` to line `end` (not included).

    Args:
        quoted: whether quoted lines follow it.
        before: words of the writer that stand on its first line.
        certain: whether a program wrote it; if not, a person may have, `In your manual you wrote:`.
    """

    start: int
    end: int
    quoted: bool
    before: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Made:
    """What a line is made of."""

    opened: bool  # it begins as introductions do
    addressed: bool
    timed: bool
    says: bool  # it has a verb of writing, near its end
    ended: bool  # it ends as introductions do
    strange: int  # other words


def possible(line: Line) -> bool:
    """Whether an introduction can end with that line: a cheap question."""
    text, depth, _ = line
    if len(text) > _LONG:
        return False
    if depth:
        return _closes(text)
    return "@" in text or f" {text}".rstrip(_EDGES).endswith(_ENDS)


def at(lines: Sequence[Line], number: int) -> Introduction | None:
    """The introduction that ends with that line, which is possible; None if there is none."""
    following = _following(lines, number)
    marked = following.depth > 0 or following.text[:1] == "|"
    quoted = marked or following.text.startswith(BARS)
    joined = ""
    for start in range(number, max(-1, number - _REACH), -1):
        line = lines[start].text.strip()
        if lines[start].depth > lines[number].depth or len(joined) + len(line) > 2 * _LONG:
            break
        joined = f"{line} {joined}".strip().rstrip("*_ ")
        if not line or not _dated(joined):
            continue
        apart = not start or not lines[start - 1].text.strip()
        if _introduces(joined, marked=marked, apart=apart):
            shared = _SHARED.search(line)
            first = start if shared else _first(lines, start, number)
            return Introduction(first, number + 1, quoted, line[: shared.start()] if shared else "")
    text = lines[number].text.strip(_EDGES)
    if _ruled(lines[number].text.strip()):
        return Introduction(number, number + 1, quoted)
    if marked and not lines[number].depth and text[-1:] in _COLONS and _names_writer(text):
        return Introduction(number, number + 1, quoted, certain=_strange(text) < _STRANGE)
    return None


def _ruled(text: str) -> bool:
    """Whether a rule says who wrote: `---- Bob Baker wrote ----`."""
    return text.startswith("---") and text.endswith("---") and bool(_SAYS.search(text)) and not _strange(text)


def _closes(text: str) -> bool:
    """Whether it is the end of an introduction that was broken before the `>` of its address."""
    bare = text.lstrip("> ")
    return text.count(">") == 1 and bare[-1:] in _COLONS and bool(_SAYS.match(bare))


def _dated(joined: str) -> bool:
    return bool(_DIGIT.search(joined)) and bool(_DATE.search(joined))


def _introduces(joined: str, *, marked: bool, apart: bool) -> bool:
    """Whether the words, which have a date among them, introduce a quotation.

    Args:
        marked: what follows is marked as quoted.
        apart: a blank line, or none, stands above.
    """
    made = _made(joined)
    if marked:
        return made.strange <= (_STRANGE_BY_ADDRESS if made.addressed else _STRANGE) and (
            (made.opened and (made.says or made.addressed)) or (made.ended and made.addressed)
        )
    if not made.says:  # a line of a log is like it
        return made.opened and made.timed and apart and not made.strange and bool(_SIGNED.search(joined))
    if made.strange > (_STRANGE if made.addressed else 1):
        return False
    if made.opened:
        return (made.ended and (made.timed or made.addressed)) or (
            made.addressed and joined.lower().endswith(WITHOUT_COLON)
        )
    return made.ended and made.addressed and made.timed


def _made(joined: str) -> _Made:
    said = max((says.end() for says in _SAYS.finditer(joined)), default=-_TAIL)
    return _Made(
        opened=bool(_OPENS.match(joined) or _SHARED.search(joined) or _SAID_LAST.search(joined)),
        addressed=bool(_ADDRESS.search(joined)),
        timed=bool(_TIMED.search(joined)),
        says=len(joined) - said <= _TAIL,
        ended=joined[-1] in _COLONS or (joined[0] == joined[-1] == "-"),
        strange=_strange(joined),
    )


def _strange(joined: str) -> int:
    """How many words it has that are no name, no date and no word of such lines."""
    shared = _SHARED.search(joined)
    bare = _NOT_WORDS.sub(" ", joined[shared.end() if shared else 0 :])
    text = _SAYS.sub(" ", " ".join(one for one in bare.split() if not _LOGIN.search(one)))
    strange = letters = 0
    for word in _WORD.findall(text):
        if word[0] >= _JOINED_FROM:
            letters += len(word)
        elif word[0].islower() and word not in _KNOWN and not _names_day(word):
            strange += 1
    return strange + letters // _JOINED_LETTERS


def _names_day(word: str) -> bool:
    """Whether it is a month or a weekday; with one letter more it is another word: `mai`, `mail`."""
    name = _NAMES.match(word)
    return name is not None and len(word) != name.end() + 1


def _names_writer(text: str) -> bool:
    """Whether a line without a date names who wrote, `Bob <bob@acme.example> writes:`."""
    return bool(_SAYS.search(text) or _ADDRESS.search(text)) and _strange(text) <= _STRANGE_BY_ADDRESS


def _first(lines: Sequence[Line], start: int, number: int) -> int:
    """Where an introduction begins that was found from that line on: it may have been broken before."""
    while start > max(0, number - _REACH) and _goes_on(lines[start - 1], lines[start].text):
        start -= 1
    return start


def _goes_on(above: Line, below: str) -> bool:
    """Whether the line above is the beginning of the introduction: it holds nothing else."""
    text = above.text.strip()
    if above.depth or not text or len(text) > _LONG or _finished(text) or _strange(text):
        return False
    words = _WORD.findall(text)
    if below.lstrip()[:1] == "<" or text[-1] == "<":
        return len(words) <= _NAME or _dated(text)
    if _SIGNED_IN.search(text) and not _STARTS.match(below):
        return True
    if all(word.lower() in _KNOWN or _names_day(word) for word in words):
        return bool(_OPENS.match(text))
    return bool(_OPENS.match(text)) and bool(_DIGIT.search(text)) and bool(_DATE.search(text))


def _finished(text: str) -> bool:
    """Whether a sentence ends there; a date and a shortened weekday may have a full stop."""
    last = text.rsplit(maxsplit=1)[-1]
    return text[-1] in f"!?{_COLONS}" or (
        text[-1] == "." and not _DIGIT.match(last) and not _names_day(last.rstrip(".")) and last not in _SHORT
    )


def _following(lines: Sequence[Line], number: int) -> Line:
    """The next line that is not blank; an empty one if there is none near."""
    near = lines[number + 1 : number + 1 + _REACH]
    return next((line for line in near if line.text.strip()), Line(""))
