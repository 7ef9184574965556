"""Knows what the past is replayed under: a policy, and what it is told where the mails do not say."""

from dataclasses import dataclass, replace
from enum import StrEnum

from mailgate.core.account import AliasRole
from mailgate.core.case import Case
from mailgate.core.fields import field
from mailgate.core.past import PastMail
from mailgate.core.policy import Policy
from mailgate.core.promise import asked
from mailgate.core.subject import tags


class ResolvedBy(StrEnum):
    """What is taken for the end of a matter."""

    COMMAND = "command"  # a line /resolve of staff, and nothing else
    LAST_REPLY = "last-reply"  # the last thing that staff wrote to the customer as well


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the past is replayed under.

    Args:
        given: plan, region and account of every mail; channel, role and environment of those that do not say.
        on_call: addresses, in lower case; a mail to one of them is for the person on call.
    """

    policy: Policy
    given: Case
    on_call: frozenset[str] = frozenset()
    resolved_by: ResolvedBy = ResolvedBy.COMMAND

    def case(self, mail: PastMail) -> Case:
        """What the promise to a mail is reckoned from, if it opens a ticket."""
        wanted = asked(self.policy, tags(mail.subject))
        called = not self.on_call.isdisjoint(mail.recipients)
        return replace(
            self.given,
            asked=wanted.priority,
            role=wanted.role or (AliasRole.ON_CALL if called else self.given.role),
            environment=field(mail.fields, "Environment") or self.given.environment,
            fields=mail.fields,
            unknown=wanted.unknown,
        )
