"""Knows what is done about a mail when it is not proven who sent it (`behaviour.md` 2.7, 4.3).

Staff may do much by mail, so nothing may contradict theirs, and the desk may demand a proof. A customer's
mail is held only if its domain asks for that; whatever else is not proven is said to staff, and handled.
"""

from datetime import datetime, timedelta

from mailgate.core.account import Desk
from mailgate.core.authentication import Authentication, Proof
from mailgate.core.change import HoldKind, Outcome
from mailgate.core.facts import KnownMail
from mailgate.core.hearing import Arrival, Finding, Hearing
from mailgate.core.notice import Matter

AGAIN = timedelta(seconds=20)
"""How long a mail waits that cannot be judged before somebody has answered."""

PATIENCE = timedelta(minutes=1)
"""How long after its acceptance that goes on: no target is judged missed while a mail waits."""


def is_doubted(authentication: Authentication | None) -> bool:
    """Whether the mail is not from whom it says, as far as that domain tells."""
    return authentication is not None and authentication.proof is Proof.FAILED


def must_wait(arrival: Arrival, now: datetime) -> bool:
    """Whether a mail of staff is to be looked at again later, because nobody could say now."""
    known = arrival.authentication
    unknown = known is not None and known.proof is Proof.UNKNOWN
    young = arrival.received <= now < arrival.received + PATIENCE
    return unknown and young and bool(arrival.staff_tokens) and not arrival.released


def contradiction(arrival: Arrival, desk: Desk) -> str:
    """Why what seems to be of staff is not taken for theirs; empty where nothing is against it."""
    known = arrival.authentication
    if known is None or arrival.released:
        return ""
    if is_doubted(known) or (desk.require_authentication and known.proof is not Proof.PASSED):
        return f"it is not proven who sent it: {known.told}"
    return ""


def not_of_staff(reason: str) -> Finding:
    """A mail in the name of staff that nothing is done of."""
    return Finding(Outcome.HELD, "4.3", reason, hold=HoldKind.HELD, matter=Matter.UNVERIFIED_STAFF)


def forged(hearing: Hearing) -> Finding | None:
    """A mail that its domain asks not to be taken for its own."""
    if not is_forbidden(hearing.arrival):
        return None
    known = hearing.arrival.authentication
    reason = f"it may be forged: {known.told}" if known else ""
    return Finding(Outcome.HELD, "2.7", reason, hold=HoldKind.HELD, matter=Matter.FORGED)


def is_forbidden(arrival: Arrival) -> bool:
    """Whether it is one, and no operator has let it in."""
    known = arrival.authentication
    return known is not None and known.is_forbidden and not arrival.released


def proves_more(arrival: Arrival, same: KnownMail) -> bool:
    """Whether this copy is proven where the first was held for want of a proof: that was not the mail."""
    known = arrival.authentication
    proven = known is not None and known.proof is Proof.PASSED
    return proven and same.doubted and same.kind == Outcome.HELD


def doubt(arrival: Arrival) -> tuple[str, ...]:
    """What staff are told of a customer's mail that is not proven; nothing where it is, or nobody looked."""
    known, sender = arrival.authentication, arrival.message.sender
    if known is None or known.proof is Proof.PASSED:
        return ()
    who = sender.address if sender else "its sender"
    return (f"it is not proven that {who} sent this mail: {known.reason}",)
