"""Knows a mail of staff before anything is done by it: who wrote, what, and whom its commands may name."""

from dataclasses import dataclass, field
from datetime import datetime

from mailgate.core.localtime import MONTHS
from mailgate.core.message import Mailbox


@dataclass(frozen=True, slots=True)
class House:
    """The people and the domain of the desk, as far as commands may name them."""

    staff: tuple[Mailbox, ...] = ()
    domain: str = ""

    def colleague(self, name: str) -> Mailbox | None:
        """The one member of staff whom an address or a name means: the whole name, or a part of one only."""
        wanted = name.strip("<> ").casefold()
        exact = [one for one in self.staff if wanted in {one.address.casefold(), one.name.casefold()}]
        if exact:
            return exact[0]
        named = [
            one
            for one in self.staff
            if wanted in {one.address.partition("@")[0].casefold(), *one.name.casefold().split()}
        ]
        return named[0] if len(named) == 1 else None


@dataclass(frozen=True, slots=True)
class StaffMail:
    """A mail of a member of staff: `text` is what they added, commands and all; `house` whom it may name."""

    staff: Mailbox
    received: datetime
    message_id: str
    text: str
    house: House = field(default_factory=House)

    @property
    def name(self) -> str:
        """The mail in words, for who asks later which one it was."""
        at = self.received
        day = f"{at.day} {MONTHS[at.month - 1]}, {at.hour:02}:{at.minute:02} UTC"
        which = f" <{self.message_id}>" if self.message_id else ""
        return f"the mail of {self.staff.name or self.staff.address} of {day}{which}"
