"""Knows how one mail, read, becomes what is written: one change for each account that it was sent to."""

import asyncio
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from mailgate.core.address import ToAccount, TokenRole, ToOperators, destination
from mailgate.core.authentication import Authentication
from mailgate.core.automatic import with_envelope
from mailgate.core.change import Beside, Change, Fresh, Hold, HoldKind, Incoming, Outcome, SpooledMail
from mailgate.core.consequence import consequence
from mailgate.core.correspondence import CARRIES_FILES
from mailgate.core.facts import Question
from mailgate.core.hearing import Arrival, Finding, Hearing
from mailgate.core.internal import names_inside
from mailgate.core.message import Message, Origin, Reading, Unreadable, folded
from mailgate.core.notice import InternalNote, Matter, OperatorNotice
from mailgate.core.outgoing import Draft, Enclosure, MailKind
from mailgate.core.reply import Reply
from mailgate.core.ticket import TicketId, ticket_name
from mailgate.flows.office import Office
from mailgate.mail.enclosure import enclosures

_WORTH_A_THREAD = 256 * 1024  # bytes
_READERS = 100  # of one mail, whose threads are kept together

NOBODY = Fresh(TicketId(0), 0)
"""Stands where a finding opens no ticket."""


@dataclass(frozen=True, slots=True)
class Work:
    """One spooled mail, read, with what it is to each account that it was sent to.

    Args:
        strayed: recipients that are nobody's any more: the configuration changed since their RCPT.
        mailboxes: `postmaster` or `abuse`, where the mail went there.
        files: what came along, decoded, to go along with what is passed on.
    """

    mail: SpooledMail
    reading: Reading
    arrivals: tuple[Arrival, ...]
    strayed: tuple[str, ...]
    mailboxes: tuple[str, ...]
    files: tuple[Enclosure, ...] = ()

    @property
    def names(self) -> frozenset[Hashable]:
        """By what another mail could know this one: two that share a name are decided one after the other."""
        return frozenset(chain.from_iterable(_names(arrival.question) for arrival in self.arrivals))


def _names(one: Question) -> Iterator[Hashable]:
    for name in (one.message_id, one.identity, *one.references, *one.ticket_ids, *one.reported_ids):
        if name:
            yield one.account, name
    for number in one.numbers:
        yield one.account, ticket_name(one.account, number)


async def unfolded(
    mail: SpooledMail, reading: Reading, office: Office, proven: Authentication | None = None
) -> Work:
    """The mail sorted out, with its files; those of a large one are decoded in a thread.

    Args:
        proven: what proves who sent it; None where nobody looked.
    """
    work = sorted_out(mail, reading, office, proven)
    if not work.arrivals or not isinstance(reading, Message) or not reading.attachments:
        return work
    if len(mail.content) < _WORTH_A_THREAD:
        return replace(work, files=enclosures(mail.content))
    return replace(work, files=await asyncio.to_thread(enclosures, mail.content))


def sorted_out(
    mail: SpooledMail, reading: Reading, office: Office, proven: Authentication | None = None
) -> Work:
    """The mail with its recipients put together by account (`behaviour.md` 1.7)."""
    desk, keys = office.head.desk, office.head.keys
    routes: dict[str, list[ToAccount]] = {}
    strayed: list[str] = []
    mailboxes: list[str] = []
    for recipient in mail.envelope.recipients:
        match destination(recipient, desk, keys):
            case ToAccount() as to:
                routes.setdefault(to.account, []).append(to)
            case ToOperators(mailbox):
                mailboxes.append(mailbox)
            case Reply():
                strayed.append(recipient)
    if isinstance(reading, Unreadable):
        return Work(mail, reading, (), tuple(strayed), tuple(mailboxes))
    returned = any(
        to.token and to.token.role is TokenRole.BOUNCE for known in routes.values() for to in known
    )
    message = with_envelope(reading, mail.envelope.reverse_path, returned=returned)
    arrivals = tuple(
        Arrival(
            mail.id,
            mail.received,
            mail.envelope,
            message,
            desk.accounts[key],
            tuple(to),
            mail.released,
            proven,
        )
        for key, to in routes.items()
    )
    return Work(mail, message, arrivals, tuple(strayed), tuple(mailboxes))


def decided(work: Work, hearing: Hearing, finding: Finding, fresh: Fresh, office: Office) -> Change:
    """What the finding writes for the account that the mail was heard for."""
    follows = consequence(finding, hearing, office.head, fresh)
    message = hearing.arrival.message
    keeps = finding.outcome is not Outcome.DUPLICATE
    return Change(
        spool_id=work.mail.id,
        raw_id=work.mail.raw_id,
        account=hearing.arrival.account.key,
        received=work.mail.received,
        outcome=finding.outcome,
        rule=finding.rule,
        reason=finding.reason,
        ticket=follows.ticket.id if follows.ticket else None,
        ticket_name=follows.ticket.name if follows.ticket else "",
        events=follows.events,
        message=_remembered(message, hearing.arrival.authentication) if keeps else None,
        mails=office.composed(_with_files(follows.drafts, work.files)),
        beside=tuple(
            Beside(other.ticket.id, other.events, office.composed(other.drafts)) for other in follows.beside
        ),
        hold=follows.hold,
        suppressions=follows.suppressions,
        braked=finding.matter is Matter.BRAKE,
        attempt=work.mail.attempts,
    )


def quarantined(work: Work, reason: str, office: Office) -> Change:
    """A mail that cannot be read or decided: kept, listed, and the operators are told.

    Nothing of what was read is used: it may be the very thing that broke the decision.
    """
    hold = Hold(HoldKind.QUARANTINED, work.mail.envelope.reverse_path, "")
    accounts = sorted({one.account.key for one in work.arrivals}) or [""]
    return _held(work, hold, Matter.QUARANTINED, accounts[0], reason, office)


def for_operators(work: Work, office: Office) -> Change:
    """A mail to postmaster or abuse, or to somebody who is no more: kept, listed, and passed on."""
    message = work.reading if isinstance(work.reading, Message) else None
    hold = Hold(HoldKind.OPERATOR, work.mail.envelope.reverse_path, message.subject if message else "")
    where = ", ".join((*work.mailboxes, *work.strayed))
    return _held(work, hold, Matter.LETTER, "", f"it was sent to {where}", office)


def _held(work: Work, hold: Hold, matter: Matter, account: str, reason: str, office: Office) -> Change:
    drafts: tuple[Draft, ...] = ()
    if office.head.desk.operators and not _goes_round(work, office):
        says = OperatorNotice(
            matter=matter,
            at=work.mail.received,
            sender=hold.sender,
            subject=hold.subject,
            reason=reason,
            remedy="mailgate held",
            text=work.reading.text if matter is Matter.LETTER and isinstance(work.reading, Message) else "",
            zone=office.head.desk.timezone,
        )
        cause = f"operator_notice:{matter}:{_occasion(work, hold.sender)}"
        drafts = (office.head.to_operators(cause, work.mail.received, says),)
    return Change(
        spool_id=work.mail.id,
        raw_id=work.mail.raw_id,
        account=account,
        received=work.mail.received,
        outcome=Outcome.QUARANTINED if matter is Matter.QUARANTINED else Outcome.HELD,
        rule="2" if matter is Matter.QUARANTINED else "1.1",
        reason=reason,
        mails=office.composed(drafts),
        hold=hold,
        attempt=work.mail.attempts,
    )


def _occasion(work: Work, sender: str) -> str:
    """What the operators are told of once: the same words of one sender, on one day.

    A program of theirs that answers our notices, without a header that says so, is not answered again.
    """
    words = work.reading.fingerprint if isinstance(work.reading, Message) else 0
    return f"{folded(sender)}:{work.mail.received:%Y-%m-%d}:{words}" if words else str(work.mail.id)


def _goes_round(work: Work, office: Office) -> bool:
    """Whether a notice about this mail could answer a machine, a notice of our own, or its own reader."""
    if not isinstance(work.reading, Message) or not work.mailboxes:
        return False
    desk, sender = office.head.desk, work.reading.sender
    ours = desk.marked(work.reading.loop_marks)
    operators = {one.folded for one in desk.operators}
    own = sender is not None and sender.folded in operators
    return ours or own or work.reading.verdict.origin is not Origin.PERSON


def _remembered(message: Message, proven: Authentication | None) -> Incoming:
    return Incoming(
        sender=message.sender.folded if message.sender else "",
        subject=message.subject,
        message_id=message.message_id,
        identity=message.identity,
        fingerprint=message.fingerprint,
        readers=message.readers[:_READERS],
        authentication=proven,
    )


def _with_files(drafts: tuple[Draft, ...], files: tuple[Enclosure, ...]) -> tuple[Draft, ...]:
    """The drafts, with the mail's own files where they go along.

    A notice to staff, attached to the answer to it, stays inside (`behaviour.md` 4.2).
    """
    if not files:
        return drafts
    shown = tuple(file for file in files if not names_inside(file.content))
    return tuple(
        replace(draft, enclosures=shown if draft.kind is MailKind.RELAYED_REPLY else files)
        if _carries_files(draft)
        else draft
        for draft in drafts
    )


def _carries_files(draft: Draft) -> bool:
    """Whether the files are its reader's; who is told that a ticket is theirs now gets none of an answer."""
    if isinstance(draft.context, InternalNote):
        return bool(draft.context.attachments)
    return draft.kind in CARRIES_FILES
