"""Knows whose word is believed about who sent a mail: nobody's, a mail server's in front, or our own."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address

UNIX = "unix"
"""The peer of a mail that came by a socket of this machine."""


class Verify(StrEnum):
    """Who finds out who sent a mail."""

    OFF = "off"
    UPSTREAM = "upstream"  # a mail server in front, by its Authentication-Results
    OWN = "own"  # we ourselves, by SPF, DKIM and DMARC


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word is believed.

    Args:
        upstream: the networks of the mail servers in front; `by_socket`, whether what comes by a socket of
            this machine is theirs, too.
        authserv_id: the name by which these write Authentication-Results.
    """

    verify: Verify = Verify.OFF
    upstream: tuple[IPv4Network | IPv6Network, ...] = ()
    by_socket: bool = False
    authserv_id: str = ""

    def believes(self, peer: str) -> bool:
        """Whether the client is a mail server in front, by the address that it came from."""
        if peer == UNIX:
            return self.by_socket
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.upstream)
