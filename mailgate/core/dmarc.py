"""Knows what a domain asks of who gets mail in its name: its DMARC record, and when two domains are one's.

Which part of a name an organisation registered is not a rule but a list, so it comes in as a function.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.dnsrecord import ascii_name
from mailgate.core.lookup import Answer, Found, Unanswered

Organisation = Callable[[str], str]
"""The domain that was registered of which this one is a part: `mail.acme.co.uk` is `acme.co.uk`'s."""

_BEGINS = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")  # the version is written exactly so
_PERCENT = re.compile(r"\d{1,3}")
_WHOLE = 100
_TAGS = 50  # of a record; there are eleven


class Request(StrEnum):
    """What is to be done with mail that is not proven to be the domain's (RFC 7489 section 6.3, `p`)."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Record:
    """A DMARC record.

    Args:
        request: for mail of the domain itself; `below` for that of its subdomains.
        percent: of how many mails of a hundred the whole is asked, of the others one step less.
        strict_spf, strict_dkim: only the domain itself proves it, none of the same organisation.
    """

    request: Request
    below: Request
    percent: int = _WHOLE
    strict_spf: bool = False
    strict_dkim: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """What holds for one mail of a domain.

    Args:
        request: what is asked for it.
        fault: why nobody knows whether there is a record; empty where that is known.
    """

    exists: bool = False
    request: Request = Request.NONE
    strict_spf: bool = False
    strict_dkim: bool = False
    fault: str = ""


def ascii_domain(domain: str) -> str:
    """The domain as the DNS has it, for comparing."""
    return ascii_name(domain.strip().rstrip(".").lower())


def is_aligned(one: str, other: str, organisation: Organisation, *, strict: bool) -> bool:
    """Whether who proves the one domain speaks for the other (RFC 7489 section 3.1)."""
    first, second = ascii_domain(one), ascii_domain(other)
    if not first or not second:
        return False
    return first == second or (not strict and organisation(first) == organisation(second))


def names(domain: str, organisation: Organisation) -> tuple[str, ...]:
    """Where a record for mail of the domain may stand, the nearest first (RFC 7489 section 6.6.3)."""
    own = ascii_domain(domain)
    if not own:
        return ()
    return tuple(dict.fromkeys((f"_dmarc.{own}", f"_dmarc.{organisation(own)}")))


def published(answers: Iterable[Answer], sample: int) -> Published:
    """What holds for one mail, by what was answered about each of the `names`, in their order.

    Args:
        sample: a number from 0 to 99 that is this mail's, for a request that is made of some.
    """
    for place, answer in enumerate(answers):
        if isinstance(answer, Unanswered):
            return Published(fault=answer.reason)
        record = record_among(answer.records) if isinstance(answer, Found) else None
        if record is not None:
            asked = record.below if place else record.request
            request = _sampled(asked, record, sample)
            return Published(
                exists=True,
                request=request,
                strict_spf=record.strict_spf,
                strict_dkim=record.strict_dkim,
            )
    return Published()


def record_among(texts: Iterable[str]) -> Record | None:
    """The one DMARC record among them; None where there is none, more than one, or it is no such thing.

    Section 6.6.3: whoever publishes two publishes none, and one without a policy that can be read asks for
    nothing, but counts if it says where reports go to.
    """
    candidates = [text for text in texts if _BEGINS.match(text.strip())]
    if len(candidates) != 1:
        return None
    tags = _tags(candidates[0])
    request = _request(tags.get("p", ""))
    if request is None:
        if "mailto:" not in tags.get("rua", "").lower():
            return None
        request = Request.NONE
    percent = tags.get("pct", "")
    return Record(
        request,
        _request(tags.get("sp", "")) or request,
        min(int(percent), _WHOLE) if _PERCENT.fullmatch(percent) else _WHOLE,
        strict_spf=tags.get("aspf", "").lower() == "s",
        strict_dkim=tags.get("adkim", "").lower() == "s",
    )


def _tags(text: str) -> Mapping[str, str]:
    """The tags of a record; of one that stands twice the first."""
    found: dict[str, str] = {}
    for tag in text.split(";", _TAGS)[:_TAGS]:
        name, _, value = tag.partition("=")
        found.setdefault(name.strip().lower(), value.strip())
    return found


def _request(text: str) -> Request | None:
    return next((one for one in Request if one == text.lower()), None)


def _sampled(asked: Request, record: Record, sample: int) -> Request:
    """RFC 7489 section 6.6.4: of the mails that are not sampled, one step less is asked."""
    if sample < record.percent or asked is Request.NONE:
        return asked
    return Request.QUARANTINE if asked is Request.REJECT else Request.NONE
