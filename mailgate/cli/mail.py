"""Knows the command group `mail`: what mailgate reads in a mail file."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant
from mailgate.cli.screen import emit_json, say
from mailgate.core import subject
from mailgate.core.instant import written
from mailgate.core.message import Attachment, DeliveryReport, Mailbox, Message, Origin, Protection, Reading

PRIORITIES = ("p1", "p2", "p3", "p4")
_WRITERS = {
    Origin.PERSON: "a person",
    Origin.MACHINE: "a machine",
    Origin.DELIVERY_REPORT: "a mail server",
}
_PROTECTIONS = {
    Protection.SIGNED: "signed; the signature is not verified",
    Protection.ENCRYPTED: "encrypted; what is in it cannot be read here",
}


@click.group()
def mail() -> None:
    """Look at mail files as mailgate reads them."""


@mail.command()
@click.argument("files", nargs=-1, type=click.Path())
@as_json
def parse(files: tuple[str, ...], *, as_json: bool) -> None:
    """Show what mailgate reads in these mails.

    Standard input is read where no FILE is named, or for `-`.
    """
    from mailgate.mail.parse import parse as read  # noqa: PLC0415 - keeps `mailgate --help` quick

    for name in files or ("-",):
        reading = read(_bytes_of(name))
        if as_json:
            emit_json(described(name, reading), indent=None)
        else:
            say(_shown(name, reading))


@mail.command()
@click.argument("file", type=click.Path())
@click.option("--to", "recipient", metavar="ALIAS", required=True, help="The address that it was sent to.")
@click.option("--from", "reverse_path", metavar="REVERSE-PATH", help="Its MAIL FROM; without it, its From.")
@click.option("--peer", metavar="ADDRESS", default="", help="The client's IP address, or unix.")
@click.option("--helo", metavar="NAME", default="", help="What the client called itself.")
@as_json
@at_instant
def explain(*, file: str, as_json: bool, now: datetime, **came: str | None) -> None:
    """Tell what would be decided about a mail and sent, and why. Changes nothing.

    An ALIAS without a domain is one of the desk's.
    """
    from mailgate.cli import foresight  # noqa: PLC0415 - keeps `mailgate --help` quick

    told = foresight.of(_bytes_of(file), foresight.Way(**came), now)
    if as_json:
        emit_json(foresight.described(told))
    else:
        say(foresight.told(told))


def described(name: str, reading: Reading) -> dict[str, object]:
    """The object of `mail parse --json` (`contract.md`)."""
    if not isinstance(reading, Message):
        return {"file": name, "error": reading.reason, "defects": [reading.reason]}
    sender = reading.sender
    report = reading.report
    return {
        "file": name,
        "subject": reading.subject,
        "from_addr": sender.address if sender else "",
        "from_name": sender.name if sender else "",
        "to": _addresses(reading.to),
        "cc": _addresses(reading.cc),
        "reply_to": reading.reply_to[0].address if reading.reply_to else "",
        "message_id": reading.message_id,
        "in_reply_to": reading.in_reply_to[0] if reading.in_reply_to else "",
        "references": list(reading.references),
        "date": written(reading.date) if reading.date else None,
        "text": reading.text,
        "reply_text": reading.reply_text,
        "is_auto": reading.verdict.origin is Origin.MACHINE,
        "is_bounce": reading.verdict.origin is Origin.DELIVERY_REPORT,
        "why_auto": reading.verdict.why,
        "bounce_recipients": list(report.recipients) if report else [],
        "bounce_status": report.status if report else "",
        "bounce_action": report.action if report else "",
        "priority": priority(reading.subject),
        "protection": reading.protection.value,
        "attachments": [_attached(attachment) for attachment in reading.attachments],
        "defects": list(reading.defects),
    }


def priority(text: str) -> str | None:
    """The most urgent of the tags `[P1]` to `[P4]` in the subject; no policy is asked."""
    found = set(subject.tags(text))
    return next((word.upper() for word in PRIORITIES if word in found), None)


def _bytes_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as fault:
        why = fault.strerror or "it cannot be read"
        raise Fault(f"{name}: {why}; name a mail file, or - for standard input") from None


def _attached(attachment: Attachment) -> dict[str, object]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "inline": attachment.inline,
        "content_id": attachment.content_id,
        "sha256": attachment.sha256,
    }


def _addresses(mailboxes: tuple[Mailbox, ...]) -> list[str]:
    return [mailbox.address for mailbox in mailboxes]


def _shown(name: str, reading: Reading) -> str:
    """The same for people: a line a thing, then the words of the writer."""
    if not isinstance(reading, Message):
        return f"{name}: unreadable: {reading.reason}\n"
    rows = [
        ("From", ", ".join(_named(mailbox) for mailbox in reading.senders) or "nobody"),
        ("To", ", ".join(map(_named, reading.to))),
        ("Cc", ", ".join(map(_named, reading.cc))),
        ("Reply-To", ", ".join(map(_named, reading.reply_to))),
        ("Subject", reading.subject),
        ("Date", written(reading.date) if reading.date else ""),
        ("Message-ID", reading.message_id),
        ("Answers", " ".join(reading.in_reply_to)),
        (
            "Written by",
            _WRITERS[reading.verdict.origin] + (f" ({reading.verdict.why})" if reading.verdict.why else ""),
        ),
        ("Priority", priority(reading.subject) or ""),
        ("Protection", _PROTECTIONS.get(reading.protection, "")),
        *_reported(reading.report),
        *(
            (_kind_of(file), f"{file.filename} ({file.content_type}, {file.size} bytes)")
            for file in reading.attachments
        ),
        *(("Defect", defect) for defect in reading.defects),
    ]
    head = "\n".join(f"{label + ':':<12} {value}" for label, value in rows if value)
    return f"{name}\n{head}\n\n{reading.reply_text}\n"


def _kind_of(file: Attachment) -> str:
    return "Picture" if file.inline and file.content_type.startswith("image/") else "File"


def _reported(report: DeliveryReport | None) -> Iterator[tuple[str, str]]:
    """What a delivery report says of each recipient."""
    for fate in report.fates if report else ():
        yield fate.action.capitalize(), " ".join(filter(None, (fate.recipient, fate.status, fate.diagnostic)))


def _named(mailbox: Mailbox) -> str:
    return f"{mailbox.name} <{mailbox.address}>" if mailbox.name else mailbox.address
