"""Knows the table `[authentication]`: whose word is believed about who sent a mail."""

import re
from ipaddress import ip_address, ip_network
from typing import Annotated, Self

from pydantic import Field, PlainValidator, field_validator, model_validator

from mailgate.config.toml import Section, reject
from mailgate.core.listening import Place, place
from mailgate.core.trust import UNIX, Trust, Verify

_DNS_PORT = 53
_SERVER_TO_BE = 'an address, such as "192.0.2.53", "192.0.2.53:5353" or "[2001:db8::53]:53"'
_PEER_TO_BE = f'an address or a network, such as "192.0.2.1", or "{UNIX}" for sockets of this machine'
_NAME = re.compile(r"[^\s;()\"\\]{1,255}")  # RFC 8601 section 2.5: what needs no quotation


def _server(text: object) -> Place:
    """A name server: an address, with a port or without."""
    written = text if isinstance(text, str) else ""
    try:
        if written.count(":") == 1 or written.startswith("["):
            found = place(written)
        else:
            found = place(f"[{written}]:{_DNS_PORT}")
        ip_address(found.host)  # who asks for names has none to ask
    except ValueError:
        raise reject(f'"{text}" is no name server', _SERVER_TO_BE) from None
    return found


NameServer = Annotated[Place, PlainValidator(_server)]


class AuthenticationTable(Section):
    """`[authentication]`: who sent a mail (`behaviour.md` 1.6, 4.3)."""

    verify: Verify = Verify.OFF
    upstream: tuple[str, ...] = ()
    authserv_id: str = ""
    require_authentication: bool = False
    dns_servers: tuple[NameServer, ...] = ()
    dns_seconds: int = Field(default=5, ge=1, le=30)

    @field_validator("upstream")
    @classmethod
    def _peers(cls, peers: tuple[str, ...]) -> tuple[str, ...]:
        for one in peers:
            try:
                if one != UNIX:
                    ip_network(one)
            except ValueError:
                raise reject(f'"{one}" is no mail server in front', _PEER_TO_BE) from None
        return peers

    @field_validator("authserv_id")
    @classmethod
    def _sayable(cls, name: str) -> str:
        if name and not _NAME.fullmatch(name):
            right = 'the name that the server in front writes first, such as "mx.example.com"'
            raise reject(f'"{name}" is no authserv-id', right)
        return name

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.verify is Verify.UPSTREAM and not self.upstream:
            raise reject('verify = "upstream" without upstream', f"{_PEER_TO_BE}, in upstream")
        if self.verify is Verify.UPSTREAM and not self.authserv_id:
            right = 'authserv_id, the name that it writes first in Authentication-Results; "-" for none'
            raise reject('verify = "upstream" without authserv_id', right)
        if self.verify is Verify.OFF and self.require_authentication:
            right = 'verify = "own", or "upstream" behind a mail server that verifies'
            raise reject("require_authentication, and nobody verifies", right)
        return self

    @property
    def trust(self) -> Trust:
        """Whose word is believed."""
        networks = tuple(ip_network(one) for one in self.upstream if one != UNIX)
        return Trust(self.verify, networks, by_socket=UNIX in self.upstream, authserv_id=self.authserv_id)
