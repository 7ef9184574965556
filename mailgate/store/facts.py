"""Knows what a decision asks the store: a few statements for a whole batch of mails.

An answer never crosses accounts: a Message-ID, a ticket or a sent mail of another account is unknown here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select

from mailgate.core.correlate import survivor
from mailgate.core.facts import Direction, Facts, KnownMail, Question, SentMail
from mailgate.core.message import folded
from mailgate.core.outgoing import MailKind
from mailgate.core.suppression import Suppressed
from mailgate.core.ticket import Ticket, TicketId
from mailgate.store.claims import claim_names
from mailgate.store.dialect import as_list, cell, listed, once
from mailgate.store.faults import ConflictError
from mailgate.store.recent import recent_mails
from mailgate.store.records import known_from, seekable
from mailgate.store.suppressions import among
from mailgate.store.tables import messages, outbox
from mailgate.store.tickets import Tickets, ids_by_number, tickets_by_id, with_merged, with_survivors
from mailgate.store.unit import Unit

MOST_REFERENCES = 50  # that are looked up for one mail; the nearest come first
_SAME_ID = 20  # mails with one Message-ID that are told apart; whoever sends more of them means no good
_SENT = 200  # mails of the reported tickets among which a recipient is sought, the latest first

_Key = tuple[str, str]  # an account, and a Message-ID as it is stored
_Known = Mapping[_Key, Sequence[KnownMail]]
_Sent = Sequence[tuple[str, SentMail]]  # with the account, the latest first

_SENT_COLUMNS = (
    outbox.c.id,
    outbox.c.account,
    outbox.c.ticket_id,
    outbox.c.kind,
    outbox.c.recipients,
    outbox.c.message_id,
    outbox.c.subject,
)


async def answer(unit: Unit, questions: Sequence[Question], *, locked: bool = True) -> tuple[Facts, ...]:
    """What is known for each question, in their order.

    The tickets found are held until the transaction ends, and the Message-IDs, so that nobody decides another
    mail with one of them meanwhile. Not `locked` is for who only looks, and may not hold anything.

    Two questions of one batch know nothing of each other: mails that concern one ticket belong into different
    transactions.
    """
    if locked:
        await claim_names(unit, {(one.account, one.message_id) for one in questions if one.message_id})
    known = await _known_mails(unit, questions)
    sent = await _sent_mails(unit, questions)
    named = await ids_by_number(unit, {(one.account, number) for one in questions for number in one.numbers})
    wanted = chain.from_iterable(_ticket_ids(question, known, sent) for question in questions)
    # Where they go on is asked first, so that all of them can be locked in the order of ids.
    ids = await with_survivors(unit, chain(wanted, named))
    if any(question.speaks for question in questions):
        ids = await with_merged(unit, ids)
    tickets = await tickets_by_id(unit, ids, locked=locked)
    recent = await recent_mails(unit, questions)
    suppressed = await _suppressed(unit, questions, tickets)
    if locked and any(one.merged_into not in (None, *ids) for one in tickets.known.values()):
        raise ConflictError("a ticket was merged meanwhile")
    return tuple(
        replace(_facts(question, known, sent, tickets), recent=before, suppressed=gone)
        for question, before, gone in zip(questions, recent, suppressed, strict=True)
    )


async def _suppressed(unit: Unit, questions: Sequence[Question], tickets: Tickets) -> list[Suppressed]:
    """Which people of the tickets get nothing for now, for each mail that may be for them."""
    asked = [one for one in questions if one.speaks]
    people = {mailbox.address for one in tickets.known.values() for mailbox in one.customers}
    if not asked or not people:
        return [{}] * len(questions)
    found = await among(unit, people, max(one.received for one in asked))
    return [found if one.speaks else {} for one in questions]


def _facts(question: Question, known: _Known, sent: _Sent, tickets: Tickets) -> Facts:
    same_id = _same_id(question, known)
    copies = [mail for mail in same_id if mail.identity == question.identity]
    others = [mail for mail in same_id if mail.identity != question.identity]
    asked = {
        *_ticket_ids(question, known, sent),
        *(one.id for one in tickets.known.values() if one.number in question.numbers),
    }
    going_on = _going_on(asked, tickets.known)
    if question.speaks:
        going_on += [
            key for key in tickets.known if survivor(tickets.known[key], tickets.known).id in going_on
        ]
    mine = {key: tickets.known[key] for key in going_on if tickets.known[key].account == question.account}
    return Facts(
        same_identity=copies[0] if copies else None,
        same_message_id=tuple(mail for mail in others if mail.direction is Direction.IN),
        own=next((mail for mail in others if mail.direction is Direction.OUT), None),
        referenced=tuple(_referenced(question, known)),
        tickets=mine,
        threads={key: tickets.threads[key] for key in mine},
        sent=tuple(_spoken_of(question, sent)),
    )


def _ticket_ids(question: Question, known: _Known, sent: _Sent) -> list[TicketId]:
    mails = chain(_same_id(question, known), _referenced(question, known))
    reported = _spoken_of(question, sent)
    found = chain(question.ticket_ids, (mail.ticket for mail in mails), (mail.ticket for mail in reported))
    return list(dict.fromkeys(ticket for ticket in found if ticket is not None))


def _going_on(asked: Iterable[TicketId], known: Mapping[TicketId, Ticket]) -> list[TicketId]:
    """Those of the tickets that exist, and those in which they go on."""
    found: dict[TicketId, None] = {}
    for key in asked:
        following: TicketId | None = key
        while following is not None and following in known and following not in found:
            found[following] = None
            following = known[following].merged_into
    return list(found)


def _same_id(question: Question, known: _Known) -> Sequence[KnownMail]:
    found = known.get(_key(question, question.message_id), ())
    if question.message_id:
        return found
    return [mail for mail in found if mail.identity == question.identity]


def _referenced(question: Question, known: _Known) -> Iterable[KnownMail]:
    return chain.from_iterable(known.get(_key(question, name), ()) for name in _nearest(question))


def _nearest(question: Question) -> Sequence[str]:
    return [name for name in question.references[:MOST_REFERENCES] if name]


def _spoken_of(question: Question, sent: _Sent) -> Iterable[SentMail]:
    """By Message-ID first; else what went to the reported people on the ticket of the signed address."""
    mine = [mail for account, mail in sent if account == question.account]
    people = {folded(recipient) for recipient in question.reported_recipients}
    named = (mail for mail in mine if mail.message_id in question.reported_ids)
    to_people = (
        mail
        for mail in mine
        if mail.ticket in question.ticket_ids
        and people.intersection(folded(recipient) for recipient in mail.recipients)
    )
    return dict.fromkeys(chain(named, to_people))


def _key(question: Question, message_id: str) -> _Key:
    return question.account, seekable(message_id)


async def _known_mails(unit: Unit, questions: Sequence[Question]) -> _Known:
    named = {
        _key(question, message_id)
        for question in questions
        for message_id in (question.message_id, *_nearest(question))
        if message_id
    }
    identities = {question.identity for question in questions}
    nameless = {(question.account, question.identity) for question in questions if not question.message_id}
    found: dict[_Key, list[KnownMail]] = defaultdict(list)
    for row in [*await _named(unit, sorted(named), identities), *await _nameless(unit, sorted(nameless))]:
        found[row.account, row.message_id].append(known_from(row))
    return found


async def _named(unit: Unit, keys: Sequence[_Key], identities: Iterable[str]) -> Sequence[Row[Any]]:
    """The mails of each Message-ID: all copies of the asked ones, and the first few of the others."""
    if not keys:
        return ()
    asked = {"keys": as_list(keys), "identities": sorted(identities)}
    rows: Sequence[Row[Any]] = (await unit.execute(_by_name(unit), asked)).all()
    return rows


async def _nameless(unit: Unit, keys: Sequence[tuple[str, str]]) -> Sequence[Row[Any]]:
    """Mails without a Message-ID are known by their account and content alone."""
    if not keys:
        return ()
    rows: Sequence[Row[Any]] = (await unit.execute(_by_content(unit), {"keys": as_list(keys)})).all()
    return rows


async def _sent_mails(unit: Unit, questions: Sequence[Question]) -> _Sent:
    """Mails in the outbox that a delivery report may speak of, without their bytes."""
    named = sorted({_key(one, name) for one in questions for name in one.reported_ids[:MOST_REFERENCES]})
    tickets = sorted({ticket for one in questions if one.reported_recipients for ticket in one.ticket_ids})
    found: dict[int, tuple[str, SentMail]] = {}
    if named:
        rows = await unit.execute(_sent_by_name(unit), {"keys": as_list(named)})
        found |= {row.id: (row.account, _sent_from(row)) for row in rows}
    if tickets:
        rows = await unit.execute(_SENT_OF_TICKETS, {"tickets": tickets})
        found |= {row.id: (row.account, _sent_from(row)) for row in rows}
    return [found[key] for key in sorted(found, reverse=True)]


@once
def _by_name(dialect: str) -> Select[Any]:
    wanted = listed(dialect, "keys")
    same_id = (messages.c.account, messages.c.message_id)
    counted = (
        select(messages, func.row_number().over(partition_by=same_id, order_by=messages.c.id).label("nth"))
        .join(wanted, and_(*(column == cell(wanted, n) for n, column in enumerate(same_id))))
        .subquery()
    )
    first_few: ColumnElement[bool] = counted.c.nth <= _SAME_ID
    asked = counted.c.identity.in_(bindparam("identities", expanding=True))
    return select(counted).where(or_(first_few, asked)).order_by(counted.c.id)


@once
def _by_content(dialect: str) -> Select[Any]:
    wanted = listed(dialect, "keys")
    same_content = and_(
        messages.c.account == cell(wanted, 0),
        messages.c.message_id == "",
        messages.c.identity == cell(wanted, 1),
    )
    return select(messages).join(wanted, same_content)


@once
def _sent_by_name(dialect: str) -> Select[Any]:
    wanted = listed(dialect, "keys")
    same = and_(outbox.c.account == cell(wanted, 0), outbox.c.message_id == cell(wanted, 1))
    return select(*_SENT_COLUMNS).join_from(outbox, wanted, same)


_SENT_OF_TICKETS = (
    select(*_SENT_COLUMNS)
    .where(outbox.c.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(outbox.c.id.desc())
    .limit(_SENT)
)


def _sent_from(row: Any) -> SentMail:
    return SentMail(
        message_id=row.message_id,
        kind=MailKind(row.kind),
        recipients=tuple(row.recipients),
        subject=row.subject,
        ticket=None if row.ticket_id is None else TicketId(row.ticket_id),
    )
