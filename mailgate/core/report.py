"""Knows what a delivery report comes to: the worst of what it says, and the status in a server's words.

Statuses are those of RFC 3463 (`5.1.1`); what they mean for an address stands in core.suppression.
"""

import re
from collections.abc import Iterable

from mailgate.core.message import DeliveryReport, Fate

FAILED, DELAYED = "failed", "delayed"
ACTIONS = (FAILED, DELAYED, "relayed", "expanded", "delivered")
"""The actions of RFC 3464 section 2.3.3, the worst first."""

_CODED = re.compile(r"(?<!\d)[45]\d\d[- ]{1,3}#?([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_MARKED = re.compile(r"#(?:[45]\d\d )?([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BARE = re.compile(r"(?<![\d.a-z/])([45]\.[0-7]\.\d{1,2})(?![\d.])", re.IGNORECASE)
_VAGUE = re.compile(r"[45]\.0\.0")


def summary(fates: Iterable[Fate], message_ids: tuple[str, ...] = ()) -> DeliveryReport:
    """All that is said of the recipients, as one report: the worst action, and who fared so."""
    said = tuple(fates)
    worst = min((fate.action for fate in said), key=ACTIONS.index, default=FAILED)
    concerned = [fate for fate in said if fate.action == worst]
    return DeliveryReport(
        tuple(dict.fromkeys(fate.recipient for fate in concerned if fate.recipient)),
        worst,
        next((fate.status for fate in concerned if fate.status), ""),
        next((fate.diagnostic for fate in concerned if fate.diagnostic), ""),
        message_ids,
        said,
    )


def status_in(words: str) -> str:
    """The enhanced status code in a server's words; empty where there is none."""
    found = _CODED.search(words) or _MARKED.search(words) or _BARE.search(words)
    return found[1] if found else ""


def clearer(status: str, words: str) -> str:
    """The status, or the one in the words where it says nothing more than that something failed."""
    if status and not _VAGUE.fullmatch(status):
        return status
    return status_in(words) or status
