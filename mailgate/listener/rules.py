"""Knows what a session goes by. A reload replaces all of it at once: the next command meets the new rules."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from mailgate.core.listening import BareNewlines, Protocol
from mailgate.core.message import MailObject
from mailgate.core.reply import Reply
from mailgate.listener.limits import Limits

Doorman = Callable[[str, str], Reply]
"""Decides a recipient: address and reverse-path in, the reply to RCPT out; from memory, at once."""

Accept = Callable[[MailObject], Awaitable[Reply]]
"""Takes a whole mail over; 250 only once it is safe. Bounds its own time."""

Accepted = Callable[[Protocol], object]
"""Told of each mail that was taken, by which protocol it came."""

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Rules:
    """The configuration of the door.

    Args:
        hostname: what it calls itself.
        exempt: clients that the limits per client do not concern, such as one's own mail server.
        proxy_from: proxies; each of their connections begins by saying who the client is, nobody else's may.
        tls: offers STARTTLS; `tls_required` takes no mail without it.
        socket_mode: of the socket files that are listened on; a reload does not change it.
        free_bytes: tells the room on the disk that holds the spool; None where nobody knows.
    """

    hostname: str
    doorman: Doorman
    accept: Accept
    limits: Limits = field(default_factory=Limits)
    bare_newlines: BareNewlines = BareNewlines.NORMALISE
    exempt: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK
    proxy_from: tuple[IPv4Network | IPv6Network, ...] = ()
    tls: ssl.SSLContext | None = None
    tls_required: bool = False
    socket_mode: int = 0o660
    free_bytes: Callable[[], int] | None = None
    accepted: Accepted = str

    @property
    def has_room(self) -> bool:
        """Whether the disk can take a mail and what follows from it; twice, for a database writes ahead."""
        if self.free_bytes is None:
            return True
        return self.free_bytes() >= max(2 * self.limits.message_bytes, self.limits.free_bytes)
