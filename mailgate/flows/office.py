"""Knows what a flow works with today: the desk that signs, the look of its mail, older policies.

A reload puts another Office in its place; a flow asks for it once a round, so no round sees two of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from mailgate.core.letterhead import Letterhead
from mailgate.core.outgoing import Draft, Outgoing
from mailgate.core.page import notification
from mailgate.core.policy import Policy
from mailgate.mail.compose import UNWRITABLE, compose, unwritten
from mailgate.mail.render import Look
from mailgate.mail.signing import Signer

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Office:
    """One configuration at work.

    Args:
        restore: makes a policy again from the content that a ticket was opened under.
        signers: the keys that every mail is signed with by DKIM.
    """

    head: Letterhead
    look: Look
    restore: Callable[[str], Policy]
    signers: tuple[Signer, ...] = ()
    _versions: dict[str, Policy] = field(default_factory=dict)

    def composed(self, drafts: Iterable[Draft]) -> tuple[Outgoing, ...]:
        """The drafts as mails, and as pages to notification services, in their final bytes.

        One that cannot be written holds up neither the others nor what is decided with them: it is queued
        without content, and fails where that is seen.
        """
        return tuple(notification(draft) if draft.via else self._written(draft) for draft in drafts)

    def _written(self, draft: Draft) -> Outgoing:
        try:
            return compose(draft, self.look, self.signers)
        except UNWRITABLE as fault:
            _log.exception(
                "A mail could not be written.",
                what="mail_unwritable",
                kind=draft.kind,
                cause=draft.cause,
                reason=type(fault).__name__,
            )
            return unwritten(draft)

    def versions(self, stored: Mapping[str, str]) -> Mapping[str, Policy]:
        """Policies by digest: today's, and those whose stored content is given."""
        today = {policy.digest: policy for policy in self.head.desk.policies.values()}
        for digest, content in stored.items():
            if digest not in today and digest not in self._versions:
                self._versions[digest] = self.restore(content)
        return {**self._versions, **today}
