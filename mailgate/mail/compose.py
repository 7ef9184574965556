"""Knows how a draft becomes a mail: its words from a template, its header from what the draft says.

Addresses in the envelope come from the draft alone, never from what was written into the header.
"""

from collections.abc import Sequence
from dataclasses import replace

from mailgate.core.message import LOOP_FIELD, Mailbox
from mailgate.core.outgoing import AutoSubmitted, Draft, Outgoing
from mailgate.mail import fields
from mailgate.mail.oneline import one_line
from mailgate.mail.render import FAULTS, Look
from mailgate.mail.shelf import Reader
from mailgate.mail.signing import Signer, signed
from mailgate.mail.write import Field, Letter, TamperedHeaderError, written

UNWRITABLE: tuple[type[Exception], ...] = (TamperedHeaderError, *FAULTS)
"""What keeps a draft from becoming a mail: its addresses, its header, its templates."""

_LONGEST_SUBJECT = 250


def compose(draft: Draft, look: Look, signers: Sequence[Signer] = ()) -> Outgoing:
    """The mail in its final bytes, signed with the keys of the domain (`behaviour.md` 5.6).

    Raises:
        UnwritableError: an address or Message-ID of the draft cannot stand in a header.
        TamperedHeaderError: what was built does not read as it was meant.
        jinja2.TemplateError: a template is wrong; `UNWRITABLE` has all that it can raise.
    """
    reader = Reader(draft.account, draft.policy, draft.language)
    words = look.words(draft.context, draft.date, reader, draft.enclosures)
    header = (*_envelope_fields(draft, words.subject), *_thread_fields(draft), *_marks(draft, look.domain))
    letter = Letter(header, draft.message_id, words.text, words.html, words.attached, words.pictures)
    subject = one_line(words.subject, _LONGEST_SUBJECT)
    content = signed(written(letter), signers, draft.date)
    mail = draft.outgoing(subject, content, tuple(map(_wire, draft.to)))
    return replace(mail, reverse_path=fields.address(draft.reverse_path)) if draft.reverse_path else mail


def unwritten(draft: Draft) -> Outgoing:
    """What stands for a draft that cannot be written: without content, so that it is never sent."""
    return draft.outgoing(draft.kind.replace("_", " "), b"", tuple(box.address for box in draft.to))


def _envelope_fields(draft: Draft, subject: str) -> list[Field]:
    header = [
        Field("From", fields.mailbox(draft.sender, "From"), (fields.address(draft.sender.address),)),
        Field("To", fields.addresses(draft.to), tuple(map(_wire, draft.to))),
    ]
    beside = [box for box in draft.cc if fields.is_writable(box.address)]
    if beside:
        header.append(Field("Cc", fields.addresses(beside), tuple(map(_wire, beside))))
    if draft.reply_to:
        where = fields.address(draft.reply_to)
        header.append(Field("Reply-To", where, (where,)))
    header.append(Field("Subject", fields.text(subject, "Subject")))
    header.append(Field("Date", fields.date(draft.date)))
    return header


def _wire(box: Mailbox) -> str:
    return fields.address(box.address)


def _thread_fields(draft: Draft) -> list[Field]:
    """RFC 5322 section 3.6.4; an id that another program made badly is left out."""
    header = [Field("Message-ID", fields.message_id(draft.message_id))]
    for name, ids in (("In-Reply-To", (draft.in_reply_to,)), ("References", draft.references)):
        body = fields.references(ids)
        if body:
            header.append(Field(name, body))
    return header


def _marks(draft: Draft, domain: str) -> list[Field]:
    """By what other programs know that nobody wrote this, and by what we know our own mail again."""
    header = [Field(LOOP_FIELD, domain)]
    if draft.auto is not AutoSubmitted.NO:
        header.append(Field("Auto-Submitted", draft.auto))  # RFC 3834 section 5
        header.append(Field("X-Auto-Response-Suppress", "All"))
    return header
