"""Knows what is true of a database that came back from a backup: others may have seen what it has forgotten.

What waited to be sent then may have been sent since. Tickets that were opened since have numbers and signed
addresses that people hold in their hands: no ticket to come may get them a second time.
"""

from datetime import datetime

from sqlalchemy import and_, or_, select, text, update

from mailgate.core.outgoing import Care, MailKind
from mailgate.core.relay import OutboxState
from mailgate.store.dialect import is_sqlite
from mailgate.store.tables import counters, outbox, tickets
from mailgate.store.unit import Unit

NUMBERS = 1_000
"""Numbers that each account leaves out, for tickets of which this database does not know."""

_IDS = 100_000  # the same of ids, of which nobody sees that they are left out
_REPLY = "put back from a backup: it may have been sent since"
_GOING = outbox.c.state.in_([OutboxState.WAITING, OutboxState.SENDING])
# A page wakes people, who would look for what may be over: a ladder that still stands pages by itself.
_ONCE = or_(outbox.c.care == Care.AT_MOST_ONCE, outbox.c.kind == MailKind.PAGE)


async def forgotten(unit: Unit, now: datetime) -> int:
    """Makes uncertain what may have been sent since, and leaves numbers out; how many mails that were.

    A person's words, and mail to staff and operators, go again with the same Message-ID (`behaviour.md` 5.4).
    """
    changed = await unit.execute(
        update(outbox)
        .where(and_(_GOING, _ONCE))
        .values(state=OutboxState.UNCERTAIN, next_at=None, settled=now, reply=_REPLY)
    )
    await unit.execute(update(counters).values(last_number=counters.c.last_number + NUMBERS))
    await _leave_out_ids(unit)
    return changed.rowcount


async def _leave_out_ids(unit: Unit) -> None:
    if not is_sqlite(unit):
        await unit.execute(_ADVANCE, {"ids": _IDS})
        return
    highest = await unit.scalar(select(tickets.c.id).order_by(tickets.c.id.desc()).limit(1))
    known = await unit.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'tickets'"))
    await unit.execute(text("DELETE FROM sqlite_sequence WHERE name = 'tickets'"))
    following = {"seq": max(known or 0, highest or 0) + _IDS}
    await unit.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('tickets', :seq)"), following)


_ADVANCE = text(
    "SELECT setval(pg_get_serial_sequence('tickets', 'id'),"
    " nextval(pg_get_serial_sequence('tickets', 'id')) + :ids)"
)
