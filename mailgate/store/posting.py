"""Knows how a mail is queued: final bytes in the outbox, and its Message-ID among those that are known."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert as plain_insert
from sqlalchemy.sql.dml import ReturningInsert

from mailgate.core.facts import Direction
from mailgate.core.outgoing import Outgoing
from mailgate.core.ticket import TicketId
from mailgate.store.dialect import insert, once
from mailgate.store.records import outbox_row, seekable
from mailgate.store.tables import messages, outbox
from mailgate.store.unit import Unit


async def post(unit: Unit, now: datetime, mails: Sequence[tuple[TicketId | None, Outgoing]]) -> int:
    """Queues the mails, each with its ticket; returns how many were new.

    One whose cause is in the outbox already is not queued again (`behaviour.md` 5.3).
    """
    if not mails:
        return 0
    rows = [outbox_row(mail, ticket, now) for ticket, mail in mails]
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
                    "kind": mail.kind.value,
                    "at": now,
                    "outbox_id": ids[cause],
                    "sender": mail.sender,
                    "subject": mail.subject,
                    "message_id": seekable(mail.message_id),
                    "readers": [] if mail.via else [one.casefold() for one in mail.recipients],
                }
                for cause, (ticket, mail) in sent.items()
            ],
        )
    return len(ids)


@once
def _queue(dialect: str) -> ReturningInsert[tuple[str, int]]:
    made = insert(dialect, outbox).on_conflict_do_nothing(index_elements=["cause"])
    return made.returning(outbox.c.cause, outbox.c.id)


_KEEP = plain_insert(messages)
