"""Knows what a question to the DNS comes to: records, nothing there, or no answer that can be trusted.

The three are kept apart: a domain that publishes nothing has said so, and one that could not be asked may
have said anything (RFC 1035 section 4.1.1).
"""

from dataclasses import dataclass
from enum import StrEnum


class RecordType(StrEnum):
    """What is asked for, by its name in the DNS."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    PTR = "PTR"
    TXT = "TXT"


@dataclass(frozen=True, slots=True)
class Found:
    """What the name has of the type asked for; never empty.

    Args:
        records: addresses as text; hosts without the last dot, those of MX in the order of preference and an
            empty one where the domain takes no mail (RFC 7505); of TXT the strings of each record joined, a
            letter for each octet.
    """

    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """The name has nothing of the type, or there is no such name."""

    exists: bool = True


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody could say: no answer in time, a fault of a server, an answer without end."""

    reason: str


Answer = Found | Nothing | Unanswered
