"""Knows under which version of a policy each ticket was opened: today's, or one that the store keeps."""

from collections.abc import Iterable, Mapping

from mailgate.core.policy import Policy
from mailgate.core.ticket import Ticket
from mailgate.flows.office import Office
from mailgate.store.apply import policies_kept
from mailgate.store.unit import Unit


async def versions_of(unit: Unit, tickets: Iterable[Ticket], office: Office) -> Mapping[str, Policy]:
    """By digest, the policies that the tickets were opened under, among others (`behaviour.md` 6.5)."""
    digests = {ticket.policy for ticket in tickets} - office.versions({}).keys()
    kept = await policies_kept(unit, sorted(digests)) if digests else {}
    return office.versions({digest: version.content for digest, version in kept.items()})
