"""Knows what follows in the same transaction when a promise falls due: who is told, and who is woken."""

from dataclasses import dataclass

from mailgate.core import correspondence as letters
from mailgate.core.escalation import escalated
from mailgate.core.event import Event, TargetMissed, TargetWarned
from mailgate.core.outgoing import Outgoing
from mailgate.core.ticket import Ticket
from mailgate.flows.office import Office
from mailgate.flows.versions import versions_of
from mailgate.store.unit import Unit

Due = TargetWarned | TargetMissed


@dataclass(frozen=True, slots=True)
class Announced:
    """More that happens because of it, and the mails that tell of it all."""

    events: tuple[Event, ...] = ()
    mails: tuple[Outgoing, ...] = ()


async def announced(unit: Unit, office: Office, ticket: Ticket, event: Due) -> Announced:
    """A warning goes to the assignee or the team, a missed target to the team and the ladder (6.2).

    The ticket's clocks are as the event left them.
    """
    head = office.head
    if isinstance(event, TargetWarned):
        return Announced(mails=office.composed(letters.target_warning(head, ticket, event.clock, event.at)))
    noticed = event.clock.detected or event.clock.due
    drafts = letters.missed_target(head, ticket, event.clock, noticed)
    policy = (await versions_of(unit, [ticket], office))[ticket.policy]
    woken = escalated(head, ticket, policy, [event], noticed)
    return Announced(woken.events, office.composed(drafts + woken.drafts))
