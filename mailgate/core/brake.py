"""Knows the brake that needs no header: when so much comes from one sender that nobody may be answering.

Two programs that answer each other without saying that they are programs write alike, again and again. So
the third mail of a kind within a day is not answered, nor is any beyond ten within ten minutes
(`behaviour.md` 5.3). A ticket is made of each all the same: the brake costs an acknowledgement, never a
request. What a forger writes in somebody's name costs that person nothing. Staff's mails are passed on only
so often, lest two programs talk to each other through us; and a responder of theirs that seems to give wrong
commands is told so only so often.

Who writes on many tickets at once wakes nobody more: whoever is on call was woken for the first of them, and
two hundred pages hide the one that matters. That holds for machines as well, whose storms are longest.
"""

from collections.abc import Iterable
from datetime import timedelta

from mailgate.core.facts import Recent
from mailgate.core.fingerprint import alike
from mailgate.core.hearing import Hearing
from mailgate.core.ticket import Ticket

WINDOW = timedelta(hours=24)
"""How long a mail counts."""

_SAME = 2
_SAME_ORDERS = 4  # a person who tries until a command holds writes alike, too
_LATELY, _OFTEN = timedelta(minutes=30), 6
_SOON, _MANY = timedelta(minutes=10), 10
_MANY_IN_A_DAY = 30  # tickets; nobody has so many emergencies


def braked(hearing: Hearing) -> str:
    """Why the mail is not answered; empty if it may be."""
    at, before = hearing.arrival.received, _counted(hearing)
    same = sum(_is_like(hearing, one.fingerprint) for one in before)
    if same >= _SAME:
        return f"its sender wrote {same} mails like it within a day"
    soon = sum(one.at > at - _SOON for one in before)
    return f"its sender wrote {soon} mails within ten minutes" if soon >= _MANY else ""


def crowded(hearing: Hearing, ticket: Ticket | None = None) -> str:
    """Why what the mail brings wakes nobody; empty if it may. `ticket` is the one that it is on."""
    at, own = hearing.arrival.received, ticket.id if ticket else None
    before = [one for one in _counted(hearing) if own is None or one.ticket != own]
    soon = _tickets(one for one in before if one.at > at - _SOON)
    if soon >= _MANY:
        return f"its sender wrote on {soon} tickets within ten minutes"
    all_day = _tickets(before)
    return f"its sender wrote on {all_day} tickets within a day" if all_day >= _MANY_IN_A_DAY else ""


def repeated(hearing: Hearing, ticket: Ticket) -> str:
    """Why a mail of staff on the ticket is not passed on; empty if it is.

    People write alike, too (`we are still at it`), but programs that answer each other do so at once.
    """
    before = [one for one in _counted(hearing) if one.ticket == ticket.id]
    same = [one.at for one in before if _is_like(hearing, one.fingerprint)]
    lately = sum(at > hearing.arrival.received - _LATELY for at in same)
    if lately >= _SAME:
        return f"its sender wrote {lately} mails like it on {ticket.name} within half an hour"
    if len(same) >= _OFTEN:
        return f"its sender wrote {len(same)} mails like it on {ticket.name} within a day"
    return ""


def reordered(hearing: Hearing) -> str:
    """Why a mail of staff of which nothing is done is not answered; empty if it is."""
    same = [one.at for one in _counted(hearing) if _is_like(hearing, one.fingerprint)]
    lately = sum(at > hearing.arrival.received - _LATELY for at in same)
    if lately >= _SAME_ORDERS:
        return f"its sender wrote {lately} mails like it within half an hour"
    return f"its sender wrote {len(same)} mails like it within a day" if len(same) >= 2 * _OFTEN else ""


def _tickets(mails: Iterable[Recent]) -> int:
    """How many tickets the mails are on; one that is decided at the same time may be on a new one."""
    named = [one.ticket for one in mails]
    return len({one for one in named if one is not None}) + named.count(None)


def _counted(hearing: Hearing) -> tuple[Recent, ...]:
    """What its sender wrote before; for a mail that is not from whom it says, with all others like that."""
    recent = hearing.facts.recent
    return recent if hearing.arrival.is_doubted else tuple(one for one in recent if not one.doubted)


def _is_like(hearing: Hearing, fingerprint: int) -> bool:
    return alike(hearing.arrival.message.fingerprint, fingerprint)
