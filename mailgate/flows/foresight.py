"""Knows what would come of a mail, without anything coming of it: the intake's own steps, and no write."""

from dataclasses import dataclass, replace

from mailgate.core.address import admitted
from mailgate.core.authentication import Authentication
from mailgate.core.change import Change, Fresh, Outcome, SpooledMail
from mailgate.core.hearing import Finding
from mailgate.core.message import Reading, Unreadable
from mailgate.core.promise import Promise
from mailgate.core.reply import QUEUED, Reply
from mailgate.core.staffwork import StaffWork
from mailgate.core.ticket import ticket_name
from mailgate.flows.decision import Work, decided, for_operators, quarantined, unfolded
from mailgate.flows.judgement import judged
from mailgate.flows.office import Office
from mailgate.store.numbers import foresee
from mailgate.store.unit import Database


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would come of a mail.

    Args:
        reply: what RCPT, or else the end of data, is answered.
        change: what would be written; None for a recipient that is refused.
        ticket: the name of the ticket that it is on or would open; empty for none.
        promise: what would be promised, for a new ticket.
        unanswered: why who wrote gets no automatic answer; empty where one goes.
        proven: what proves who sent it; None where nobody looked.
        work: what the commands and words of staff would do.
    """

    reply: Reply
    change: Change | None = None
    ticket: str = ""
    promise: Promise | None = None
    work: StaffWork | None = None
    unanswered: str = ""
    proven: Authentication | None = None


async def foreseen(
    database: Database,
    mail: SpooledMail,
    reading: Reading,
    office: Office,
    proven: Authentication | None = None,
) -> Foresight:
    """What would come of this mail to its one recipient, if it were accepted now.

    Args:
        proven: what proves who sent it; None where nobody looked.
    """
    (recipient,) = mail.envelope.recipients
    reply = admitted(recipient, mail.envelope.reverse_path, office.head.desk, office.head.keys)
    if not reply.accepted:
        return Foresight(reply)
    work = await unfolded(mail, reading, office, proven)
    if isinstance(reading, Unreadable):
        return Foresight(QUEUED, quarantined(work, reading.reason, office))
    if not work.arrivals:
        return Foresight(QUEUED, for_operators(work, office))
    return replace(await _decided(database, work, office), proven=proven)


async def _decided(database: Database, work: Work, office: Office) -> Foresight:
    async with database.read() as unit:
        (one,) = await judged(unit, [work], office, foresee, locked=False)
    change = decided(work, one.hearing, one.finding, one.fresh, office)
    account = one.hearing.arrival.account.key
    finding = one.finding
    name = _name(finding, account, one.fresh)
    return Foresight(QUEUED, change, name, finding.promise, finding.work, finding.unanswered)


def _name(finding: Finding, account: str, fresh: Fresh) -> str:
    if finding.outcome is Outcome.NEW_TICKET:
        return ticket_name(account, fresh.number)
    return finding.ticket.name if finding.ticket else ""
