"""Knows delivery reports: which mail did not arrive, where, and why (RFC 3464).

The forms from before that are in mail.plainreport.
"""

import re
from collections.abc import Mapping

from mailgate.core.message import DeliveryReport
from mailgate.mail import address, body, encodedword, header, limits, plainreport, wording
from mailgate.mail.header import Header
from mailgate.mail.structure import Part, Structure

_RANK = ("failed", "delayed", "relayed", "expanded", "delivered")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_IDENTIFIER = re.compile(rb"(?im)^message-id:\s{0,20}<\s?([^<>\s]{1,500})\s?>")
_STATUSES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset(
    {
        "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822-header",
        "message/global-headers", "message/rfc822-headers",
    }
)  # fmt: skip
_LOOK = 256 * 1024  # bytes of a part of a report that are looked at
_GROUPS = 200  # recipients that one report may speak of

Group = Mapping[str, str]


def read(raw: bytes, taken_apart: Structure, text: str, subject: str) -> DeliveryReport | None:
    """What the mail reports of a delivery; None if it is no delivery report."""
    status = next((part for part in taken_apart.parts if part.content_type in _STATUSES), None)
    groups = _groups(raw, status) if status else []
    if not groups and not plainreport.likely(taken_apart.header, subject, text):
        return None
    returned = _returned(raw, taken_apart.parts)
    if groups:
        return _of_groups(groups, returned)
    return plainreport.read(taken_apart.header, subject, text, returned)


def _groups(raw: bytes, part: Part) -> list[Group]:
    """The groups of fields that speak of one recipient each (RFC 3464 section 2.1)."""
    octets = body.content(raw, part)[0][:_LOOK].replace(b"\r\n", b"\n").strip() + b"\n\n"
    found: list[Group] = []
    at = 0
    while at < len(octets) and len(found) < _GROUPS:
        head = header.read(octets, at, len(octets))
        if not isinstance(head, Header) or head.body <= at:
            break
        at = head.body
        if any(name in head.fields for name in ("final-recipient", "original-recipient", "action")):
            found.append({name: encodedword.decoded(values[0]) for name, values in head.fields.items()})
    return found


def _of_groups(groups: list[Group], returned: tuple[str, ...]) -> DeliveryReport:
    actions = [group.get("action", "failed").partition(";")[0].split(" ")[0].lower() for group in groups]
    worst = min(actions, key=lambda action: _RANK.index(action) if action in _RANK else len(_RANK))
    concerned = [group for group, action in zip(groups, actions, strict=True) if action == worst]
    recipients = dict.fromkeys(filter(None, map(_recipient, concerned)))
    status = next(filter(None, (_STATUS.search(group.get("status", "")) for group in concerned)), None)
    diagnostic = next(filter(None, (group.get("diagnostic-code", "") for group in concerned)), "")
    return DeliveryReport(
        tuple(recipients),
        worst if worst in _RANK else "failed",
        status[0] if status else "",
        wording.line(diagnostic.partition(";")[2] or diagnostic)[: limits.LINE_CHARS],
        returned,
    )


def _recipient(group: Group) -> str:
    """The address in a group; Final-Recipient is the one that every report has (RFC 3464 section 2.3.2)."""
    for name in ("final-recipient", "original-recipient"):
        value = group.get(name, "")
        typed = value.partition(";")[2] or value
        found = address.mailboxes((typed.strip().encode(),))
        if found:
            return found[0].address
    return ""


def _returned(raw: bytes, parts: tuple[Part, ...]) -> tuple[str, ...]:
    """The Message-ID of the mail that came back, from its header, wherever in the report that is."""
    for part in parts:
        if part.content_type in _RETURNED:
            found = _IDENTIFIER.search(body.content(raw, part)[0][:_LOOK])
            if found:
                return (found[1].decode("latin-1"),)
    return ()
