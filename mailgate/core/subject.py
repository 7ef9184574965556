"""Knows what people put into a subject around its words: tags in brackets, ticket numbers, `Re:` and `Fwd:`.

Which tag means which priority is a policy's to say (`policies.md`, Tags in a subject); here a tag is only
the word in the brackets, in lower case, without the label after it: `[ P1 - urgent]` is `p1`.
"""

import re
from collections.abc import Collection

_BRACKETS = re.compile(r"\[([^\[\]]{1,60})\]")
_LABEL = re.compile(r"\s*(?:[:\u2013\u2014,/|]|\s-|-\s|(?<=\d)-(?=\D)).*", re.DOTALL)
_DASH = r"\s{0,3}[-\u2010-\u2013]\s{0,3}"  # programs that mean well make it wider, or one that does not break
_NUMBER = re.compile(
    rf"\[\s{{0,9}}([A-Za-z][A-Za-z0-9_]{{0,40}}(?:-[A-Za-z0-9_]{{1,40}}){{0,4}}){_DASH}([1-9][0-9]{{0,9}})\s{{0,9}}\]"
)
_REPLY = "re|aw|antw|antwort|sv|vs|rv|rif|r|odp|ynt|ref|回复|回覆|答复|答覆|返信|отв|на|답장|回"
_FORWARD = "fwd|fw|wg|tr|rv|enc|i|doorst|vb|vl|vid|pd|ilt|пер|转发|轉寄|轉發|전달|転送"
_PREFIX = re.compile(
    rf"\s*(?:{_REPLY}|{_FORWARD})\s*(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\^\d{{1,3}})?\s*[::]\s*", re.IGNORECASE
)
_FORWARDED = re.compile(rf"\s*(?:{_FORWARD})\s*(?:\[\d{{1,3}}\])?\s*[::]", re.IGNORECASE)
_BLANKS = re.compile(r"\s{2,}")
_PREFIXES = 20  # taken off one subject


def tags(subject: str) -> tuple[str, ...]:
    """The bracketed words of the subject in order, in lower case, without labels: `("p1", "acme-42")`."""
    return tuple(filter(None, (_word(found[1]) for found in _BRACKETS.finditer(subject))))


def numbers(subject: str) -> tuple[str, ...]:
    """The ticket numbers in the subject in order, in upper case: `("ACME-42",)`."""
    return tuple(f"{found[1]}-{found[2]}".upper() for found in _NUMBER.finditer(subject))


def title(subject: str, known: Collection[str]) -> str:
    """The subject without the reply and forward prefixes before it and without the tags in `known`.

    Other bracketed words stay, for they may be the customer's own. What would leave nothing is not done.
    """
    lowered = {word.lower() for word in known}
    kept = _BRACKETS.sub(lambda found: " " if _word(found[1]) in lowered else found[0], subject)
    for _ in range(_PREFIXES):
        prefix = _PREFIX.match(kept)
        if not prefix:
            break
        kept = kept[prefix.end() :]
    return _BLANKS.sub(" ", kept).strip() or subject.strip()


def forwards(subject: str) -> bool:
    """Whether the subject says that the mail passes on another one: `Fwd:`, `WG:`, `TR:`."""
    return bool(_FORWARDED.match(subject))


def answers(subject: str) -> bool:
    """Whether the subject says that the mail answers another one, or passes one on: `Re:`, `AW:`, `Fwd:`."""
    return bool(_PREFIX.match(subject))


def _word(text: str) -> str:
    return " ".join(_LABEL.sub("", text.strip()).lower().split())
