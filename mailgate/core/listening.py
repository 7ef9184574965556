"""Knows how the ways in are written in the configuration: where a door listens, and how strict it is."""

from dataclasses import dataclass
from enum import StrEnum

_HIGHEST_PORT = 65_535


class CannotListenError(Exception):
    """An address cannot be listened on; the text names it and says why, in one line."""

    def __init__(self, place: "Place", fault: OSError) -> None:
        reason = (fault.strerror or str(fault)).rpartition(": ")[2]  # asyncio says more before it
        super().__init__(f"cannot listen on {place}: {reason.lower()}")


class BareNewlines(StrEnum):
    """What becomes of CR or LF alone in a mail; neither ever ends one (`behaviour.md` 1.5)."""

    REFUSE = "refuse"
    NORMALISE = "normalise"


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port. Port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


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
