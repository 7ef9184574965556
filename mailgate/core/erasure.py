"""Knows how a person is taken out of what is stored: by one rule for every text, whatever row it stands in.

In the place of the address stands a pseudonym, the same everywhere. It is chance's, so that nobody can reckon
it from the address. Clocks, numbers and events are not a person's, and stay.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mailgate.core.message import folded

ERASED = "erased"
"""Stands where words or a name were."""

STUB = b"Subject: erased\r\n\r\nThis mail was erased on request.\r\n"
"""Stands where a mail was."""

_MESSAGE_ID = "message_id"
_SHORTEST = 3  # characters of words that are sought in texts: shorter ones are in half of all words


def pseudonym(chance: str) -> str:
    """The address in the place of a person's, in a domain in which nobody ever is (RFC 6761 section 6.4)."""
    return f"{ERASED}-{chance}@erased.invalid"


@dataclass(frozen=True)
class Person:
    """Who is to be erased.

    Args:
        address: theirs.
        stands_in: the pseudonym.
        names: what mails call them.
        titles: what they wrote in subjects, by the name of the ticket, `ACME-42`.
    """

    address: str
    stands_in: str
    names: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)

    def is_at(self, address: str) -> bool:
        """Whether the address is theirs."""
        return folded(address) == folded(self.address)

    def text(self, text: str, *, own: bool = False) -> str:
        """The text without their address; on one of their `own` tickets, also without their words."""
        text = self._address.sub(self.stands_in, text)
        return self._words.sub(ERASED, text) if own and self._words.pattern else text

    def value(self, value: Any, *, own: bool = False) -> Any:
        """The same of a value as JSON has it: a mailbox of theirs loses its name as well."""
        match value:
            case str():
                return self.text(value, own=own)
            case {"address": str(address), "name": str()} if self.is_at(address):
                return {**value, "address": self.stands_in, "name": ERASED}
            case Mapping():
                return {name: self.named(name, each, own=own) for name, each in value.items()}
            case list() | tuple():
                return [self.value(each, own=own) for each in value]
            case _:
                return value

    def named(self, name: str, value: Any, *, own: bool = False) -> Any:
        """The same of what stands under a name: in a Message-ID of theirs the address may end a word."""
        if own and name == _MESSAGE_ID and isinstance(value, str):
            value = re.sub(re.escape(self.address), self.stands_in, value, flags=re.IGNORECASE)
        return self.value(value, own=own)

    def is_named_in(self, text: str) -> bool:
        """Whether a text of others names them, or a ticket of theirs by its title.

        One word alone is no name: others have it, too.
        """
        if self._address.search(text) or any(one in text for one in self.names if " " in one.strip()):
            return True
        return any(name in text and title in text for name, title in self.titles.items())

    @cached_property
    def _address(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w.%+-]){re.escape(self.address)}(?![\w-])(?!\.\w)", re.IGNORECASE)

    @cached_property
    def _words(self) -> re.Pattern[str]:
        words = {one for one in (*self.names, *self.titles.values()) if len(one) >= _SHORTEST}
        longest_first = sorted(map(re.escape, words), key=len, reverse=True)
        return re.compile("|".join(rf"(?<!\w){one}(?!\w)" for one in longest_first))


def left_of_fields(fields: Mapping[str, str], policy: str) -> dict[str, str]:
    """The field lines of a ticket that its policy asks for: its promises were reckoned by them."""
    asked = policy.casefold()
    return {name: value for name, value in fields.items() if name.casefold() in asked}
