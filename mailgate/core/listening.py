"""Knows how the ways in are written in the configuration: where a door listens, and how strict it is."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

COPIES = 2
"""Of a mail that is taken in are in memory at once: as it came, and as it is checked and packed."""

_HIGHEST_PORT = 65_535
_UNIX = "unix:"


class CannotListenError(Exception):
    """An address cannot be listened on; the text names it and says why, in one line."""

    def __init__(self, place: "Address", fault: OSError) -> None:
        reason = (fault.strerror or str(fault)).rpartition(": ")[2]  # asyncio says more before it
        super().__init__(f"cannot listen on {place}: {reason.lower()}")


class Protocol(StrEnum):
    """What is spoken at a door."""

    SMTP = "smtp"
    LMTP = "lmtp"  # RFC 2033


class BareNewlines(StrEnum):
    """What becomes of CR or LF alone in a mail; neither ever ends one (`behaviour.md` 1.5)."""

    REFUSE = "refuse"
    NORMALISE = "normalise"


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port. Port 0 takes a free one."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        try:
            return ip_address(self.host.partition("%")[0]).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SocketFile:
    """A Unix socket, by the path of its file."""

    path: str

    def __str__(self) -> str:
        return f"{_UNIX}{self.path}"


Address = Place | SocketFile
"""Where a door listens."""


def address(text: str) -> Address:
    """What `unix:../var/lmtp.sock`, or anything that names a place, names.

    Raises:
        ValueError: it names nothing.
    """
    path = text.removeprefix(_UNIX)
    if path == text:
        return place(text)
    if not path:
        raise ValueError(f'"{text}" names no socket')
    return SocketFile(path)


def place(text: str) -> Place:
    """The place that `127.0.0.1:2525` or `[::1]:2525` names.

    Raises:
        ValueError: it names none.
    """
    host, _, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    is_split = bare and (":" not in bare or host != bare)
    if not (is_split and port.isascii() and port.isdecimal() and int(port) <= _HIGHEST_PORT):
        raise ValueError(f'"{text}" is no place to listen')
    return Place(bare, int(port))
