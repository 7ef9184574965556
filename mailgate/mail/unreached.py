"""Knows whom a delivery report in a plain form names: who did not get the mail, and what is said of each.

There are as many ways of saying so as there were mail systems. The surest is tried first; the last one takes
every address that the report gives for its own reasons: not a helpdesk's, not who it is from and goes to.
"""

import re
from collections.abc import Iterator

from mailgate.mail import address, reportphrases
from mailgate.mail.header import Header

_ADDRESS = r"[^\s<>()\[\],;:\"'@*|]{1,128}@[^\W_](?:[\w.-]{0,200}[^\W_])?"
_HEADED = re.compile(
    rf"^[ \t]*<({_ADDRESS})>(?:\s+\((?:expanded|generated|reason)\b[^)\n]{{0,200}}\))?\s{{0,2}}:",
    re.MULTILINE,
)
_ALONE = re.compile(
    rf"^[ \t>*|-]*(?:\"[^\"\n@]{{0,100}}\"\s*)?[<\"]?({_ADDRESS})[>\"]?[ \t]*"
    r"(?:$|\.\.\.|:|\[|<mailto:|on\s+\w{3},|\s\d{3}\b|\(|-\s|\s(?=\w+[ ]\w+[;,]))",
    re.MULTILINE,
)
_LABELLED = re.compile(
    rf"^[ \t]*(?:recipient|recipient\ address|original\ address|addressed\ to|failed\ address|address)\s?:"
    rf"[ \t]*<?({_ADDRESS})",
    re.IGNORECASE | re.MULTILINE,
)
_SAID = re.compile(
    rf"""(?:undeliverable(?:\ address)?|unknown\ (?:user|recipient)|user\ unknown|no\ such\ user
    |able\ to\ deliver(?:\ (?:the|this|your)\ (?:message|mail))?|delivery\ failed(?:\ \d+\ attempts)?
    |delivery\ to|originally\ addressed|(?:message|mail)\ to|following\ (?:recipient|address|user)\(?s?\)?
    |delivered\ to|mailbox|recipient|^[ \t]{{0,20}}to|(?:invalid|failed)\ (?:address|recipient)
    |(?:message|mail)\ (?:wasn't|was\ not|couldn't\ be)\ delivered)
    (?:\ the)?(?:\ message)?(?:\s{{1,5}}(?:to|for))?\s{{0,5}}:?\s{{0,5}}<?({_ADDRESS})""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_REPLIED = re.compile(
    rf"^.{{0,80}}?(?:\b5\d\d\b|rcpt to:).{{0,80}}?<({_ADDRESS})>", re.IGNORECASE | re.MULTILINE
)
_DEFERRED = re.compile(rf"^[ \t]*<({_ADDRESS})>\.\.\.", re.MULTILINE)
_ANY = re.compile(_ADDRESS)
_OTHERS = re.compile(
    r"^[ \t>|]*(?:from|sender|original sender|reply-to|return-path|message-id|message identifier"
    r"|x-[a-z-]+|in-reply-to|references|cc|mail from|date|subject|von|absender)\s?:"
    r"|contact|assist|question|support|postmaster|mail from:|<mailto:[^>]*\?subject|delist|visit"
    r"|send (?:an? )?(?:e-?)?mail to",
    re.IGNORECASE,
)
_HELP = re.compile(r"(?:postmaster|abuse|mailer-daemon|helpdesk|support|hostmaster)@", re.IGNORECASE)


def people(head: Header, subject: str, told: str, text: str) -> tuple[str, ...]:
    """Who did not get it, by the first way of saying so that names anybody.

    Args:
        told: what the report says itself, before the mail that it brings back.
        text: all of it.
    """
    ways = (
        _found(_HEADED, told), _found(_LABELLED, told), _listed(told), _found(_DEFERRED, told),
        _found(_SAID, told), _found(_SAID, subject), _found(_REPLIED, text), _left(head, told),
        _found(_SAID, text),
    )  # fmt: skip
    for way in ways:
        names = tuple(dict.fromkeys(way))
        if names:
            return names
    return ()


def said_of(names: tuple[str, ...], told: str) -> tuple[tuple[str, str], ...]:
    """Each of them with the words that stand beside the name; all the words, where it is one."""
    if len(names) == 1:
        return ((names[0], told),)
    lowered = told.lower()
    places = sorted((lowered.find(name.lower()), name) for name in names)
    starts = [max(place, 0) for place, _ in places] + [len(told)]
    return tuple((name, told[starts[number] : starts[number + 1]]) for number, (_, name) in enumerate(places))


def _found(way: re.Pattern[str], told: str) -> Iterator[str]:
    return (found[1] for found in way.finditer(told) if not _HELP.match(found[1]))


def _listed(told: str) -> Iterator[str]:
    """Exim, Gmail, Exchange: addresses in lines of their own, after a sentence that announces them."""
    lowered = told.lower()
    places = [place for place in map(lowered.find, reportphrases.ANNOUNCED) if place >= 0]
    return (found[1] for found in _ALONE.finditer(told, min(places))) if places else iter(())


def _left(head: Header, told: str) -> Iterator[str]:
    """Every address in it that is not in a line about somebody else, nor who it is from and goes to."""
    own = {
        mailbox.address.lower()
        for name in ("from", "to", "cc", "reply-to", "sender", "return-path", "delivered-to")
        for mailbox in address.mailboxes(head.every(name))
    }
    domains = {name.rpartition("@")[2] for name in own}
    names = [
        found[0]
        for line in told.splitlines()
        if not _OTHERS.search(line)
        for found in _ANY.finditer(line)
        if found[0].lower() not in own and not _HELP.match(found[0])
    ]
    strange = [name for name in names if name.rpartition("@")[2].lower() not in domains]
    return iter(strange or names)
