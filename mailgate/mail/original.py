"""Knows where the mail that is answered begins when it follows whole, unquoted, under header lines or a rule.

Header lines count only together and with an address or a time among them, for customers write `From: Paris`.
"""

import re
from collections.abc import Sequence

from mailgate.mail import phrases
from mailgate.mail.line import Line

_KINDS = {
    "".join(label.split()): kind
    for kind, labels in (
        ("date", phrases.DATE),
        ("other", phrases.OTHER),
        ("sent", phrases.SENT),
        ("to", phrases.TO),
        ("subject", phrases.SUBJECT),
        ("from", phrases.FROM),
    )
    for label in labels
}
_ORIGINAL = frozenset(phrases.ORIGINAL)
_FORWARDED = frozenset(phrases.FORWARDED)
_COLON = re.compile("[:\uff1a]")
_MARKS = " \t*_>|\u200e\u00a0"
_ADDRESS = re.compile(r"[^\s<>@,;:]@[^\s<>@,;:]{2}")
_TIME = re.compile(r"\d{1,2}\s?[:.h]\s?\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\b(?:19|20)\d\d\b|\d\s?[年月일]")
_RULE = re.compile(r"[\s>|]*[-_=*\u2500\u2014\u2013]{3,}\s*$")
RULES = frozenset("-_=* >\t")
_SENT_BY = "Sent by:"
_REACH = 14  # lines that a block of header lines may take
_WRAPPED = 2  # lines, one after the other, that go on with a header line
_LABEL = 26  # characters
_LONG = 400  # characters of a line that are looked at


def possible(text: str) -> bool:
    """Whether the mail that is answered can begin with that line: a cheap question."""
    if text[:1] in RULES and _ruled(text):
        return True
    kind, _ = _kind(text)
    return kind not in {"", "other"} or text.startswith(_SENT_BY)


def begins(lines: Sequence[Line], number: int) -> bool:
    """Whether it does begin with that line, which is possible."""
    text = lines[number].text
    if text[:1] in RULES and _ruled(text):
        return True
    return _lotus(lines, number) if text.startswith(_SENT_BY) else _headed(lines, number)


def passed_on(text: str) -> bool:
    """Whether the line says that the mail below it is passed on: then that one belongs to what is said."""
    return text[:_LONG].strip("-_=* \t").lower().rstrip(": ") in _FORWARDED


def start(lines: Sequence[Line], cut: int) -> int:
    """The cut, moved up over the blank lines and rules before it."""
    while cut > 0 and (not lines[cut - 1].text.strip() or _RULE.match(lines[cut - 1].text[:_LONG])):
        cut -= 1
    return cut


def _ruled(text: str) -> bool:
    """Whether it is a rule that says "original message"."""
    bare = text[:_LONG].strip(" \t>")
    words = bare.strip("-_=* \t")
    return len(bare) - len(words) > 1 and words.lower().rstrip(":") in _ORIGINAL


def _kind(text: str) -> tuple[str, str]:
    """Which header line it is, and its value; empty if it is none."""
    colon = _COLON.search(text, 0, _LABEL + _WRAPPED)
    if not colon:
        return "", ""
    label = text[: colon.start()].strip(_MARKS).lower()
    return _KINDS.get("".join(label.split()), ""), text[colon.end() : _LONG]


def _headed(lines: Sequence[Line], number: int) -> bool:
    """Whether a block of header lines begins there."""
    kinds: set[str] = set()
    values: list[str] = []
    strange = 0
    for line in lines[number : number + _REACH]:
        kind, value = _kind(line.text)
        strange = 0 if kind else strange + 1
        if strange > _WRAPPED:
            break
        kinds.add(kind)
        values.append(value or (line.text[:_LONG] if line.text[:1] in " \t<" else ""))
    return _certain(kinds, "\n".join(values))


def _certain(kinds: set[str], values: str) -> bool:
    """Whether header lines of these kinds with these values are those of a mail."""
    named = kinds & {"from", "to", "subject"}
    dated = not kinds.isdisjoint({"sent", "date"})
    if _ADDRESS.search(values):
        return len(named) + dated > 1 and (dated or "subject" in named)
    if not _TIME.search(values):
        return False
    # Without an address: `Sent` is a word of mail programs alone, a subject under a sender nearly so.
    return "from" in named and len(named) > 1 and ("sent" in kinds or (dated and "subject" in named))


def _lotus(lines: Sequence[Line], number: int) -> bool:
    """Lotus Notes: the sender, `Sent by:`, a date, then `To`, `cc` and `Subject` alone on their lines."""
    alone = {line.text.strip(_MARKS).lower() for line in lines[number : number + 2 * _REACH]}
    return "subject" in alone and "to" in alone
