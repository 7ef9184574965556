"""Knows how values of the core stand in rows, and how they come back."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Row

from mailgate.core.authentication import Proof
from mailgate.core.clock import Clock, ClockState, Rest, TargetKind
from mailgate.core.event import Event, kind_of
from mailgate.core.facts import UNREACHED_REPLY, Direction, KnownMail
from mailgate.core.instant import read, written
from mailgate.core.ladder import Escalation
from mailgate.core.message import Mailbox
from mailgate.core.outgoing import Outgoing
from mailgate.core.participant import Participant, Side
from mailgate.core.ticket import Seen, Status, Ticket, TicketId

_FAST = 1  # zlib's level; mail is base64 and text, and the better levels cost five times as much
_LONGEST_KEY = 400  # characters; an index of PostgreSQL takes 2704 octets
_DIGEST = "sha256:"


def packed(content: bytes) -> bytes:
    """The bytes of a mail as they are stored."""
    return zlib.compress(content, _FAST)


def unpacked(stored: bytes) -> bytes:
    """The bytes of a mail exactly as they came."""
    return zlib.decompress(stored)


def seekable(message_id: str) -> str:
    """The Message-ID as it is stored and sought; one too long for an index is told by its digest."""
    if len(message_id) <= _LONGEST_KEY:
        return message_id
    return _DIGEST + hashlib.sha256(message_id.encode()).hexdigest()


def plain(value: object) -> Any:
    """A value of the core as JSON has it: instants written out, enumerations by their value."""
    match value:
        case datetime():
            return written(value)
        case Enum():
            return value.value
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case tuple() | list():
            return [plain(each) for each in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value


def journal_row(ticket: TicketId, event: Event, recorded: datetime) -> dict[str, Any]:
    """The row that an event leaves."""
    body = plain(event)
    del body["at"]
    return {
        "ticket_id": ticket,
        "at": event.at,
        "recorded": recorded,
        "kind": kind_of(type(event)),
        "body": body,
    }


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    """The row of a ticket."""
    return {
        "id": ticket.id,
        "account": ticket.account,
        "number": ticket.number,
        "title": ticket.title,
        "priority": ticket.priority,
        "asked": ticket.asked,
        "status": ticket.status.value,
        "requester": ticket.requester.address,
        "requester_name": ticket.requester.name,
        "assignee": ticket.assignee,
        "opened": ticket.opened,
        "policy": ticket.policy,
        "plan": ticket.plan,
        "region": ticket.region,
        "channel": ticket.channel,
        "role": ticket.role,
        "environment": ticket.environment,
        "fields": dict(ticket.fields),
    }


def ticket_from(row: Row[Any], clocks: Sequence[Clock], thread: Sequence[KnownMail]) -> Ticket:
    """The ticket of a row of `tickets`."""
    return Ticket(
        id=TicketId(row.id),
        account=row.account,
        number=row.number,
        title=row.title,
        priority=row.priority,
        status=Status(row.status),
        requester=Mailbox(row.requester, row.requester_name),
        opened=row.opened,
        policy=row.policy,
        plan=row.plan,
        asked=row.asked,
        region=row.region,
        channel=row.channel,
        role=row.role,
        environment=row.environment,
        fields=row.fields,
        assignee=row.assignee,
        clocks=tuple(clocks),
        thread=tuple(
            Seen(mail.message_id, mail.readers)
            for mail in thread
            if mail.message_id and mail.kind != UNREACHED_REPLY  # its reader never saw it
        ),
        answered=row.answered,
        resolved=row.resolved,
        merged_into=None if row.merged_into is None else TicketId(row.merged_into),
        people=tuple(participant_from(one) for one in row.people),
    )


def participant_from(body: Mapping[str, Any]) -> Participant:
    """Somebody on a ticket, as `plain` writes it."""
    return Participant(Mailbox(**body["mailbox"]), Side(body["side"]))


def clock_row(ticket: TicketId, clock: Clock) -> dict[str, Any]:
    """The row of a clock."""
    return {
        "ticket_id": ticket,
        "kind": clock.kind.value,
        "epoch": clock.epoch,
        "priority": clock.priority,
        "state": clock.state.value,
        "started": clock.started,
        "due": clock.due,
        "warn_at": clock.warn_at,
        "warned": clock.warned,
        "stopped": clock.stopped,
        "detected": clock.detected,
        "next_at": clock.next_at,
        "rests": plain(clock.rests),
        "carried": clock.carried,
    }


def clock_from(row: Row[Any]) -> Clock:
    """The clock of a row of `clocks`."""
    return Clock(
        kind=TargetKind(row.kind),
        priority=row.priority,
        state=ClockState(row.state),
        started=row.started,
        due=row.due,
        warn_at=row.warn_at,
        warned=row.warned,
        stopped=row.stopped,
        detected=row.detected,
        epoch=row.epoch,
        rests=tuple(rest_from(rest) for rest in row.rests),
        carried=row.carried,
    )


def rest_from(body: Mapping[str, Any]) -> Rest:
    """A rest as `plain` writes it."""
    return Rest(read(body["start"]), instant_from(body["end"]), body["why"])


def instant_from(text: str | None) -> datetime | None:
    """An instant as `plain` writes it."""
    return None if text is None else read(text)


def escalation_row(ticket: TicketId, escalation: Escalation) -> dict[str, Any]:
    """The row of a ladder at work."""
    return {
        "ticket_id": ticket,
        "cause": escalation.cause,
        "ladder": escalation.ladder,
        "reason": escalation.reason,
        "started": escalation.started,
        "taken": escalation.taken,
        "next_at": escalation.next_at,
    }


def escalation_from(row: Row[Any]) -> Escalation:
    """The ladder at work of a row of `escalations`."""
    return Escalation(
        cause=row.cause,
        ladder=row.ladder,
        reason=row.reason,
        started=row.started,
        taken=row.taken,
        next_at=row.next_at,
    )


def known_from(row: Row[Any]) -> KnownMail:
    """The mail of a row of `messages`; its Message-ID is empty where only the digest of one is kept."""
    return KnownMail(
        message_id="" if row.message_id.startswith(_DIGEST) else row.message_id,
        direction=Direction(row.direction),
        kind=row.kind,
        at=row.at,
        ticket=None if row.ticket_id is None else TicketId(row.ticket_id),
        sender=row.sender,
        identity=row.identity or "",
        readers=tuple(row.readers),
        doubted=is_doubted(row.authentication),
    )


def is_doubted(authentication: Mapping[str, Any] | None) -> bool:
    """Whether a mail is not from whom it says, by what is stored of that."""
    return authentication is not None and authentication["proof"] == Proof.FAILED


def outbox_row(mail: Outgoing, ticket: TicketId | None, now: datetime) -> dict[str, Any]:
    """The row of a mail that is to go at once."""
    return {
        "ticket_id": ticket,
        "account": mail.account,
        "kind": mail.kind.value,
        "cause": mail.cause,
        "care": mail.care.value,
        "reverse_path": mail.reverse_path,
        "recipients": list(mail.recipients),
        "via": mail.via,
        "message_id": mail.message_id,
        "subject": mail.subject,
        "packed": packed(mail.content),
        "state": "waiting",
        "created": now,
        "next_at": now,
    }
