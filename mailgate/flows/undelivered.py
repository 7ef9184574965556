"""Knows how the relay's own failure reaches the ticket: in the transaction that settles it."""

from datetime import datetime

from mailgate.core.correlate import survivor
from mailgate.core.escalation import escalated
from mailgate.core.facts import SentMail
from mailgate.core.message import Fate
from mailgate.core.relay import Claim
from mailgate.core.report import FAILED, status_in, summary
from mailgate.core.undelivered import Failed, suppressions, undelivered
from mailgate.flows.office import Office
from mailgate.flows.versions import versions_of
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.suppressions import suppress
from mailgate.store.tickets import tickets_by_id, with_survivors
from mailgate.store.unit import Unit


async def tell_undelivered(unit: Unit, claim: Claim, reply: str, office: Office, now: datetime) -> None:
    """Writes to the ticket that the claimed mail will not reach its recipients, and tells staff.

    That is the ticket in which the mail's own one goes on by now.

    An address that proves to be nobody's is suppressed, whether there is a ticket or not.
    """
    sent = SentMail(
        message_id=claim.mail.message_id,
        kind=claim.mail.kind,
        recipients=claim.mail.recipients,
        subject=claim.mail.subject,
        ticket=claim.ticket,
    )
    fates = (Fate(one, FAILED, status_in(reply), reply) for one in claim.mail.recipients)
    failed = Failed(sent, summary(fates), now)
    if claim.ticket is None:
        await suppress(unit, suppressions(failed, office.head.desk.suppress_for, claim.mail.account))
        return
    found = await tickets_by_id(unit, await with_survivors(unit, [claim.ticket]), locked=True)
    ticket = survivor(found.known[claim.ticket], found.known)
    thread = found.threads.get(ticket.id, ())
    versions = await versions_of(unit, [ticket], office)
    follows = undelivered(ticket, versions[ticket.policy], thread, failed, office.head)
    woken = escalated(office.head, follows.ticket, versions[ticket.policy], follows.events, now)
    await record(unit, now, [(ticket.id, event) for event in follows.events + woken.events])
    await suppress(unit, follows.suppressions)
    await post(unit, now, [(ticket.id, mail) for mail in office.composed(follows.drafts + woken.drafts)])
