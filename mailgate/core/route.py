"""Knows how a way out is written in the configuration: by `smtp`, `smtps`, `lmtp` or `maildir`."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465, "lmtp": 24}
_UNIX = "unix:"
_REMEDY = "write smtp://host:port, smtps://host:port, lmtp://host:port, lmtp:unix:socket or maildir:folder"


class Tls(StrEnum):
    """What is asked of the line to a smarthost."""

    OFF = "off"  # never
    OFFERED = "offered"  # STARTTLS where it is offered; unless a password goes by it, with any certificate
    REQUIRED = "require"  # STARTTLS with a valid certificate, or the mail waits
    IMPLICIT = "implicit"  # TLS from the first byte with a valid certificate: smtps:// (RFC 8314)


@dataclass(frozen=True, slots=True)
class SmarthostRoute:
    """Mail goes out to this server.

    Args:
        socket: the path of a Unix socket, in place of host and port; a relative one is relative to the
            configuration's own.
        lmtp: it speaks LMTP (RFC 2033): it answers for each recipient.
    """

    host: str = ""
    port: int = 0
    tls: Tls = Tls.OFFERED
    username: str = ""
    password: str = field(default="", repr=False)
    socket: str = ""
    lmtp: bool = False

    def __str__(self) -> str:
        """Without the password."""
        if self.socket:
            return f"lmtp:{_UNIX}{self.socket}"
        scheme = "smtps" if self.tls is Tls.IMPLICIT else "lmtp" if self.lmtp else "smtp"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class MaildirRoute:
    """Mail goes out into this folder; a relative one is relative to the configuration's own."""

    folder: str

    def __str__(self) -> str:
        return f"maildir:{self.folder}"


Route = SmarthostRoute | MaildirRoute


def read_route(url: str, tls: Tls = Tls.OFFERED) -> Route:
    """The route that a URL names; `tls` is what is asked of an `smtp://` or `lmtp://` one.

    Raises:
        ValueError: it names none; the text says what is wrong and what would be right.
    """
    scheme, colon, rest = url.partition(":")
    match scheme.lower():
        case "maildir" if not rest:
            raise ValueError(f"the folder is missing; {_REMEDY}")
        case "maildir":
            return MaildirRoute(rest)
        case "lmtp" if rest == _UNIX:
            raise ValueError(f"the socket is missing; {_REMEDY}")
        case "lmtp" if rest.startswith(_UNIX):
            # Whoever could listen in on it could read our memory as well.
            return SmarthostRoute(socket=rest.removeprefix(_UNIX), tls=Tls.OFF, lmtp=True)
        case "smtp" | "smtps" | "lmtp":
            return _smarthost(url, tls)
        case _ if not colon:
            raise ValueError(f"{url!r} is no address of a mail server or folder; {_REMEDY}")
        case _:
            raise ValueError(f"{scheme!r} is no way to send mail; {_REMEDY}")


def _smarthost(url: str, tls: Tls) -> SmarthostRoute:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"the host or port cannot be read; {_REMEDY}") from None
    if not host or port == 0:
        raise ValueError(f"the host or port is missing; {_REMEDY}")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"nothing may follow the port; {_REMEDY}")
    return SmarthostRoute(
        host=host,
        port=port or _PORTS[parts.scheme],
        tls=Tls.IMPLICIT if parts.scheme == "smtps" else tls,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        lmtp=parts.scheme == "lmtp",
    )
