"""Knows how a person is taken out of every table: whole mails where words are theirs, texts everywhere else.

A table or a column that is added later is gone through as well: what holds texts is asked of the schema.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import LargeBinary, Row, Table, delete, func, insert, select, update

from mailgate.core.erasure import ERASED, STUB, Person, left_of_fields
from mailgate.core.message import folded
from mailgate.core.relay import OutboxState
from mailgate.store.belongings import Belongings, is_at, naming
from mailgate.store.records import packed
from mailgate.store.registers import suppressions
from mailgate.store.schema import metadata
from mailgate.store.tables import (
    clocks,
    decisions,
    escalations,
    held,
    journal,
    messages,
    outbox,
    policies,
    raw_mails,
    spool,
    tickets,
)
from mailgate.store.unit import Unit

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_OPENED = "ticket_opened"
_ON_TICKETS = (journal, clocks, escalations, decisions, messages, outbox)


async def rows_naming(unit: Unit, person: Person, account: str) -> int:
    """How many rows name the person in a text of theirs."""
    found = 0
    for table in _tables():
        where = *_of_account(table, account), naming(table, person.address)
        rows = (await unit.execute(_texts(table).where(*where))).all()
        found += sum(bool(_changed(row, person, own=False)) for row in rows)
    return found


async def take_out(unit: Unit, person: Person, theirs: Belongings, account: str, now: datetime) -> None:
    """Takes the person out of what is theirs, and out of every text."""
    await _empty_mails(unit, person, theirs.mails)
    await _empty_letters(unit, theirs.letters, now)
    await unit.execute(delete(held).where(held.c.id.in_(theirs.held)))
    for ticket in theirs.tickets:
        await _take_out_of_ticket(unit, person, ticket)
    await _forget_messages(unit, person, account)
    await _stop_writing(unit, person, account, now)
    for table in _tables():
        await _rewrite(unit, table, person, *_of_account(table, account), naming(table, person.address))


async def _empty_mails(unit: Unit, person: Person, ids: Iterable[int]) -> None:
    """Nothing is left of a mail but that it came; a reverse-path may name them in other words (VERP, SRS)."""
    stub = {
        "sha256": hashlib.sha256(STUB).hexdigest(),
        "size": len(STUB),
        "packed": packed(STUB),
    }
    await unit.execute(update(raw_mails).where(raw_mails.c.id.in_(ids)).values(stub))
    how_it_came = {"peer": "", "greeting": ""}
    came = spool.c.raw_id.in_(ids)
    await unit.execute(update(spool).where(came).values(how_it_came))
    path, parts = func.lower(spool.c.reverse_path), folded(person.address).rpartition("@")
    named = (path.contains(part, autoescape=True) for part in (parts[0], parts[2]))
    await unit.execute(update(spool).where(came, *named).values(reverse_path=person.stands_in))


async def _empty_letters(unit: Unit, ids: Iterable[int], now: datetime) -> None:
    """What went stays known to have gone; what is not sent yet, or is uncertain, has nothing more to say."""
    letters = outbox.c.id.in_(ids)
    await unit.execute(update(outbox).where(letters).values(subject=ERASED, packed=packed(b"")))
    await unit.execute(update(messages).where(messages.c.outbox_id.in_(ids)).values(subject=ERASED))
    stuck = letters, outbox.c.state.not_in([OutboxState.SENT, OutboxState.DROPPED])
    dropped = {"state": OutboxState.DROPPED, "next_at": None, "settled": now}
    await unit.execute(update(outbox).where(*stuck).values(dropped))


async def _take_out_of_ticket(unit: Unit, person: Person, ticket: int) -> None:
    """Title, fields and every text of the ticket; the journal's first row says the same as the ticket's."""
    query = select(tickets.c.fields, policies.c.content).join(policies).where(tickets.c.id == ticket)
    row = (await unit.execute(query)).one()
    left = person.value(left_of_fields(row.fields, row.content), own=True)
    await unit.execute(
        update(tickets)
        .where(tickets.c.id == ticket)
        .values(title=ERASED, fields=left, requester=person.stands_in, requester_name=ERASED)
    )
    opening = select(journal).where(journal.c.ticket_id == ticket, journal.c.kind == _OPENED)
    for entry in (await unit.execute(opening)).all():
        body = dict(entry.body)
        body["ticket"] = {**body["ticket"], "title": ERASED, "fields": left}
        await unit.execute(update(journal).where(journal.c.id == entry.id).values(body=body))
    for table in _ON_TICKETS:
        await _rewrite(unit, table, person, table.c.ticket_id == ticket, own=True)
    of_it = messages.c.ticket_id == ticket
    await unit.execute(update(messages).where(of_it).values(subject=ERASED, fingerprint=None))


async def _forget_messages(unit: Unit, person: Person, account: str) -> None:
    """What they wrote on tickets of others; that it came stays known, so that a copy of it is none."""
    theirs = [is_at(messages.c.sender, person.address), *_of_account(messages, account)]
    await unit.execute(update(messages).where(*theirs).values(subject=ERASED, fingerprint=None))
    await _rewrite(unit, messages, person, *theirs, own=True)


async def _stop_writing(unit: Unit, person: Person, account: str, now: datetime) -> None:
    """Nothing is ever sent to the pseudonym, whatever happens on a ticket later."""
    if not account:
        await unit.execute(delete(suppressions).where(is_at(suppressions.c.address, person.address)))
    row = {
        "address": person.stands_in,
        "since": now,
        "until": _NEVER,
        "status": "",
        "reason": "erased on request",
        "account": account,
    }
    await unit.execute(insert(suppressions).values(row))


async def _rewrite(unit: Unit, table: Table, person: Person, *where: Any, own: bool = False) -> None:
    """Every text and every value of these rows, without the person."""
    for row in (await unit.execute(_texts(table).where(*where))).all():
        changed = _changed(row, person, own=own)
        if changed:
            await unit.execute(update(table).where(table.c.id == row.id).values(changed))


def _texts(table: Table) -> Any:
    """The columns that hold no bytes."""
    return select(*(column for column in table.columns if not isinstance(column.type, LargeBinary)))


def _tables() -> list[Table]:
    """What has rows of its own; accounts and the files of policies are known by their names, and nobody's."""
    return [table for table in metadata.sorted_tables if "id" in table.c]


def _changed(row: Row[Any], person: Person, *, own: bool) -> Mapping[str, object]:
    before = {name: value for name, value in row._asdict().items() if isinstance(value, str | list | dict)}
    after = {str(name): person.named(name, value, own=own) for name, value in before.items()}
    return {name: value for name, value in after.items() if value != before[name]}


def _of_account(table: Table, account: str) -> list[Any]:
    """What of a table is an account's."""
    if not account:
        return []
    if "account" in table.c:
        return [table.c.account == account]
    if "ticket_id" in table.c:
        return [table.c.ticket_id.in_(select(tickets.c.id).where(tickets.c.account == account))]
    decided = select(decisions.c.spool_id).where(decisions.c.account == account)
    return [table.c.id.in_(decided) if table is spool else table.c.id.is_(None)]
