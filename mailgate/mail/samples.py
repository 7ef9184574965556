"""Knows examples of everything that a mail can say: what templates are tried with before a mail needs them.

Of each kind there is one that has everything and one that has as little as it may; where a state decides what
is said, there is one for each.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

from mailgate.core.clock import Clock, ClockState, Rest, TargetKind
from mailgate.core.command import orders
from mailgate.core.digest import ClockRow, Digest, Kept, MailRow, WaitingRow, Window
from mailgate.core.message import Attachment, DeliveryReport, Mailbox
from mailgate.core.notice import (
    Acknowledgement,
    CommandAnswer,
    DeliveryProblem,
    InternalNote,
    Link,
    Matter,
    MissedTarget,
    NotEntitled,
    OperatorNotice,
    Page,
    RelayedReply,
    ResolutionNote,
    StaffNotice,
    TargetWarning,
)
from mailgate.core.outgoing import Context, MailKind
from mailgate.core.promise import Promised
from mailgate.core.ticket import Status
from mailgate.core.tickethead import TicketHead

_OURS = frozenset({"zone", "words", "calendar", "markup"})
"""Names of fields that no raw words of others come into: how times are told, and what was sanitised."""

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
_EARLIER = NOW - timedelta(hours=3)
_LATER = NOW + timedelta(hours=3)
_ZONE = "America/Los_Angeles"
_BOB = Mailbox("bob@acme.example", "Bob Baker")

_RUNNING = Clock(TargetKind.RESPONSE, "P2", ClockState.RUNNING, started=_EARLIER, due=_LATER)
_MISSED = replace(_RUNNING, state=ClockState.MISSED, due=_EARLIER, detected=NOW)
_CLOCKS = (
    _RUNNING,
    _MISSED,
    replace(_MISSED, kind=TargetKind.ESCALATION, stopped=NOW),
    replace(_RUNNING, state=ClockState.MET, stopped=NOW),
    replace(
        _RUNNING,
        kind=TargetKind.RESOLUTION,
        state=ClockState.PAUSED,
        rests=(Rest(_EARLIER, None, "the mail of Sam Rivera of 23 November, 15:00 UTC"),),
    ),
    replace(_RUNNING, kind=TargetKind.NEXT_RESPONSE, state=ClockState.VOID),
)
_HEAD = TicketHead(
    name="ACME-42",
    title="Gateway offline",
    company="Acme Corp",
    priority="P2",
    status=Status.OPEN,
    requester=_BOB,
    priority_name="high",
    assignee="Sam Rivera",
    clocks=_CLOCKS,
    zone=_ZONE,
    amounts={(TargetKind.RESPONSE, "P2"): "4 business hours"},
    bought="Gold, scope Technical, weight 10 in the queue",
)
_BARE_HEAD = TicketHead("ACME-42", "", "Acme Corp", "P4", Status.NEW, Mailbox("bob@acme.example"))

_ACKNOWLEDGEMENT = Acknowledgement(
    ticket="ACME-42",
    title="Gateway offline",
    received=_EARLIER,
    priority="P2",
    priority_name="high",
    asked="P1",
    because="a problem in development counts as P2 at most",
    targets=(
        Promised(
            TargetKind.RESPONSE,
            "2-4 business hours",
            _LATER,
            zone=_ZONE,
            calendar="office",
            expected_from=NOW,
        ),
        Promised(TargetKind.NEXT_RESPONSE, "8 business hours", None, zone=_ZONE, calendar="office"),
        Promised(TargetKind.ESCALATION, "60 minutes", _LATER, zone="UTC"),
        Promised(TargetKind.RESOLUTION, "2 days", _LATER, zone=_ZONE, met_by="de-escalation to P2"),
        Promised(TargetKind.RESOLUTION, "best effort", None),
    ),
    notes=("Priorities are explained in the handbook",),
    links=(Link("Status page", "https://status.example.com/"), Link("Telephone", "+1 555 0100")),
    availability="please keep somebody ready for questions",
    zone=_ZONE,
    plan="Gold",
    scope="Technical",
    scope_text="modules and plugins, DNS",
)
_NOTICE = StaffNotice(
    ticket=_HEAD,
    opened=True,
    writer=_BOB,
    received=_EARLIER,
    text="Hello,\n\nit is offline.\n\nBob",
    attachments=(
        Attachment("log.txt", "text/plain", 12_345, "0" * 64),
        Attachment("", "application/octet-stream", 0, "0" * 64),
    ),
    flags=("the sender is not on the ticket",),
    asked="P1",
    because="a problem in development counts as P2 at most",
)
_RICH = "<p>Please<br><b>restart</b> it.</p>"
_OWN = "acme+ciaaaaaaafozuaehpuhxyoqgrzw6iukm@support.example.com"
_WRONG = "/wat\n/priority\n/usr/bin/env\n\nHello Bob,\n\nplease restart it."
_NOTE = "He called: it began after the update.\n\nSam"
_REPORT = DeliveryReport(("bob@acme.example",), "failed", "5.1.1", "550 5.1.1 no such user")
_ROW = ClockRow(
    ticket="ACME-42",
    title="Gateway offline",
    account="acme",
    company="Acme Corp",
    priority="P2",
    kind=TargetKind.RESPONSE,
    state=ClockState.MISSED,
    due=_EARLIER,
    assignee="Sam Rivera",
)
_MAIL = MailRow(
    7, _EARLIER, "held", "eve@other.example", "Hello", "not one of the account's people", "Acme Corp"
)
_DIGEST = Digest(
    day=date(2026, 11, 23),
    zone=_ZONE,
    window=Window(NOW - timedelta(days=3), NOW),
    missed=(_ROW, *(replace(_ROW, stopped=_EARLIER, assignee=""),) * 60),
    overdue=(_ROW,) * 60,
    due_next=(replace(_ROW, due=_LATER),) * 60,
    waiting=(
        WaitingRow("ACME-42", "Gateway offline", "Acme Corp", "P2", _EARLIER, _LATER),
        *(WaitingRow("ACME-43", "A question", "Acme Corp", "P4", _EARLIER, None),) * 60,
    ),
    kept=(
        Kept("Acme Corp", "P2", TargetKind.RESPONSE, promised=4, kept=3),
        *(Kept("Acme Corp", "P3", TargetKind.RESPONSE, promised=1, kept=0),) * 60,
    ),
    held=(replace(_MAIL, who="", subject="", company=""), *(_MAIL,) * 60),
    undeliverable=(replace(_MAIL, kind="relayed_reply", reference=0, ticket="ACME-42"),) * 60,
    paged=(replace(_MAIL, kind="page"),) * 60,
    opened=7,
)
_OPERATOR = OperatorNotice(
    matter=Matter.HELD,
    at=_EARLIER,
    sender="eve@other.example",
    subject="Hello",
    reason="the sender is not one of the account's people",
    company="Acme Corp",
    remedy="mailgate held release 7",
    text="Hello",
    zone=_ZONE,
)

HOSTILE = (
    "<script>alert(1)</script>\r\nBcc: eve@x.example\u202e\x00 {{ 7 * 7 }}{% include 'x' %} =?utf-8?q?x?="
)
"""The worst words of others: markup, header lines, templates, hidden characters."""

SAMPLES: Mapping[MailKind, tuple[Context, ...]] = {
    MailKind.ACKNOWLEDGEMENT: (_ACKNOWLEDGEMENT, Acknowledgement("ACME-42", "", _EARLIER, "P4")),
    MailKind.STAFF_NOTICE: (
        _NOTICE,
        replace(_NOTICE, text="Please\nrestart it.", markup=_RICH),
        StaffNotice(_BARE_HEAD, opened=False, writer=Mailbox(""), received=_EARLIER, text=""),
    ),
    MailKind.RELAYED_REPLY: (
        RelayedReply("ACME-42", "Gateway offline", "Sam Rivera", "Please\nrestart it."),
        RelayedReply("ACME-42", "Gateway offline", "Sam Rivera", "Please\nrestart it.", _RICH),
    ),
    MailKind.RESOLUTION_NOTE: (
        ResolutionNote(
            ticket="ACME-42",
            title="Gateway offline",
            staff="Sam Rivera",
            resolved=_EARLIER,
            reopens_until=_EARLIER + timedelta(days=14),
            links=_ACKNOWLEDGEMENT.links,
            zone=_ZONE,
        ),
        ResolutionNote("ACME-42", "Gateway offline", "", _EARLIER, None),
    ),
    MailKind.COMMAND_ANSWER: (
        CommandAnswer(_HEAD, orders(_WRONG).faults, _EARLIER, _WRONG),
        CommandAnswer(None, orders("/etc/passwd").faults, _EARLIER, ""),
        CommandAnswer(_HEAD, (), _EARLIER, "/check\n/resolve\n\nDone.", ("it would be resolved",)),
    ),
    MailKind.INTERNAL_NOTE: (
        InternalNote(_HEAD, Mailbox("sam@example.com", "Sam Rivera"), _EARLIER, _NOTE, _NOTICE.attachments),
        InternalNote(_BARE_HEAD, Mailbox("sam@example.com"), _EARLIER, "", told=("it is yours now",)),
        InternalNote(
            _HEAD, Mailbox("sam@example.com"), _EARLIER, "Please\nrestart it.", answer_to=_OWN, markup=_RICH
        ),
        InternalNote(
            _HEAD, Mailbox("sam@example.com"), _EARLIER, "It is 6.2.", answer_to=_OWN, answered=True
        ),
        InternalNote(_BARE_HEAD, Mailbox("sam@example.com"), _EARLIER, ""),
    ),
    MailKind.WARNING: tuple(TargetWarning(_HEAD, replace(_RUNNING, kind=kind)) for kind in TargetKind),
    MailKind.MISSED_TARGET: (
        MissedTarget(_HEAD, _MISSED),
        MissedTarget(_HEAD, replace(_MISSED, stopped=NOW)),
        MissedTarget(_BARE_HEAD, replace(_MISSED, kind=TargetKind.RESOLUTION)),
    ),
    MailKind.PAGE: (
        Page(
            _HEAD,
            "a P1 has come in",
            "It is down.",
            steps=3,
            paged=("Sam Rivera", "pager"),
            missing=("Phone",),
        ),
        Page(_BARE_HEAD, ""),
    ),
    MailKind.NOT_ENTITLED: (
        NotEntitled(
            title="Help",
            received=_EARLIER,
            plan="Silver",
            reasons=("Silver includes chat around the clock, but no tickets",),
            links=_ACKNOWLEDGEMENT.links,
            zone=_ZONE,
            includes=(Link("Chat", "24x5"),),
        ),
        NotEntitled("", _EARLIER, "", ()),
    ),
    MailKind.DELIVERY_PROBLEM: (
        DeliveryProblem(
            _HEAD,
            "an answer to the customer",
            "Re: [ACME-42] Gateway offline",
            _REPORT,
            "nothing more goes to bob@acme.example until 2027-01-19, or until it writes",
            _CLOCKS,
        ),
        DeliveryProblem(None, "the digest", "", DeliveryReport((), "failed"), ""),
    ),
    MailKind.OPERATOR_NOTICE: (
        *(replace(_OPERATOR, matter=matter) for matter in Matter),
        OperatorNotice(
            Matter.PAGE, _EARLIER, "pager", "ACME-42 P1", "HTTP 503", "Acme Corp", "mailgate outbox"
        ),
        OperatorNotice(Matter.QUARANTINED, _EARLIER, "", "", ""),
    ),
    MailKind.DIGEST: (_DIGEST, Digest(_DIGEST.day, _ZONE, _DIGEST.window)),
}
"""Examples of what each kind of mail may say."""


def hostile(value: Any, name: str = "") -> Any:
    """The value with other people's worst words in every text of it."""
    if isinstance(value, tuple):
        return tuple(hostile(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{one.name: hostile(getattr(value, one.name), one.name) for one in fields(value)}
        )
    if isinstance(value, str) and not isinstance(value, Enum) and name not in _OURS:
        return HOSTILE
    return value
