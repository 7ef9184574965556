"""Knows where the mail that is answered begins when it follows whole, unquoted, under header lines or a rule.

Header lines count only together and with an address or a time among them, for customers write `From: Paris`.
"""

import itertools
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
_HEADS = frozenset(label for labels in (phrases.FROM, phrases.DATE) for label in labels)
_COLON = re.compile("[:\uff1a]")
_MARKS = " \t*_>|\u200e\u00a0"
_ADDRESS = re.compile(r"[^\s<>@,;:]@[^\s<>@,;:]{2}")
_TIME = re.compile(r"\d{1,2}\s?[:.h]\s?\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\b(?:19|20)\d\d\b|\d\s?[年月일]")
_RULE = re.compile(r"[\s>|]*[-_=*\u2500\u2014\u2013]{3,}\s*$")
_GROUPWISE = re.compile(r">>> ?[^>]{1,200}(?:<[^<>]{1,200}>)? [^>]{0,20}\d[:.]\d\d[^>]{0,20} >>>\s*$")
_MESSAGE_OF = re.compile(r"[*\s]*message du \d", re.IGNORECASE)
_DASHES = "-_=*#\u2010\u2500\u2014\u2013"
_ASKING = re.compile(r"##-.*-##\s*$")
RULES = frozenset(f"{_DASHES} >\t")
"""What a rule begins with."""
_SENT_BY = "Sent by:"
_REACH = 14  # lines that a block of header lines may take
_WRAPPED = 2  # lines, one after the other, that go on with a header line
_DATED = frozenset({"sent", "date"})
_DIGIT = re.compile(r"\d")
_BLOCK = 6  # header lines without colons
_RULED = frozenset(one + other for one in _DASHES for other in _DASHES)
_LABEL = 26  # characters
_LONG = 400  # characters of a line that are looked at


def possible(text: str) -> bool:
    """Whether the mail that is answered can begin with that line: a cheap question."""
    if text[:1] in RULES and (_ruled(text) or groupwise(text)):
        return True
    kind, _ = _kind(text)
    return kind not in {"", "other"} or _sent_by(text) or _head(text)


def begins(lines: Sequence[Line], number: int) -> bool:
    """Whether it does begin with that line, which is possible."""
    text = lines[number].text
    if text[:1] in RULES and (_ruled(text) or groupwise(text)):
        return True
    if _sent_by(text):
        return _lotus(lines, number)
    return _headed(lines, number) or (_head(text) and _barely_headed(lines, number))


def passed_on(text: str) -> bool:
    """Whether the line says that the mail below it is passed on: then that one belongs to what is said."""
    bare = text[:_LONG].strip(f"{_DASHES} \t")
    words = bare.lower().rstrip(":\uff1a ").replace("i\u0307", "i")
    if not words.startswith(phrases.FORWARDED):
        return False
    return words in phrases.FORWARDED or (text[:2] in _RULED and text.rstrip()[-2:] in _RULED)


def groupwise(text: str) -> bool:
    """Whether it is the line of GroupWise over a mail, `>>> Bob <bob@acme.example> 20.11.2026 09:00 >>>`."""
    return text.startswith(">>>") and bool(_GROUPWISE.match(text[:_LONG]))


def start(lines: Sequence[Line], cut: int) -> int:
    """The cut, moved up over what belongs to the mail below: its sender, blank lines and rules."""
    if _sent_by(lines[cut].text) and cut and _ADDRESS.search(lines[cut - 1].text[:_LONG]):
        cut -= 1
    while cut > 0 and _leads(lines[cut - 1].text[:_LONG]):
        cut -= 1
    return cut


def _leads(text: str) -> bool:
    return not text.strip() or bool(_RULE.match(text) or _MESSAGE_OF.match(text))


def _ruled(text: str) -> bool:
    """Whether it is a rule that says "original message", or asks for words above it."""
    bare = text[:_LONG].strip(" \t>")
    words = bare.strip(f"{_DASHES} \t\u00a0").lower().rstrip(":").strip("[] ")
    if len(bare) - len(words) <= 1:
        return False
    words = words.replace("i\u0307", "i").replace("\u2019", "'")
    if words in _ORIGINAL or _ASKING.match(bare):
        return True
    return bare[:2] in _RULED and any(phrase in words for phrase in phrases.ABOVE)


def _sent_by(text: str) -> bool:
    return text.lstrip("* ").startswith(_SENT_BY)


def _head(text: str) -> bool:
    """Whether it begins like the first of header lines that forgot their colons."""
    first, _, rest = text.partition(" ")
    return "@" in rest and first.lower() in _HEADS


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
    dated = bool(number and _MESSAGE_OF.match(lines[number - 1].text[:_LONG]))
    strange = 0
    end = number
    for line in lines[number : number + _REACH]:
        kind, value = _kind(line.text)
        strange = 0 if kind else strange + 1
        if strange > _WRAPPED:
            break
        kinds.add(kind)
        values.append(value or (line.text[:_LONG] if line.text[:1] in " \t<" else ""))
        dated = dated or (_gives_date(value) if kind in _DATED else not kind and _sent_at(line.text))
        end += 1
    kinds = kinds | {"date"} if dated else kinds - _DATED
    return _certain(kinds, "\n".join(values), apart=_apart(lines, number, end - strange))


def _gives_date(value: str) -> bool:
    return not value.strip() or bool(_DIGIT.search(value))


def _sent_at(text: str) -> bool:
    """Whether it names an instant and a sender, which some programs write below the header lines."""
    text = text[:_LONG]
    return bool(_ADDRESS.search(text) and _TIME.search(text))


def _apart(lines: Sequence[Line], number: int, end: int) -> bool:
    """Whether the block stands by itself, between blank lines or rules, and begins with a capital."""
    above = not number or _leads(lines[number - 1].text[:_LONG])
    below = end >= len(lines) or not lines[end].text.strip()
    return above and below and not lines[number].text[:_LONG].lstrip(_MARKS)[:1].islower()


def _barely_headed(lines: Sequence[Line], number: int) -> bool:
    """Whether a whole block of header lines begins there, without a colon in any."""
    near = [line.text[:_LONG].strip() for line in lines[number : number + _BLOCK]]
    kinds = {_KINDS.get(text.partition(" ")[0].lower(), "") for text in itertools.takewhile(bool, near)}
    return kinds >= {"from", "to", "subject"} and "date" in kinds and bool(_TIME.search("\n".join(near)))


def _certain(kinds: set[str], values: str, *, apart: bool) -> bool:
    """Whether header lines of these kinds with these values are those of a mail."""
    named = kinds & {"from", "to", "subject"}
    dated = not kinds.isdisjoint(_DATED)
    if _ADDRESS.search(values):
        # Three of the four; of fewer, or undated, a person may speak in the midst of a text.
        return len(named) + dated > 1 + (not apart) and (dated or ("subject" in named and apart))
    if not _TIME.search(values):
        return False
    # Without an address: `Sent` is a word of mail programs alone, a subject under a sender nearly so.
    return "from" in named and len(named) > 1 and ("sent" in kinds or (dated and "subject" in named))


def _lotus(lines: Sequence[Line], number: int) -> bool:
    """Lotus Notes: the sender, `Sent by:`, a date, then `To`, `cc` and `Subject` alone on their lines."""
    alone = {line.text.strip(_MARKS).lower() for line in lines[number : number + 2 * _REACH]}
    return "subject" in alone and "to" in alone
