"""Knows when an address has proved to be nobody's: nothing goes to it for a while (`behaviour.md` 5.5).

Only what a server says of the address itself counts (RFC 3463 section 3.2): never a policy, a reputation, a
size or a full mailbox, which pass. Only mail to customers is kept back: who is staff or an operator is the
configuration's to say. Whoever writes to us has an address after all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailgate.core.message import DeliveryReport, Fate, folded
from mailgate.core.report import FAILED
from mailgate.core.ticket import TicketId


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address to which nothing goes from `since` to `until`.

    Args:
        address: folded, for comparing without case.
        status: the enhanced status code, empty where none was given; `reason` the server's words.
        account, ticket: whose mail it was that showed it.
    """

    address: str
    since: datetime
    until: datetime
    status: str
    reason: str
    account: str = ""
    ticket: TicketId | None = None

    @property
    def told(self) -> str:
        """Why nothing goes to it, in a sentence."""
        why = self.reason if self.status in self.reason else f"{self.status} {self.reason}".strip()
        return f"{self.address} bounced on {self.since:%Y-%m-%d}: {why}"


Suppressed = Mapping[str, Suppression]
"""By address, folded."""


def is_gone(fate: Fate) -> bool:
    """Whether the recipient's server says that there is no such address."""
    if fate.action != FAILED or _PASSES.search(fate.diagnostic):
        return False
    if _NOBODY.fullmatch(fate.status):
        return True
    permanent = fate.status.startswith("5") or (not fate.status and bool(_REFUSED.search(fate.diagnostic)))
    return permanent and not _ABOUT.match(fate.status) and bool(_UNKNOWN.search(fate.diagnostic))


def gone(
    recipients: tuple[str, ...], report: DeliveryReport, at: datetime, lasts: timedelta
) -> tuple[Suppression, ...]:
    """Which of those whom a mail of ours went to are suppressed by a report about it, and for how long."""
    if not lasts:
        return ()
    said = {folded(name): fate for fate in report.fates for name in (fate.recipient, *fate.others)}
    found = {folded(name): said.get(folded(name)) for name in recipients}
    return tuple(
        Suppression(name, at, at + lasts, fate.status, fate.diagnostic)
        for name, fate in found.items()
        if fate is not None and is_gone(fate)
    )


_NOBODY = re.compile(r"5\.1\.(?:1|2|3|4|6|10)|5\.2\.1")
_ABOUT = re.compile(r"5\.(?:1\.[78]|2\.[23]|3\.[1-9]|4\.[67]|5\.[1-9]|6\.\d|7\.\d+)$")
_REFUSED = re.compile(r"\b55[013]\b")
_UNKNOWN = re.compile(
    r"user (?:is )?unknown|unknown (?:user|recipient|address|mailbox|local)"
    r"|no such (?:user|address|recipient|mailbox)|(?:does not|doesn't|do not) exist|no mailbox here"
    r"|mailbox (?:not found|unknown|unavailable)|recipient (?:not found|unknown|does)"
    r"|invalid (?:recipient|mailbox|user|address)|account (?:is )?disabled"
    r"|address (?:not found|unknown)|user not found|unrouteable|unroutable|domain not found|host not found"
    r"|not a valid (?:user|recipient|mailbox)|no longer (?:valid|available|active)|not listed in",
    re.IGNORECASE,
)
_PASSES = re.compile(
    r"spam|black\s?list|block\s?list|blocked|\bpolic(?:y|ies)\b|reputation|\brate\b|too many|quota"
    r"|mailbox (?:is )?full|over (?:size|limit)|\bspf\b|\bdkim\b|\bdmarc\b|rbl\b"
    r"|relay(?:ing)? (?:access )?denied|unauthenticated|sender|greylist|try again|temporar",
    re.IGNORECASE,
)
