"""Knows who is at the door: sessions in all and by client, how often each came this minute, bytes in flight.

A client is an IPv4 address or the /64 that an IPv6 address is in: who has one address of it has all.
"""

from collections import Counter
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address

from mailgate.core.reply import TOO_BUSY, TOO_MANY_CONNECTIONS, TOO_MANY_LOGINS, TOO_MUCH_MAIL, Reply
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Rules


class Local(StrEnum):
    """A client on our own machine that has no address."""

    UNIX = "unix"


Peer = IPv4Address | IPv6Address | Local

_MINUTE = 60.0
_CROWD = 0.8  # of the sessions that there may be


class Turnstile:
    """Counts; the limits come with each question, for a reload may change them.

    Args:
        most: sessions that the process has room for, whatever the limits say.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.last_heard = float("-inf")  # when a client last sent anything, on the loop's clock
        self.bytes_in_flight = 0
        self._inside: Counter[Peer] = Counter()
        self._total = 0
        self._connections = _EachMinute()
        self._messages = _EachMinute()
        self._logins = _EachMinute()

    def enter(self, peer: Peer, rules: Rules, now: float) -> Reply | None:
        """Counts a session in; the reply turns it away instead. Who was let in must `leave`."""
        client, limits = client_of(peer), rules.limits
        if self._total >= min(limits.sessions, self._most):
            return TOO_BUSY
        if not is_exempt(peer, rules):
            if self._inside[client] >= limits.sessions_per_client:
                return TOO_MANY_CONNECTIONS
            if self._connections.count(client, now) > limits.connections_per_client:
                return TOO_MANY_CONNECTIONS
        self._inside[client] += 1
        self._total += 1
        return None

    def is_crowded(self, limits: Limits) -> bool:
        """Whether so many are inside that who is idle keeps others out."""
        return self._total >= _CROWD * min(limits.sessions, self._most)

    def leave(self, peer: Peer) -> None:
        """Counts a session out."""
        client = client_of(peer)
        self._inside[client] -= 1
        self._total -= 1
        if not self._inside[client]:
            del self._inside[client]

    def begin_mail(self, peer: Peer, rules: Rules, now: float) -> Reply | None:
        """Counts a mail; the reply refuses it for now."""
        if is_exempt(peer, rules):
            return None
        over = self._messages.count(client_of(peer), now) > rules.limits.messages_per_client
        return TOO_MUCH_MAIL if over else None

    def log_in(self, peer: Peer, rules: Rules, now: float) -> Reply | None:
        """Counts an attempt to authenticate; the reply ends the session."""
        if is_exempt(peer, rules):
            return None
        over = self._logins.count(client_of(peer), now) > rules.limits.logins_per_client
        return TOO_MANY_LOGINS if over else None


def peer_at(host: str) -> Peer:
    """The address that a socket names; an IPv4 address in IPv6 clothes is an IPv4 address."""
    address = ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def client_of(peer: Peer) -> Peer:
    """Whom an address belongs to, by the first address of theirs."""
    return IPv6Address(int(peer) >> 64 << 64) if isinstance(peer, IPv6Address) else peer


def is_exempt(peer: Peer, rules: Rules) -> bool:
    """Whether the limits per client do not concern it; a proxy is not the client."""
    return peer is Local.UNIX or is_proxy(peer, rules) or any(peer in network for network in rules.exempt)


def is_proxy(peer: Peer, rules: Rules) -> bool:
    """Whether it has to say who its client is."""
    return peer is not Local.UNIX and any(peer in network for network in rules.proxy_from)


class _EachMinute:
    """Counts by client, from zero in each minute: as many names as there were clients in one minute."""

    def __init__(self) -> None:
        self._began = 0.0
        self._counts: Counter[Peer] = Counter()

    def count(self, client: Peer, now: float) -> int:
        if now - self._began >= _MINUTE:
            self._began = now
            self._counts.clear()
        self._counts[client] += 1
        return self._counts[client]
