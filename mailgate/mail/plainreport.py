"""Knows delivery reports from before RFC 3464, or from systems that never read it.

qmail, Exim, sendmail, Exchange, Lotus, MDaemon, Postfix, IMail, and what was built after them.

A plain form is believed where the mail system shows itself in the header, or where subject and text both
say that a mail was not delivered; words alone make no report of a person's mail.
"""

import re
from collections.abc import Iterator

from mailgate.core import automatic
from mailgate.core.message import DeliveryReport
from mailgate.mail import address, encodedword, limits
from mailgate.mail.header import Header
from mailgate.mail.phrases import DELAYED, FAILED, UNDELIVERED

_COPY = re.compile(
    r"""^[>\s|]{0,20}(?:
      -{2,}.{0,60}?\b(?:below\ this\ line|copy\ of|original\ (?:message|mail)|unsent\ message
        |returned\ message|header\ of\ the|message\ header
        |undelivered\ message|message\ text\ follows|included\ is)\b
    | (?:original\ message|included\ is\ a\ copy|your\ message\ reads|a\ summary\ of\ the|old\ message
        |the\ (?:original\ )?message\ (?:headers?\ )?follows|message\ contents?\ follows)\b
    | (?:received|return-path):\ .
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_ADDRESS = r"[^\s<>()\[\],;:\"'@]{1,128}@[A-Za-z0-9._-]{1,200}[A-Za-z0-9]"
_HEADED = re.compile(rf"^[ \t]*<({_ADDRESS})>\s{{0,2}}:", re.MULTILINE)
_ALONE = re.compile(
    rf"^[ \t>*|-]*(?:\"[^\"\n]{{0,100}}\"\s*)?<?({_ADDRESS})>?[ \t]*"
    r"(?:$|\.\.\.|on\s+\w{3},|\s\d{3}\b|\(|-\s)",
    re.MULTILINE,
)
_FOLLOWS = re.compile(
    r"following|failed\s+addresses|not\s+delivered\s+to|did\s+not\s+(?:reach|receive)|failure\s+reasons?"
    r"|recipients?:|addresses?:|以下のメールアドレス|получател",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"""(?:undeliverable(?:\ address)?|unknown\ (?:user|recipient)|user\ unknown|no\ such\ user
    |able\ to\ deliver(?:\ (?:the|this|your)\ (?:message|mail))?|delivery\ failed(?:\ \d+\ attempts)?
    |delivery\ to|originally\ addressed|(?:message|mail)\ to|following\ (?:recipient|address|user)\(?s?\)?
    |mailbox|recipient|^\s*to|(?:invalid|failed)\ (?:address|recipient))
    (?:\ the)?(?:\ message)?(?:\s+(?:to|for))?\s{{0,5}}:?\s{{0,5}}<?({_ADDRESS})""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_REPLIED = re.compile(
    rf"^.{{0,80}}?(?:\b5\d\d\b|rcpt to:).{{0,80}}?<({_ADDRESS})>", re.IGNORECASE | re.MULTILINE
)
_STATUS = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"^.{0,200}?\b([45]\d\d)[ -].{0,200}$", re.MULTILINE)
_HELP = re.compile(r"postmaster@|abuse@|mailer-daemon@|helpdesk@|support@|hostmaster@", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"^[>\s|]{0,10}message-id:\s{0,20}<\s?([^<>\s]{1,500})\s?>", re.IGNORECASE | re.MULTILINE
)
_LOOK = 32 * 1024  # characters that are looked at
_MOST = 100  # recipients


def likely(head: Header, subject: str, text: str) -> bool:
    """Whether a mail can be a report in a plain form at all."""
    if "x-failed-recipients" in head.fields:
        return True
    sender = encodedword.decoded(head.first("from")).lower()
    if automatic.from_daemon(sender):
        return True
    if head.first("return-path") == b"<>":
        return _speaks(subject) or _tells(text)
    if not _speaks(subject):
        return False
    by_machine = "auto-submitted" in head.fields or "precedence" in head.fields
    return "postmaster" in sender or (by_machine and _tells(text))


def _speaks(subject: str) -> bool:
    """Whether the subject says that a mail was not delivered."""
    lowered = subject.lower()
    return any(map(lowered.__contains__, UNDELIVERED))


def _tells(text: str) -> bool:
    """Whether the text says so."""
    lowered = text[:_LOOK].lower()
    return any(map(lowered.__contains__, FAILED))


def read(head: Header, subject: str, text: str, returned: tuple[str, ...]) -> DeliveryReport | None:
    """What the report says; None if it names no failure at all."""
    text = text[:_LOOK]
    if not (_speaks(subject) or _tells(text) or "x-failed-recipients" in head.fields):
        return None
    copy = _COPY.search(text)
    told = text[: copy.start()] if copy else text
    named = [
        address.bare(value) for field in head.every("x-failed-recipients") for value in field.split(b",")
    ]
    recipients = tuple(dict.fromkeys(filter(None, named))) or _recipients(told, subject, text)
    status = _STATUS.search(told)
    code = _CODE.search(told)
    identifier = _IDENTIFIER.search(text)
    return DeliveryReport(
        recipients[:_MOST],
        "delayed" if _late(subject + " " + told) else "failed",
        status[1] if status else "",
        code[0].strip()[: limits.LINE_CHARS] if code else "",
        returned or ((identifier[1],) if identifier else ()),
    )


def _late(told: str) -> bool:
    """Whether it says that the mail is late and still on its way."""
    lowered = " ".join(told.lower().split())
    return any(map(lowered.__contains__, DELAYED))


def _recipients(told: str, subject: str, text: str) -> tuple[str, ...]:
    """Who did not get it, by the first way of saying so that names anybody."""
    for found in (_headed(told), _listed(told), _said(told), _said(subject), _replied(text), _said(text)):
        names = tuple(dict.fromkeys(found))
        if names:
            return names
    return ()


def _headed(told: str) -> Iterator[str]:
    """How qmail and Postfix put it: `<bob@acme.example>:` before the reason."""
    return (found[1] for found in _HEADED.finditer(told))


def _listed(told: str) -> Iterator[str]:
    """Exim, Gmail, Exchange: addresses in lines of their own, after a sentence that announces them."""
    announced = _FOLLOWS.search(told)
    if not announced:
        return iter(())
    return (found[1] for found in _ALONE.finditer(told, announced.end()))


def _replied(text: str) -> Iterator[str]:
    """The address in what the remote server said, or in what it was told."""
    return (found[1] for found in _REPLIED.finditer(text))


def _said(told: str) -> Iterator[str]:
    """The address in a sentence that says what failed."""
    return (found[1] for found in _SAID.finditer(told) if not _HELP.match(found[1]))
