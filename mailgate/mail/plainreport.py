"""Knows delivery reports from before RFC 3464, or from systems that never read it.

qmail, Exim, sendmail, Exchange, Lotus, MDaemon, Postfix, IMail, and what was built after them.

A plain form is believed where the mail system shows itself in the header, or where subject and text both
say that a mail was not delivered; words alone make no report of a person's mail.
"""

import re

from mailgate.core import automatic
from mailgate.core.message import DeliveryReport, Fate
from mailgate.core.report import DELAYED, FAILED, status_in, summary
from mailgate.core.subject import answers
from mailgate.mail import address, encodedword, limits, unreached
from mailgate.mail import reportphrases as phrases
from mailgate.mail.header import Header

_COPY = re.compile(
    r"""^[>\s|]{0,20}(?:
      -{2,}.{0,60}?\b(?:below\ this\ line|copy\ of|original\ (?:message|mail)|unsent\ message
        |returned\ message|header\ of\ the|message\ header
        |undelivered\ message|message\ text\ follows|included\ is)\b
    | (?:original\ message|included\ is\ a\ copy|your\ message\ reads|a\ summary\ of\ the|old\ message
        |the\ (?:original\ )?message\ (?:headers?\ )?follows|message\ contents?\ follows
        |(?:possibly\ )?truncated\ original|below\ is\ a\ copy|ursprüngliche\ nachrichtenkopf)
    | (?:received|return-path):\ .
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_CODE = re.compile(r"^.{0,200}?\b([45]\d\d)[ -].{0,200}$", re.MULTILINE)
_LOOK = 32 * 1024  # characters that are looked at
_MOST = 100  # recipients


def likely(head: Header, subject: str, text: str) -> bool:
    """Whether a mail shows itself as a report in a plain form."""
    if "x-failed-recipients" in head.fields:
        return True
    sender = encodedword.decoded(head.first("from")).lower()
    if automatic.from_daemon(sender):
        return True
    if head.first("return-path") == b"<>":
        return conceivable(subject, text)
    if not speaks(subject) or answers(subject):
        return False
    by_machine = "auto-submitted" in head.fields or "precedence" in head.fields
    return "postmaster" in sender or (by_machine and _tells(text))


def conceivable(subject: str, text: str) -> bool:
    """Whether its words are such as reports have; a person who asks about one has them too."""
    return (speaks(subject) and not answers(subject)) or _tells(text)


def speaks(subject: str) -> bool:
    """Whether the subject says that a mail was not delivered."""
    return _says(subject.lower(), phrases.UNDELIVERED)


def read(head: Header, subject: str, text: str, returned: tuple[str, ...]) -> DeliveryReport | None:
    """What the report says; None if it names no failure at all."""
    text = text[:_LOOK]
    if not (speaks(subject) or _tells(text) or "x-failed-recipients" in head.fields):
        return None
    copy = _COPY.search(text)
    told = text[: copy.start()] if copy else text
    named = [
        address.bare(value) for field in head.every("x-failed-recipients") for value in field.split(b",")
    ]
    names = tuple(dict.fromkeys(filter(None, named))) or unreached.people(head, subject, told, text)
    action = _action(subject, told)
    said = unreached.said_of(names[:_MOST], told) or (("", told),)
    return summary((_fate(name, action, words) for name, words in said), returned)


def _fate(name: str, action: str, words: str) -> Fate:
    code = _CODE.search(words)
    return Fate(name, action, status_in(words), code[0].strip()[: limits.LINE_CHARS] if code else "")


def _tells(text: str) -> bool:
    """Whether the text says so."""
    return _says(text[:_LOOK].lower(), phrases.FAILED)


def _action(subject: str, told: str) -> str:
    """Whether it says that the mail is lost, or late and still on its way, or no longer its concern."""
    lowered = " ".join(f"{subject} {told}".lower().split())
    if _says(lowered, phrases.STILL_TRIED):
        return DELAYED
    if _says(lowered, phrases.ENDED):
        return FAILED
    if _says(lowered, phrases.LATE):
        return DELAYED
    passed_on = _says(lowered, phrases.PASSED_ON) and "delivery failed" not in lowered
    return "relayed" if passed_on else FAILED


def _says(lowered: str, words: tuple[str, ...]) -> bool:
    return any(map(lowered.__contains__, words))
