"""Knows the mails that mailgate sends, as values, before they are bytes.

A flow builds a Draft; mail.compose turns it into final bytes with the template folder that its kind names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailgate.core.digest import Digest
from mailgate.core.message import Mailbox
from mailgate.core.notice import (
    Acknowledgement,
    CommandAnswer,
    DeliveryProblem,
    InternalNote,
    MissedTarget,
    NotEntitled,
    OperatorNotice,
    Page,
    RelayedReply,
    ResolutionNote,
    StaffNotice,
    TargetWarning,
)


class MailKind(StrEnum):
    """Each kind is a folder in templates/ (`behaviour.md` 5.1)."""

    ACKNOWLEDGEMENT = "acknowledgement"
    STAFF_NOTICE = "staff_notice"
    RELAYED_REPLY = "relayed_reply"
    RESOLUTION_NOTE = "resolution_note"
    COMMAND_ANSWER = "command_answer"
    INTERNAL_NOTE = "internal_note"
    WARNING = "warning"
    MISSED_TARGET = "missed_target"
    PAGE = "page"
    NOT_ENTITLED = "not_entitled"
    DELIVERY_PROBLEM = "delivery_problem"
    OPERATOR_NOTICE = "operator_notice"
    DIGEST = "digest"


TO_CUSTOMERS = frozenset(
    {MailKind.ACKNOWLEDGEMENT, MailKind.RELAYED_REPLY, MailKind.RESOLUTION_NOTE, MailKind.NOT_ENTITLED}
)
"""Kinds of mail that leave the house, in the language of an account; staff and operators read English."""

Context = (
    Acknowledgement
    | StaffNotice
    | RelayedReply
    | ResolutionNote
    | CommandAnswer
    | InternalNote
    | TargetWarning
    | MissedTarget
    | Page
    | NotEntitled
    | DeliveryProblem
    | OperatorNotice
    | Digest
)
"""What a template is filled with; its type says which kind of mail it is."""

MAIL_KIND: Mapping[type[Context], MailKind] = {
    Acknowledgement: MailKind.ACKNOWLEDGEMENT,
    StaffNotice: MailKind.STAFF_NOTICE,
    RelayedReply: MailKind.RELAYED_REPLY,
    ResolutionNote: MailKind.RESOLUTION_NOTE,
    CommandAnswer: MailKind.COMMAND_ANSWER,
    InternalNote: MailKind.INTERNAL_NOTE,
    TargetWarning: MailKind.WARNING,
    MissedTarget: MailKind.MISSED_TARGET,
    Page: MailKind.PAGE,
    NotEntitled: MailKind.NOT_ENTITLED,
    DeliveryProblem: MailKind.DELIVERY_PROBLEM,
    OperatorNotice: MailKind.OPERATOR_NOTICE,
    Digest: MailKind.DIGEST,
}


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
    """A file that goes along, decoded.

    Args:
        content_id: by what a page shows it in its place, without angle brackets; empty for an attachment.
    """

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail that is to go, before it is bytes.

    Args:
        cause: what makes it unique: a second draft with the same cause is not queued again.
        sender: From; its name is shown.
        to: who gets it; only their addresses are written, for their names are the customer's own words.
        cc: who is shown to get the same words, in mails of their own; this one does not go to them.
        context: what the template may name; its type decides the kind.
        reverse_path: empty for the null reverse-path.
        reply_to: a bare address, usually a signed one.
        in_reply_to, references: Message-IDs without angle brackets.
        account, policy: whose template folders are looked into first; empty for the shipped ones alone.
        language: of who reads it, for which there may be templates too; empty for English.
        via: the notification service that a page goes to; empty for mail.
    """

    cause: str
    sender: Mailbox
    to: tuple[Mailbox, ...]
    message_id: str
    date: datetime
    context: Context
    reverse_path: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    auto: AutoSubmitted = AutoSubmitted.NO
    care: Care = Care.AT_LEAST_ONCE
    account: str = ""
    policy: str = ""
    language: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    via: str = ""

    @property
    def kind(self) -> MailKind:
        """Which folder of templates/ it is made with."""
        return MAIL_KIND[type(self.context)]

    def outgoing(self, subject: str, content: bytes, recipients: tuple[str, ...]) -> "Outgoing":
        """The mail in its final bytes, from the null reverse-path."""
        return Outgoing(
            kind=self.kind,
            cause=self.cause,
            care=self.care,
            reverse_path="",
            recipients=recipients,
            message_id=self.message_id,
            subject=subject,
            content=content,
            account=self.account,
            sender=self.sender.address,
            via=self.via,
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail in its final bytes, as it stands in the outbox.

    Args:
        recipients: the RCPT addresses; of a page by a notification service, its name.
        content: empty where it could not be written: it is never sent, and told like one that was refused.
        sender: the address in From, which people are shown.
        via: the notification service that it goes to; empty for mail.
    """

    kind: MailKind
    cause: str
    care: Care
    reverse_path: str
    recipients: tuple[str, ...]
    message_id: str
    subject: str
    content: bytes
    account: str = ""
    sender: str = ""
    via: str = ""

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address in its envelope can only be said with SMTPUTF8 (RFC 6531)."""
        return not (self.reverse_path.isascii() and all(recipient.isascii() for recipient in self.recipients))
