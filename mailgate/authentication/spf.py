"""Knows SPF by the library pyspf: whether the reverse-path's domain lets this client send (RFC 7208).

The library would ask the DNS itself, by a hook that the whole process shares. Here it is handed what is known
already; where that does not suffice, the next question comes out, and it starts anew with one answer more.
So it never waits, never looks at the time, and any number of mails are checked at once.
"""

import re
import warnings
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from mailgate.core.authentication import Check, Method, Result
from mailgate.core.lookup import Answer, Found, RecordType, Unanswered
from mailgate.core.message import Envelope, domain_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its regular expressions are of another age; each Python says so
    import spf

Ask = Callable[[str, RecordType], Awaitable[Answer]]
"""Asks the DNS, within bounds of time and number that are the asker's."""

_MOST = 40  # questions; ten mechanisms with what hangs on them (RFC 7208 section 4.6.4)
_LONGEST_RECORD = 2048  # characters; RFC 7208 section 3.4 hopes for 512
# No name has a longer label (RFC 1035 section 2.3.4); the library looks at one for the square of its length.
_ENDLESS_LABEL = re.compile(r"\.[0-9A-Za-z-]{64}")
# No mail comes to us from there but through a server of our own, which took it from somebody else.
_INSIDE = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
         "::1/128", "fc00::/7", "fe80::/10"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be known before it can go on."""

    name: str
    kind: RecordType


class _WantedError(Exception):
    """The library asks for what is not known yet."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.question = question


_known: ContextVar[Mapping[Question, Answer]] = ContextVar("known")


async def checked(envelope: Envelope, ask: Ask) -> Check:
    """What SPF says of how the mail came. Without a domain: it could not be looked for."""
    domain = domain_of(envelope.reverse_path) if envelope.reverse_path else envelope.greeting.lower()
    unasked = _unasked(envelope.peer)
    if unasked:
        return Check(Method.SPF, Result.NONE, "", unasked)
    known: dict[Question, Answer] = {}
    while len(known) < _MOST:
        found = evaluated(envelope, domain, known)
        if isinstance(found, Check):
            return found
        known[found] = await ask(found.name, found.kind)
    return Check(Method.SPF, Result.PERMERROR, domain, "it asks for too much")


def evaluated(envelope: Envelope, domain: str, known: Mapping[Question, Answer]) -> Check | Question:
    """The result as far as these answers lead, or the next question."""
    handed = _known.set(known)
    try:
        # Section 2.4: without a reverse-path it is the word of the client about itself that is checked.
        result, _ = spf.check2(envelope.peer, envelope.reverse_path, envelope.greeting, querytime=0)
        reasons = [one.reason for one in known.values() if isinstance(one, Unanswered)]
        reason = next(iter(reasons), "") if result == Result.TEMPERROR else ""
        return Check(Method.SPF, Result(result), domain, reason)
    except _WantedError as wanted:
        return wanted.question
    except Exception:  # noqa: BLE001 - whatever the library raises about hostile records
        return Check(Method.SPF, Result.PERMERROR, domain, "its record makes no sense")
    finally:
        _known.reset(handed)


def _unasked(peer: str) -> str:
    """Why nobody can say whether this client may send; empty where it can be asked."""
    try:
        address = ip_address(peer)
    except ValueError:
        return "its client has no address"
    if any(address in network for network in _INSIDE):
        return f"it came by {peer}, which is on this side of the internet"
    return ""


def _look_up(name: str, kind: str, _strict: object = None, _timeout: object = None) -> list[object]:
    """What is known, in the library's form: pairs of what was asked and a record."""
    question = Question(name, RecordType(kind))
    answer = _known.get().get(question)
    match answer:
        case None:
            raise _WantedError(question)
        case Unanswered(reason):
            raise spf.TempError(reason)
        case Found(records):
            return [((name, kind), _record(one, place, kind)) for place, one in enumerate(records)]
        case _:
            return []


def _record(record: str, place: int, kind: str) -> object:
    match kind:
        case RecordType.TXT if record[:6].lower() == "v=spf1" and _is_endless(record):
            raise spf.PermError("a record without end")
        case RecordType.TXT:
            return (record.encode("latin-1"),)
        case RecordType.MX:
            return place, record
        case _:
            return record


def _is_endless(record: str) -> bool:
    return len(record) > _LONGEST_RECORD or _ENDLESS_LABEL.search(record) is not None


spf.DNSLookup = _look_up  # the library's hook: one for the process, and the same for every mail
