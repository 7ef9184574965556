"""Knows what senders wrote lately: the latest mails of each to an account, for the brake (5.3).

However many mails one sender writes, a few are read: the brake asks for no more.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select, true

from mailgate.core.brake import WINDOW
from mailgate.core.facts import Question, Recent
from mailgate.core.ticket import TicketId
from mailgate.store.columns import Instant
from mailgate.store.dialect import as_list, cell, listed, once
from mailgate.store.records import is_doubted
from mailgate.store.tables import messages
from mailgate.store.unit import Unit

_MOST = 50  # mails of one sender
_SQLITE = "sqlite"


async def recent_mails(unit: Unit, questions: Sequence[Question]) -> list[tuple[Recent, ...]]:
    """What the sender of each question wrote before, those of the questions before it among them."""
    asked = sorted({(one.account, one.sender) for one in questions if one.sender})
    if not asked:
        return [()] * len(questions)
    since = min(one.received for one in questions if one.sender) - WINDOW
    known: dict[tuple[str, str], list[Recent]] = defaultdict(list)
    for row in await unit.execute(_latest(unit), {"keys": as_list(asked), "since": since}):
        ticket = None if row.ticket_id is None else TicketId(row.ticket_id)
        doubted = is_doubted(row.authentication)
        known[row.account, row.sender].append(Recent(row.at, row.fingerprint, ticket, doubted))
    return [_before(place, questions, known) for place in range(len(questions))]


def _before(
    place: int, questions: Sequence[Question], known: Mapping[tuple[str, str], Sequence[Recent]]
) -> tuple[Recent, ...]:
    own = questions[place]
    if not own.sender:
        return ()
    beside = [
        Recent(one.received, one.fingerprint, doubted=one.doubted)
        for one in questions[:place]
        if (one.account, one.sender) == (own.account, own.sender)
    ]
    stored = known.get((own.account, own.sender), ())
    return tuple(one for one in (*beside, *stored) if own.received - WINDOW < one.at <= own.received)


@once
def _latest(dialect: str) -> Select[Any]:
    wanted = listed(dialect, "keys")
    one = messages.alias("one")
    by_sender = (
        select(one.c.id)
        .where(
            one.c.direction == literal_column("'in'"),  # written out: only so the partial index serves
            one.c.sender == cell(wanted, 1),
            one.c.account == cell(wanted, 0),
            one.c.at > bindparam("since", type_=Instant),
            one.c.fingerprint.is_not(None),
        )
        .order_by(one.c.at.desc())
        .limit(_MOST)
    )
    known = messages.c
    columns = (
        known.account, known.sender, known.at, known.fingerprint, known.ticket_id, known.authentication,
    )  # fmt: skip
    newest = (known.at.desc(), known.id.desc())
    if dialect == _SQLITE:  # which knows no LATERAL; the list is made once for each key, and sought by rowid
        of_it = known.id.in_(by_sender.correlate(wanted).scalar_subquery())
        return select(*columns).select_from(wanted.join(messages, of_it)).order_by(*newest)
    latest = by_sender.correlate(wanted).lateral("latest")
    joined = wanted.join(latest, true()).join(messages, known.id == latest.c.id)
    return select(*columns).select_from(joined).order_by(*newest)
