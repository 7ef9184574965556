"""Knows how raw bytes become a Message: the one way into the reading of mail.

Total: any bytes give a Message or an Unreadable, in time and memory linear in their number.
"""

import hashlib
import re
from datetime import datetime

from mailgate.core import automatic
from mailgate.core import subject as core_subject
from mailgate.core.fingerprint import fingerprint
from mailgate.core.message import (
    LOOP_FIELD,
    Attachment,
    DeliveryReport,
    Mailbox,
    Message,
    Reading,
    Unreadable,
)
from mailgate.mail import (
    address,
    body,
    date,
    encodedword,
    limits,
    line,
    page,
    protection,
    quotation,
    report,
    structure,
)
from mailgate.mail.body import Body
from mailgate.mail.header import Header
from mailgate.mail.structure import Structure

_IDENTIFIER = re.compile(r"<([^<>]{1,600})>")
_LONGEST_ID = 500  # characters
_LOOSE = re.compile(r"[^\s<>,;\"]{1,500}")
_BLANK = re.compile(rb"[ \t]+\r?\n")  # a first line of blanks alone is neither header nor body
_LOOP = LOOP_FIELD.lower()


def parse(raw: bytes) -> Reading:
    """What the mail says; Unreadable if it is beyond the limits or no mail at all."""
    blank = _BLANK.match(raw)
    if blank:
        raw = raw[blank.end() :]
    if not raw.strip():
        return Unreadable("an empty mail")
    if raw[:1] in b" \t":
        return Unreadable("a header that begins with a folded line")
    taken_apart = structure.read(raw)
    if isinstance(taken_apart, Unreadable):
        return taken_apart
    if len(taken_apart.header.every("received")) > limits.HOPS:
        return Unreadable(f"more than {limits.HOPS} hosts on its way")
    return _message(raw, taken_apart)


def _message(raw: bytes, taken_apart: Structure) -> Message:
    head = taken_apart.header
    label = _label(taken_apart)
    content = body.read(raw, taken_apart)
    text = line.text_of(content.lines).strip("\n")
    subject = encodedword.decoded(head.first("subject"), label, guess=True)
    shown = subject[: limits.LINE_CHARS]
    defects = [
        *taken_apart.defects,
        *content.defects,
        *(["a subject too long to show"] if shown != subject else []),
    ]
    own = quotation.own_words(content.lines, forwards=core_subject.forwards(shown))
    delivery = report.read(raw, taken_apart, text, shown)
    return Message(
        subject=shown,
        senders=_senders(head, label),
        identity=_identity(raw, head),
        to=address.mailboxes(head.every("to"), label),
        cc=address.mailboxes(head.every("cc"), label),
        reply_to=address.mailboxes(head.every("reply-to"), label),
        message_id=next(iter(_identifiers(head.every("message-id")[:1])), ""),
        in_reply_to=_identifiers(head.every("in-reply-to")),
        references=_identifiers(head.every("references")),
        date=date.read(head.first("date")),
        text=text,
        reply_text=own or text.strip(),
        fingerprint=fingerprint(own or text),
        only_quotes=not own and bool(text.strip()),
        markup=page.read(raw, taken_apart, content.files),
        attachments=_attachments(content),
        protection=protection.of(taken_apart, text),
        verdict=automatic.verdict(_evidence(taken_apart, shown, delivery)),
        report=delivery,
        presumed=None if delivery else report.presumed(raw, taken_apart, text, shown),
        loop_marks=tuple(encodedword.decoded(value) for value in head.every(_LOOP)),
        hops=len(head.every("received")),
        stamps=_stamps(head),
        defects=tuple(dict.fromkeys(defects)),
    )


def _senders(head: Header, label: str) -> tuple[Mailbox, ...]:
    """Every mailbox in From; none where there is more than could be read to its end."""
    values = head.every("from")
    return address.mailboxes(values, label) if sum(map(len, values)) <= limits.FROM_BYTES else ()


def _label(taken_apart: Structure) -> str:
    """The charset that the mail's text is said to be in: the best guess for 8-bit bytes in its header."""
    for part in taken_apart.parts:
        if "charset" in part.parameters:
            return part.parameters["charset"]
    return ""


def _stamps(head: Header) -> tuple[datetime, ...]:
    """When each host on its way took the mail: what stands behind the semicolon (RFC 5321 section 4.4)."""
    dates = (date.read(value.rpartition(b";")[2]) for value in head.every("received"))
    return tuple(filter(None, dates))


def _identity(raw: bytes, head: Header) -> str:
    """A digest of what the sender wrote; the fields that mail systems add on the way do not count."""
    digest = hashlib.sha256()
    for name in ("from", "date", "subject"):
        for value in head.every(name):
            digest.update(b" ".join(value.split()) + b"\n")
        digest.update(b"\n")
    digest.update(raw[head.body :].replace(b"\r\n", b"\n").rstrip())
    return digest.hexdigest()


def _identifiers(values: tuple[bytes, ...]) -> tuple[str, ...]:
    """Message-IDs without their angle brackets (RFC 5322 section 3.6.4), once each, in their order."""
    found: dict[str, None] = {}
    for value in values:
        text = encodedword.decoded(value)
        # An identifier has no blank in it: one that stands there came with a fold.
        names = ["".join(name.split()) for name in _IDENTIFIER.findall(text)]
        names = names or [name for name in _LOOSE.findall(text) if "@" in name]
        found.update(dict.fromkeys(name for name in names if 0 < len(name) <= _LONGEST_ID))
    return tuple(found)[: limits.IDENTIFIERS]


def _attachments(content: Body) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            file.filename,
            file.content_type,
            len(file.content),
            hashlib.sha256(file.content).hexdigest(),
            file.inline,
            file.content_id,
        )
        for file in content.files
    )


def _evidence(taken_apart: Structure, subject: str, delivery: DeliveryReport | None) -> automatic.Evidence:
    head = taken_apart.header
    fields = {
        name: tuple(encodedword.decoded(value) for value in head.fields[name])
        for name in automatic.FIELDS & head.fields.keys()
    }
    sender = " ".join(encodedword.decoded(value) for value in head.every("from")).lower()
    report_type = taken_apart.parameters.get("report-type", "").lower()
    return automatic.Evidence(fields, taken_apart.content_type, report_type, sender, subject, delivery)
