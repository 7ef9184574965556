"""Knows delivery reports from before RFC 3464, or from systems that never read it.

qmail, Exim, sendmail, Exchange, Lotus, MDaemon, Postfix, IMail, and what was built after them.

A plain form is believed where the mail system shows itself in the header, or where subject and text both
say that a mail was not delivered; words alone make no report of a person's mail.
"""

# ruff: noqa: E501 - the words of many languages stand in one line a language

import re
from collections.abc import Iterator

from mailgate.core import automatic
from mailgate.core.message import DeliveryReport
from mailgate.mail import address, encodedword, limits
from mailgate.mail.header import Header

_SUBJECT = re.compile(
    r"""
    undeliver(?:able|ed)|not\ delivered|non-?\ ?delivery|delivery\s+(?:has\s+)?(?:failed|failure|problem|error
    |status\ notification|notification|unsuccessful|report|incomplete)|(?:permanent|mail|message)\s+delivery\s+fail
    |returned\s+(?:mail|to\s+sender)|returning\s+(?:message|mail)?\s*to\s+sender|failure\s+notice|failed\s+mail|mail\s+failed
    |mail\s+(?:system\s+)?error|message\s+(?:could|was|can)\s?not\s+(?:be\s+)?deliver|could\s+not\s+be\s+delivered
    |warning:?\s+(?:message|could\s+not\s+send)|delayed\s+mail|delivery\s+(?:is\s+)?delayed|mail\s+could\s+not\s+be\s+sent
    |unzustellbar|nicht\s+zugestellt|zustellung\s+fehlgeschlagen|fehlgeschlagene\s+zustellung
    |non\s+remis|remise\s+impossible|échec\s+de\s+la\s+remise|no\s+se\s+puede\s+entregar|no\s+entregado|não\s+entregue
    |mancata\s+consegna|impossibile\s+recapitare|onbestelbaar|niet\s+bezorgd|nie\s+dostarczono|niedostarcz
    |не\s+доставлено|недоставлен|配信できません|配信不能|送信できません|退信|无法投递|無法傳遞|반송|전송\s*실패
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TEXT = re.compile(
    r"""
    could\s+not\s+be\s+(?:delivered|sent)|(?:was|were|been|is)\s+not\s+(?:be\s+)?delivered|not\s+able\s+to\s+deliver|unable\s+to\s+deliver
    |did\s+not\s+(?:reach|receive)|undeliverable|delivery\s+(?:to\s+the\s+following\s+\w+\s+)?(?:has\s+)?failed|failed\s+permanently|permanent\s+(?:fatal\s+)?error
    |encountered\s+delivery\s+problems|has\s+been\s+returned|failure\s+reason|transcript\s+of\s+session|failed\s+addresses
    |not\s+(?:yet\s+)?been\s+delivered|unknown\s+user|user\s+unknown|non-?delivery\s+report|delivery\s+attempts|rejected
    |nicht\s+zugestellt|n'a\s+pas\s+pu\s+être\s+(?:remis|délivré)|no\s+se\s+pudo\s+entregar|配信|送信できません|не\s+может\s+быть\s+доставлен
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DELAYED = re.compile(
    r"\bwarning\b.{0,80}\b(?:delayed|not yet|could not send|still)|delayed mail|delivery (?:is |has been )?(?:temporarily )?delayed"
    r"|not yet been delivered|will (?:keep|continue) trying|no action is required|do not need to resend",
    re.IGNORECASE | re.DOTALL,
)
_COPY = re.compile(
    r"""^[>\s|]*(?:
      -{2,}.{0,60}?\b(?:below\ this\ line|copy\ of|original\ (?:message|mail)|unsent\ message|returned\ message|header\ of\ the|message\ header|undelivered\ message
      |message\ text\ follows|included\ is|end\ of)\b
    | (?:original\ message|included\ is\ a\ copy|your\ message\ reads|a\ summary\ of\ the|the\ (?:original\ )?message\ (?:headers?\ )?follows
      |old\ message|the\ body\ of\ the\ message|message\ contents?\ follows)\b
    | -{3,}\s*original\ message | (?:received|return-path):\ .{0,200}
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_ADDRESS = r"[^\s<>()\[\],;:\"'@]{1,128}@[A-Za-z0-9._-]{1,200}[A-Za-z0-9]"
_HEADED = re.compile(rf"^[ \t]*<({_ADDRESS})>\s{{0,2}}:", re.MULTILINE)
_ALONE = re.compile(
    rf"^[ \t>*|-]*(?:\"[^\"\n]{{0,100}}\"\s*)?<?({_ADDRESS})>?[ \t]*(?:$|\.\.\.|on\s+\w{{3}},|\s\d{{3}}\b|\(|-\s)",
    re.MULTILINE,
)
_FOLLOWS = re.compile(
    r"following|failed\s+addresses|not\s+delivered\s+to|did\s+not\s+(?:reach|receive)|failure\s+reasons?|recipients?:|addresses?:"
    r"|以下のメールアドレス|получател",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"""(?:undeliverable\ (?:address)?|unknown\ user|unknown\ recipient|user\ unknown|no\ such\ user|(?:un|not\ )able\ to\ deliver(?:\ (?:the|this|your)\ (?:message|mail))?
    |undeliverable|delivery\ (?:to|failed)|delivery\ failed\ \d+\ attempts|originally\ addressed|your\ (?:message|mail)|following\ recipient\(?s?\)?|mailbox|recipient|^\s*to
    |invalid\ (?:address|recipient)|failed\ (?:recipient|address))(?:\ the\ message)?(?:\s+(?:to|for))?\s*:?\s*<?({_ADDRESS})""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_STATUS = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"^.{0,200}?\b([45]\d\d)[ -].{0,200}$", re.MULTILINE)
_HELP = re.compile(r"postmaster@|abuse@|mailer-daemon@|helpdesk@|support@|hostmaster@", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"^[>\s|]{0,10}message-id:\s{0,20}<\s?([^<>\s]{1,500})\s?>", re.IGNORECASE | re.MULTILINE
)
_LOOK = 32 * 1024  # characters of a report that are looked at
_MOST = 100  # recipients


def likely(head: Header, subject: str, text: str) -> bool:
    """Whether a mail can be a report in a plain form at all."""
    if "x-failed-recipients" in head.fields:
        return True
    sender = encodedword.decoded(head.first("from")).lower()
    speaks = bool(_SUBJECT.search(subject))
    if automatic.from_daemon(sender):
        return True
    told = bool(_TEXT.search(text[:_LOOK]))
    if "postmaster" in sender or head.first("return-path").strip() == b"<>":
        return speaks
    return (
        speaks
        and told
        and ("auto-submitted" in head.fields or "precedence" in head.fields or _addressed(text))
    )


def read(head: Header, subject: str, text: str, returned: tuple[str, ...]) -> DeliveryReport | None:
    """What the report says; None if it names no failure at all."""
    text = text[:_LOOK]
    if not (_SUBJECT.search(subject) or _TEXT.search(text) or "x-failed-recipients" in head.fields):
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
        "delayed" if _DELAYED.search(subject + "\n" + told) else "failed",
        status[1] if status else "",
        code[0].strip()[: limits.LINE_CHARS] if code else "",
        returned or ((identifier[1],) if identifier else ()),
    )


def _addressed(text: str) -> bool:
    """Whether the text names somebody in the way that a mail system does."""
    return bool(_HEADED.search(text[:_LOOK]) or _SAID.search(text[:_LOOK]))


def _recipients(told: str, subject: str, text: str) -> tuple[str, ...]:
    """Who did not get it, by the first way of saying so that names anybody."""
    for found in (_headed(told), _listed(told), _said(told), _said(subject), _said(text)):
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


def _said(told: str) -> Iterator[str]:
    """The address in a sentence that says what failed."""
    return (found[1] for found in _SAID.finditer(told) if not _HELP.match(found[1]))
