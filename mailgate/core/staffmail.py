"""Knows a mail of staff before anything is done by it: who wrote, what, and whom its commands may name."""

from dataclasses import dataclass, field
from datetime import datetime

from mailgate.core.localtime import MONTHS
from mailgate.core.message import Mailbox, domain_of


@dataclass(frozen=True, slots=True)
class House:
    """The people and the domain of the desk, as far as commands may name them."""

    staff: tuple[Mailbox, ...] = ()
    domain: str = ""

    def meant(self, name: str) -> tuple[Mailbox, ...]:
        """The members of staff whom an address, a name or a word of one can mean; a whole name first."""
        wanted = name.strip("<> ").casefold()
        for names in (_whole, _words):
            if found := tuple(one for one in self.staff if wanted in names(one)):
                return found
        return ()

    def is_own(self, address: str) -> bool:
        """Whether the address is in the desk's own domain."""
        return domain_of(address) == self.domain


@dataclass(frozen=True, slots=True)
class StaffMail:
    """A mail of a member of staff.

    Args:
        text: what they added, commands and all.
        house: whom its commands may name.
        inside: it answers an internal note, and is one like it.
    """

    staff: Mailbox
    received: datetime
    message_id: str
    text: str
    house: House = field(default_factory=House)
    inside: bool = False

    @property
    def name(self) -> str:
        """The mail in words, for who asks later which one it was."""
        at = self.received
        day = f"{at.day} {MONTHS[at.month - 1]}, {at.hour:02}:{at.minute:02} UTC"
        which = f" <{self.message_id}>" if self.message_id else ""
        return f"the mail of {self.staff.name or self.staff.address} of {day}{which}"


def _whole(member: Mailbox) -> set[str]:
    return {member.folded, member.name.casefold()}


def _words(member: Mailbox) -> set[str]:
    return {member.folded.partition("@")[0], *member.name.casefold().split()}
