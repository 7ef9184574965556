"""Knows how the relay's own failure reaches the ticket: in the transaction that settles it."""

from datetime import datetime

from mailgate.core.escalation import escalated
from mailgate.core.facts import SentMail
from mailgate.core.message import DeliveryReport
from mailgate.core.relay import Claim
from mailgate.core.undelivered import Failed, undelivered
from mailgate.flows.office import Office
from mailgate.flows.versions import versions_of
from mailgate.store.journal import record
from mailgate.store.posting import post
from mailgate.store.tickets import tickets_by_id
from mailgate.store.unit import Unit


async def tell_undelivered(unit: Unit, claim: Claim, reply: str, office: Office, now: datetime) -> None:
    """Writes to the ticket that the claimed mail will not reach its recipients, and tells staff."""
    if claim.ticket is None:
        return
    found = await tickets_by_id(unit, [claim.ticket], locked=True)
    ticket = found.known[claim.ticket]
    sent = SentMail(
        message_id=claim.mail.message_id,
        kind=claim.mail.kind,
        recipients=claim.mail.recipients,
        subject=claim.mail.subject,
        ticket=claim.ticket,
    )
    report = DeliveryReport(claim.mail.recipients, "failed", diagnostic=reply)
    thread = found.threads.get(claim.ticket, ())
    versions = await versions_of(unit, [ticket], office)
    failed = Failed(sent, report, now)
    follows = undelivered(ticket, versions[ticket.policy], thread, failed, office.head)
    woken = escalated(office.head, follows.ticket, versions[ticket.policy], follows.events, now)
    await record(unit, now, [(ticket.id, event) for event in follows.events + woken.events])
    await post(unit, now, [(ticket.id, mail) for mail in office.composed(follows.drafts + woken.drafts)])
