"""Knows how the rows of the journal come back: as moves to fold, as events to tell, as the opened ticket."""

from collections.abc import Mapping
from typing import Any, get_args

from sqlalchemy import Row

from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.event import Event, PriorityRaised, ResponseWithdrawn, TicketOpened, kind_of
from mailgate.core.instant import read, written
from mailgate.core.message import Mailbox
from mailgate.core.move import Move
from mailgate.core.occasion import Recorded
from mailgate.core.ticket import Status, Ticket, TicketId
from mailgate.store.records import instant_from, participant_from, rest_from

_EVENTS: Mapping[str, type[Event]] = {kind_of(kind): kind for kind in get_args(Event)}
_OPENED = kind_of(TicketOpened)
_SAID_LESS = frozenset({kind_of(PriorityRaised), kind_of(ResponseWithdrawn)})


def move_from(row: Row[Any]) -> Move:
    """The move that a row of `journal` holds: what `core.move.move_of` says of the event that was written.

    Raises:
        ValueError: it was recorded before clocks had epochs and rests, and does not say enough.
        LookupError, TypeError, AttributeError: nobody recorded that.
    """
    body = row.body
    if row.kind in _SAID_LESS and any("rests" not in clock for clock in body["clocks"]):
        raise ValueError(f"its {row.kind} of {written(row.at)} was recorded by an older mailgate")
    return Move(
        kind=_EVENTS[row.kind],
        at=row.at,
        priority=body["ticket"]["priority"] if row.kind == _OPENED else body.get("after", ""),
        why=body.get("why", ""),
        answered=instant_from(body.get("answered")),
        again=instant_from(body.get("again")),
        earlier=instant_from(body.get("earlier")),
        clocks=tuple(_clock_from_plain(one) for one in body.get("brought", _only(body.get("clock")))),
        into=body.get("into_id"),
        people=tuple(participant_from(one) for one in body["people"]) if "people" in body else None,
        assignee=body.get("assignee") or "",
    )


def recorded_from(row: Row[Any]) -> Recorded:
    """The row of `journal` as far as its clocks are told by it.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: nobody recorded that.
    """
    body, opened = row.body, row.kind == _OPENED
    touched = body["ticket"]["clocks"] if opened else body.get("clocks") or _only(body.get("clock"))
    return Recorded(
        kind=_EVENTS[row.kind],
        at=row.at,
        clocks=tuple(_clock_from_plain(one) for one in touched),
        by=body["ticket"]["requester"]["address"] if opened else _who(body),
        reason=body.get("reason", ""),
        before=body.get("before", ""),
        after=body.get("after", ""),
        other=body.get("other") or body.get("into") or "",
    )


def _who(body: Mapping[str, Any]) -> str:
    return body.get("sender") or body.get("staff") or body.get("by") or ""


def opening_from(row: Row[Any]) -> Ticket:
    """The ticket of a journal's first row, as it was opened, without its clocks.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: that is no opening.
    """
    if row.kind != _OPENED:
        raise ValueError(f"its journal begins with {row.kind}, not with its opening")
    body = row.body["ticket"]
    names = ("account", "number", "title", "priority", "policy", "plan", "asked", "region", "channel", "role")
    return Ticket(
        **{name: body[name] for name in names},
        id=TicketId(body["id"]),
        status=Status(body["status"]),
        requester=Mailbox(**body["requester"]),
        opened=read(body["opened"]),
        environment=body["environment"],
        fields=body["fields"],
    )


def _only(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _clock_from_plain(body: Mapping[str, Any]) -> Clock:
    """A clock as `plain` writes it."""
    return Clock(
        kind=TargetKind(body["kind"]),
        priority=body["priority"],
        state=ClockState(body["state"]),
        started=read(body["started"]),
        due=read(body["due"]),
        warn_at=instant_from(body["warn_at"]),
        warned=instant_from(body["warned"]),
        stopped=instant_from(body["stopped"]),
        detected=instant_from(body["detected"]),
        epoch=body["epoch"],
        rests=tuple(rest_from(rest) for rest in body.get("rests", ())),
        carried=body.get("carried", 0),
    )
