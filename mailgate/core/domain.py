"""Knows what a desk's domain has to publish in the DNS for its mail, and what is wrong with what it does.

A name that nobody could be asked about is neither right nor wrong: it is told apart.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.dmarc import Request, record_among
from mailgate.core.dnsrecord import ascii_name, zone_line
from mailgate.core.lookup import Answer, Found, Nothing, Unanswered

_SPF = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)  # RFC 7208 section 4.5
_TERM = re.compile(
    r"(?P<qualifier>[+?~-]?)(?P<mechanism>all|include|a|mx|ptr|ip4|ip6|exists)(?:[:/].*)?|(?P<modifier>\w[\w.-]*)=.*",
    re.IGNORECASE,
)
_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})
_MOST_ASKED = 10  # RFC 7208 section 4.6.4
_SUMMED_BY = "sha256"


class State(StrEnum):
    """How it stands with one record."""

    GOOD = "good"
    WRONG = "wrong"  # missing, or not as it has to be
    UNKNOWN = "unknown"  # nobody could say now


@dataclass(frozen=True, slots=True)
class Finding:
    """One record, as the world sees it.

    Args:
        subject: what it is for: `MX`, `SPF`, `DKIM mg1`, `DMARC`.
        said: what was found, in words.
        right: what would be right; where a record is missing, that record as a zone file says it.
    """

    subject: str
    state: State
    said: str
    right: str = ""


def exchanges(domain: str, answer: Answer, addresses: Mapping[str, Answer]) -> Finding:
    """Where mail for the domain arrives.

    Args:
        addresses: what was answered about the addresses of each host, and of the domain where it names none.
    """
    wanted = (
        f"{ascii_name(domain)}. IN MX 10 mail.{ascii_name(domain)}.  ; the host that mailgate is reached by"
    )
    match answer:
        case Unanswered(reason):
            return _unknown("MX", domain, reason)
        case Found(("",)):
            return Finding("MX", State.WRONG, f"{domain} says that it takes no mail (RFC 7505)", wanted)
        case Found(hosts):
            return _reached(hosts, addresses)
        case Nothing():
            return _without_exchange(domain, addresses.get(domain, Nothing()), wanted)


def sending(domain: str, answer: Answer, sends: str) -> Finding:
    """Which hosts may send mail of the domain.

    Args:
        sends: the mechanism that lets them whom mail goes out by.
    """
    wanted = zone_line(ascii_name(domain), f"v=spf1 {sends} -all")
    if isinstance(answer, Unanswered):
        return _unknown("SPF", domain, answer.reason)
    records = [one for one in answer.records if _SPF.match(one)] if isinstance(answer, Found) else []
    if not records:
        return Finding("SPF", State.WRONG, f"nothing says who may send mail of {domain}", wanted)
    if len(records) > 1:
        said = f"{domain} has {len(records)} records, and then none of them counts"
        return Finding("SPF", State.WRONG, said, "one record that lets all who may")
    wrong, right = _fault(records[0])
    return Finding("SPF", State.WRONG, f"{wrong}: {records[0]}", right) if wrong else _good("SPF", records[0])


def key(selector: str, name: str, record: str, answer: Answer) -> Finding:
    """Whether our signatures can be verified.

    Args:
        record: what has to stand there.
    """
    subject, wanted = f"DKIM {selector}", zone_line(name, record)
    match answer:
        case Unanswered(reason):
            return _unknown(subject, name, reason)
        case Nothing():
            return Finding(subject, State.WRONG, f"no key is published at {name}", wanted)
        case Found((found,)):
            tags = _tags(found)
            wrong = _difference(tags, _tags(record))
            if wrong:
                return Finding(subject, State.WRONG, f"{name} {wrong}", wanted)
            testing = "; it says that it is a test (t=y)" if "y" in tags.get("t", "").split(":") else ""
            return _good(subject, f"our key is published at {name}{testing}")
        case Found(several):
            return Finding(subject, State.WRONG, f"{name} has {len(several)} records", wanted)


def request(domain: str, answers: Iterable[Answer]) -> Finding:
    """What the domain asks for mail that only pretends to be its own.

    Args:
        answers: what was answered about each of `dmarc.names`, the nearest first.
    """
    wanted = zone_line(f"_dmarc.{ascii_name(domain)}", f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}")
    for place, answer in enumerate(answers):
        if isinstance(answer, Unanswered):
            return _unknown("DMARC", domain, answer.reason)
        texts = answer.records if isinstance(answer, Found) else ()
        record = record_among(texts)
        if record is not None:
            return _requested(record.below if place else record.request)
        if any(text.upper().startswith("V=DMARC1") for text in texts):
            return Finding("DMARC", State.WRONG, "what is published is not one record with a policy", wanted)
    return Finding("DMARC", State.WRONG, f"nothing says what is to become of forged mail of {domain}", wanted)


def _requested(asked: Request) -> Finding:
    if asked is Request.NONE:
        return _good("DMARC", "p=none: reports are asked for, and nothing against forged mail yet")
    return _good("DMARC", f"p={asked}")


def _without_exchange(domain: str, address: Answer, wanted: str) -> Finding:
    match address:
        case Unanswered(reason):
            return _unknown("MX", domain, reason)
        case Nothing():
            return Finding("MX", State.WRONG, f"no host takes mail for {domain}", wanted)
        case Found():  # RFC 5321 section 5.1: the address of the domain itself stands in
            return Finding("MX", State.GOOD, f"none, so mail comes to the address of {domain} itself")


def _reached(hosts: Iterable[str], addresses: Mapping[str, Answer]) -> Finding:
    lost = [host for host in hosts if isinstance(addresses.get(host, Nothing()), Nothing)]
    if lost:
        said = (
            f"{', '.join(lost)} has no address" if len(lost) == 1 else f"{', '.join(lost)} have no addresses"
        )
        return Finding("MX", State.WRONG, said, "an A or AAAA record for each host, or another host")
    for host in hosts:
        answer = addresses[host]
        if isinstance(answer, Unanswered):
            return _unknown("MX", host, answer.reason)
    return _good("MX", ", ".join(hosts))


def _fault(record: str) -> tuple[str, str]:
    """What is wrong with an SPF record, and what would be right; empty where nothing is."""
    terms = [(_TERM.fullmatch(term), term) for term in record.split()[1:]]
    unread = next((term for found, term in terms if not found), "")
    if unread:
        return f'"{unread}" is no term of SPF', "mechanisms of RFC 7208 section 5"
    mechanisms = [
        (found["qualifier"], found["mechanism"].lower()) for found, _ in terms if found and found["mechanism"]
    ]
    redirected = any(found and (found["modifier"] or "").lower() == "redirect" for found, _ in terms)
    asked = sum(name in _ASKING for _, name in mechanisms) + redirected
    if asked > _MOST_ASKED:
        return (
            f"it takes {asked} questions to the DNS, and more than {_MOST_ASKED} are a fault",
            "fewer terms",
        )
    strangers = next((qualifier for qualifier, name in mechanisms if name == "all"), None)
    if strangers in {"", "+"}:
        return "it lets everybody send", "`-all` at its end"
    if strangers == "?" or (strangers is None and not redirected):
        return "it says nothing of strangers", "`-all` or `~all` at its end"
    return "", ""


def _difference(found: Mapping[str, str], meant: Mapping[str, str]) -> str:
    """What keeps our signatures from being verified by a record (RFC 6376 section 3.6.1); empty: nothing."""
    if found.get("v", "DKIM1") != "DKIM1" or "p" not in found:
        return "holds no key of DKIM"
    if not found["p"]:
        return "revokes the key"
    if found.get("k", "rsa") != meant["k"] or found["p"] != meant["p"]:
        return "publishes another key"
    if _SUMMED_BY not in found.get("h", _SUMMED_BY).split(":"):
        return f"forbids {_SUMMED_BY}, which we sign with"
    if not {"*", "email"} & {*found.get("s", "*").split(":")}:
        return "is not meant for mail"
    return ""


def _tags(record: str) -> Mapping[str, str]:
    """Tags and values, without blanks: they mean nothing in what is compared here."""
    named = (tag.partition("=") for tag in record.split(";") if tag.strip())
    return {name.strip(): "".join(value.split()) for name, _, value in named}


def _good(subject: str, said: str) -> Finding:
    return Finding(subject, State.GOOD, said)


def _unknown(subject: str, name: str, reason: str) -> Finding:
    return Finding(
        subject, State.UNKNOWN, f"{name} could not be asked about: {reason}", "ask again in a while"
    )
