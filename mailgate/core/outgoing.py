"""Knows the mails that mailgate sends, as values, before they are bytes.

A flow builds a Draft; mail.compose turns it into final bytes with the template folder that its kind names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailgate.core.message import Mailbox


class MailKind(StrEnum):
    """Each kind is a folder in templates/ (`behaviour.md` 5.1)."""

    ACKNOWLEDGEMENT = "acknowledgement"
    STAFF_NOTICE = "staff_notice"
    RELAYED_REPLY = "relayed_reply"
    WARNING = "warning"
    MISSED_TARGET = "missed_target"
    PAGE = "page"
    NOT_ENTITLED = "not_entitled"
    DELIVERY_PROBLEM = "delivery_problem"
    OPERATOR_NOTICE = "operator_notice"
    DIGEST = "digest"


class Care(StrEnum):
    """What follows an end of data without an answer (`behaviour.md` 5.4)."""

    AT_MOST_ONCE = "at_most_once"  # automatic mail to a customer
    AT_LEAST_ONCE = "at_least_once"  # a person's words, mail to staff and operators


class AutoSubmitted(StrEnum):
    """RFC 3834 section 5: how automatic mail says so."""

    NO = "no"
    REPLIED = "auto-replied"
    GENERATED = "auto-generated"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along, decoded."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail that is to go, before it is bytes.

    Args:
        cause: what makes it unique: a second draft with the same cause is not queued again.
        reverse_path: empty for the null reverse-path.
        context: what the template may name; plain values, text unescaped.
        language: the template language, reserved for accounts that choose one.
    """

    kind: MailKind
    cause: str
    sender: Mailbox
    to: tuple[Mailbox, ...]
    message_id: str
    date: datetime
    context: Mapping[str, object]
    reverse_path: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    auto: AutoSubmitted = AutoSubmitted.NO
    care: Care = Care.AT_LEAST_ONCE
    account: str = ""
    enclosures: tuple[Enclosure, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail in its final bytes, as it stands in the outbox. `recipients` are the RCPT addresses."""

    kind: MailKind
    cause: str
    care: Care
    reverse_path: str
    recipients: tuple[str, ...]
    message_id: str
    subject: str
    content: bytes
    account: str = ""
