"""Knows the arguments of MAIL and RCPT (RFC 5321 section 4.1.2, RFC 6531): pure, strict, in linear time.

An address comes out as it was written, without brackets, source route and needless quotes. None comes out
that two readers could take for two addresses: no control characters, no encoded words, no `@` within quotes.
"""

import re
from dataclasses import dataclass

from mailgate.core.reply import (
    BAD_ARGUMENT,
    BAD_FORWARD_PATH,
    BAD_REVERSE_PATH,
    NEEDS_SMTPUTF8,
    RELAY_DENIED,
    UNKNOWN_PARAMETER,
    Reply,
)

_LETTERS = r"A-Za-z0-9\u0080-\U0010ffff"
_LOCAL = re.compile(rf"[{_LETTERS}!#$%&'*+/=?^_`{{|}}~.\-]+")  # dots anywhere: such mailboxes exist
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_LABEL = rf"[{_LETTERS}_](?:[{_LETTERS}_\-]*[{_LETTERS}_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[A-Za-z0-9:.\-]+\]")
# A source route before the mailbox is read over (RFC 5321 section 4.1.1.3).
_PATH = re.compile(r' *<(?:@[^<>:" ]*:)?((?:"(?:[^"\\]|\\.)*"|[^<>" ])*)>(?: +(.*))?')
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9\-]*)(?:=([!-<>-~]+))?")
_LONGEST_SIZE = 20  # digits, RFC 1870 section 3


@dataclass(frozen=True, slots=True)
class MailFrom:
    """What a MAIL command says. An empty `reverse_path` is the null one; `size` 0 means not declared."""

    reverse_path: str
    size: int = 0
    utf8: bool = False


class _MalformedError(Exception):
    """The argument is no path."""


class _TwofoldError(_MalformedError):
    """The path has an `@` within quotes."""


def mail_from(argument: bytes) -> MailFrom | Reply:
    """What `MAIL <argument>` says, or the reply that refuses it."""
    try:
        path, parameters = _split(b"FROM:", argument)
        reverse_path = _address(path) if path else ""
    except UnicodeDecodeError:
        return NEEDS_SMTPUTF8
    except _MalformedError:
        return BAD_REVERSE_PATH
    said = _parameters(parameters)
    if isinstance(said, Reply):
        return said
    if not reverse_path.isascii() and not said.utf8:
        return NEEDS_SMTPUTF8
    return MailFrom(reverse_path, said.size, said.utf8)


def rcpt_to(argument: bytes, *, utf8: bool) -> str | Reply:
    """The address that `RCPT <argument>` names, or the reply that refuses it. `utf8`: MAIL said SMTPUTF8."""
    try:
        path, parameters = _split(b"TO:", argument)
        address = path if path.lower() == "postmaster" else _address(path)
    except UnicodeDecodeError:
        return NEEDS_SMTPUTF8
    except _TwofoldError:
        return RELAY_DENIED
    except _MalformedError:
        return BAD_FORWARD_PATH
    if not address.isascii() and not utf8:
        return NEEDS_SMTPUTF8
    return UNKNOWN_PARAMETER if parameters else address


def _split(keyword: bytes, argument: bytes) -> tuple[str, list[str]]:
    if argument[: len(keyword)].upper() != keyword:
        raise _MalformedError
    text = argument[len(keyword) :].decode()
    found = _PATH.fullmatch(text) if text.isprintable() else None
    if found is None:
        raise _MalformedError
    return found[1], (found[2] or "").split()


def _address(path: str) -> str:
    quoted = _QUOTED.match(path)
    local, at, domain = path[quoted.end() :].partition("@") if quoted else path.rpartition("@")
    if quoted:
        local = _unquoted(quoted[0]) if not local else ""
    known = _LOCAL.fullmatch(local) or (quoted and local)
    if not at or not known or "=?" in path or not _DOMAIN.fullmatch(domain):
        raise _MalformedError
    return f"{local}@{domain}"


def _unquoted(text: str) -> str:
    inner = re.sub(r"\\(.)", r"\1", text[1:-1])
    if "@" in inner:
        raise _TwofoldError
    return inner if _LOCAL.fullmatch(inner) else text


def _parameters(words: list[str]) -> MailFrom | Reply:
    size, utf8, seen = 0, False, set[str]()
    for word in words:
        found = _PARAMETER.fullmatch(word)
        if found is None:
            return BAD_ARGUMENT
        keyword, value = found[1].upper(), found[2]
        if keyword in seen:
            return BAD_ARGUMENT
        seen.add(keyword)
        match keyword, value:
            case "SIZE", str() if value.isdecimal() and len(value) <= _LONGEST_SIZE:
                size = int(value)
            case "BODY", str() if value.upper() in {"7BIT", "8BITMIME"}:
                pass
            case "SMTPUTF8", None:
                utf8 = True
            case (("SIZE" | "BODY" | "SMTPUTF8"), _):
                return BAD_ARGUMENT
            case _:
                return UNKNOWN_PARAMETER
    return MailFrom("", size, utf8)
