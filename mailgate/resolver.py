"""Knows how the DNS is asked: within bounds of time and number, with answers that are values.

An answer is found, is nothing, or is missing, and the three are kept apart (core.lookup). What was answered
is remembered for a while, and that somebody did not answer for a shorter one, so that a dead name server
costs its time once and not for every mail.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdtypes.ANY.MX
import dns.rdtypes.txtbase
import dns.resolver

from mailgate.core.listening import Place
from mailgate.core.lookup import Answer, Found, Nothing, RecordType, Unanswered

SECONDS = 5.0
_LONGEST = 16_384  # characters of one answer; the longest real ones have two thousand
_REMEMBERED = 1000  # answers
_KEPT, _KEPT_NOTHING, _KEPT_UNANSWERED = 300.0, 60.0, 15.0  # seconds at the most
_MOST_QUESTIONS = 50


class Resolver:
    """Asks name servers, and remembers what they said.

    Args:
        servers: whom to ask, in order; none: those of the system.
        seconds: how long an answer may take, with all that is tried for it.
    """

    def __init__(self, servers: Sequence[Place] = (), seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._asking = _asking(servers)
        self._remembered: OrderedDict[tuple[str, RecordType], _Memory] = OrderedDict()

    async def ask(self, name: str, kind: RecordType) -> Answer:
        """What the DNS says of the name, from the root; a text that is no name of a host has nothing."""
        return await self.within(name, kind, self._seconds)

    async def within(self, name: str, kind: RecordType, seconds: float) -> Answer:
        """The same in so many seconds."""
        key, now = (name.rstrip(".").lower(), kind), asyncio.get_running_loop().time()
        known = self._remembered.get(key)
        if known is not None and known.until > now:
            self._remembered.move_to_end(key)
            return known.answer
        if self._asking is None:
            return Unanswered("this machine names no server to ask")
        answer, keeps = await _asked(self._asking, *key, min(seconds, self._seconds))
        if not isinstance(answer, Unanswered) or seconds > self._seconds / 2:  # it had time enough
            self._remembered[key] = _Memory(answer, asyncio.get_running_loop().time() + keeps)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return answer

    def inquiry(self, questions: int = _MOST_QUESTIONS) -> "Inquiry":
        """A number of questions that together take no longer than one may."""
        return Inquiry(self, questions, self._seconds)


@dataclass(frozen=True, slots=True)
class _Memory:
    answer: Answer
    until: float


class Inquiry:
    """What may be asked for the sake of one mail. Only the time that is waited counts, for all together."""

    def __init__(self, resolver: Resolver, questions: int, seconds: float) -> None:
        self._resolver = resolver
        self._left = questions
        self._seconds = seconds
        self._open = 0
        self._since = 0.0

    async def ask(self, name: str, kind: RecordType) -> Answer:
        """What the DNS says, while there are questions and time left."""
        if self._left <= 0:
            return Unanswered("too many questions for one mail")
        self._left -= 1
        loop = asyncio.get_running_loop()
        if not self._open:
            self._since = loop.time()
        self._open += 1
        try:
            return await self._resolver.within(
                name, kind, max(self._since + self._seconds - loop.time(), 0.0)
            )
        finally:
            self._open -= 1
            if not self._open:
                self._seconds -= loop.time() - self._since


def _asking(servers: Sequence[Place]) -> dns.asyncresolver.Resolver | None:
    if not servers:
        try:
            return dns.asyncresolver.Resolver()
        except dns.resolver.NoResolverConfiguration:
            return None
    asking = dns.asyncresolver.Resolver(configure=False)
    asking.nameservers = [dns.nameserver.Do53Nameserver(one.host, one.port) for one in servers]
    return asking


async def _asked(
    asking: dns.asyncresolver.Resolver, name: str, kind: RecordType, seconds: float
) -> tuple[Answer, float]:
    """The answer, and for how many seconds it may be remembered."""
    absolute = _absolute(name)
    if absolute is None:
        return Nothing(exists=False), _KEPT_NOTHING
    try:
        async with asyncio.timeout(seconds):
            said = await asking.resolve(absolute, kind.value, search=False, lifetime=seconds)
    except dns.resolver.NXDOMAIN:
        return Nothing(exists=False), _KEPT_NOTHING
    except dns.resolver.NoAnswer:
        return Nothing(), _KEPT_NOTHING
    except (dns.exception.DNSException, OSError, EOFError) as fault:  # TimeoutError is an OSError
        return Unanswered(_reason(fault, seconds)), _KEPT_UNANSWERED
    records = _records(said, kind)
    if sum(map(len, records)) > _LONGEST:
        return Unanswered(f"its answer is longer than {_LONGEST:,} characters"), _KEPT_UNANSWERED
    return Found(records), min(float(said.rrset.ttl if said.rrset else 0), _KEPT)


def _absolute(name: str) -> dns.name.Name | None:
    """The name from the root; None where it is none, or the root itself."""
    try:
        absolute = dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError):
        return None
    return None if absolute == dns.name.root else absolute


def _reason(fault: Exception, seconds: float) -> str:
    match fault:
        case dns.exception.Timeout() | TimeoutError():
            return f"no answer within {round(seconds, 1):g} seconds"
        case dns.resolver.NoNameservers():
            return "its name servers report a fault"
        case dns.resolver.YXDOMAIN() | dns.exception.FormError() | EOFError():
            return "its answer makes no sense"
        case _:
            return "the name servers cannot be reached"


def _records(said: dns.resolver.Answer, kind: RecordType) -> tuple[str, ...]:
    if kind is RecordType.MX:
        exchanges = [one for one in said if isinstance(one, dns.rdtypes.ANY.MX.MX)]
        return tuple(_host(one.exchange) for one in sorted(exchanges, key=lambda one: one.preference))
    return tuple(_text(one) for one in said)


def _text(record: object) -> str:
    match record:
        case dns.rdtypes.txtbase.TXTBase():
            return b"".join(record.strings).decode("latin-1")
        case _:
            return str(record).removesuffix(".")


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).removesuffix(".")
