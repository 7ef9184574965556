"""Knows who is at the door: sessions in all and by client, how often each came this minute, bytes in flight.

A client is an IPv4 address or the /64 that an IPv6 address is in: who has one address of it has all.
"""

from collections import Counter
from ipaddress import ip_address

from mailgate.core.reply import TOO_BUSY, TOO_MANY_CONNECTIONS, TOO_MUCH_MAIL, Reply
from mailgate.listener.rules import Rules

_MINUTE = 60.0


class Turnstile:
    """Counts; the limits come with each question, for a reload may change them."""

    def __init__(self) -> None:
        self.bytes_in_flight = 0
        self._inside: Counter[str] = Counter()
        self._connections = _EachMinute()
        self._messages = _EachMinute()

    def enter(self, peer: str, rules: Rules, now: float) -> Reply | None:
        """Counts a session in; the reply turns it away instead. Who was let in must `leave`."""
        client, limits = client_of(peer), rules.limits
        if self._inside.total() >= limits.sessions:
            return TOO_BUSY
        if not is_exempt(peer, rules):
            if self._inside[client] >= limits.sessions_per_client:
                return TOO_MANY_CONNECTIONS
            if self._connections.count(client, now) > limits.connections_per_client:
                return TOO_MANY_CONNECTIONS
        self._inside[client] += 1
        return None

    def leave(self, peer: str) -> None:
        """Counts a session out."""
        client = client_of(peer)
        self._inside[client] -= 1
        if not self._inside[client]:
            del self._inside[client]

    def begin_mail(self, peer: str, rules: Rules, now: float) -> Reply | None:
        """Counts a mail; the reply refuses it for now."""
        if is_exempt(peer, rules):
            return None
        over = self._messages.count(client_of(peer), now) > rules.limits.messages_per_client
        return TOO_MUCH_MAIL if over else None


def client_of(peer: str) -> str:
    """Whom an IP address belongs to."""
    return ":".join(ip_address(peer).exploded.split(":")[:4]) if ":" in peer else peer


def is_exempt(peer: str, rules: Rules) -> bool:
    """Whether the limits per client do not concern it."""
    address = ip_address(peer)
    return any(address in network for network in rules.exempt)


class _EachMinute:
    """Counts by client, from zero in each minute: as many names as there were clients in one minute."""

    def __init__(self) -> None:
        self._began = 0.0
        self._counts: Counter[str] = Counter()

    def count(self, client: str, now: float) -> int:
        if now - self._began >= _MINUTE:
            self._began = now
            self._counts.clear()
        self._counts[client] += 1
        return self._counts[client]
