"""Knows what a vendor asks its customers to say in a request, and what of it is missing.

What is missing is asked for in the acknowledgement; it delays nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.fields import field
from mailgate.core.tongue import Phrase


class Source(StrEnum):
    """Where a mail says it."""

    LINE = "line"  # `Name: value` at the top of the body
    SUBJECT = "subject"
    TEXT = "text"  # in the customer's own words
    ATTACHMENTS = "attachments"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that is to be said.

    Args:
        name: the name of the field line; `names` are others that serve as well.
        roles: for which kinds of request; empty for all.
        ask: the sentence that asks for it.
        description: what belongs there, for people.
    """

    name: str
    names: tuple[str, ...] = ()
    required: bool = False
    roles: tuple[str, ...] = ()
    found_in: Source = Source.LINE
    ask: str = ""
    description: str = ""

    @property
    def asked(self) -> str:
        """The sentence that asks for it."""
        return self.ask or Phrase.MISSING_LINE.format(name=self.name)


def missing(wanted: Iterable[Requirement], role: str, lines: Mapping[str, str]) -> tuple[Requirement, ...]:
    """What is required in a request of that role, and stands in none of its field lines."""
    return tuple(one for one in wanted if one.required and _concerns(one, role) and not _said(one, lines))


def _concerns(one: Requirement, role: str) -> bool:
    return one.found_in is Source.LINE and (not one.roles or role in one.roles)


def _said(one: Requirement, lines: Mapping[str, str]) -> bool:
    return any(field(lines, name).strip() for name in (one.name, *one.names))
