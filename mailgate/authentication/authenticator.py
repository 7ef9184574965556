"""Knows how it is found out who sent a mail: by SPF, DKIM and DMARC, or by the word of the server in front.

It happens after the mail was accepted, beside its reading. What speaks for the domain in From is asked first,
so that nothing that a forger adds can use up the questions and the time of a mail. Never raises.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from mailgate.authentication.spf import Ask, checked
from mailgate.core.authentication import (
    NOBODY,
    Authentication,
    Check,
    Method,
    Proof,
    Result,
    heard,
    judged,
    unsaid,
)
from mailgate.core.change import SpooledMail
from mailgate.core.dmarc import Organisation, is_aligned, names, published
from mailgate.core.lookup import RecordType
from mailgate.core.message import Message, Reading, domain_of
from mailgate.core.trust import Trust, Verify
from mailgate.mail import authresults
from mailgate.mail.dkimclaim import Claim, Failing, Sealed, claims, key
from mailgate.mail.dkimsignature import verified

SIGNATURES = 8
"""So many signatures of a mail are verified, those of the domain in From first."""

_WORTH_A_THREAD = 256 * 1024  # octets
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Finds out who sent mails.

    Args:
        inquire: for each mail what asks the DNS for its sake, within bounds.
        organisation: what was registered of which a domain is a part.
    """

    trust: Trust
    inquire: Callable[[], Ask]
    organisation: Organisation

    async def of(self, mail: SpooledMail, reading: Reading) -> Authentication | None:
        """What proves who sent the mail; None where nobody looks."""
        if self.trust.verify is Verify.OFF or not isinstance(reading, Message):
            return None
        domain = domain_of(reading.sender.address) if reading.sender else ""
        if not domain:
            return unsaid("", NOBODY)
        try:
            if self.trust.verify is Verify.UPSTREAM:
                return self._told(mail, domain)
            return await self._found(mail, domain, int(reading.identity[:8] or "0", 16) % 100)
        except Exception as bug:  # noqa: BLE001 - the broad except of this door: no mail waits for ever
            _log.exception(
                "A mail brought out a bug of ours.", what="authentication_failed", reason=type(bug).__name__
            )
            return Authentication(Proof.UNKNOWN, domain, f"a bug of ours, {type(bug).__name__}")

    def _told(self, mail: SpooledMail, domain: str) -> Authentication:
        """What the mail server in front found."""
        name, peer = self.trust.authserv_id, mail.envelope.peer
        if not self.trust.believes(peer):
            return unsaid(domain, f"it came from {peer or 'nowhere'}, which is not believed about senders")
        said = authresults.heard(mail.content, name)
        if said is None:
            return unsaid(domain, "the mail server in front says nothing about it", name)
        return heard(domain, said.checks, said.request, self.organisation, name)

    async def _found(self, mail: SpooledMail, domain: str, sample: int) -> Authentication:
        """What we find ourselves."""
        ask = self.inquire()
        answers = [await ask(name, RecordType.TXT) for name in names(domain, self.organisation)]
        claimed = sorted(claims(mail.content), key=lambda one: not self._is_of(one, domain))[:SIGNATURES]
        own = [one for one in claimed if self._is_of(one, domain)]
        keys = await self._keys(own, ask)
        path = await checked(mail.envelope, ask)
        keys += await self._keys(claimed[len(own) :], ask)
        seals = await _seals(mail, claimed, keys)
        return judged(domain, (path, *seals), published(answers, sample), self.organisation)

    async def _keys(self, claimed: Sequence[Claim], ask: Ask) -> list[Sealed | Failing]:
        return list(await asyncio.gather(*(_key(one, ask) for one in claimed)))

    def _is_of(self, claim: Claim, domain: str) -> bool:
        return is_aligned(claim.domain, domain, self.organisation, strict=False)


async def _key(claim: Claim, ask: Ask) -> Sealed | Failing:
    if claim.failing is not None:
        return claim.failing
    return key(claim, await ask(claim.key_name, RecordType.TXT))


async def _seals(
    mail: SpooledMail, claimed: Sequence[Claim], keys: Sequence[Sealed | Failing]
) -> tuple[Check, ...]:
    """What each signature comes to; those of a large mail are verified in a thread."""
    sealed = [one for one in keys if isinstance(one, Sealed)]
    if not sealed:
        found: Sequence[Failing | None] = ()
    elif len(mail.content) < _WORTH_A_THREAD:
        found = verified(mail.content, sealed, mail.received)
    else:
        found = await asyncio.to_thread(verified, mail.content, sealed, mail.received)
    following = iter(found)
    failing = [one if isinstance(one, Failing) else next(following) for one in keys]
    return tuple(map(_check, claimed, failing))


def _check(claim: Claim, failing: Failing | None) -> Check:
    if failing is None:
        return Check(Method.DKIM, Result.PASS, claim.domain)
    return Check(Method.DKIM, failing.result, claim.domain, failing.reason)
