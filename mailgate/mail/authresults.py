"""Knows what a mail server in front wrote about who sent a mail: Authentication-Results (RFC 8601).

Anybody can write such a field, so only the topmost one counts, and only if it bears the name that the caller
believes; what the others say is never seen. A field is read whole or not at all. Linear, never raises.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from mailgate.core.authentication import Check, Method, Result
from mailgate.core.dmarc import Request
from mailgate.core.message import domain_of
from mailgate.mail import header
from mailgate.mail.header import Header

NO_NAME = "-"
"""Stands for the name of a server that writes none, as Exchange Online does."""

_FIELD = "authentication-results"
_LONGEST = 8192  # octets of one field
_MOST = 30  # results in one field
_DEEPEST = 5  # comments in comments
_PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"|[()";]|[^\s";()\\]+|\s+|\\.?', re.DOTALL)
_COMMENTED = re.compile(r"[()]|[^()\\]+|\\.?", re.DOTALL)  # RFC 5322 section 3.2.2: `"` is a letter in there
_RESULT = re.compile(r"([a-z][a-z0-9-]*)(?:/\d+)?=([a-z]+)", re.IGNORECASE)
_NAME = re.compile(r"[^\s=;()\"]{1,255}")
_ASKS = re.compile(r"(?:^|[\s;,(])p=(none|quarantine|reject)\b", re.IGNORECASE)
_DOMAINS: Mapping[Method, tuple[str, ...]] = {
    Method.SPF: ("smtp.mailfrom", "smtp.mail", "smtp.helo"),
    Method.DKIM: ("header.d", "header.i"),
    Method.DMARC: ("header.from",),
}
_POLICIES = ("policy.dmarc", "policy.published-domain-policy")
_OTHER_WORDS = {"hardfail": Result.FAIL, "bestguesspass": Result.NONE}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the mail server in front found.

    Args:
        request: what the domain in From asks for, where it says so.
    """

    checks: tuple[Check, ...] = ()
    request: Request = Request.NONE


@dataclass(frozen=True, slots=True)
class _Said:
    """One result as it stands: its words, and its comments."""

    words: tuple[str, ...]
    comments: str


def heard(raw: bytes, name: str) -> Heard | None:
    """What the topmost field says, if it bears that name; None where there is nothing to be believed.

    Args:
        name: the authserv-id (RFC 8601 section 2.5), or `NO_NAME`.
    """
    head = header.read(raw, 0, len(raw))
    value = head.first(_FIELD) if isinstance(head, Header) else b""
    if not value or len(value) > _LONGEST:
        return None
    said = _taken_apart(value.decode("utf-8", "replace"))
    if not said:
        return None
    first = said[0].words
    if name == NO_NAME:  # the first result stands where the name would
        return _read(said) if first and _RESULT.fullmatch(first[0]) else None
    if not _is_name(first, name):
        return None
    return _read(said[1:])


def _is_name(words: tuple[str, ...], name: str) -> bool:
    """Whether it is the name, exactly but for case, and at most a version behind it."""
    version = "".join(words[1:])
    return bool(words) and words[0].lower() == name.lower() and version in {"", "1"}


def _taken_apart(value: str) -> list[_Said]:
    """What stands between the semicolons; nothing where a quotation or a comment has no end."""
    pieces = _pieces(value)
    found: list[_Said] = []
    words: list[str] = []
    comments: list[str] = []
    for text, kind in pieces or ():
        match kind:
            case _Kind.COMMENT:
                comments.append(text)
            case _Kind.WORD:
                words.append(text)
            case _Kind.MORE:  # a quotation belongs to what it touches
                words[-1] += text
            case _Kind.END:
                found.append(_Said(tuple(words), "".join(comments)))
                words, comments = [], []
    return found if len(found) <= _MOST else []


class _Kind(Enum):
    COMMENT = auto()
    WORD = auto()
    MORE = auto()
    END = auto()


def _pieces(value: str) -> list[tuple[str, _Kind]] | None:
    """The words and comments of the field; None where one of them is damaged."""
    pieces: list[tuple[str, _Kind]] = []
    depth, touches, at = 0, False, 0
    while piece := (_COMMENTED if depth else _PIECE).match(value, at):
        text, outside, at = piece[0], depth == 0, piece.end()
        if text == "(" or (text == ")" and not outside):
            depth += 1 if text == "(" else -1
        elif not outside:
            pieces.append((text, _Kind.COMMENT))
        elif text == ";":
            pieces.append((text, _Kind.END))
        elif text[0] in ')\\"' and piece[1] is None:
            return None
        elif not text.isspace():
            pieces.append((text if piece[1] is None else piece[1], _Kind.MORE if touches else _Kind.WORD))
        touches = outside and text not in {"(", ";"} and not text.isspace()
        if depth > _DEEPEST:
            return None
    return None if depth else [*pieces, (";", _Kind.END)]


def _read(said: list[_Said]) -> Heard:
    checks: list[Check] = []
    request = Request.NONE
    for one in said:
        check = _check(one)
        if check is None:
            continue
        checks.append(check)
        if check.method is Method.DMARC:
            request = _request(one)
    return Heard(tuple(checks), request)


def _check(said: _Said) -> Check | None:
    """The result, if it is of a method that proves something; of others nothing is known here."""
    found = _RESULT.fullmatch(said.words[0]) if said.words else None
    method = next((one for one in Method if found and one == found[1].lower()), None)
    if found is None or method is None:
        return None
    word = found[2].lower()
    result = _OTHER_WORDS.get(word) or next((one for one in Result if one == word), Result.PERMERROR)
    properties = _properties(said)
    domains = (domain_of(properties.get(name, "")) for name in _DOMAINS[method])
    return Check(method, result, next(filter(None, domains), ""))


def _properties(said: _Said) -> Mapping[str, str]:
    """What is said of the result; of a property that stands twice the first: others write what follows."""
    found: dict[str, str] = {}
    for word in said.words[1:]:
        name, equals, value = word.partition("=")
        if equals and _NAME.fullmatch(name) and len(value) <= _LONGEST:
            found.setdefault(name.lower(), value.strip("<>"))
    return found


def _request(said: _Said) -> Request:
    """What the domain publishes, as some servers say in a property and others in a comment."""
    properties = _properties(said)
    told = next((properties[name] for name in _POLICIES if name in properties), "")
    told = told or properties.get("action", "").removeprefix("o")  # Exchange Online: `oreject`, overridden
    in_comment = _ASKS.search(said.comments)
    word = (told or (in_comment[1] if in_comment else "")).lower()
    return next((one for one in Request if one == word), Request.NONE)
