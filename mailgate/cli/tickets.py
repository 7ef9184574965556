"""Knows how tickets are shown: a list, and one ticket's timeline."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

import click

from mailgate.cli import choice
from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant, configuration
from mailgate.cli.screen import Column, emit_json, moment, say, table
from mailgate.core.authentication import Proof, as_tree
from mailgate.core.clock import Clock, ClockState
from mailgate.core.enumeration import listed
from mailgate.core.facts import Direction
from mailgate.core.participant import Side
from mailgate.core.queue import queued
from mailgate.core.ticket import Status, Ticket, named
from mailgate.store.lists import JournalLine, Mail, Timeline, Wanted, tickets_listed, timeline
from mailgate.store.unit import Database

_HAPPENED = {"ticket_marked_spam": "marked as spam", "ticket_restored": "restored: no spam"}
_SIDES = {"with": Side.CUSTOMER, "followed by": Side.STAFF, "taken off it:": Side.GONE}
_STATES = {"missed": "bold red", "overdue": "bold red", "met": "green"}
_COLUMNS = (
    "number",
    Column("subject", below="{}"),
    "priority",
    "status",
    Column("requester", below="of {}"),
    Column("opened", below="opened {}"),
    "target",
    "due",
    Column("clock", _STATES),
)


@click.command()
@click.option("--account", default="", metavar="A", help="Only this account's.")
@click.option("--status", type=click.Choice([one.value for one in Status]), help="Only with this status.")
@click.option("--overdue", is_flag=True, help="Only with a promise that is broken and not kept yet.")
@click.option("--queue", is_flag=True, help="Those to be worked on, in the order in which to take them.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The first N of the list.")
@as_json
@at_instant
def tickets(*, limit: int | None, queue: bool, as_json: bool, now: datetime, **asked: Any) -> None:
    """List tickets, the newest first."""
    wanted = Wanted(
        account=asked["account"],
        status=Status(asked["status"]) if asked["status"] else None,
        overdue_at=now if asked["overdue"] else None,
        limit=None if queue else limit,
        unended=queue,
    )

    async def listed(database: Database) -> tuple[Ticket, ...]:
        async with database.read() as unit:
            return await tickets_listed(unit, wanted)

    found = with_database(listed)
    if queue:
        found = queued(found, configuration().desk)[:limit]
    if as_json:
        emit_json([_ticket_json(one) for one in found])
    elif found:
        table(_COLUMNS, (_row(one, now) for one in found))
    else:
        choice.account(configuration().desk, wanted.account)  # one that is gone may have left some
        say("No tickets.")


@click.command()
@click.argument("number", metavar="NUMBER")
@as_json
@at_instant
def ticket(*, number: str, as_json: bool, now: datetime) -> None:
    """Show one ticket and its timeline. NUMBER is as in the subject: ACME-42."""
    name = named(number)

    async def told(database: Database) -> Timeline | None:
        async with database.read() as unit:
            return await timeline(unit, *name) if name else None

    found = with_database(told)
    if found is None:
        raise Fault(f"there is no ticket {number}", exit_code=1)
    if as_json:
        emit_json(_timeline_json(found))
    else:
        _show(found, now)


def _row(ticket: Ticket, now: datetime) -> tuple[object, ...]:
    clock = _pressing(ticket.clocks)
    target = (clock.kind.words, clock.known_due, _state(clock, now)) if clock else (None, None, None)
    return (
        ticket.name,
        ticket.title,
        ticket.priority,
        ticket.status,
        ticket.requester.address,
        ticket.opened,
        *target,
    )


def _pressing(clocks: Iterable[Clock]) -> Clock | None:
    """The open promise that is due first; one that rests only where there is no other."""
    open_ones = [one for one in clocks if one.is_open]
    return min(open_ones, key=lambda one: (one.known_due is None, one.due), default=None)


def _state(clock: Clock, now: datetime) -> str:
    """Its state, and for people also what no sweep has noticed yet."""
    return "overdue" if clock.state is ClockState.RUNNING and clock.due < now else clock.state.value


def _show(told: Timeline, now: datetime) -> None:
    ticket = told.ticket
    say(f"{ticket.name}  {ticket.title}")
    say(f"{ticket.priority}, {ticket.status}, opened {moment(ticket.opened)} by {ticket.requester.address}")
    place = f", region {ticket.region}" if ticket.region else ""
    say(f"assigned to {ticket.assignee or 'nobody'}; plan {ticket.plan}{place}")
    for words, side in _SIDES.items():
        who = [one.mailbox.address for one in ticket.people if one.side is side]
        if who:
            say(f"{words} {listed(who)}")
    if ticket.clocks:
        say()
        promised = [one for one in ticket.clocks if one.state is not ClockState.VOID]
        rows = (
            (one.kind.words, one.priority, one.known_due, _state(one, now), one.stopped) for one in promised
        )
        table(["target", "priority", "due", Column("clock", _STATES), "stopped"], rows)
    say()
    lines = sorted([*map(_event_line, told.events), *map(_mail_line, told.mails)], key=itemgetter(0))
    table(["at", "what", Column("who", below="{}"), Column("subject or reason", below="{}")], lines)


def _event_line(event: JournalLine) -> tuple[datetime, str, str, str]:
    body = event.body
    who = body.get("sender") or body.get("staff") or body.get("by") or ""
    return event.at, _HAPPENED.get(event.kind, event.kind.replace("_", " ")), who, _said(body)


def _said(body: Mapping[str, Any]) -> str:
    """What an event says: which clock, from which priority to which, who came and went, and why."""
    if clock := body.get("clock"):
        return f"{clock['kind'].replace('_', ' ')}, {clock['priority']}"
    return ": ".join(filter(None, (_changed(body), body.get("reason", ""))))


def _changed(body: Mapping[str, Any]) -> str:
    """What is another one after it."""
    if assignee := body.get("assignee"):
        return f"{assignee}, after {body['before']}" if body["before"] else str(assignee)
    if "joined" in body:
        came = f"{listed(body['joined'])} joined" if body["joined"] else ""
        gone = f"{listed(body['left'])} left" if body["left"] else ""
        return ", ".join(filter(None, (came, gone)))
    before, after = body.get("before"), body.get("after")
    return f"{before} to {after}" if before != after else ""


def _mail_line(mail: Mail) -> tuple[datetime, str, str, str]:
    what = f"mail {mail.direction}: {mail.kind.replace('_', ' ')}, {mail.delivery}"
    if mail.authentication and mail.authentication.proof is not Proof.PASSED:
        what += ", sender not proven"
    who = f"to {', '.join(mail.recipients)}" if mail.direction is Direction.OUT else mail.sender
    return mail.at, what, who, mail.subject


def _ticket_json(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.name,
        "account": ticket.account,
        "subject": ticket.title,
        "priority": ticket.priority,
        "status": ticket.status,
        "requester": ticket.requester.address,
        "assignee": ticket.assignee,
        "people": [
            {"address": one.mailbox.address, "name": one.mailbox.name, "side": one.side}
            for one in ticket.people
            if one.side is not Side.GONE
        ],
        "opened": ticket.opened,
        "clocks": [
            {
                "kind": one.kind,
                "priority": one.priority,
                "epoch": one.epoch,
                "state": one.state,
                "due": one.known_due,
                "stopped": one.stopped,
            }
            for one in ticket.clocks
            if one.state is not ClockState.VOID
        ],
    }


def _timeline_json(told: Timeline) -> Mapping[str, Any]:
    mails = [
        {
            "at": mail.at,
            "direction": mail.direction,
            "from": mail.sender,
            "subject": mail.subject,
            "delivery": mail.delivery,
            "kind": mail.kind,
            "to": mail.recipients,
            "reply": mail.reply,
            "authentication": as_tree(mail.authentication) if mail.authentication else None,
        }
        for mail in told.mails
    ]
    events = [{"at": event.at, "kind": event.kind, **event.body} for event in told.events]
    return {**_ticket_json(told.ticket), "events": events, "messages": mails}
