"""Knows delivery reports: which mail did not arrive, where, and why (RFC 3464, RFC 6533).

The forms from before that are in mail.plainreport, and so is what makes a mail likely to be a report at all.
"""

import re
from collections.abc import Iterator, Mapping

from mailgate.core.message import DeliveryReport, Fate
from mailgate.core.report import ACTIONS, FAILED, clearer, summary
from mailgate.mail import address, body, encodedword, header, limits, plainreport, wording
from mailgate.mail.header import Header
from mailgate.mail.structure import Part, Structure

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_REMARK = re.compile(r"\((.{1,300})\)")
_IDENTIFIER = re.compile(rb"(?im)^[> \t]{0,10}message-id:\s{0,20}<\s?([^<>\s]{1,500})\s?>")
_FIELDS = re.compile(r"(?im)^[ \t]{0,4}(?:reporting-mta|original-recipient|final-recipient):")
_INDENT = re.compile(r"^[ \t]{1,4}(?=[A-Za-z-]{3,40}:)", re.MULTILINE)
_CODED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")  # RFC 6533 section 3, utf-8-addr-xtext
_HEXED = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461 section 4, xtext that nobody has decoded
_STATUSES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset(
    {
        "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822-header",
        "message/global-headers", "message/rfc822-headers", "text/rfc822",
    }
)  # fmt: skip
_PEOPLE = ("original-recipient", "final-recipient", "x-actual-recipient")
_LOOK = 256 * 1024  # bytes of a part of a report that are looked at
_GROUPS = 200  # recipients that one report may speak of

Group = Mapping[str, str]


def read(raw: bytes, taken_apart: Structure, text: str, subject: str) -> DeliveryReport | None:
    """What the mail reports of a delivery; None if it is no delivery report."""
    standard = taken_apart.content_type == "multipart/report" and _status_part(taken_apart) is not None
    if standard or plainreport.likely(taken_apart.header, subject, text):
        return _told(raw, taken_apart, text, subject)
    return None


def presumed(raw: bytes, taken_apart: Structure, text: str, subject: str) -> DeliveryReport | None:
    """What a mail that does not show itself as one reports, should its envelope be a report's."""
    if _status_part(taken_apart) is None and not plainreport.conceivable(subject, text):
        return None
    found = _told(raw, taken_apart, text, subject)
    if found is None or _status_part(taken_apart) or plainreport.speaks(subject):
        return found
    technical = found.status or found.diagnostic or found.message_ids  # a responder writes in words alone
    return found if technical else None


def _told(raw: bytes, taken_apart: Structure, text: str, subject: str) -> DeliveryReport | None:
    part = _status_part(taken_apart)
    groups = _groups(body.content(raw, part)[0][:_LOOK]) if part else _groups_in(text)
    returned = _returned(raw, taken_apart.parts, text)
    if not groups:
        return plainreport.read(taken_apart.header, subject, text, returned)
    found = summary(map(_fate, groups), returned)
    if found.recipients:
        return found
    plain = plainreport.read(taken_apart.header, subject, text, returned)  # its words may name somebody
    named = plain.recipients if plain else ()
    fates = (Fate(name, found.action, found.status, found.diagnostic) for name in named)
    return summary(fates, returned) if named else found


def _status_part(taken_apart: Structure) -> Part | None:
    return next((part for part in taken_apart.parts if part.content_type in _STATUSES), None)


def _groups_in(text: str) -> list[Group]:
    """The same fields, where they stand in the text of a mail."""
    found = _FIELDS.search(text)
    if not found:
        return []
    return _groups(_INDENT.sub("", text[found.start() :][:_LOOK]).encode())


def _groups(octets: bytes) -> list[Group]:
    """The groups of fields that speak of one recipient each (RFC 3464 section 2.1)."""
    octets = octets.replace(b"\r\n", b"\n").strip() + b"\n\n"
    found: list[Group] = []
    at = 0
    while at < len(octets) and len(found) < _GROUPS:
        head = header.read(octets, at, len(octets))
        if not isinstance(head, Header) or head.body <= at:
            break
        at = head.body
        found.extend(_of_block(head))
    return found


def _of_block(head: Header) -> Iterator[Group]:
    """The groups of one block: some systems write several without a line between them."""
    if not any(name in head.fields for name in (*_PEOPLE, "action")):
        return
    for number in range(min(max(len(head.every(name)) for name in _PEOPLE) or 1, _GROUPS)):
        yield {
            name: encodedword.decoded(values[min(number, len(values) - 1)])
            for name, values in head.fields.items()
        }


def _fate(group: Group) -> Fate:
    diagnostic = group.get("diagnostic-code", "")
    said = diagnostic.partition(";")[2].strip() or diagnostic
    status = _STATUS.search(group.get("status", ""))
    remark = _REMARK.search(group.get("status", ""))
    names = list(dict.fromkeys(filter(None, (_address(group.get(name, "")) for name in _PEOPLE))))
    names.sort(key=_encapsulated)
    return Fate(
        names[0] if names else "",
        _action(group),
        clearer(status[0] if status else "", said),
        wording.line(said or (remark[1] if remark else ""))[: limits.LINE_CHARS],
        tuple(names[1:]),
    )


def _action(group: Group) -> str:
    """The action, however it is written (RFC 3464 section 2.3.3); without one the status tells."""
    word = group.get("action", "").strip().lower()
    if not word:
        return "delivered" if group.get("status", "").strip().startswith("2.") else FAILED
    return next((action for action in ACTIONS if word.startswith(action[:5])), FAILED)


def _address(value: str) -> str:
    """The address in a field that names its kind first (RFC 3464 section 2.3.2)."""
    kind, semicolon, typed = value.partition(";")
    typed = typed.strip() if semicolon else kind.strip()
    if kind.strip().lower() == "utf-8":
        typed = _CODED.sub(_character, typed)
    if "@" not in typed:
        typed = _HEXED.sub(lambda found: chr(int(found[1], 16)), typed)
    found = address.mailboxes((typed.encode(errors="replace"),))
    return found[0].address.rstrip(".") if found else ""


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= 0x10FFFF else ""  # noqa: PLR2004 - where Unicode ends


def _encapsulated(name: str) -> bool:
    """Whether it is a name of another world written as an address ([MS-OXCMAIL]): nobody knows it by that."""
    return name.lower().startswith(("imceaex", "imcea"))


def _returned(raw: bytes, parts: tuple[Part, ...], text: str) -> tuple[str, ...]:
    """The Message-ID of the mail that came back, from its header, wherever in the report that is."""
    for part in parts:
        if part.content_type in _RETURNED:
            found = _IDENTIFIER.search(body.content(raw, part)[0][:_LOOK])
            if found:
                return (found[1].decode("latin-1"),)
    found = _IDENTIFIER.search(text[:_LOOK].encode())
    return (found[1].decode(),) if found else ()
