"""Knows how a mail is queued: final bytes in the outbox, and its Message-ID among those that are known.

One to a customer whose address has proved to be nobody's stands there too, as one that failed: it is shown
and can be sent by hand, and is never tried by itself (`behaviour.md` 5.5).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert as plain_insert
from sqlalchemy.sql.dml import ReturningInsert

from mailgate.core.facts import UNREACHED_REPLY, Direction
from mailgate.core.message import folded
from mailgate.core.outgoing import TO_CUSTOMERS, MailKind, Outgoing
from mailgate.core.relay import OutboxState
from mailgate.core.suppression import Suppressed
from mailgate.core.ticket import TicketId
from mailgate.store.dialect import insert, once
from mailgate.store.records import outbox_row, seekable
from mailgate.store.suppressions import among
from mailgate.store.tables import messages, outbox
from mailgate.store.unit import Unit
from mailgate.store.wakes import Wake, wake


async def post(unit: Unit, now: datetime, mails: Sequence[tuple[TicketId | None, Outgoing]]) -> int:
    """Queues the mails, each with its ticket; returns how many were new.

    One whose cause is in the outbox already is not queued again (`behaviour.md` 5.3).
    """
    if not mails:
        return 0
    readers = {reader for _, mail in mails if mail.kind in TO_CUSTOMERS for reader in mail.recipients}
    suppressed = await among(unit, readers, now)
    rows = [outbox_row(mail, ticket, now) | _held_back(mail, suppressed, now) for ticket, mail in mails]
    new = await unit.execute(_queue(unit), rows)
    ids = {row.cause: row.id for row in new}
    sent = {mail.cause: (ticket, mail) for ticket, mail in reversed(mails) if mail.cause in ids}
    if sent:
        await unit.execute(
            _KEEP,
            [
                {
                    "account": mail.account,
                    "ticket_id": ticket,
                    "direction": Direction.OUT.value,
                    "kind": _kind(mail, suppressed),
                    "at": now,
                    "outbox_id": ids[cause],
                    "sender": mail.sender,
                    "subject": mail.subject,
                    "message_id": seekable(mail.message_id),
                    "readers": [] if mail.via else [folded(one) for one in mail.recipients],
                }
                for cause, (ticket, mail) in sent.items()
            ],
        )
        await wake(unit, Wake.RELAY)
    return len(ids)


def _why(mail: Outgoing, suppressed: Suppressed) -> str:
    """Why it is not tried; empty for one that somebody gets."""
    if mail.kind not in TO_CUSTOMERS:
        return ""
    known = [suppressed.get(folded(reader)) for reader in mail.recipients]
    return "not tried: " + "; ".join(one.told for one in known if one) if all(known) else ""


def _held_back(mail: Outgoing, suppressed: Suppressed, now: datetime) -> dict[str, Any]:
    """What stands differently in the row of a mail that nobody would get."""
    why = _why(mail, suppressed)
    if not why:
        return {"settled": None, "reply": ""}
    return {"state": OutboxState.FAILED.value, "next_at": None, "settled": now, "reply": why}


def _kind(mail: Outgoing, suppressed: Suppressed) -> str:
    unreached = mail.kind is MailKind.RELAYED_REPLY and bool(_why(mail, suppressed))
    return UNREACHED_REPLY if unreached else mail.kind.value


@once
def _queue(dialect: str) -> ReturningInsert[tuple[str, int]]:
    made = insert(dialect, outbox).on_conflict_do_nothing(index_elements=["cause"])
    return made.returning(outbox.c.cause, outbox.c.id)


_KEEP = plain_insert(messages)
